"""The wizard's table: what each answer leads to, what it owes, and that no value that does not fit gets through."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.trying import TESTS, WAIT_S, WAITS
from kiosk.domain.facts import Lines
from kiosk.flows import wizard as w
from kiosk.flows.wizard import BACK, BadAnswer, Happened, Known, Proposal, State, Verdict
from kiosk.flows.wizard_form import DEMO_PINS, Step, check, steps
from kiosk.flows.wizard_notes import NOTHING_NOW, Device, Now
from kiosk.flows.wizard_words import WORDS

NAME = Lines(zh="打印机", en="printer")
PRINTER = Proposal(
    id="printer",
    klass="printer",
    driver="escpos",
    where="tcp://10.0.0.9:9100",
    options={"columns": 48},
    name=NAME,
    why=NAME,
    others=("sign/onbon",),
)
VOICE = Proposal(id="voice", klass="voice", driver="espeak", where="alsa:default", name=NAME, why=NAME)
KNOWN = Known(hall=Lines(zh="甲", en="A"), station="S1", central="http://central", devices=(PRINTER,))
PINS = {"counter": "8642", "guide": "9753", "tech": "7531"}
DONE = Verdict(what="print", outcome="done")


def fields(state: State) -> dict[str, Any]:
    return {f.id: f.default for f in next(s for s in steps(state) if s.id == state.step).fields}


def told(state: State, **changed: Any) -> State:
    return w.answer(state, check(state, fields(state) | changed))


def at(step: str) -> State:
    """The state that asks `step`, by the shortest way."""
    state = w.begin(KNOWN, "run")
    while state.step.partition(":")[0] != step:
        state = onwards(state)
    return state


def onwards(state: State) -> State:
    if state.owes:
        return w.took(state, happened(state))
    step = state.step.partition(":")[0]
    given = {"pairing": {"code": "12345678"}, "pins": PINS}.get(step, {})
    if step in ("try", "ticket", "sheet"):
        given = {"result": "yes"}
    return told(state, **given)


def happened(state: State) -> Happened:
    return Happened(
        station="S7",
        name="东门",
        token="t" * 43,
        tested=DONE,
        ticket="A001",
        found=(VOICE,),
        addresses=("eth0 10.0.0.2",),
    )


def test_the_whole_way_in_order() -> None:
    state = w.begin(KNOWN, "run")
    way = [state.step]
    for _ in range(60):
        if state.step == "done":
            break
        state = onwards(state)
        if state.step != way[-1]:
            way.append(state.step)
    assert way == [
        *("hall", "station", "network", "pairing", "pins", "devices"),
        *("try:printer", "try:voice", "touch", "ticket", "sheet", "done"),
    ]
    assert list(state.done) == way[:-1]
    assert (state.station, state.name) == ("S7", "东门"), "central's name for the station holds"
    assert (state.token, state.pins) == ("", {}), "secrets are gone when all is done"


def test_nothing_is_answered_while_an_errand_is_owed() -> None:
    state = told(at("network"))
    assert state.owes == "reach"
    assert not next(s for s in steps(state) if s.id == "network").fields
    with pytest.raises(ValueError, match="reach is owed"):
        w.answer(state, {"url": ""})


def test_a_central_that_does_not_answer_is_asked_for_again_and_can_be_left_out() -> None:
    why = Lines(zh="连不上", en="no answer")
    state = w.took(told(at("network")), Happened(ok=False, trouble=why))
    assert (state.step, state.owes) == ("network", "")
    assert any(n.en == "no answer" and n.state == "fail" for n in steps(state)[2].notes)
    without = told(state, url="")
    assert (without.step, without.central) == ("pins", "")
    assert "pairing" not in w.path(without)


def test_a_wrong_code_is_asked_for_again_and_none_is_kept() -> None:
    state = told(at("pairing"), code="12345678")
    assert (state.owes, state.code) == ("pair", "12345678")
    state = w.took(state, Happened(ok=False, trouble=NAME))
    assert (state.step, state.code) == ("pairing", "")
    assert state.answers["pairing"] == {"code": True}


def test_pins_are_kept_as_hashes_only_and_told_to_nobody() -> None:
    state = at("pins")
    hashes = {role: f"hash of {role}" for role in PINS}
    state = w.answer(state, hashes)
    assert state.pins == hashes
    assert state.answers["pins"] == dict.fromkeys(PINS, True)


@pytest.mark.parametrize(
    ("pins", "field"),
    [
        *(({"counter": pin}, "counter") for pin in DEMO_PINS),
        ({"guide": "77777777"}, "guide"),
        ({"tech": "123"}, "tech"),
        ({"tech": "123456789"}, "tech"),
        ({"tech": "12a4"}, "tech"),
        ({"tech": "१२३४"}, "tech"),
        ({"guide": "8642"}, "guide"),
        ({"tech": "9753"}, "tech"),
        ({"tech": ""}, "tech"),
    ],
)
def test_pins_of_the_demo_weak_ones_and_the_same_twice_are_refused(pins: dict[str, str], field: str) -> None:
    with pytest.raises(BadAnswer) as refused:
        check(at("pins"), PINS | pins)
    assert refused.value.field == field
    assert refused.value.remedy.zh and refused.value.remedy.en


def test_what_was_found_is_added_to_what_is_configured_once() -> None:
    state = at("devices")
    assert [p.id for p in state.found] == ["printer", "voice"]
    again = w.took(told(state, do="look"), Happened(found=(VOICE, PRINTER)))
    assert [p.id for p in again.found] == ["printer", "voice"]


def test_a_device_can_be_left_out_or_be_another_kind() -> None:
    state = told(at("devices"), **{"as:printer": "sign/onbon", "as:voice": "none"})
    (only,) = state.found
    assert (only.kind, only.options, only.others) == ("sign/onbon", {}, ("printer/escpos",))
    assert state.owes == "apply"


def test_a_test_that_failed_leads_to_another_kind_and_back_to_a_fresh_test() -> None:
    state = at("try")
    assert state.owes == "test"
    state = w.took(state, Happened(tested=DONE))
    state = told(state, result="no")
    assert state.step == "kind:printer"
    assert "kind:printer" in w.path(state)
    state = told(state, **{"as": "sign/onbon"}, where="tcp://10.0.0.9:5005")
    assert (state.owes, state.applies, state.found[0].where) == ("apply", 0, "tcp://10.0.0.9:5005")
    state = w.took(state, Happened())
    assert (state.step, state.owes, state.tested) == ("try:printer", "test", {})


def test_a_configuration_that_does_not_load_leads_back_to_the_devices() -> None:
    state = w.took(told(at("devices")), Happened(ok=False, trouble=NAME))
    assert (state.step, state.trouble) == ("devices", NAME)


def test_what_did_not_happen_cannot_be_said_to_have_worked() -> None:
    state = w.took(at("try"), Happened(tested=Verdict(what="print", outcome="not_done", detail="paper_end")))
    (field,) = steps(state)[w.path(state).index(state.step)].fields
    assert [c.id for c in field.choices] == ["no", "again", "skip"]
    with pytest.raises(BadAnswer):
        check(state, {"result": "yes"})
    again = told(state, result="again")
    assert (again.step, again.owes) == ("try:printer", "test")


def test_back_leads_to_the_step_before_and_past_the_restart_to_the_devices() -> None:
    state = w.answer(at("station"), BACK)
    assert (state.step, state.done) == ("hall", ())
    tried = w.took(at("try"), Happened(tested=DONE))
    assert w.answer(tried, BACK).step == "devices"
    ticket = w.took(told(at("touch")), Happened(ticket="A001", tested=DONE))
    with pytest.raises(BadAnswer):
        w.answer(ticket, BACK)


@pytest.mark.parametrize(
    ("step", "wrong", "field"),
    [
        ("hall", {"name_zh": ""}, "name_zh"),
        ("hall", {"name_zh": "x" * 31}, "name_zh"),
        ("hall", {"name_zh": "a\x1bb"}, "name_zh"),
        ("hall", {"lang": "fr"}, "lang"),
        ("hall", {"nam": "x"}, "nam"),
        ("hall", {"name_zh": 5}, "name_zh"),
        ("station", {"id": "S 1"}, "id"),
        ("station", {"id": "站一"}, "id"),
        ("network", {"url": "ftp://x"}, "url"),
        ("pairing", {"code": "1234567"}, "code"),
        ("touch", {"points": {"matrix": [1, 2]}}, "points"),
        ("touch", {"points": {"matrix": [1, 2, 3, 4, 5, float("nan")]}}, "points"),
        ("touch", {"points": "x"}, "points"),
    ],
)
def test_a_value_that_does_not_fit_names_its_field_and_changes_nothing(step: str, wrong: Any, field: str) -> None:
    state = at(step)
    with pytest.raises(BadAnswer) as refused:
        w.answer(state, check(state, fields(state) | wrong))
    assert refused.value.field == field


def test_every_step_has_words_in_both_languages() -> None:
    for state in (at(name) for name in ("hall", "pins", "devices", "try", "touch", "ticket", "sheet", "done")):
        for step in steps(state):
            texts = [step.title, step.button, *(f.title for f in step.fields)]
            assert all(text.zh and text.en for text in texts), step.id
    assert {name for state in (at("done"),) for name in (p.partition(":")[0] for p in w.path(state))} <= set(WORDS)


def test_a_state_survives_the_disk() -> None:
    for name in ("hall", "devices", "try", "ticket", "done"):
        state = at(name)
        assert msgspec.json.decode(msgspec.json.encode(state), type=State) == state


values = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=12),
    st.sampled_from(["yes", "no", "again", "go", "look", "none", "zh", "8642"]),
)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_answers_lead_to_a_step_that_can_be_drawn_or_are_refused(data: st.DataObject) -> None:
    state = w.begin(KNOWN, "run")
    for _ in range(25):
        assert state.step in w.path(state)
        assert len(steps(state)) <= 40
        if state.owes:
            ok = data.draw(st.booleans())
            state = w.took(state, msgspec.structs.replace(happened(state), ok=ok, trouble=None if ok else NAME))
            continue
        if state.step == "done":
            return
        given_now = fields(state)
        for id in given_now:
            if data.draw(st.integers(0, 3)) == 0:
                given_now[id] = data.draw(values)
        try:
            state = w.answer(state, check(state, BACK if data.draw(st.integers(0, 9)) == 0 else given_now))
        except BadAnswer as refused:
            assert refused.what.zh and refused.remedy.en


# --- what a person sees ----------------------------------------------------------------------------------------------

PADS = tuple(
    Proposal(
        id=id, klass="keypad", driver="frame", where=f"serial:///dev/serial/by-path/pci-0000:00:14.0-usb-0:{n}:1.0-port0?baud=9600",
        name=NAME, why=NAME,
    )
    for n, id in enumerate(("keypad", "keypad2"), 1)
)  # fmt: skip


def trying(*devices: Proposal, tested: Verdict | None = None) -> State:
    """The test of the first device, owed or (with `tested`) done."""
    state = msgspec.structs.replace(at("devices"), found=devices)
    state = w.took(w.answer(state, check(state, fields(state))), Happened())
    return state if tested is None else w.took(state, Happened(tested=tested))


def now_step(state: State, now: Now = NOTHING_NOW) -> Step:
    return next(s for s in steps(state, now) if s.id == state.step)


def test_two_devices_of_one_kind_have_titles_and_places_of_their_own() -> None:
    tries = [s for s in steps(trying(*PADS)) if s.id.startswith("try:")]
    assert len({s.title.zh for s in tries}) == len({s.title.en for s in tries}) == 2
    assert tries[1].title.zh.endswith("keypad2")
    assert "usb-0:1:1.0-port0" in tries[0].help.zh and "baud" not in tries[0].help.zh
    assert "usb-0:2:1.0-port0" in tries[1].help.en


def test_a_test_that_waits_for_a_hand_asks_for_it_and_is_red_only_after_the_wait() -> None:
    state = trying(*PADS)
    assert state.owes == "test"
    assert [n.state for n in now_step(state).notes] == ["info"]
    (asked,) = now_step(state, Now(waiting=True)).notes
    assert asked.state == "wait" and "现在" in asked.zh and "15" in asked.zh and "now" in asked.en
    came = w.took(state, Happened(tested=Verdict(what="press", outcome="done", detail="key next")))
    assert [(n.state, n.zh) for n in now_step(came).notes] == [("ok", "收到了。"), ("info", "key next")]
    nothing = w.took(state, Happened(tested=Verdict(what="press", outcome="not_done")))
    assert [n.state for n in now_step(nothing).notes] == ["fail"]
    assert [c.id for c in now_step(nothing).fields[0].choices] == ["no", "again", "skip"]


def test_classes_that_wait_are_those_of_the_tests_that_wait() -> None:
    assert {klass for klass, tests in TESTS.items() if tests[0] in WAITS} == w.WAITED
    assert WAIT_S == w.WAIT_S


@pytest.mark.parametrize("step", ["try", "ticket", "sheet"])
def test_what_a_person_saw_is_never_answered_beforehand(step: str) -> None:
    state = at(step)
    while state.owes:
        state = w.took(state, happened(state))
    (field,) = now_step(state).fields
    assert field.default == ""
    assert field.choices[0].id == "yes"
    with pytest.raises(BadAnswer) as refused:
        check(state, fields(state))
    assert refused.value.field == "result"


def test_the_last_page_tells_what_was_tested_what_was_skipped_and_what_is_so_now() -> None:
    state = msgspec.structs.replace(
        at("done"),
        found=(PRINTER, VOICE, *PADS),
        tested={
            "printer": msgspec.structs.replace(DONE, said="yes"),
            "voice": msgspec.structs.replace(DONE, said="no"),
            "keypad": Verdict(what="press", outcome="not_done", said="skip"),
        },
    )
    ill = Device(
        id="printer", well=False, what=Lines(zh="没有纸了", en="out of paper"), remedy=Lines(zh="请换纸", en="new roll")
    )
    told = now_step(state, Now(devices=(ill, Device(id="voice", well=True, what=NAME)))).notes
    zh = [n.zh for n in told]
    assert zh[0] == "测试：1 台通过，共 4 台。"
    assert "测试没有通过：voice。" in zh
    assert any("keypad" in line and "keypad2" in line and "跳过" in line for line in zh)
    assert any("printer" in line and "没有纸了" in line and "请换纸" in line for line in zh)
    assert [n.state for n in told] == ["warn", "fail", "warn", "fail", "info"]
    well = now_step(state, Now(devices=(Device(id="voice", well=True, what=NAME),))).notes
    assert any(n.state == "ok" and "全部正常" in n.zh for n in well)
    many = tuple(Device(id=f"d{n}", well=False, what=NAME, remedy=NAME) for n in range(9))
    assert any("3" in n.zh and "设备" in n.zh for n in now_step(state, Now(devices=many)).notes)


def test_where_a_pairing_code_comes_from_is_said_and_in_the_demo_how() -> None:
    hall = now_step(at("pairing")).notes
    assert any("http://central" in n.zh and "生成配对码" in n.zh for n in hall)
    demo = msgspec.structs.replace(at("pairing"), known=msgspec.structs.replace(KNOWN, demo=True))
    assert any("4444" in n.zh and "4444" in n.en for n in now_step(demo).notes)
    assert not any("4444" in n.zh for n in hall)


def test_a_silent_port_is_left_out_unless_a_person_says_what_it_is() -> None:
    silent = Proposal(
        id="line", klass="sign", driver="frame", where="serial:///dev/x", options={"frame": "signs/a.toml"},
        name=NAME, why=NAME, others=("sign/frame@signs/b.toml",), silent=True,
    )  # fmt: skip
    state = msgspec.structs.replace(at("devices"), found=(PRINTER, silent))
    assert [p.id for p in told(state).found] == ["printer"]
    (_, sign) = told(state, **{"as:line": "sign/frame@signs/b.toml"}).found
    assert (sign.kind, sign.options, sign.silent) == ("sign/frame@signs/b.toml", {"frame": "signs/b.toml"}, False)
    assert sign.others == ("sign/frame@signs/a.toml",), "and back to the other, if this one shows nothing"
