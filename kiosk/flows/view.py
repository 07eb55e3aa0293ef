"""`view(visit, setup, hall) -> ViewModel`: what the customer sees, as a pure function of the visit and the hall.

A lost station (rule 5 of `visit`) covers every place but a number and a guide on the way, which stay true without it.
"""

from __future__ import annotations

import math

from kiosk.domain.plan import HallPlan, Node
from kiosk.flows import outcomes, paging, timers
from kiosk.flows.pages import (
    Attract,
    Button,
    Call,
    Countdown,
    Cover,
    Fact,
    Home,
    Message,
    Page,
    Priority,
    Question,
    Tile,
    ViewModel,
)
from kiosk.flows.phrases import about, counter_name, header
from kiosk.flows.seen import HallSeen, Lang
from kiosk.flows.state import STAFF_FAILS_S, Setup, Visit
from kiosk.flows.words import say

STAYS_TRUE = ("number", "guide", "sorry")
TILES_MAX = 6
CALLS_SHOWN = 4


def view(visit: Visit, setup: Setup | None, hall: HallSeen, wall_ms: int | None = None) -> ViewModel:
    """The picture of this moment. Without a setup (nothing heard from the station yet) it is the calm page."""
    lang = visit.lang
    if setup is None:
        head = header(say("hall_name", lang), say("hall_name", _other(lang)), wall_ms, 480, lang)
        return ViewModel("offline", lang, head, outcomes.offline(visit), (_language(lang),))
    name = setup.plan.name
    second = "" if visit.big else name.get(_other(lang))
    head = header(name.get(lang), second, wall_ms, setup.plan.utc_offset_min, lang)
    lost = not visit.up and visit.step not in STAYS_TRUE
    page = outcomes.offline(visit) if lost else _page(visit, setup, hall)
    cover = _cover(visit, setup, lost)
    return ViewModel(
        place=visit.overlay if cover else "offline" if lost else visit.step,
        lang=lang,
        header=head,
        page=page,
        bar=_bar(visit, lost, upright=setup.timing.portrait),
        priority=None if lost else _priority(visit, setup.plan),
        cover=cover,
        countdown=_countdown(visit, setup),
        big=visit.big,
        low=visit.low,
    )


def broken() -> ViewModel:
    """The screen itself has failed and is about to go on: in both languages, with nothing to touch."""
    head = header(say("hall_name", "zh"), say("hall_name", "en"), None, 0, "zh")
    both = "\n".join((say("broken_body", "zh"), say("broken", "en"), say("broken_body", "en")))
    return ViewModel("broken", "zh", head, Message("warn", "warn", say("broken", "zh"), both), ())


def _other(lang: Lang) -> Lang:
    return "en" if lang == "zh" else "zh"


def _page(visit: Visit, setup: Setup, hall: HallSeen) -> Page:
    lang, node = visit.lang, setup.plan.node(visit.node)
    match visit.step:
        case "attract":
            return _attract(hall, lang)
        case "home":
            return paging.home(_home(setup.plan, hall, visit), visit, setup.timing)
        case "priority":
            return paging.question(_classes(setup.plan, lang), visit, setup.timing)
        case "question" if node is not None:
            return paging.question(_question(visit, setup.plan, node), visit, setup.timing)
        case "self_service" | "papers" if node is not None:
            return outcomes.advice(visit, node, hall)
        case "number":
            return outcomes.number(visit, setup.plan, hall)
        case "guide":
            return outcomes.guide(visit)
        case "sorry":
            return outcomes.sorry(visit, node)
        case "wait":
            return outcomes.waiting(visit)
        case _:
            return Message("warn", "plain", say("broken", lang), say("broken_body", lang))


# --- start, home ----------------------------------------------------------------------------------------------------


