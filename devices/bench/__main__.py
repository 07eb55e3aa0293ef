"""python -m devices.bench: the bench without the kiosk."""

import sys

from devices.bench.app import run

sys.exit(run())
