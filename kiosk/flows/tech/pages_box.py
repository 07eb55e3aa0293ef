"""The tech's pages about the box itself: network, configuration, doctor, bundle, restart. Pure; used by `view`."""

from __future__ import annotations

from kiosk.domain.facts import Lines
from kiosk.flows.pages import Button, Tone
from kiosk.flows.seen import Lang
from kiosk.flows.tech.pages import Actions, Block, Code, Note, Row, TechPage, Text
from kiosk.flows.tech.pages_devices import BUTTON_MM, loading, paged
from kiosk.flows.tech.seen import Config, Doctor, Network, Stick
from kiosk.flows.tech.state import Tech
from kiosk.flows.tech.words import say, say_or

CHECK_TONES: dict[str, Tone] = {"ok": "good", "warn": "warn", "fail": "alarm"}
ORDER = {"fail": 0, "warn": 1, "ok": 2}
FILE_CHARS = 4000  # of a file's text; it is drawn as far as it fits
ADDRESSES_MAX = 2


def network(tech: Tech) -> TechPage:
    told, lang = tech.get("/tech/network", Network), tech.lang
    if told is None:
        return loading(tech)
    rows = [Row("", "counter", say("host", lang), told.host)]
    rows += [
        Row("", "network", say("address", lang, interface=a.interface), a.address, "good")
        for a in told.addresses[:ADDRESSES_MAX]
    ]
    if not told.addresses:
        rows.append(Row("", "network", say("no_address", lang), "", "alarm"))
    rows.append(_central(told, lang))
    page = paged(tech, rows, other_mm=BUTTON_MM if tech.panel.portrait else 0.0)
    pair = Button("pair", say("pair", lang), "plug", look="main", enabled=bool(told.central.url))
    return TechPage(page.upper, (Actions((pair,)),))


def _central(told: Network, lang: Lang) -> Row:
    central = told.central
    if not central.url:
        return Row("", "home", say("central", lang), say("central_none", lang), "warn")
    if central.reachable:
        text = say("central_ok", lang, ms=round(central.ms or 0))
    else:
        why = central.why.get(lang) if isinstance(central.why, Lines) else central.why or ""
        text = " · ".join(filter(None, (say("central_no", lang), why)))
    return Row("", "home", f"{say('central', lang)} {central.url}", text, "good" if central.reachable else "alarm")


def config(tech: Tech) -> TechPage:
    told, lang = tech.get("/tech/config", Config), tech.lang
    if told is None:
        return loading(tech)
    rows = [
        Row(f"row:{f.file}", "paper", f.file, say_or(f"origin_{f.origin}", lang, f.origin), tail="next")
        for f in told.files
    ]
    if told.trial is None:
        return paged(tech, rows)
    left = tech.seconds_left("/tech/config", told.trial.left_s)
    keep = Button("confirm", say("config_confirm", lang), "check", look="main")
    old = Button("rollback", say("config_rollback", lang), "back")
    note = Note("warn", say("config_trial", lang, s=left), loud=True)
    return TechPage((note,), (Actions((keep, old)),))


def file(tech: Tech) -> TechPage:
    told, lang = tech.get("/tech/config", Config), tech.lang
    found = next((f for f in told.files if f.file == tech.here.arg), None) if told else None
    if found is None:
        return loading(tech)
    origin = say_or(f"origin_{found.origin}", lang, found.origin)
    return TechPage((Note("plain", f"{found.file}\n{origin}", loud=True), Text(found.text[:FILE_CHARS])))


# --- doctor ----------------------------------------------------------------------------------------------------------


def doctor(tech: Tech) -> TechPage:
    told, lang = tech.get("/tech/doctor", Doctor), tech.lang
    if told is None:
        return loading(tech)
    checks = sorted(told.checks, key=lambda c: ORDER.get(c.state, 0))  # what is wrong comes first
    fail, warn = sum(c.state == "fail" for c in checks), sum(c.state == "warn" for c in checks)
    tone: Tone = "alarm" if fail else "warn" if warn else "good"
    words = say("doctor_some", lang, fail=fail, warn=warn) if fail or warn else say("doctor_good", lang)
    rows = []
    for check in checks:
        text = say("doctor_do", lang, text=check.remedy.get(lang)) if check.remedy else ""
        icon = {"ok": "check", "warn": "warn"}.get(check.state, "fault")
        rows.append(
            Row(f"row:{check.id}", icon, check.what.get(lang), text, CHECK_TONES.get(check.state, "alarm"), "next")
        )
    return paged(tech, rows, upper=(Note(tone, words),), other_mm=BUTTON_MM if tech.panel.portrait else 18.0)


def check(tech: Tech) -> TechPage:
    told, lang = tech.get("/tech/doctor", Doctor), tech.lang
    found = next((c for c in told.checks if c.id == tech.here.arg), None) if told else None
    if found is None:
        return loading(tech)
    note = Note(CHECK_TONES.get(found.state, "alarm"), found.what.get(lang), loud=True)
    remedy = found.remedy.get(lang) if found.remedy else ""
    return TechPage((note, Text(say("doctor_do", lang, text=remedy) if remedy else say("doctor_fine", lang))))


# --- bundle, restart -------------------------------------------------------------------------------------------------


def bundle(tech: Tech) -> TechPage:
    lang = tech.lang
    stick, network = tech.get("stick", Stick), tech.get("/tech/network", Network)
    upper: list[Block] = [Text(say("bundle_what", lang), strong=True)]
    if stick is not None and stick.folder:
        upper.append(Note("good", say("bundle_stick", lang, folder=stick.folder)))
        if stick.saved:
            upper.append(Note("good", say("saved_as", lang, name=stick.saved)))
        save = Button("save", say("bundle_save", lang), "usb", look="main")
        return TechPage(tuple(upper), (Actions((save,)),))
    if network is None or not network.addresses:
        upper.append(Note("plain", say("bundle_no_lan" if network else "loading", lang)))
        return TechPage(tuple(upper))
    if not network.lan:
        upper.append(Note("plain", say("bundle_loopback", lang)))
        return TechPage(tuple(upper))
    url = f"http://{network.lan}:{tech.port}/tech"
    upper += [Note("plain", say("bundle_no_stick", lang)), Note("plain", say("bundle_lan", lang, url=url), loud=True)]
    return TechPage(tuple(upper), (Code(url),))


def restart(tech: Tech) -> TechPage:
    lang = tech.lang
    screen = Button("restart:screen", say("restart_screen", lang), "again")
    station = Button("restart:station", say("restart_station", lang), "again")
    return TechPage((Text(say("restart_what", lang), strong=True),), (Actions((screen, station)),))
