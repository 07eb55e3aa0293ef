"""The hall's voice: a chime, then clips or synthesis, through a sound card or a network speaker."""
