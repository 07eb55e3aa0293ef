"""The append-only journal of one store: SQLite, WAL, synchronous=FULL, one process and one connection that writes."""
