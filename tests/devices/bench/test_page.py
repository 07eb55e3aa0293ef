"""The page in a real browser: every kind of device is drawn, what a person does there reaches the device, nothing complains."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from devices.contact.events import Decoder, Edge
from tests.devices.bench.running import Running, wait

CHROMIUM = shutil.which("chromium")
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


@pytest.fixture(scope="module")
def page(bench: Running) -> Iterator[Page]:
    """At 1280 × 800; fails when the browser had something to complain of."""
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text))
        page.goto(f"{bench.at}/?lang=en")
        yield page
        browser.close()
    assert complaints == []


def card(id: str) -> str:
    return f'[data-id="{id}"] '


def test_every_device_has_its_card_and_none_is_wider_than_its_column(bench: Running, page: Page) -> None:
    for device in bench.state()["devices"]:
        expect(page.locator(card(device["id"]) + ".lamp")).to_have_text("All well")
    assert page.evaluate("[...document.querySelectorAll('.card')].every(c => c.scrollWidth <= c.clientWidth)")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_keypads_key_is_pressed_by_hand(bench: Running, page: Page) -> None:
    keys = page.locator(card("keypads") + ".pad").first.locator(".keys button")
    expect(keys).to_have_count(8)
    pads = bench.bench.device("keypads").simulator  # type: ignore[attr-defined]
    before = pads.pending(11)
    keys.filter(has_text="Recall").click()
    wait(lambda: pads.pending(11) == before + 1)


def test_a_fault_is_set_shown_and_mended(bench: Running, page: Page) -> None:
    cover = page.locator(card("printer2") + '[data-fault="cover_open"]')
    cover.click()
    expect(cover).to_have_attribute("aria-pressed", "true")
    expect(page.locator(card("printer2") + ".lamp")).to_have_text("Cover open")
    assert bench.device("printer2")["active"] == ["cover_open"]
    assert bench.device("printer")["active"] == [], "the one beside it goes on"
    page.locator(card("printer2") + ".mend").click()
    expect(page.locator(card("printer2") + ".lamp")).to_have_text("All well")


def test_paper_comes_out_of_the_printer_it_was_printed_on_and_is_taken(bench: Running, page: Page) -> None:
    before = len(bench.device("printer2")["shown"]["papers"])
    bench.print("S002", "printer2")
    expect(page.locator(card("printer2") + ".papers img")).to_have_count(before + 1)
    page.locator(card("printer2") + "[data-do=take]").click()
    wait(lambda: not bench.device("printer2")["shown"]["presented"])


def test_a_code_a_card_and_a_door(bench: Running, page: Page) -> None:
    page.locator(card("scanner") + "input").fill("A017")
    page.locator(card("scanner") + "form button").click()
    expect(page.locator(card("scanner") + ".codes li").first).to_have_text("A017")
    page.locator(card("idcard") + '[data-card="2"]').click()
    expect(page.locator(card("idcard") + '[data-card="2"]')).to_have_class("lies")
    page.locator(card("idcard") + "[data-do=take]").click()
    expect(page.locator(card("idcard") + "[data-lies]")).to_contain_text("No card")
    door = page.locator(card("contacts") + '[data-input="case"]')
    door.click()
    expect(door).to_contain_text("open")
    door.click()
    expect(door).to_contain_text("closed")


def test_a_button_is_pressed_and_let_go(bench: Running, page: Page) -> None:
    told: list[Edge] = []
    decoder = Decoder()
    with socket.create_connection(("127.0.0.1", int(bench.where("contacts").rpartition(":")[2])), timeout=5) as wire:
        while len(told) < 2:  # how both inputs are now
            told += decoder.feed(wire.recv(4096))
        page.locator(card("contacts") + '[data-input="help"]').click()
        while len(told) < 4:
            told += decoder.feed(wire.recv(4096))
    assert told[2:] == [Edge(4, True), Edge(4, False)]