def _hall_facts(hall: HallSeen, lang: Lang) -> tuple[Fact, ...]:
    waiting = sum(s.waiting for s in hall.services)
    opened = sum(c.state == "open" for c in hall.counters)
    if opened == 0:
        desks = Fact("counter", say("strip_no_counters", lang), "warn")
    else:
        desks = Fact("counter", say("strip_counter" if opened == 1 else "strip_counters", lang, n=opened))
    return (Fact("people", say("strip_waiting", lang, n=waiting)), desks)


def _attract(hall: HallSeen, lang: Lang) -> Attract:
    return Attract(
        title=say("start", lang),
        second=say("start", _other(lang)),
        hint=say("start_hint", lang),
        facts=_hall_facts(hall, lang),
        calls_title=say("calling_now", lang),
        calls=tuple(Call(c.number, counter_name(hall, c.counter, lang)) for c in hall.calls[:CALLS_SHOWN]),
        no_calls=say("no_calls", lang),
        start=Button("start", say("start", lang)),
        notice=hall.notices[0].get(lang) if hall.notices else "",
    )


def _home(plan: HallPlan, hall: HallSeen, visit: Visit) -> Home:
    lang = visit.lang
    facts = _hall_facts(hall, lang)
    if hall.calls:
        last = hall.calls[0]
        counter = counter_name(hall, last.counter, lang)
        facts += (Fact("speaker", say("strip_called", lang, number=last.number, counter=counter)),)
    title = say("choose_big" if visit.big else "choose_service", lang)
    return Home(title, facts, _tiles(plan, hall, visit), _printer_notice(hall, lang))


def _tiles(plan: HallPlan, hall: HallSeen, visit: Visit) -> tuple[Tile, ...]:
    tiles, lang = [], visit.lang
    for service in plan.services[:TILES_MAX]:
        seen = hall.service(service.id)
        second = "" if visit.big else service.name.get(_other(lang))
        facts: tuple[Fact, ...]
        if seen is None:
            facts = ()
        elif seen.waiting == 0:
            # a number can be taken before any counter opens: early birds come first then too
            facts = (
                Fact("check", say("tile_free", lang), "good") if seen.open else Fact("clock", say("tile_closed", lang)),
            )
        else:
            facts = (Fact("people", say("tile_waiting", lang, n=seen.waiting)),)
            if wait := about(seen.estimate, lang):
                facts += (Fact("clock", wait),)
        tiles.append(Tile(f"service:{service.id}", service.icon, service.name.get(lang), second, facts))
    return tuple(tiles)


def _printer_notice(hall: HallSeen, lang: Lang) -> str:
    for device in hall.devices:
        if "paper_end" in device.reasons:
            return say("paper_out_strip", lang)
        if device.id.startswith("printer") and device.state in ("absent", "fault", "backoff"):
            return say("printer_down_strip", lang)
    return ""


# --- questions ------------------------------------------------------------------------------------------------------


def _question(visit: Visit, plan: HallPlan, node: Node) -> Question:
    lang = visit.lang
    done = len(visit.trail)
    steps = done + longest(plan, node.id)
    shortest_differs = any(_kind(plan, c.goto) == "question" for c in node.choices)
    word = "step_of_most" if shortest_differs else "step_of"
    service = plan.service(visit.service)
    return Question(
        icon=service.icon if service else "ticket",
        context=service.name.get(lang) if service else "",
        title=node.title.get(lang),
        body=node.body.get(lang) if node.body else "",
        progress=say(word, lang, n=done + 1, m=steps) if steps > 1 else "",
        step=done + 1 if steps > 1 else 0,
        steps=steps if steps > 1 else 0,
        choices=tuple(
            Button(f"choice:{c.id}", c.text.get(lang), c.icon, c.hint.get(lang) if c.hint else "") for c in node.choices
        ),
    )


def _kind(plan: HallPlan, node_id: str) -> str:
    node = plan.node(node_id)
    return node.kind if node else ""


