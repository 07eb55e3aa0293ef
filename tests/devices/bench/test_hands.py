"""What a person does at the bench comes out of the drivers at the other end; what is no such thing is refused."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from devices.bench.hands import CARDS, HANDS
from devices.catalog import Kind, Site, catalog
from devices.idcard.card import valid_number
from devices.ports import Contact, IdCard, KeypadText, Pressed, Scanned
from tests.devices.bench.running import CONFIG, DEADLINE_S, Running, wait


@contextmanager
def driver(bench: Running, id: str, **options: Any) -> Iterator[Any]:
    """The device's own driver, opened on the bench's line."""
    klass = {"keypads": "keypad/frame", "scanner": "scanner/serial", "idcard": "idcard/serial"}
    name = {**klass, "contacts": "contact/gpio", "camera": "camera/mjpeg"}[id]
    kind = catalog().get(*name.split("/"))
    assert kind is not None
    made: Any = kind.make(Site(id, bench.where(id), CONFIG, Path()), _options(kind, options))
    made.open()
    try:
        yield made
    finally:
        made.close()


def _options(kind: Kind, options: dict[str, Any]) -> Any:
    import msgspec

    return msgspec.convert(options, kind.options)


def heard(listener: Any) -> Any:
    return listener.listen(time.monotonic() + DEADLINE_S)


def test_a_key_of_a_keypad_is_pressed_while_it_shows_a_number(bench: Running) -> None:
    pads = [{"counter": 1, "address": 11}]
    with driver(bench, "keypads", frame="keypads/polled.toml", pad=pads) as keypad:
        assert keypad.show(KeypadText(11, "A007", 4), DEADLINE_S).kind == "done"
        shown = bench.device("keypads")["shown"][0]
        assert (shown["counter"], shown["text"].strip(), shown["waiting"]) == (1, "A007", 4)
        assert set(shown["keys"]) == {"next", "recall", "start", "finish", "no_show", "open", "pause", "close"}
        bench.do("keypads", "press", address=11, key="next")
        event = heard(keypad)
    assert isinstance(event, Pressed)
    assert (event.address, event.key, event.holding.strip()) == (11, "next", "A007")


def test_a_code_is_scanned(bench: Running) -> None:
    with driver(bench, "scanner") as scanner:
        bench.do("scanner", "scan", text="https://example.org/t/Zx81 排队")
        event = heard(scanner)
    assert event == Scanned("https://example.org/t/Zx81 排队", event.symbology)
    assert bench.device("scanner")["shown"]["scanned"][-1].endswith("排队")


@pytest.mark.parametrize("card", sorted(CARDS))
def test_a_fictional_card_is_laid_down_read_and_taken_away(bench: Running, card: str) -> None:
    with driver(bench, "idcard") as reader:
        state = bench.do("idcard", "lay", card=card)
        assert bench.device("idcard", state)["shown"] == {"card": True, "reads": state_reads(state), "laid": card}
        event = heard(reader)
    assert isinstance(event, IdCard)
    assert (event.name, event.number) == (CARDS[card].name, CARDS[card].number)
    assert bench.device("idcard", bench.do("idcard", "take"))["shown"]["laid"] == ""


def state_reads(state: dict[str, Any]) -> int:
    return int(state["idcard"]["reads"])


def test_the_cards_are_nobodys() -> None:
    for card in CARDS.values():
        assert card.number.startswith("000000"), "there is no such region"
        assert valid_number(card.number)
        assert "样本" in card.name


def test_a_door_is_opened_and_shut(bench: Running) -> None:
    inputs = [{"name": "case", "line": 3}, {"name": "help", "line": 4, "means": "button"}]
    with driver(bench, "contacts", input=inputs) as contacts:
        wait(lambda: set(contacts.active()) == {"case", "help"})
        bench.do("contacts", "move", name="case", active=True)
        wait(lambda: heard(contacts) == Contact("case", True))
        state = bench.do("contacts", "move", name="case", active=False)
        wait(lambda: heard(contacts) == Contact("case", False))
    assert bench.device("contacts", state)["shown"] == {"inputs": {"case": False, "help": False}}


def test_the_cameras_last_picture_is_shown(bench: Running) -> None:
    with driver(bench, "camera") as camera:
        photo = camera.photo(DEADLINE_S)
    assert photo[:2] == b"\xff\xd8"
    assert bench.device("camera")["shown"]["pictures"]
    assert bench.get("/devices/camera/photo.jpg").content[:2] == b"\xff\xd8"


@pytest.mark.parametrize(
    ("device", "what", "args", "says"),
    [
        ("keypads", "press", {"address": 11, "key": "fly"}, "no_show"),
        ("keypads", "press", {"address": 99, "key": "next"}, "11, 12"),
        ("keypads", "press", {"address": 11}, "key"),
        ("keypads", "press", {"address": 11, "key": "next", "hard": True}, "hard"),
        ("keypads", "scan", {"text": "A"}, "one can: press"),
        ("scanner", "scan", {"text": ""}, "text"),
        ("scanner", "scan", {"text": "A\rB"}, "one after the other"),
        ("scanner", "scan", {"text": "x" * 501}, "text"),
        ("idcard", "lay", {"card": "3"}, "card"),
        ("contacts", "move", {"name": "roof", "active": True}, "case, help"),
        ("contacts", "move", {"name": "case", "active": "yes"}, "active"),
        ("camera", "press", {}, "only look"),
        ("signs", "stop", {}, "only look"),
    ],
)
def test_what_nobody_can_do_is_refused_with_what_one_can(
    bench: Running, device: str, what: str, args: dict[str, Any], says: str
) -> None:
    answer = bench.post(f"/devices/{device}/do", {"what": what, "args": args})
    assert answer.status_code == 422
    assert says in answer.json()["detail"]


def test_nobody_does_anything_to_a_device_that_is_not_there(bench: Running) -> None:
    assert bench.post("/devices/coins/do", {"what": "press"}).status_code == 404


def test_the_page_knows_every_kind_of_ours(bench: Running) -> None:
    """One that it does not know would be bare JSON there."""
    classes = {klass for (klass, _), kind in catalog().kinds.items() if kind.simulator is not None}
    on_the_bench = {device["kind"] for device in bench.state()["devices"]}
    assert len(classes) == len(on_the_bench), "the tests' bench has a device of every class"
    assert on_the_bench == set(HANDS)
