"""What a touch or a time-out does to a visit: one small move each. Which move belongs where stands in `visit.TABLE`."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.plan import Node
from kiosk.flows.state import (
    ASKS_MAX,
    STAFF_AGAIN_S,
    Ask,
    AskKind,
    Drop,
    Intent,
    Misstep,
    Send,
    Setup,
    Step,
    Tap,
    Visit,
    Watch,
)

Moved = tuple[Visit, tuple[Intent, ...]]


def enter(visit: Visit, to: Step) -> Visit:
    return replace(visit, step=to, leaf=0, entered_at=visit.at, touched_at=visit.at)


def ask(visit: Visit, key: str, kind: AskKind, path: str, **body: object) -> Moved:
    if len(visit.asks) >= ASKS_MAX:
        return visit, ()
    ask = Ask(key, kind, path, body, visit.at)
    return replace(visit, asks=(*visit.asks, ask)), (Send(ask),)


def wipe(visit: Visit, to: Step) -> Moved:
    """Rule 4. What nobody has to wait for (a triage end, a list being printed) may still reach the station."""
    dropped = tuple(Drop(a.key) for a in visit.asks if a.kind in ("ticket", "guide_call", "guide_end"))
    watch = (Watch(""),) if visit.ticket is not None else ()
    at = visit.at
    clean = Visit(step=to, up=visit.up, at=at, entered_at=at, touched_at=at, tapped_at=visit.tapped_at)
    return clean, (*dropped, *watch)


def begin(visit: Visit, tap: Tap, setup: Setup) -> Moved:
    return enter(visit, "home"), ()


def end(visit: Visit, tap: Tap, setup: Setup) -> Moved:
    return wipe(visit, "attract")


def finish(visit: Visit, tap: Tap, setup: Setup) -> Moved:
    """The next customer may stand there already: a clean home."""
    return wipe(visit, "home")


def go_home(visit: Visit, tap: Tap, setup: Setup) -> Moved:
    back = enter(replace(visit, service="", node="", trail=(), answers=(), problem=None, papers=""), "home")
    return back, ()


def other_language(visit: Visit, tap: Tap, setup: Setup) -> Moved:
    visit = replace(visit, lang="en" if visit.lang == "zh" else "zh")
    return (enter(visit, "home") if visit.step == "attract" else visit), ()


def large_text(visit: Visit, tap: Tap, setup: Setup) -> Moved:
    """On and off. Whoever needs it on the start page is a customer already."""
    visit = replace(visit, big=not visit.big, leaf=0)
    return (enter(visit, "home") if visit.step == "attract" else visit), ()


def lower(visit: Visit, tap: Tap, setup: Setup) -> Moved:
    """Controls within a seated person's reach, on and off; only an upright screen is high enough to need it."""
    if not setup.timing.portrait:
        raise Misstep("'low': a landscape screen has no such button")
    visit = replace(visit, low=not visit.low, leaf=0)
    return (enter(visit, "home") if visit.step == "attract" else visit), ()


def turn_leaf(visit: Visit, tap: Tap, setup: Setup) -> Moved:
    return replace(visit, leaf=visit.leaf + 1), ()


def choose_service(visit: Visit, tap: Tap, setup: Setup) -> Moved:
    service = setup.plan.service(tap.id.partition(":")[2])
    if service is None:
        raise Misstep(f"{tap.id!r}: the plan has no such service")
    visit = replace(visit, service=service.id, node="", trail=(), answers=())
    node = setup.plan.node(service.triage) if service.triage else None
    return ask_ticket(visit, tap.key, service.id) if node is None else arrive(visit, node, tap, setup)


def choose(visit: Visit, tap: Tap, setup: Setup) -> Moved:
    node = setup.plan.node(visit.node)
    choice = next((c for c in node.choices if c.id == tap.id.partition(":")[2]), None) if node else None
    goto = setup.plan.node(choice.goto) if choice else None
    if node is None or choice is None or goto is None:
        raise Misstep(f"{tap.id!r} at node {visit.node!r}: the plan has no such choice")
    visit = replace(visit, answers=(*visit.answers, (node.id, choice.id)), trail=(*visit.trail, node.id))
    return arrive(visit, goto, tap, setup)


def arrive(visit: Visit, node: Node, tap: Tap, setup: Setup) -> Moved:
    visit = replace(visit, node=node.id, papers="")
    if node.kind == "number":
        return ask_ticket(visit, tap.key, node.service or visit.service)
    if node.kind == "guide":
        waiting = enter(visit, "wait")
        return ask(waiting, tap.key, "guide_end", "/triage-ends", **triage_end(waiting, "guide"))
    return enter(visit, node.kind), ()


