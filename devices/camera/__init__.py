"""Cameras that take one photo when asked: V4L2 on this machine, or MJPEG over the network; and a camera to test against."""
