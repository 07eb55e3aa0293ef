"""The reference central server: takes in the facts of every station, sends commands down, shows what it knows."""