def ask_ticket(visit: Visit, key: str, service: str) -> Moved:
    waiting = enter(visit, "wait")
    body: dict[str, object] = {"service": service, "answers": dict(visit.answers), "lang": visit.lang}
    return ask(waiting, key, "ticket", "/tickets", **body, **{"class": visit.klass or "ordinary"})


def take_number(visit: Visit, tap: Tap, setup: Setup) -> Moved:
    node = setup.plan.node(visit.node)
    return ask_ticket(visit, tap.key, (node.service if node else "") or visit.service)


def triage_end(visit: Visit, outcome: str) -> dict[str, object]:
    return {"outcome": outcome, "node": visit.node, "answers": dict(visit.answers), "lang": visit.lang}


def end_without_number(visit: Visit, tap: Tap, setup: Setup) -> Moved:
    """Done here, or coming back with the papers: the hall counts it, nobody waits for the count."""
    return count_and_wipe(visit, tap.key, "home")


def nobody_there(visit: Visit, tap: Tap, setup: Setup) -> Moved:
    """Who walks off from an advice page took the advice: it counts like "I will do it"."""
    return (
        count_and_wipe(visit, tap.key, "attract")
        if visit.step in ("self_service", "papers")
        else wipe(visit, "attract")
    )


def count_and_wipe(visit: Visit, key: str, to: Step) -> Moved:
    asked, sent = ask(visit, key, "triage_end", "/triage-ends", **triage_end(visit, visit.step))
    clean, dropped = wipe(asked, to)
    return clean, (*sent, *dropped)


def home_timeout(visit: Visit, tap: Tap, setup: Setup) -> Moved:
    """A home nobody has touched asks nobody whether they are there."""
    return wipe(visit, "attract") if visit.fresh else ask_still_there(visit, tap, setup)


def print_list(visit: Visit, tap: Tap, setup: Setup) -> Moved:
    if visit.papers in ("asked", "done"):
        return visit, ()
    return ask(replace(visit, papers="asked"), tap.key, "papers", "/papers", node=visit.node, lang=visit.lang)


def back(visit: Visit, tap: Tap, setup: Setup) -> Moved:
    """To the question before, or home; the answer given there is taken back."""
    if not visit.trail:
        return go_home(visit, tap, setup)
    *trail, node = visit.trail
    before = replace(visit, node=node, trail=tuple(trail), answers=visit.answers[:-1], problem=None, papers="")
    return enter(before, "question"), ()


def open_priority(visit: Visit, tap: Tap, setup: Setup) -> Moved:
    return enter(replace(visit, after_priority=visit.step), "priority"), ()


def choose_class(visit: Visit, tap: Tap, setup: Setup) -> Moved:
    chosen = tap.id.partition(":")[2]
    if chosen and setup.plan.klass(chosen) is None:
        raise Misstep(f"{tap.id!r}: the plan has no such class")
    return enter(replace(visit, klass=chosen), visit.after_priority), ()


def clear_class(visit: Visit, tap: Tap, setup: Setup) -> Moved:
    return replace(visit, klass=""), ()


def leave_priority(visit: Visit, tap: Tap, setup: Setup) -> Moved:
    return enter(visit, visit.after_priority), ()


def give_up(visit: Visit, tap: Tap, setup: Setup) -> Moved:
    dropped = tuple(Drop(a.key) for a in visit.asks)
    return replace(enter(visit, "sorry"), asks=(), problem=None), dropped


def try_again(visit: Visit, tap: Tap, setup: Setup) -> Moved:
    node = setup.plan.node(visit.node)
    if node is not None and node.kind == "guide":
        return arrive(replace(visit, problem=None), node, tap, setup)
    return take_number(replace(visit, problem=None), tap, setup)


def ask_still_there(visit: Visit, tap: Tap, setup: Setup) -> Moved:
    return replace(visit, overlay="still_there", overlay_at=visit.at), ()


def close_overlay(visit: Visit, tap: Tap, setup: Setup) -> Moved:
    dropped = tuple(Drop(a.key) for a in visit.asks if a.kind == "guide_call")
    asks = tuple(a for a in visit.asks if a.kind != "guide_call")
    return replace(visit, overlay="", asks=asks, staff_failed=False, touched_at=visit.at, entered_at=visit.at), dropped


def call_staff(visit: Visit, tap: Tap, setup: Setup) -> Moved:
    visit = replace(visit, overlay="staff", overlay_at=visit.at, staff_failed=False)
    if visit.staff_called_at is not None and visit.at - visit.staff_called_at < STAFF_AGAIN_S:
        return visit, ()
    service = setup.plan.service(visit.service)
    where = f"取号屏 · {service.name.zh}" if service else "取号屏"
    return ask(
        replace(visit, staff_called_at=None), tap.key, "guide_call", "/guide-calls", where=where, lang=visit.lang
    )
