"""Facts up, commands down: the same protocol between station and central, and between follower and leader."""
