"""What the LED callers above the counters and the hall's big signs show: a function of the hall, so a repaint after any outage is
right."""

from __future__ import annotations

from devices.ports import SignText
from kiosk.domain.hall import Call, Hall


def sign_of(hall: Hall, counter: int) -> tuple[str, SignText] | None:
    """-> (sign device, text) of a counter; None for one without a sign."""
    planned = hall.plan.counter(counter)
    if planned is None or not planned.sign:
        return None
    device, _, address = planned.sign.partition(":")
    desk = hall.desks.get(counter)
    ticket = hall.ticket_at(counter) if desk else None
    if ticket is not None and ticket.state == "called":
        space = " " if counter < 10 else ""  # 16 columns, the width of a common caller, are then just enough
        return device, SignText(int(address), f"{ticket.number}{space}请到{counter}号窗口", blink=True)
    if ticket is not None:
        return device, SignText(int(address), f"{ticket.number} 正在办理")
    words = {"open": "欢迎光临", "paused": "暂停服务", "closed": "窗口关闭"}
    return device, SignText(int(address), words[desk.state if desk else "closed"])


def hall_rows(hall: Hall, n: int) -> tuple[str, ...]:
    """At most `n` rows of a hall sign, top to bottom: each ticket's latest call, newest on top."""
    latest: dict[str, Call] = {}
    for call in hall.calls:
        latest.setdefault(call.ticket, call)
    return tuple(f"{call.number} 请到 {call.counter} 号窗口" for call in list(latest.values())[:n])
