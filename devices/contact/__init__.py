"""Doors, drawers and buttons on GPIO lines; and lines to test against."""
