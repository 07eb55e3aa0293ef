"""Everything with a wire: ports, transports, supervisors, drivers and their simulators. Knows nothing of `kiosk`."""
