"""The wizard's pages: any step the station tells, its fields, and the pads to type on. Pure; used by `view`."""

from __future__ import annotations

from kiosk.flows.pages import Button, Tone
from kiosk.flows.seen import Lang
from kiosk.flows.tech.keys import digits, letters
from kiosk.flows.tech.pages import Actions, Block, Note, Progress, Row, Rows, Shown, TechPage, Text, Wait, rows_that_fit
from kiosk.flows.tech.pages_devices import loading
from kiosk.flows.tech.seen import Field, Wizard, WizardStep
from kiosk.flows.tech.state import Tech
from kiosk.flows.tech.wizard import PATH, field_of, fits, inline, longest, value_of
from kiosk.flows.tech.words import say

NOTE_TONES: dict[str, Tone] = {"ok": "good", "warn": "warn", "fail": "alarm"}
NOTES_SHOWN = 4
NOTES_SHOWN_ALONE = 9  # on an upright page without rows
NOTES_SHOWN_LOW = 2  # on a low panel


def wizard(tech: Tech) -> TechPage:
    told, lang = tech.get(PATH, Wizard), tech.lang
    if told is None:
        return loading(tech)
    if told.restarting or (not tech.up and tech.problem is None):
        return TechPage((_progress(told, lang), Wait(say("wizard_restarting", lang))))
    step = told.current()
    if step is None:
        return TechPage((Note("good", told.step, loud=True),), (Actions((_over(lang),)),))
    upper: list[Block] = [_progress(told, lang), Note("plain", step.title.get(lang), loud=True)]
    if step.help.get(lang):
        upper.append(Text(step.help.get(lang)))
    single = inline(step)
    alone = NOTES_SHOWN if step.fields else NOTES_SHOWN_ALONE
    limit = alone if tech.panel.portrait else NOTES_SHOWN_LOW
    upper += _notes(step, lang, limit)
    if single is not None:
        answers = _choices(single, lang, _single_default(single))
        asked = (Note("plain", single.title.get(lang), loud=True),) if single.title.get(lang) else ()
        return TechPage(tuple(upper), (*asked, Actions((*answers, *_back(step, lang)))))
    if not step.fields and step.id != "done":  # the station is at work, or waits for a hand
        hand = any(n.state == "wait" for n in step.notes)
        return TechPage((*upper, Wait(say("wizard_hand" if hand else "wizard_works", lang))))
    below = Actions((*_next(step, told, lang), *_back(step, lang)))
    if not step.fields:
        return TechPage(tuple(upper), (below,))
    return _fields(tech, step, tuple(upper), below)


def _single_default(field: Field) -> str:
    """Which answer is drawn as the main one: none, where a person has to look first."""
    return str(field.default) if field.default else ""


def _progress(told: Wizard, lang: Lang) -> Progress:
    n, m = told.nth(), len(told.steps)
    return Progress(n, m, say("wizard_step", lang, n=n, m=m))


def _notes(step: WizardStep, lang: Lang, limit: int) -> list[Block]:
    """What is wrong comes first where there is room for few."""
    order = {"wait": 0, "fail": 0, "warn": 1, "ok": 2}
    chosen = sorted(step.notes, key=lambda n: order.get(n.state, 3))[:limit]
    return [
        Note(NOTE_TONES.get(n.state, "plain"), n.get(lang), loud=n.state == "wait") for n in step.notes if n in chosen
    ]


def _choices(field: Field, lang: Lang, chosen: str) -> tuple[Button, ...]:
    return tuple(
        Button(f"choice:{c.id}", c.get(lang) or c.id, look="main" if c.id == chosen else "plain")
        for c in field.choices[:8]
    )


def _next(step: WizardStep, told: Wizard, lang: Lang) -> tuple[Button, ...]:
    if step.id == "done" and not step.fields:
        return (_over(lang),)
    return (Button("next", step.button.get(lang) or say("wizard_next", lang), "check", look="main"),)


def _back(step: WizardStep, lang: Lang) -> tuple[Button, ...]:
    return (Button("step_back", say("wizard_back", lang), "back"),) if step.back else ()


def _over(lang: Lang) -> Button:
    return Button("start_over", say("wizard_over", lang), "again")


