"""A technician's visit told step by step, its table against its pictures, and its words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.flows.seen import Problem, Timing
from kiosk.flows.state import Misstep, Tap
from kiosk.flows.tech import flow, seen
from kiosk.flows.tech.affine import IDENTITY, crosses
from kiosk.flows.tech.flow import TABLE, step
from kiosk.flows.tech.state import Apply, Ask, Event, Intent, Look, Quit, Raw, Refused, Send, Tech, Tick, Told
from kiosk.flows.tech.view import view
from kiosk.flows.tech.words import CLASSES, REASONS, STATES, WORDS
from tests.flows.hall_of import MORNING_MS, ROOT
from tests.screen.tech_data import ANSWERS, WIZARD_STEPS, wizard

WRONG = Problem(status=401, title="口令不对。", remedy="请再试。")


class Story:
    """Time moves half a second before each tap; answers come when they are told to."""

    def __init__(self, panel: Timing | None = None) -> None:
        self.at = 1000.0
        self.tech = Tech(at=self.at, entered_at=self.at, touched_at=self.at, panel=panel or Timing())
        self.intents: list[Intent] = []
        self.touches = 0

    def happens(self, event: Event) -> Story:
        self.tech, intents = step(self.tech, event)
        self.intents += intents
        return self

    @property
    def buttons(self) -> set[str]:
        return {b.id for b in view(self.tech, MORNING_MS).buttons()}

    def tap(self, *ids: str) -> Story:
        """Touches, only on what the picture offers."""
        for id in ids:
            assert id in self.buttons, f"{id} is not on the screen: {sorted(self.buttons)}"
            self.at += 0.5
            self.touches += 1
            self.happens(Tap(id, self.at, f"key-{self.touches}"))
        return self

    def types(self, text: str) -> Story:
        return self.tap(*(f"key:{c}" for c in text))

    def passes(self, seconds: float) -> Story:
        self.at += seconds
        return self.happens(Tick(self.at))

    def answered(self, value: object = None) -> Story:
        """The station answers what is asked; `value` is its JSON."""
        ask = self.ask
        shape = seen.shape_of(ask.method, ask.path)
        told = shape() if value is None else msgspec.json.decode(msgspec.json.encode(value), type=shape)
        return self.happens(Told(ask.key, ask.path, told, self.at))

    def refused(self, problem: Problem = WRONG) -> Story:
        return self.happens(Refused(self.ask.key, problem, self.at))

    @property
    def ask(self) -> Ask:
        assert self.tech.busy is not None, "nothing is asked"
        return self.tech.busy

    def looks(self, **more: Any) -> Story:
        """The station tells what this page looks at."""
        for path, _ in flow.looks(self.tech):
            value = {**ANSWERS, **more}.get(path)
            if value is not None:
                told = msgspec.json.decode(msgspec.json.encode(value), type=seen.shape_of("GET", path))
                self.happens(Told("", path, told, self.at))
        return self

    @property
    def place(self) -> str:
        return self.tech.here.place

    @property
    def texts(self) -> str:
        return repr(view(self.tech, MORNING_MS).page)


def inside() -> Story:
    return Story().types("3333").tap("ok").answered()


# --- a configuration on trial ----------------------------------------------------------------------------------------


def test_a_trial_counts_down_on_every_page_that_is_not_its_own() -> None:
    ends = {"trial": {"until_ms": MORNING_MS - 3_600_000, "left_s": 43}}  # the wall clock was set in between
    story = inside().looks(**{"/tech/config/trial": ends})
    assert "43 秒后自动撤回" in story.texts, "on the menu"
    assert flow.due(story.tech) == story.tech.at + 1.0, "each second is drawn"
    assert "42 秒后自动撤回" in story.passes(1.0).texts
    assert "试用，0 秒后自动撤回" in story.passes(60.0).texts
    story.tap("tile:devices").looks(**{"/tech/config/trial": ends})
    assert "43 秒后自动撤回" in story.texts
    story.looks(**{"/tech/config/trial": {"trial": None}})
    assert "自动撤回" not in story.texts


# --- the PIN ---------------------------------------------------------------------------------------------------------


def test_the_right_pin_opens_the_menu_and_is_kept_nowhere() -> None:
    story = Story().types("3333")
    assert "3333" not in story.texts
    story.tap("ok")
    assert story.ask.body == {"role": "tech", "pin": "3333"}
    assert story.tech.typed == ""
    story.answered()
    assert story.place == "menu"
    assert "3333" not in repr(story.tech)


def test_a_wrong_pin_shows_what_the_station_says_and_nothing_of_the_box() -> None:
    locked = Problem(status=429, title="口令输错太多次，已锁定。", remedy="请 27 秒后再试。")
    story = Story().types("1234").tap("ok").refused(locked)
    assert story.place == "pin"
    assert "请 27 秒后再试" in story.texts
    assert flow.looks(story.tech) == ()
    assert {b for b in story.buttons if b.split(":")[0] not in ("key", "erase", "lang", "leave")} == set()
    assert [i for i in story.intents if isinstance(i, Look)] == []


def test_three_digits_are_no_pin_and_nine_are_eight() -> None:
    story = Story().types("333")
    assert "ok" not in story.buttons
    story.types("33333")
    assert "key:3" not in story.buttons
    story.tap("erase")
    assert story.tech.typed == "3333333"


def test_keys_may_follow_each_other_quickly_but_one_touch_is_one_digit() -> None:
    story = Story()
    for n, (id, after) in enumerate((("key:1", 1.0), ("key:2", 0.01), ("key:2", 0.01), ("key:2", 0.1), ("key:1", 0.0))):
        story.at += after
        story.happens(Tap(id, story.at, f"k{n}"))
    assert story.tech.typed == "1221"


def test_thirty_seconds_without_a_touch_end_the_pin_pad() -> None:
    story = Story().types("33")
    assert flow.due(story.tech) is not None
    assert not flow.over(story.passes(29.0).tech)
    assert flow.over(story.passes(1.1).tech)
    assert story.tech.typed == ""


def test_two_minutes_without_a_touch_end_the_visit_but_not_while_the_station_works() -> None:
    story = inside().tap("tile:devices").looks().tap("row:scanner").looks().tap("test:scan").passes(130.0)
    assert not flow.over(story.tech)
    story.answered({"outcome": "done", "detail": "", "seen": {"code": "12"}})
    assert not flow.over(story.passes(119.0).tech)
    assert flow.over(story.passes(2.0).tech)
    assert story.tech.seen == {}


def test_a_token_that_is_worth_nothing_any_more_leads_back_to_the_pin() -> None:
    story = inside().tap("tile:devices").looks()
    story.happens(Refused("", Problem(status=401, title="no"), story.at))
    assert story.place == "pin"
    assert story.tech.seen == {}


# --- devices ---------------------------------------------------------------------------------------------------------


def test_a_printer_is_looked_at_tested_and_its_bytes_read() -> None:
    story = inside().tap("tile:devices")
    assert ("/tech/devices", 1.5) in flow.looks(story.tech)
    story.looks().tap("row:printer").looks()
    assert "请准备换纸" in story.texts
    story.tap("test:print")
    assert (story.ask.path, story.ask.body) == ("/tech/devices/printer/test", {"what": "print"})
    assert "test:print" not in story.buttons
    story.answered({"outcome": "not_done", "detail": "没有纸"})
    assert "没有纸" in story.texts
    story.tap("log").looks()
    assert "1B 40" in story.texts
    story.tap("back").looks().tap("revive").answered({"state": "starting"})
    assert "设备已重新启动" in story.texts


def test_a_late_answer_changes_nothing() -> None:
    story = inside().tap("tile:devices").looks().tap("row:printer").looks().tap("test:print")
    asked = story.ask
    story.tap("lang").answered({"outcome": "done"})
    before = story.tech
    story.happens(Told(asked.key, asked.path, seen.Tried(outcome="not_done"), story.at))
    assert story.tech.tried == before.tried


def test_a_free_port_is_listened_to_and_a_taken_one_cannot_be() -> None:
    story = inside().tap("tile:detect").looks()
    assert {b for b in story.buttons if b.startswith("row:")} == {"row:/dev/ttyUSB1"}
    story.tap("row:/dev/ttyUSB1")
    assert (story.ask.path, story.ask.body) == ("/tech/detect", {"where": "/dev/ttyUSB1"})
    story.answered(ANSWERS["/tech/detect"])
    assert "escpos" in story.texts
    assert "1B 40" in story.texts


def test_each_step_of_the_volume_goes_to_the_device() -> None:
    story = inside().tap("tile:levels").looks().tap("row:voice").looks().tap("level:up")
    assert (story.ask.path, story.ask.body) == ("/tech/devices/voice/volume", {"level": 80})
    story.answered().tap("level:up").answered().tap("level:up").answered()
    assert "level:up" not in story.buttons
    story.tap("level:down")
    assert story.ask.body == {"level": 90}


# --- the box ---------------------------------------------------------------------------------------------------------


def test_pairing_takes_eight_digits() -> None:
    story = inside().tap("tile:network").looks().tap("pair").looks().types("1234567")
    assert "ok" not in story.buttons
    story.types("8").tap("ok")
    assert story.ask.body == {"url": "http://127.0.0.1:8700", "code": "12345678"}
    story.answered({"station": "S1", "name": "供电大厅"})
    assert (story.place, story.tech.said) == ("network", "paired")


def test_a_trial_of_settings_counts_down_and_is_kept_or_taken_back() -> None:
    trial = {"/tech/config": {"files": [], "trial": {"until_ms": MORNING_MS, "left_s": 31}}}
    story = inside().tap("tile:config").looks(**trial)
    assert "31 秒后自动撤回" in story.texts
    assert "29 秒后自动撤回" in story.passes(2.0).texts
    assert {"confirm", "rollback"} <= story.buttons
    story.tap("confirm")
    assert story.ask.path == "/tech/config/confirm"
    story.answered().looks()
    assert "confirm" not in story.buttons


def test_the_screen_restarts_itself_once_the_station_knows() -> None:
    story = inside().tap("tile:restart", "restart:screen")
    assert story.ask.body == {"what": "screen"}
    assert Quit() not in story.intents
    story.answered()
    assert story.intents[-1] == Quit()


def test_without_a_stick_the_bundle_has_an_address_with_one_a_button() -> None:
    story = inside().tap("tile:bundle").looks()
    assert "http://192.168.1.20:8600/tech" in story.texts
    alone = inside().tap("tile:bundle").looks(**{"/tech/network": {**ANSWERS["/tech/network"], "lan": ""}})
    assert "只监听自己" in alone.texts and "http://" not in alone.texts
    story.happens(Told("", "stick", seen.Stick(folder="/media/usb0"), story.at)).tap("save")
    assert (story.ask.method, story.ask.path) == ("GET", "/tech/bundle")


# --- touch calibration -----------------------------------------------------------------------------------------------


def calibrated(off: tuple[float, float] = (30.0, -20.0), miss: float = 0.0) -> Story:
    """Five crosses touched on a panel that is off by so many pixels, the third missed by `miss`."""
    story = inside().tap("tile:touch")
    for n, (x, y) in enumerate(crosses(1080, 1920)):
        story.at += 1
        story.happens(Raw((x - off[0] + (miss if n == 2 else 0), y - off[1]), story.at))
    return story


def test_a_calibration_is_tried_proven_and_saved() -> None:
    story = calibrated()
    assert story.place == "touch_result"
    story.tap("try")
    applied = story.intents[-1]
    assert isinstance(applied, Apply)
    assert applied.matrix == pytest.approx((1, 0, 30, 0, 1, -20), abs=1e-6)
    story.tap("target")
    assert (story.ask.method, story.ask.path) == ("PUT", "/tech/calibration")
    story.answered()
    assert story.tech.saved == applied.matrix
    assert (story.place, story.tech.said) == ("menu", "calibrate_done")


def test_one_that_is_off_by_three_millimetres_or_more_cannot_be_used() -> None:
    story = calibrated(miss=120.0)
    assert story.place == "touch_result"
    assert story.tech.residual_mm >= 3.0
    assert "try" not in story.buttons
    assert not any(isinstance(i, Apply) for i in story.intents)


def test_one_that_is_not_proven_in_twenty_seconds_is_taken_back() -> None:
    story = calibrated().tap("try").passes(19.0)
    assert story.place == "touch_try"
    story.passes(1.1)
    assert story.intents[-2:] == [Apply(None), Look(flow.looks(story.tech))]
    assert (story.place, story.tech.said) == ("menu", "touch_reverted")


def test_one_that_cannot_be_saved_is_taken_back() -> None:
    story = calibrated().tap("try", "target").refused(Problem(status=0))
    assert story.intents[-1] == Apply(None)
    assert (story.tech.matrix, story.tech.said) == (None, "touch_unsaved")


def test_crosses_that_nobody_touches_go_away_by_themselves() -> None:
    story = inside().tap("tile:touch")
    assert story.buttons == set()
    assert story.passes(61.0).place == "menu"


# --- the wizard ------------------------------------------------------------------------------------------------------


class Setup(Story):
    """The wizard with a station that takes every answer."""

    def __init__(self, panel: Timing | None = None) -> None:
        super().__init__(panel)
        self.types("3333").tap("ok").answered()
        self.tap("tile:wizard")
        self.step = WIZARD_STEPS[0]
        self.answers: dict[str, Any] = {}
        self.tell()

    def tell(self) -> Setup:
        told = msgspec.json.decode(msgspec.json.encode(wizard(self.step)), type=seen.Wizard)
        self.happens(Told("", "/tech/wizard", told, self.at))
        return self

    def taken(self) -> Setup:
        """The station takes the answer that was sent, and goes on."""
        body = self.ask.body
        assert body["step"] == self.step
        self.answers[self.step] = body["answer"]
        self.step = WIZARD_STEPS[WIZARD_STEPS.index(self.step) + 1]
        self.answered(wizard(self.step))
        return self


def test_the_wizard_with_defaults_takes_at_most_forty_touches() -> None:
    story = Setup()
    story.tap("next").taken().tap("next").taken().tap("next").taken()
    story.tap("next")  # the code is missing: its pad opens
    assert story.place == "entry"
    story.types("12345678").tap("ok").tap("next").taken()
    story.tap("next")
    for pin in ("1111", "2222", "3333"):
        assert story.place == "entry"
        story.types(pin).tap("ok")  # and the next one opens by itself
    story.tap("next").taken().tap("next").taken()
    story.tap("choice:yes").taken().tap("next").taken().tap("choice:yes").taken()
    assert story.step == "done"
    assert story.answers["pairing"] == {"url": "http://127.0.0.1:8700", "code": "12345678"}
    assert story.answers["pins"] == {"counter": "1111", "guide": "2222", "tech": "3333"}
    assert story.answers["try:printer"] == {"result": "yes"}
    assert story.answers["touch"] == {"touch": None}
    login = 5
    assert story.touches - login <= 40, story.touches


def test_fields_are_changed_on_their_own_pages() -> None:
    story = Setup()
    story.tap("field:name_en")
    assert story.tech.typed == "Power Service Hall"
    for _ in range(5):
        story.tap("erase")
    story.types("h").tap("shift").types("Q").tap("ok")
    assert story.place == "wizard"
    story.tap("field:kind", "choice:tax").tap("next").taken()
    assert story.answers["hall"]["name_en"] == "Power ServicehQ"
    assert story.answers["hall"]["kind"] == "tax"
    story.tap("next").taken().tap("field:lan").tap("next").taken()
    assert story.answers["network"] == {"lan": False}


def test_a_screen_that_was_killed_goes_on_where_the_station_stands() -> None:
    for id in WIZARD_STEPS:
        story = Setup()
        story.step = id
        story.tell()
        assert wizard(id)["steps"][WIZARD_STEPS.index(id)]["title"]["zh"] in story.texts


def test_a_refused_answer_is_shown_and_the_step_stays() -> None:
    story = Setup()
    story.tap("next").refused(Problem(status=422, title="名称太长。", remedy="请缩短。", field="name_zh"))
    assert story.place == "wizard"
    assert "名称太长" in story.texts


def test_while_the_station_restarts_the_wizard_waits() -> None:
    story = Setup().tap("next").answered({**wizard("devices"), "restarting": True})
    story.happens(Refused("", Problem(status=0), story.at))
    assert "正在重启" in story.texts
    story.happens(
        Told(
            "", "/tech/wizard", msgspec.json.decode(msgspec.json.encode(wizard("devices")), type=seen.Wizard), story.at
        )
    )
    assert "next" in story.buttons


def test_a_proven_calibration_is_the_answer_of_its_step() -> None:
    story = Setup()
    story.step = "touch"
    story.tell().tap("field:touch")
    for x, y in crosses(1080, 1920):
        story.at += 1
        story.happens(Raw((x, y), story.at))
    story.tap("try", "target")
    assert story.ask.body["step"] == "touch"
    matrix = story.ask.body["answer"]["touch"]["matrix"]  # type: ignore[index]
    assert matrix == pytest.approx(IDENTITY, abs=1e-6)


# --- the law ---------------------------------------------------------------------------------------------------------

MOVES = st.lists(
    st.tuples(st.sampled_from(["tap", "wait", "answer", "refuse", "look", "raw"]), st.integers(0, 40)), max_size=40
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([(1080, 1920, 21.5), (1280, 800, 10.1)]), MOVES)
def test_whatever_a_technician_does_the_law_holds(panel: tuple[int, int, float], moves: list[tuple[str, int]]) -> None:
    story = Story(Timing(width=panel[0], height=panel[1], diagonal_inch=panel[2]))
    story.types("3333").tap("ok").answered()
    for what, n in moves:
        if flow.over(story.tech):
            return
        offered = sorted(story.buttons)
        sent = sum(isinstance(i, Send) for i in story.intents)
        busy = story.tech.busy
        match what:
            case "tap" if offered:
                story.tap(offered[n % len(offered)])  # every button of every picture has its move: no Misstep
            case "wait":
                story.passes(float(n))
            case "answer" if busy is not None:
                story.answered(wizard(WIZARD_STEPS[n % len(WIZARD_STEPS)]) if busy.kind == "wizard" else None)
            case "refuse" if busy is not None:
                story.refused(Problem(status=(0, 401, 422, 409)[n % 4], title="no"))
            case "look":
                story.looks(**{"/tech/wizard": wizard(WIZARD_STEPS[n % len(WIZARD_STEPS)])})
            case "raw":
                story.at += 1
                story.happens(Raw((n * 17.0, n * n * 3.0), story.at))
        asked = sum(isinstance(i, Send) for i in story.intents) - sent
        assert asked <= 1
        assert busy is None or asked == 0 or story.tech.busy is not busy
        applied = [i for i in story.intents if isinstance(i, Apply)]
        if story.place != "touch_try" and applied:
            assert applied[-1].matrix == story.tech.matrix, "an unproven calibration is in force"


def test_a_touch_that_the_place_does_not_have_is_a_bug() -> None:
    with pytest.raises(Misstep):
        step(Tech(), Tap("tile:devices", 1.0, "k"))


def test_every_page_but_the_glass_can_be_left_and_read_in_both_languages() -> None:
    for place, _ in TABLE:
        assert (place, "leave") in TABLE
        assert (place, "lang") in TABLE


# --- words -----------------------------------------------------------------------------------------------------------

GAPS = re.compile(r"\{(\w+)\}")
SOURCES = "".join(
    path.read_text(encoding="utf-8")
    for path in (ROOT / "kiosk" / "flows" / "tech").rglob("*.py")
    if path.name != "words.py"
)
MADE_UP = (
    "menu_",
    "origin_",
    "test_",
    "confirm_done",
    "rollback_done",
    "revive_done",
    "calibrate_done",
    "level_done",
    "restart_done",
)


@pytest.mark.parametrize("key", sorted(WORDS))
def test_each_text_is_there_in_both_languages_with_the_same_gaps_and_is_used(key: str) -> None:
    text = WORDS[key]
    assert text.zh.strip()
    assert text.en.strip()
    assert set(GAPS.findall(text.zh)) == set(GAPS.findall(text.en))
    assert not re.search(r"[\u3400-\u9fff][,:;?!]", text.zh)
    assert f'"{key}"' in SOURCES or key.startswith(MADE_UP), f"{key} is never said"


@pytest.mark.parametrize("weight", ["Regular", "Bold"])
def test_every_character_has_a_glyph(weight: str) -> None:
    with TTFont(ROOT / "assets" / "fonts" / f"NotoSansSC-{weight}.ttf", lazy=True) as font:
        known = set(font.getBestCmap())
    lines = [
        *WORDS.values(),
        *STATES.values(),
        *(n for _, n in CLASSES.values()),
        *(x for r in REASONS.values() for x in r),
    ]
    said = {c for text in lines for c in text.zh + text.en if c not in "{}"} | {"●", "…", "−"}
    assert {c for c in said if ord(c) not in known} == set()


def test_each_icon_is_drawn() -> None:
    icons = {icon for icon, _ in CLASSES.values()} | set(
        re.findall(r'"(usb|gear|network|search|health|bytes|minus|plus|erase)"', SOURCES)
    )
    for icon in icons:
        assert (Path(ROOT) / "assets" / "icons" / f"{icon}.png").is_file(), icon
