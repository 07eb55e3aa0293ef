"""A hall to visit: the demo's own configuration, and a morning with people in it."""

from __future__ import annotations

from pathlib import Path

from kiosk.config import load
from kiosk.domain.facts import Lines
from kiosk.flows.seen import CallSeen, CounterSeen, DeviceSeen, Estimate, HallSeen, ServiceSeen, Ticket, Timing
from kiosk.flows.state import Setup

ROOT = Path(__file__).resolve().parents[2]
PLAN = load(ROOT / "config").plan
SETUP = Setup(PLAN, Timing())
MORNING_MS = 1_795_311_660_000  # 2026-11-22 09:41 in China


def estimate(minutes: float) -> Estimate:
    return Estimate(p10_s=minutes * 40, p50_s=minutes * 60, p90_s=minutes * 95)


def hall(*, reasons: tuple[str, ...] = (), state: str = "ready", notice: bool = False, calls: int = 4) -> HallSeen:
    """Saturday morning: 27 wait, four counters are open."""
    waiting = {"payment": 12, "enquiry": 3, "intake": 7, "works": 0, "sundry": 1, "fault": 4}
    called = [CallSeen(number=n, counter=c) for n, c in (("A015", 3), ("C008", 1), ("B021", 4), ("A014", 2))]
    return HallSeen(
        seq=418,
        services=tuple(
            ServiceSeen(
                id=s.id, waiting=waiting[s.id], estimate=estimate(waiting[s.id] * 2.1) if waiting[s.id] else None
            )
            for s in PLAN.services
        ),
        counters=tuple(CounterSeen(id=c.id, name=c.name, state="open") for c in PLAN.counters),
        calls=tuple(called[:calls]),
        notices=(NOTICE,) if notice else (),
        devices=(DeviceSeen(id="printer", state=state, reasons=reasons),),
    )


NOTICE = Lines(
    zh="11 月 25 日 8:00–12:00 东湖路一带计划停电",
    en="Planned outage: Donghu Road area, 25 Nov, 8:00 to 12:00",
)


def ticket(**changes: object) -> Ticket:
    import msgspec

    first = Ticket(
        id="5f0c9a4e6f1b4c0fa1d2", number="A016", service="payment", ahead=12, estimate=estimate(25.2),
        url="http://192.168.1.20:8700/t/5f0c9a4e6f1b4c0fa1d2", print="done",
    )  # fmt: skip
    return msgspec.structs.replace(first, **changes)
