"""What the hall's facts become in the world: paper, sign texts, spoken sentences. Pure: facts and hall in, values of
`devices.ports` out."""
