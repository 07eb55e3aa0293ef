"""What the screens show next: pure flows, no I/O, no clock."""
