"""LED caller signs: frames described in TOML, Onbon BX cards, and a simulator that draws what the sign shows."""
