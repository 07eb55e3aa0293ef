"""QR and barcode scanners: on a serial line or TCP, or as a keyboard that is read by itself; and the other end of each."""
