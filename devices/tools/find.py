"""`kiosk devices detect`: what speaks on a line, or which of the test numbers its sign shows. The station is asked by
`devices_cli`; here is what is done without it, and the words for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from devices.catalog import catalog
from devices.ports import DeviceError
from devices.tools.described import candidates
from devices.tools.detect import TIME_UP, detect
from devices.tools.numbers import ADDRESSES, Offer, offer_of, show_numbers
from devices.tools.table import table
from devices.transport import open_line

WITHIN_S = 20.0
Print = Callable[[str], None]


def look(where: str, config: Path, person: Callable[[str, str], None] | None) -> dict[str, Any]:
    """As the station's POST /tech/detect. Raises DeviceError."""
    described, wrong = candidates(config)
    found = detect(where, catalog().kinds.values(), open_line, WITHIN_S, person, described)
    found.log += [f"! {one}" for one in wrong]
    return found.view(where)


def numbers(where: str, config: Path) -> dict[str, Any]:
    """As the station's POST /tech/detect/numbers. Raises DeviceError."""
    return show_numbers(where, candidates(config)[0], open_line, WITHIN_S).view()


# --- in a terminal ---------------------------------------------------------------------------------------------------


def detected(found: dict[str, Any]) -> Iterator[str]:
    yield from found["log"]
    yield from _all(found)
    if not found["found"]:
        yield found["advice"]["zh"]
        yield found["advice"]["en"]
        yield "显示测试号码 show test numbers: kiosk devices detect WHERE --numbers"
    elif not found["complete"]:
        yield " ".join(TIME_UP)


def shown(found: dict[str, Any]) -> Iterator[str]:
    yield from found["log"]
    yield from _all(found)
    if found["found"]:
        return
    if not found["offers"]:
        yield "config/signs 里没有屏的帧描述 there is no description of a sign in config/signs: try kiosk devices learn"
        return
    most = ADDRESSES[-1]
    yield "屏上现在是几？ what number stands on the sign?"
    for offer in found["offers"]:
        number = f"{offer['number']}01…{offer['number']}{most:02d}"
        yield f"  {number}  {offer['name']}  {offer['options']['frame']}  {offer['where']}"
    if not found["complete"]:
        yield "时间到，后面的没有显示；请给出速率再试 time was up before all were shown: give the speed, as ?baud=9600"


def read(found: dict[str, Any], answer: str) -> Iterator[str]:
    """The table for devices.toml, for what a person read from the sign. Raises DeviceError for none of the numbers."""
    offers = [Offer(o["number"], o["class"], o["driver"], o["where"], o["options"], o["name"]) for o in found["offers"]]
    got = offer_of(offers, answer)
    if got is None:
        raise DeviceError(
            "不是刚才的号码。屏上什么都没有：看电源、A/B 线；新牌子用 kiosk devices learn 学。"
            " None of these numbers. If it shows nothing: power, A/B wires; learn another make with `kiosk devices learn`."
        )
    offer, address = got
    yield f'# 屏的地址 address of the sign: {address}; 窗口里写 in counters.toml: sign = "sign:{address}"'
    yield table(offer.klass, offer.driver, offer.where, offer.options)


def _all(found: dict[str, Any]) -> Iterator[str]:
    for item in found["found"]:
        yield f"{item['why']['zh']} · {item['why']['en']}"
        yield table(item["class"], item["driver"], item["where"], item["options"])
