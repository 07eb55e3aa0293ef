"""`make tour`: the whole job once, by itself, on the real parts: a finger on the real window, a clerk in a real browser."""
