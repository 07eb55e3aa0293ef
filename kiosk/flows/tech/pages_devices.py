"""The tech's pages about devices: list, one device, its bytes, detection, levels. Pure; used by `view`."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from kiosk.flows.pages import Button, Tone
from kiosk.flows.seen import Lang
from kiosk.flows.tech.pages import (
    Actions,
    Block,
    Bytes,
    Level,
    Note,
    Pad,
    Photo,
    Row,
    Rows,
    TechPage,
    Text,
    Wait,
    rows_that_fit,
)
from kiosk.flows.tech.seen import Detected, Device, Devices, Log, Offer, Ports, Tried
from kiosk.flows.tech.state import Tech
from kiosk.flows.tech.words import CLASSES, REASONS, STATES, say, say_or

TONES: dict[str, Tone] = {"ready": "good", "busy": "good", "starting": "plain", "degraded": "warn"}
OFFERED_MM = 50.0  # the question and its explanation
BUTTON_MM = 40.0  # a row of actions and its gap, at most


def resting(block: Block) -> Block:
    """The block with nothing to press."""
    match block:
        case Rows(rows=rows):
            return Rows(tuple(replace(r, enabled=False) for r in rows))
        case Pad(rows=keys):
            return Pad(tuple(tuple(replace(k, enabled=False) if k else None for k in row) for row in keys))
        case Level():
            return replace(
                block, less=replace(block.less, enabled=False), more=replace(block.more, enabled=False)
            )  # fmt: skip
    return block


def loading(tech: Tech) -> TechPage:
    return TechPage((Wait(say("loading", tech.lang)),))


def paged(tech: Tech, rows: list[Row], *, upper: tuple[Block, ...] = (), other_mm: float = 0.0) -> TechPage:
    """A list, as much as the panel holds, and the way to the rest; after the last page comes the first."""
    upright = tech.panel.portrait
    if tech.said or tech.problem is not None or not tech.up:
        other_mm += BUTTON_MM
    fit = rows_that_fit(tech.panel, other_mm)
    if len(rows) <= fit:
        return TechPage((*upper, Rows(tuple(rows))))
    fit = rows_that_fit(tech.panel, other_mm + (BUTTON_MM if upright else 26.0))
    leaves = -(-len(rows) // fit)
    nth = tech.leaf % leaves
    hint = say("leaf", tech.lang, n=nth + 1, m=leaves)
    more = Button("more", say("more", tech.lang), "next", hint, short=hint)
    shown = Rows(tuple(rows[nth * fit : (nth + 1) * fit]))
    return TechPage((*upper, shown, Actions((more,))))


# --- devices ---------------------------------------------------------------------------------------------------------


def devices(tech: Tech) -> TechPage:
    told = tech.get("/tech/devices", Devices)
    if told is None:
        return loading(tech)
    if not told.devices:
        return TechPage((Text(say("no_devices", tech.lang)),))
    return paged(tech, [_row(tech, d) for d in told.devices])


def _row(tech: Tech, device: Device) -> Row:
    lang = tech.lang
    icon, name = class_of(device.klass, lang)
    state = STATES[device.state].get(lang) if device.state in STATES else device.state
    why = _reasons(device, lang)
    text = ("：" if lang == "zh" else ": ").join(filter(None, (state, why)))
    return Row(f"row:{device.id}", icon, f"{name} {device.id}", text, tone_of(device), "next")


def tone_of(device: Device) -> Tone:
    return TONES.get(device.state, "alarm")


def class_of(klass: str, lang: Lang) -> tuple[str, str]:
    """(icon, name); a class newer than this screen goes by its own word."""
    icon, name = CLASSES.get(klass, ("plug", None))
    return icon, name.get(lang) if name else klass


def _reasons(device: Device, lang: Lang) -> str:
    joint = "、" if lang == "zh" else ", "
    return joint.join(REASONS[r][0].get(lang) if r in REASONS else r for r in device.reasons)


def device(tech: Tech) -> TechPage:
    lang = tech.lang
    told = tech.get("/tech/devices", Devices)
    if told is None:
        return loading(tech)
    found = told.get(tech.here.arg)
    if found is None:
        return TechPage((Note("warn", say("device_gone", lang)),))
    _, name = class_of(found.klass, lang)
    state = STATES[found.state].get(lang) if found.state in STATES else found.state
    since = _since(tech, found.since, lang)
    line = say("device_since", lang, state=state, since=since) if since else state
    upper: list[Block] = [
        Note(tone_of(found), f"{name} {found.id}\n{line}", loud=True),
        *(_reason(reason, lang) for reason in found.reasons[:3]),
    ]
    upper += _outcome(tech)
    facts = [say("device_line", lang, klass=name, driver=found.driver, where=found.where)]
    if found.detail:
        facts.append(found.detail)
    facts.append(say("device_lost", lang, n=found.lost))
    if found.fault_s >= 60:
        facts.append(say("device_fault_min", lang, n=round(found.fault_s / 60)))
    upper.append(Text("\n".join(facts)))
    bytes_ = tech.get(f"/tech/devices/{quote(found.id, safe='')}/log", Log)
    if tech.panel.portrait and bytes_ is not None and not any(isinstance(b, Photo) for b in upper):
        upper.append(Bytes(bytes_.lines, say("log_empty", lang)))
    return TechPage(tuple(upper), (Actions(_device_buttons(found, lang)),))


def _device_buttons(found: Device, lang: Lang) -> tuple[Button, ...]:
    tests = tuple(_test(what, lang, n == 0) for n, what in enumerate(found.tests[:3]))
    return (
        *tests,
        Button("log", say("log", lang), "bytes"),
        Button("revive", say("revive", lang), "again"),
    )


def _test(what: str, lang: Lang, main: bool) -> Button:
    text = say_or(f"test_{what}", lang, say("test_other", lang, what=what))
    return Button(f"test:{what}", text, "check", look="main" if main else "plain")


def _since(tech: Tech, since_ms: int, lang: Lang) -> str:
    """How long ago, coarse: a list that counts seconds is never still. "" while the wall clock is not known."""
    now = tech.wall_ms
    if not since_ms or now < since_ms:
        return ""
    minutes = (now - since_ms) // 60_000
    if minutes < 1:
        return say("since_now", lang)
    if minutes < 120:
        return say("since_min", lang, n=minutes)
    return say("since_h", lang, n=minutes // 60) if minutes < 2880 else say("since_d", lang, n=minutes // 1440)


def _reason(reason: str, lang: Lang) -> Note:
    if reason not in REASONS:
        return Note("warn", reason)
    what, remedy = REASONS[reason]
    return Note("warn", f"{what.get(lang)}：{remedy.get(lang)}" if lang == "zh" else f"{what.en}: {remedy.en}")


def _outcome(tech: Tech) -> list[Block]:
    """What became of a test, and what was seen."""
    tried, lang = tech.tried, tech.lang
    if tried is None:
        return [Note("plain", say("test_wait", lang))] if tech.pending("test") else []
    tone: Tone = {"done": "good", "not_done": "alarm"}.get(tried.outcome, "warn")  # type: ignore[assignment]
    words = say_or(tried.outcome, lang, say("unknown", lang))
    made: list[Block] = [Note(tone, "\n".join(filter(None, (words, tried.detail, _told(tried)))))]
    jpeg = (tried.seen or {}).get("jpeg")
    return [*made, Photo(jpeg)] if isinstance(jpeg, str) else made


def _told(tried: Tried) -> str:
    seen = {k: v for k, v in (tried.seen or {}).items() if k != "jpeg"}
    return ", ".join(f"{k} {v}" for k, v in seen.items())[:120]


def log(tech: Tech) -> TechPage:
    told = tech.get(f"/tech/devices/{quote(tech.here.arg, safe='')}/log", Log)
    lang = tech.lang
    lines = told.lines if told else ()
    title = Note("plain", "  ".join((tech.here.arg, say("log_hint", lang))))
    return TechPage((title, Bytes(lines, say("log_empty" if told else "loading", lang))))


# --- detection -------------------------------------------------------------------------------------------------------


def ports(tech: Tech) -> TechPage:
    told, lang = tech.get("/tech/ports", Ports), tech.lang
    if told is None:
        return loading(tech)
    if not told.ports:
        return TechPage((Text(say("no_ports", lang)),))
    rows = []
    for port in told.ports:
        text = say("port_taken", lang, id=port.taken_by) if port.taken_by else say("port_free", lang)
        text = " · ".join(filter(None, (text, port.name if port.name != port.where else "")))
        free = port.taken_by is None
        rows.append(
            Row(f"row:{port.where}", "plug", port.where, text, "good" if free else "plain", "next", enabled=free)
        )
    return paged(tech, rows)


def found(tech: Tech) -> TechPage:
    lang = tech.lang
    if tech.pending("detect"):
        return TechPage((Note("plain", tech.here.arg, loud=True), Wait(say("detecting", lang))))
    told = tech.get("/tech/detect", Detected)
    again = Actions((Button("again", say("again", lang), "again", look="main"),))
    if told is None:
        return TechPage((Note("plain", tech.here.arg, loud=True),), (again,))
    if not told.found:
        numbers = Button("numbers", say("numbers", lang), "sign", say("numbers_hint", lang), look="main")
        both = Actions((numbers, Button("again", say("again", lang), "again")))
        if told.offers:
            return _offered(tech, told.offers)
        note = Note("warn", say("found_nothing", lang), loud=True)
        advice = Text(told.advice.get(lang) or say("found_nothing_do", lang))
        return TechPage((note, advice, Bytes(told.log, say("log_empty", lang))), (both,))
    rows = []
    most = max(1, rows_that_fit(tech.panel, 3 * BUTTON_MM) - 1)
    for find in told.found[:most]:
        icon, name = class_of(find.klass, lang)
        rows.append(Row("", icon, f"{name} · {find.driver}", find.why.get(lang), "good"))
    return TechPage((Rows(tuple(rows)), Bytes(told.log, say("log_empty", lang))), (again,))


def _offered(tech: Tech, offers: tuple[Offer, ...]) -> TechPage:
    """What the number on the sign means: its first two figures are one of these, the others its address."""
    lang = tech.lang
    rows = [
        Row("", "sign", f"{o.number}□□  {o.name}", f"{o.options.get('frame', '')} · {o.where}", "plain") for o in offers
    ]
    upper: tuple[Block, ...] = (Note("plain", say("numbers_read", lang), loud=True),)
    if tech.panel.portrait:
        upper = (*upper, Text(say("numbers_read_how", lang)))
    return paged(tech, rows, upper=upper, other_mm=OFFERED_MM if tech.panel.portrait else BUTTON_MM / 2)


# --- sound and light -------------------------------------------------------------------------------------------------


def levels(tech: Tech) -> TechPage:
    told, lang = tech.get("/tech/devices", Devices), tech.lang
    if told is None:
        return loading(tech)
    rows = [_row(tech, d) for d in told.devices if d.klass in ("voice", "sign")]
    return paged(tech, rows) if rows else TechPage((Text(say("no_levels", lang)),))


def level(tech: Tech) -> TechPage:
    told, lang = tech.get("/tech/devices", Devices), tech.lang
    device = told.get(tech.here.arg) if told else None
    if device is None:
        return TechPage((Note("warn", say("device_gone", lang)),))
    _, name = class_of(device.klass, lang)
    voice = device.klass == "voice"
    label = say("volume" if voice else "brightness", lang)
    step = Level(
        tech.level,
        f"{label} {tech.level} %",
        Button("level:down", "−", "minus", enabled=tech.level > 0),
        Button("level:up", "+", "plus", enabled=tech.level < 100),
    )
    tests = tuple(_test(what, lang, True) for what in device.tests[:1])
    lower: tuple[Block, ...] = (step, Actions(tests)) if tests else (step,)
    return TechPage((Note(tone_of(device), f"{name} {device.id}", loud=True), *_outcome(tech)), lower)
