"""One daemon for each kiosk box: its journal, its devices, its HTTP interface."""
