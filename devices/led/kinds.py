"""The kinds of LED sign."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from devices.catalog import Kind, Site, Slip
from devices.led.description import load
from devices.led.driver import FrameSign, OnbonSign
from devices.led.onbon import Screen


class FrameOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    frame: str


class OnbonOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


def _frame(site: Site, options: FrameOptions) -> FrameSign:
    return FrameSign(site.where, load(site.config / options.frame))


def _frame_slips(site: Site, options: FrameOptions) -> Iterable[Slip]:
    if not (site.config / options.frame).is_file():
        yield Slip("frame", f"there is no file “{options.frame}” in the folder.", "Name a frame, like signs/sum8.toml.")


def _onbon(site: Site, options: OnbonOptions) -> OnbonSign:
    return OnbonSign(site.where, Screen())


KINDS = (
    Kind(
        "sign",
        "frame",
        "自定义帧 LED 屏",
        "LED sign by described frames",
        _frame,
        options=FrameOptions,
        check=_frame_slips,
    ),
    Kind("sign", "onbon", "仰邦 BX 控制卡", "Onbon BX-5K/6K card", _onbon, options=OnbonOptions),
)
