"""The hall as pure code: no I/O, no clock, no randomness; `now` and ids are arguments."""
