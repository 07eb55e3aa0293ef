"""Makes the golden journal of this release, once: `python -m tests.golden.make`. A journal that lies here is never made
anew: every later release must fold it to the same hall.

    VERSION/journal.db, journal.key   the journal and its key      plan.json   the hall it belongs to
    VERSION/fold.json                 what it folds to
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec

import kiosk
from kiosk.domain import commands as c
from kiosk.domain import facts as f
from kiosk.domain.fold import apply
from kiosk.domain.hall import Hall
from kiosk.domain.plan import HallPlan
from kiosk.journal.store import CommandRow, Entry, Journal
from tests.domain.hall_of import PLAN, Story, lines

HERE = Path(__file__).resolve().parent
STORE = "601d" * 4
KEY = bytes(range(32))
DAY_MIN = 24 * 60


def story() -> Story:
    """Three days of a hall in which each kind of fact happens."""
    told = Story()
    _first_day(told)
    told.after(minutes=DAY_MIN).tell(c.Tick())
    _second_day(told)
    told.tell(c.OpenDay(label="2026-11-25", by="tech"))
    _open_day(told)
    seen = {type(r.fact).__name__ for r in told.facts}
    if missing := set(f.KINDS) - seen:
        raise SystemExit(f"the story has no {', '.join(sorted(missing))}: let it happen, so that it is folded for ever")
    return told


def _first_day(told: Story) -> None:
    told.record(f.ConfigAdopted(version="0123456789ab", digest="0123456789ab"))
    told.open(1, 2)
    for service in ("pay", "ask", "pay", "new", "pay"):
        told.after(minutes=1).take(service)
    told.take("ask", "elderly")
    told.after(minutes=4).next(1)
    told.tell(c.Start(counter=1))
    told.after(minutes=3).next(1)
    told.tell(c.PauseCounter(counter=2, reason="午休"))
    told.step_clock(-3_600_000)
    told.tell(c.EndTriage(outcome="guide", node="guide", answers={"how": "help"}, station="S1", call="g1"))
    told.tell(c.CallGuide(call="g2", station="S1", where="home", lang="en"))
    told.tell(c.AnswerGuide(call="g1"))
    told.tell(c.Publish(notice="n1", text=lines("今天 16:00 闭厅"), until="2026-11-30"))
    told.tell(c.Publish(notice="n2", text=lines("打印机已修好")))
    told.tell(c.Withdraw(notice="n2"))
    told.record(f.PinTried(who="counter:3", ok=False), f.PinTried(who="guide", ok=True))


def _second_day(told: Story) -> None:
    told.record(f.DayRelabelled(label="2026-11-24"))
    told.open(1).take("pay")
    told.next(1)
    told.tell(c.Finish(counter=1))


def _open_day(told: Story) -> None:
    told.open(1, 2, 3)
    for n, service in enumerate(("pay", "pay", "ask", "new", "pay", "ask", "pay", "new"), 1):
        told.after(seconds=40)
        told.tell(
            c.Issue(
                ticket=f"open{n}",
                service=service,
                klass="elderly" if n == 4 else "ordinary",
                lang="en" if n == 5 else "zh",
                answers={"how": "cash"} if service == "pay" else {},
                station="S1",
                printer="printer",
                job=f"job{n}",
            )
        )
    told.record(f.PrintEnded(job="job1", outcome="done"), f.PrintEnded(job="job2", outcome="not_done", detail="缺纸"))
    told.record(f.DeviceChanged(device="printer", state="fault", reasons=("paper_out",), detail="缺纸"))
    for counter in (1, 2, 3):
        told.after(minutes=1).next(counter)
    told.tell(c.Recall(counter=1))
    held = told.hall.desk(1).ticket or ""
    told.record(f.Announced(ticket=held, counter=1, nth=2, outcome="not_done", detail="静音"))
    told.after(minutes=2).tell(c.NoShow(counter=1))
    told.tell(c.Return(ticket=held))
    told.tell(c.Transfer(counter=2, to_counter=3))
    told.tell(c.Start(counter=3))
    told.after(minutes=6).tell(c.Transfer(counter=3, service="new"))
    told.next(2)
    told.tell(c.Transfer(counter=2, to_counter=1))
    told.tell(c.CloseCounter(counter=1))
    told.tell(c.Cancel(ticket="open8"))
    told.next(3)
    told.record(f.TookFrom(store="5702" * 4, seq=7))
    told.record(f.TechActed(what="test", device="printer", detail="print done"))


def plain(hall: Hall) -> dict[str, Any]:
    """What a fold must always come to, in words that no refactoring of the hall changes."""
    return {
        "seq": hall.seq,
        "day": [hall.ordinal, hall.label, hall.first_label, hall.stepped_ms],
        "series": hall.series,
        "tickets": {id: _ticket(hall, id) for id in hall.tickets},
        "waiting": {s: [place.ticket for place, _ in hall.line.in_order([s])] for s in hall.plan.service_ids},
        "reserved": {n: [p.ticket for p in places] for n, places in hall.line.reserved.items() if places},
        "desks": {n: [d.state, d.clerk, d.reason, d.ticket] for n, d in sorted(hall.desks.items())},
        "calls": [[x.number, x.counter, x.nth] for x in hall.calls],
        "guide_calls": sorted(hall.guide_calls),
        "notices": {id: [n.text.zh, n.until] for id, n in hall.notices.items()},
        "devices": {id: [d.state, list(d.reasons), d.detail] for id, d in hall.devices.items()},
        "jobs": sorted(hall.jobs),
        "pins": {who: [p.failures, p.locked_until] for who, p in hall.pins.items()},
        "took": hall.took,
        "config": hall.config,
        "minutes": {s: list(values) for s, values in hall.minutes.items()},
        "ratios": list(hall.ratios),
    }


def _ticket(hall: Hall, id: str) -> list[Any]:
    t = hall.tickets[id]
    what = [t.number, t.service, t.klass, t.lang, t.answers, t.state, t.counter, t.print]
    return [*what, t.calls, t.unheard, t.misses, t.order, t.issued_ms, t.head_start_ms, t.called_ms, t.started_ms]


def write(folder: Path, told: Story) -> None:
    """The journal as a station would have written it, one commit a fact, with one remembered answer."""
    with tempfile.TemporaryDirectory() as scratch:
        key = Path(scratch) / "journal.key"
        key.write_bytes(KEY)
        journal = Journal(Path(scratch) / "data", key)
        journal.open()
        journal.conn.execute("UPDATE meta SET value = ? WHERE key = 'store'", (STORE,))
        for recorded in told.facts:
            row = (
                CommandRow("golden", b"d" * 32, 1, 1, b'{"number":"A001"}', recorded.at) if recorded.seq == 1 else None
            )
            journal.commit([Entry((recorded,), row)])
        journal.close()
        shutil.copyfile(journal.path, folder / "journal.db")
        shutil.copyfile(key, folder / "journal.key")


def main() -> int:
    folder = HERE / kiosk.__version__
    if folder.exists():
        print(f"{folder} is there already, and golden journals are never made anew")
        return 1
    folder.mkdir()
    told = story()
    write(folder, told)
    hall = Hall(PLAN)
    for recorded in told.facts:
        apply(hall, recorded)
    (folder / "plan.json").write_bytes(msgspec.json.format(msgspec.json.encode(PLAN)) + b"\n")
    (folder / "fold.json").write_bytes(msgspec.json.format(msgspec.json.encode(plain(hall))) + b"\n")
    print(f"{folder}: {len(told.facts)} facts")
    return 0


def plan_of(folder: Path) -> HallPlan:
    return msgspec.json.decode((folder / "plan.json").read_bytes(), type=HallPlan)


if __name__ == "__main__":
    sys.exit(main())