def longest(plan: HallPlan, node_id: str, seen: frozenset[str] = frozenset()) -> int:
    """How many questions lie ahead at most, this one included; a circle in the plan counts once."""
    node = plan.node(node_id)
    if node is None or node.kind != "question" or node_id in seen:
        return 0
    return 1 + max((longest(plan, c.goto, seen | {node_id}) for c in node.choices), default=0)


def _classes(plan: HallPlan, lang: Lang) -> Question:
    offered = tuple(
        Button(f"class:{k.id}", k.name.get(lang), k.id, k.hint.get(lang) if k.hint else "")
        for k in plan.classes
        if k.ask
    )
    none = Button("class:", say("priority_none", lang), "people", say("priority_none_hint", lang))
    return Question(
        icon="priority",
        context=say("priority", lang),
        title=say("priority_title", lang),
        body=say("priority_body", lang),
        progress="",
        step=0,
        steps=0,
        choices=(*offered, none),
    )


# --- the frame ------------------------------------------------------------------------------------------------------


def _language(lang: Lang) -> Button:
    return Button("lang", say("other_language", lang), "lang")


def _bar(visit: Visit, lost: bool, *, upright: bool) -> tuple[Button, ...]:
    """Back, home, language, large text, lower, staff: always these, always there, always in this order."""
    lang, step = visit.lang, visit.step
    staff = Button("staff", say("staff", lang), "staff", look="quiet", short=say("staff_short", lang))
    ways = (
        _language(lang),
        Button(
            "big",
            say("big_off" if visit.big else "big", lang),
            "big",
            short="" if visit.big else say("big_short", lang),
        ),
        *((Button("low", say("low_off" if visit.low else "low", lang), "disabled"),) if upright else ()),
        staff,
    )
    if step == "attract":
        return ways
    back_word = "exit" if step == "home" else "back"
    can_back = step in ("home", "priority", "question", "self_service", "papers") and not lost
    can_home = step not in ("home", "wait") and not lost
    back = Button("back", say(back_word, lang), back_word, enabled=can_back)
    home = Button("home", say("home", lang), "home", enabled=can_home)
    return (back, home, *ways)


def _priority(visit: Visit, plan: HallPlan) -> Priority | None:
    lang = visit.lang
    if visit.step not in ("home", "question") or not any(k.ask for k in plan.classes):
        return None
    chosen = plan.klass(visit.klass) if visit.klass else None
    if chosen is not None:
        button = Button("class_clear", say("class_clear", lang), "close")
        return Priority(
            chosen.id, say("class_chosen", lang, name=chosen.name.get(lang)), "", button, True, chosen.name.get(lang)
        )
    button = Button("priority", say("priority", lang), "priority")
    return Priority("priority", say("priority", lang), say("priority_hint", lang), button, False)


def _cover(visit: Visit, setup: Setup, lost: bool) -> Cover | None:
    lang = visit.lang
    if visit.overlay == "still_there":
        go_on = Button("continue", say("continue", lang), look="main")
        return Cover("clock", "plain", say("still_there", lang), "", go_on)
    if visit.overlay != "staff":
        return None
    close = Button("close", say("ok", lang), look="main")
    if visit.staff_called_at is not None:
        return Cover("check", "good", say("staff_called", lang), say("staff_called_body", lang), close)
    waited = visit.at - visit.overlay_at
    if visit.staff_failed or waited >= STAFF_FAILS_S or lost:
        return Cover("staff", "warn", say("staff_failed", lang), say("staff_failed_body", lang), close)
    return Cover("staff", "plain", say("staff_calling", lang), say("one_moment", lang), close, busy=True)


def _countdown(visit: Visit, setup: Setup) -> Countdown | None:
    left = timers.left(visit, setup.timing)
    if left is None:
        return None
    seconds, fraction = left
    word = "still_there_body" if visit.overlay else "to_start"
    return Countdown(say(word, visit.lang, s=math.ceil(seconds)), fraction)
