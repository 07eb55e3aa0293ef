"""The whole kiosk, end to end: a real station, real wires to simulated devices, the real screen on a real display."""
