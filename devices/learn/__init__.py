"""From bytes on a line to the description of a sign's frame: `kiosk devices learn`. Pure but for capture.listen.

capture   hex lines or a live line -> pieces            roles    what the bytes before and in the text mean
bursts    pieces -> bursts -> host's frames, answers    answers  what the sign says
shape     head, tail, escaped bytes                     write    the TOML, with comments
fields    length and checksum, by search                study    all of it, and the proof on held-back frames
"""
