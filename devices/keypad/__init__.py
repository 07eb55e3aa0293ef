"""Counter keypads and rating pads: frames described in TOML, polled or speaking by themselves, and a simulator of both."""
