"""What each step of the wizard tells beside its question: what came of an errand, where a code comes from, and at the end what
was tested and how the devices are. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec

from kiosk.domain import tongue
from kiosk.domain.facts import Lines
from kiosk.flows.wizard import WAIT_S, WAITED, State, Verdict
from kiosk.flows.wizard_words import say, what_was_done

ILL_MAX = 6  # devices that are not well, told one by one at the end


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """`wait`: a person is to do something now."""

    state: Literal["ok", "warn", "fail", "info", "wait"]
    zh: str
    en: str


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A device of the box as it is this moment. `remedy`: of what is not well."""

    id: str
    well: bool
    what: Lines
    remedy: Lines = Lines(zh="", en="")


class Now(msgspec.Struct, frozen=True, kw_only=True):
    """What is so this moment, and not in the state: whether a test waits for a person's hand, and how the devices are."""

    waiting: bool = False
    devices: tuple[Device, ...] = ()


NOTHING_NOW = Now()


def judged(state: State) -> Verdict | None:
    if state.step == "ticket":
        return state.ticket_test
    if state.step == "sheet":
        return state.sheet_test
    return state.tested.get(state.step.partition(":")[2])


def _note(state: Literal["ok", "warn", "fail", "info", "wait"], text: Lines) -> Note:
    return Note(state=state, zh=text.zh, en=text.en)


def notes_of(state: State, now: Now) -> tuple[Note, ...]:
    base = state.step.partition(":")[0]
    notes = [_note("fail", state.trouble)] if state.trouble is not None else []
    if state.owes == "test" and now.waiting and (klass := _class(state)):
        return (*notes, _note("wait", say(f"wait.{klass}", WAIT_S)))
    if state.owes:
        return (*notes, _note("info", say(f"owes.{state.owes}")))
    if base in ("network", "pairing") and state.addresses:
        notes.append(_note("info", say("network.addresses", ", ".join(state.addresses))))
    if base == "pairing":
        notes.append(_note("ok", say("network.reached", state.central)))
        demo = state.known.demo and state.central == state.known.central
        notes.append(_note("info", say("pairing.demo" if demo else "pairing.where", state.central)))
    if base == "pins" and state.token:
        notes.append(_note("ok", say("pairing.done", f"{state.station} {state.name}".strip())))
    if base == "devices" and not state.found:
        notes.append(_note("warn", say("devices.nothing")))
    if base in ("try", "ticket", "sheet"):
        notes += _told(base, judged(state), state.ticket, _class(state))
    if base == "done":
        notes += [*_tally(state), *_now(now), _note("info", say("done.where"))]
    return tuple(notes)


def _class(state: State) -> str:
    """Of the device that the step is about, if its test waits for a hand; else ""."""
    device = state.step.partition(":")[2]
    return next((p.klass for p in state.found if p.id == device and p.klass in WAITED), "")


def _told(base: str, tested: Verdict | None, ticket: str, waited: str) -> list[Note]:
    if tested is None:
        return [_note("warn", say("try.not_yet"))]
    sure: dict[str, Literal["ok", "warn", "fail"]] = {"done": "ok", "unknown": "warn", "not_done": "fail"}
    if waited:
        word = "try.got" if tested.outcome == "done" else "try.nothing"
        notes = [_note(sure[tested.outcome], say(word, WAIT_S))]
    else:
        about = Lines(zh=ticket, en=ticket) if base == "ticket" else what_was_done(tested.what)
        zh, en = say(f"{base}.{tested.outcome}", about.zh).zh, say(f"{base}.{tested.outcome}", about.en).en
        notes = [_note(sure[tested.outcome], Lines(zh=zh, en=en))]
    if tested.detail:
        detail = tongue.lines(tested.detail)
        notes.append(_note("info", detail))
    return notes


def _tally(state: State) -> list[Note]:
    """What was tested, and what was not: by the person's word."""
    said = {p.id: t.said if (t := state.tested.get(p.id)) else "" for p in state.found}
    good = [id for id, word in said.items() if word == "yes"]
    notes = [_note("ok" if len(good) == len(said) else "warn", say("done.tested", len(good), len(said)))]
    if refused := [id for id, word in said.items() if word == "no"]:
        notes.append(_note("fail", say("done.refused", ", ".join(refused))))
    if skipped := [id for id, word in said.items() if word in ("", "skip")]:
        notes.append(_note("warn", say("done.skipped", ", ".join(skipped))))
    return notes


def _now(now: Now) -> list[Note]:
    """How the devices are this moment, with the remedy of each that is not well."""
    ill = [device for device in now.devices if not device.well]
    if not ill:
        return [_note("ok", say("done.well", len(now.devices)))] if now.devices else []
    told = []
    for device in ill[:ILL_MAX]:
        zh = say("done.ill", device.id, device.what.zh, device.remedy.zh).zh
        told.append(_note("fail", Lines(zh=zh, en=say("done.ill", device.id, device.what.en, device.remedy.en).en)))
    if len(ill) > ILL_MAX:
        told.append(_note("fail", say("done.more", len(ill) - ILL_MAX)))
    return told
