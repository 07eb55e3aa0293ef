"""The customers' touchscreen: draws what `kiosk.flows` says, asks the station, holds no truth."""
