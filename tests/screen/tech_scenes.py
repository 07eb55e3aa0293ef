"""Every picture of the technician's pages, with the data of a busy box."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
from PIL import Image

from kiosk.domain.facts import Lines
from kiosk.flows.seen import Lang, Problem, Timing
from kiosk.flows.tech import seen
from kiosk.flows.tech.state import Ask, Place, Spot, Tech
from kiosk.flows.tech.view import view
from tests.flows.hall_of import MORNING_MS
from tests.screen.scenes import Scene
from tests.screen.tech_data import ANSWERS, WIZARD_STEPS, wizard


def told() -> dict[str, Any]:
    """What `tech_data.ANSWERS` says, decoded as the client does."""
    return {
        path: msgspec.json.decode(msgspec.json.encode(value), type=seen.shape_of("GET", path))
        for path, value in ANSWERS.items()
        if seen.shape_of("GET", path) is not seen.Nothing
    }


def jpeg() -> str:
    out = io.BytesIO()
    Image.new("RGB", (320, 240), (30, 110, 90)).save(out, "JPEG")
    return base64.b64encode(out.getvalue()).decode()


def tech_scenes(lang: Lang, panel: Timing | None = None) -> Iterator[Scene]:
    panel = panel or Timing()
    base = Tech(lang=lang, panel=panel, seen=told(), at=100.0, entered_at=100.0, touched_at=100.0)

    def scene(name: str, tech: Tech) -> Scene:
        return Scene(f"tech-{name}-{lang}", view(tech, MORNING_MS))

    def at(*spots: tuple[Place, str] | Place, **changes: Any) -> Tech:
        trail = tuple(Spot(s) if isinstance(s, str) else Spot(*s) for s in ("menu", *spots))
        return replace(base, spots=trail, **changes)  # type: ignore[arg-type]

    refused = {
        "zh": Problem(status=401, title="口令不对。", remedy="请再试，或问班长。"),
        "en": Problem(status=401, title="The PIN is wrong.", remedy="Try again, or ask the manager."),
    }[lang]
    pin = replace(base, spots=(Spot("pin"),), seen={})
    yield scene("01-pin", pin)
    yield scene("02-pin-typed", replace(pin, typed="33333"))
    yield scene("03-pin-wrong", replace(pin, problem=refused))
    yield scene("03-pin-again", replace(pin, said="pin_again"))
    yield scene("04-menu", at())
    yield scene("05-menu-silent", at(up=False))
    yield from _devices(scene, at)
    yield from _box(scene, at)
    yield from _touch(scene, at)
    yield from _wizard(scene, at, lang)


def _devices(scene: Any, at: Any) -> Iterator[Scene]:
    yield scene("10-devices", at("devices"))
    yield scene("11-devices-second", at("devices", leaf=1))
    yield scene("12-devices-reading", at("devices", seen={}))
    printer = at("devices", ("device", "printer"))
    yield scene("13-device", printer)
    testing = Ask("k", "test", "POST", "/tech/devices/printer/test", {"what": "print"}, 96.0)
    yield scene("14-device-testing", replace(printer, busy=testing))
    yield scene("15-device-done", replace(printer, tried=seen.Tried(outcome="done")))
    failed = seen.Tried(outcome="not_done", detail="paper_end")
    yield scene("16-device-failed", replace(printer, tried=failed))
    scanned = seen.Tried(outcome="done", seen={"code": "https://example.org/t/5f0c9a4e"})
    yield scene("17-device-scanned", at("devices", ("device", "scanner"), tried=scanned))
    photo = seen.Tried(outcome="done", seen={"jpeg": jpeg()})
    yield scene("18-device-photo", at("devices", ("device", "camera"), tried=photo))
    yield scene("19-device-gone", at("devices", ("device", "nobody")))
    yield scene("20-log", at("devices", ("device", "printer"), ("log", "printer")))
    yield scene("21-ports", at("ports"))
    looking = Ask("k", "detect", "POST", "/tech/detect", {}, 96.0)
    yield scene("22-detecting", at("ports", ("found", "/dev/ttyUSB1"), busy=looking))
    detected = msgspec.json.decode(msgspec.json.encode(ANSWERS["/tech/detect"]), type=seen.Detected)
    yield scene("23-found", at("ports", ("found", "/dev/ttyUSB1"), seen={**told(), "/tech/detect": detected}))
    nothing = seen.Detected(log=("0.000 > 10 04 01", "0.502 > 10 04 01"))
    yield scene("24-found-nothing", at("ports", ("found", "/dev/ttyUSB1"), seen={"/tech/detect": nothing}))
    yield scene("25-levels", at("levels"))
    yield scene("26-level", at("levels", ("level", "voice")))
    yield scene("27-level-set", at("levels", ("level", "hall"), level=100, said="level_done"))


def _box(scene: Any, at: Any) -> Iterator[Scene]:
    data = told()
    yield scene("30-network", at("network"))
    away = seen.CentralLink(url="https://central.example.cn", why=Lines(zh="没有应答", en="no answer"))
    yield scene("31-network-away", at("network", seen={"/tech/network": seen.Network(host="hall-1", central=away)}))
    yield scene("32-pair", at("network", "pair", typed="12345"))
    yield scene("33-paired", at("network", said="paired"))
    yield scene("34-config", at("config"))
    trial = msgspec.structs.replace(data["/tech/config"], trial=seen.Trial(left_s=43))
    yield scene("35-config-trial", at("config", seen={"/tech/config": trial}))
    beside = {**data, "/tech/config/trial": seen.OnTrial(trial=seen.Trial(left_s=43))}
    for n, place in enumerate(("menu", "devices", "doctor", "network", "levels"), 1):
        yield scene(f"35-{n}-trial-{place}", at(*(() if place == "menu" else (place,)), seen=beside))
    yield scene("36-file", at("config", ("file", "station.toml")))
    yield scene("37-doctor", at("doctor"))
    yield scene("38-check", at("doctor", ("check", "disk")))
    fine = seen.Doctor(checks=tuple(c for c in data["/tech/doctor"].checks if c.state == "ok"))
    yield scene("39-doctor-fine", at("doctor", seen={"/tech/doctor": fine}))
    yield scene("40-bundle", at("bundle"))
    yield scene("41-bundle-stick", at("bundle", seen={**data, "stick": seen.Stick(folder="/media/usb0")}))
    saved = seen.Stick(folder="/media/usb0", saved="yitai-20261122-094100.zip")
    yield scene("42-bundle-saved", at("bundle", seen={**data, "stick": saved}, said="saved"))
    yield scene("43-bundle-alone", at("bundle", seen={"/tech/network": seen.Network()}))
    own = seen.Network(addresses=(seen.Address(interface="eth0", address="192.168.1.20"),))
    yield scene("43-bundle-loopback", at("bundle", seen={"/tech/network": own}))
    yield scene("44-restart", at("restart"))


def _touch(scene: Any, at: Any) -> Iterator[Scene]:
    yield scene("50-touch", at("touch"))
    yield scene("51-touch-last", at("touch", touched=((1.0, 1.0),) * 4))
    fitted = (1.01, 0.0, 3.0, 0.0, 0.99, 2.0)
    yield scene("52-touch-good", at("touch_result", fitted=fitted, residual_mm=0.8))
    yield scene("53-touch-bad", at("touch_result", residual_mm=11.4))
    yield scene("54-touch-try", at("touch_try", fitted=fitted))
    yield scene("55-touch-reverted", at(said="touch_reverted"))


def _wizard(scene: Any, at: Any, lang: Lang) -> Iterator[Scene]:
    for n, id in enumerate(WIZARD_STEPS):
        step = msgspec.json.decode(msgspec.json.encode(wizard(id)), type=seen.Wizard)
        yield scene(f"6{n:x}-wizard-{id.replace(':', '-')}", at("wizard", seen={"/tech/wizard": step}))
        for field in (step.current() or seen.WizardStep(id="")).fields:
            inside = at("wizard", seen={"/tech/wizard": step})
            if field.kind in ("text", "number"):
                entry = replace(inside, spots=(*inside.spots, Spot("entry", field.id)), typed="1234")
                yield scene(f"7{n:x}-entry-{field.id}", entry)
            elif field.kind == "choice" and len(step.current().fields if step.current() else ()) > 1:
                yield scene(
                    f"7{n:x}-choice-{field.id}", replace(inside, spots=(*inside.spots, Spot("choice", field.id)))
                )
    again = msgspec.json.decode(msgspec.json.encode(wizard("devices") | {"restarting": True}), type=seen.Wizard)
    yield scene("80-wizard-restarting", at("wizard", seen={"/tech/wizard": again}, up=False))
    offers = tuple(
        seen.Offer(
            number=n, name=name, where=f"serial:///dev/ttyUSB1?baud={baud}", options={"frame": f"signs/{file}.toml"}
        )
        for n, (name, file, baud) in enumerate(
            (
                ("AA55 frame, GBK, CRC16/MODBUS", "crc16", 9600),
                ("7E frame, GBK, sum8", "sum8", 9600),
                ("hall", "hall", 115200),
            ),
            11,
        )
    )
    shown = {"/tech/detect": seen.Detected(offers=offers, log=("9600 > 7E 06 01 01 31 32 30 31 CC 0D",))}
    yield scene("25-found-numbers", at("ports", ("found", "/dev/ttyUSB1"), seen=shown))
    hand = wizard("try:printer")
    asked = next(s for s in hand["steps"] if s["id"] == "try:printer")
    asked["fields"] = []
    asked["notes"] = [
        {
            "state": "wait",
            "zh": "等待中：请现在按一下按键器的任一个键（15 秒内）",
            "en": "Waiting: press a key of it now (within 15 s)",
        }
    ]
    told = msgspec.json.decode(msgspec.json.encode(hand), type=seen.Wizard)
    yield scene("82-wizard-hand", at("wizard", seen={"/tech/wizard": told}))
    step = msgspec.json.decode(msgspec.json.encode(wizard("pairing")), type=seen.Wizard)
    bad = {
        "zh": Problem(status=422, title="配对码不对。", remedy="请向中心重新取一个。", field="code"),
        "en": Problem(status=422, title="The code is wrong.", remedy="Get a new one from central.", field="code"),
    }[lang]
    yield scene("81-wizard-refused", at("wizard", seen={"/tech/wizard": step}, problem=bad))
