"""The test bench: simulated devices at the other end of the wire, and a page to see and disturb them. It knows nothing
of the kiosk; whatever speaks to its ports is served as real devices would."""
