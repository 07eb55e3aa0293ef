"""Readers of Chinese identity cards: frames, the text of a card, the driver, and a reader to test against."""