ROOM_MM = (60.0, 84.0)  # upright, of the page: what stands above the rows, the actions below them
NOTE_MM = 26.0


def _fields(tech: Tech, step: WizardStep, upper: tuple[Block, ...], below: Actions) -> TechPage:
    """A row for each field, as many as there is room for; on a low panel the explanation gives way to them."""
    rows = [_field_row(tech, f) for f in step.fields]
    if tech.panel.portrait:
        said = len([b for b in upper if isinstance(b, (Note, Text))])
        shown, more = _some(tech, rows, sum(ROOM_MM) + NOTE_MM * said)
        return TechPage(upper, (shown, Actions((*more, *below.buttons))))
    upper = tuple(
        b for b in upper if isinstance(b, Progress) or (isinstance(b, Note) and (b.loud or b.tone == "alarm"))
    )[:3]
    shown, more = _some(tech, rows, sum(NOTE_MM if isinstance(b, Note) else 14.0 for b in upper) - 10.0)
    return TechPage((*upper, shown), (Actions((*more, *below.buttons)),))


def _some(tech: Tech, rows: list[Row], other_mm: float) -> tuple[Rows, tuple[Button, ...]]:
    """(the rows of this leaf, the button to the next)."""
    fit = rows_that_fit(tech.panel, other_mm)
    leaves = -(-len(rows) // fit)
    if leaves <= 1:
        return Rows(tuple(rows)), ()
    nth = tech.leaf % leaves
    hint = say("leaf", tech.lang, n=nth + 1, m=leaves)
    more = Button("more", say("more", tech.lang), "next", hint, short=hint)
    return Rows(tuple(rows[nth * fit : (nth + 1) * fit])), (more,)


def _field_row(tech: Tech, field: Field) -> Row:
    lang, value = tech.lang, value_of(tech, field)
    icon = {"choice": "check", "confirm": "check", "points": "touch", "number": "keypad"}.get(field.kind, "ask")
    refused = tech.problem is not None and tech.problem.field == field.id
    tone: Tone = "alarm" if refused else "plain"
    return Row(f"field:{field.id}", icon, field.title.get(lang) or field.id, _said(field, value, lang), tone, "next")


def _said(field: Field, value: object, lang: Lang) -> str:
    """A value in words."""
    match field.kind:
        case "confirm":
            return say("wizard_yes" if value else "wizard_no", lang)
        case "points":
            return say("wizard_points_done" if value else "wizard_points_keep", lang)
        case "choice":
            return next((c.get(lang) for c in field.choices if c.id == value), say("wizard_empty", lang))
    if value in ("", None):
        return say("wizard_empty", lang)
    return "●" * len(str(value)) if field.secret and isinstance(value, str) else str(value)


def choice(tech: Tech) -> TechPage:
    field = field_of(tech, tech.here.arg)
    if field is None:
        return loading(tech)
    lang = tech.lang
    upper: list[Block] = [Note("plain", field.title.get(lang), loud=True)]
    if field.help.get(lang):
        upper.append(Text(field.help.get(lang)))
    return TechPage(tuple(upper), (Actions(_choices(field, lang, str(value_of(tech, field)))),))


def entry(tech: Tech) -> TechPage:
    field = field_of(tech, tech.here.arg)
    if field is None:
        return loading(tech)
    lang, typed = tech.lang, tech.typed
    complete = fits(field, typed) and bool(typed or not field.required)
    hint = field.help.get(lang)
    if not hint and field.max:
        hint = say("wizard_chars", lang, min=field.min, max=field.max)
    if not hint and field.kind == "text":
        hint = say("wizard_page", lang)
    shown = Shown("●" * len(typed) if field.secret else typed, hint)
    title = Note("plain", field.title.get(lang) or field.id, loud=True)
    if field.kind == "number":
        return TechPage((title, shown), (digits(lang, complete, len(typed) < longest(field)),))
    keys = letters(lang, tech.panel, complete=complete, capitals=tech.capitals, marks=tech.marks, offers=field.offers)
    if tech.panel.portrait:
        return TechPage((title, shown), (keys,))
    return TechPage((Shown(shown.text, "", title.text), keys))
