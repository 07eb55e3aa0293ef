"""For those who write drivers and those who stand before a device nobody knows: simulate, verify, detect, a template."""
