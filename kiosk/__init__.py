"""Yitai (一台): the firmware of a service hall."""

__version__ = "0.1.0"
