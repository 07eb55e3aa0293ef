"""The figures: every claim is a ratio to a floor measured in the same run. `python -m tests.bench [NAME…] [--quick]`."""
