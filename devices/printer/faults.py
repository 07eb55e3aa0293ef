"""What can be the matter with a simulated printer, now or after so many more printed bytes, and what its sensors then say."""

from __future__ import annotations

from devices.printer import status
from devices.printer.status import FIXED, Status

SENSORS = ("paper_low", "paper_end", "cover_open", "cutter", "jam", "hot")
LINE = ("silent", "accepts_never_answers", "unplugged", "one_byte", "slow", "echo", "half_close", "deaf")
MID_JOB = "paper_end_mid_job"  # paper_end, when so many bytes of the next job were printed:
MID_JOB_BYTES = 200
FAULTS = (*SENSORS, MID_JOB, *LINE)
SAME = {"mute": "accepts_never_answers", "trickle": "one_byte", "unplug": "unplugged"}
STOPS = frozenset(("paper_end", "cover_open", "cutter", "jam", "hot", "silent"))


class Faults:
    """fault → bytes of jobs still to print before it strikes; 0: it is there."""

    def __init__(self) -> None:
        self._left: dict[str, int] = {}

    def set(self, fault: str, after_bytes: int = 0) -> None:
        fault = SAME.get(fault, fault)
        if fault not in FAULTS or after_bytes < 0:
            raise ValueError(f"fault {fault!r} after {after_bytes} bytes: expected one of {', '.join(FAULTS)}")
        if fault == MID_JOB:
            fault, after_bytes = "paper_end", after_bytes or MID_JOB_BYTES
        self._left[fault] = after_bytes

    def clear(self, *faults: str) -> None:
        """These, without argument all of them."""
        for fault in faults or tuple(self._left):
            self._left.pop("paper_end" if fault == MID_JOB else SAME.get(fault, fault), None)

    def there(self, fault: str) -> bool:
        return self._left.get(fault) == 0

    def active(self) -> tuple[str, ...]:
        """Those that are there, and the roll that will end within the next job."""
        armed = (MID_JOB,) if self._left.get("paper_end") else ()
        return tuple(fault for fault in FAULTS if self.there(fault)) + armed

    @property
    def stopped(self) -> bool:
        return any(self.there(fault) for fault in STOPS)

    def room(self) -> int | None:
        """Bytes until the next one strikes; None when none is to come."""
        return min((left for left in self._left.values() if left), default=None)

    def printed(self, size: int) -> None:
        self._left = {fault: max(0, left - size) for fault, left in self._left.items()}

    def status(self) -> Status:
        """What the sensors say."""
        low, end, cover, knife, jam, hot = (self.there(fault) for fault in SENSORS)
        return Status(
            FIXED | status.OFFLINE * (end or cover or knife or jam or hot),
            FIXED | status.COVER * cover | status.PAPER_STOP * end | status.ERROR * (knife or jam or hot),
            FIXED | status.RECOVERABLE * jam | status.CUTTER * knife | status.RECOVERS * hot,
            FIXED | status.PAPER_END * end | status.NEAR_END * (low or end),
        )
