"""RS-485: one wire, many devices, one of them speaks at a time."""
