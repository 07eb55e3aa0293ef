"""Captures as a vendor's tool would leave them, made by the real codecs from layouts that the learner does not know."""

from __future__ import annotations

import random
from pathlib import Path

from devices.learn.capture import Piece, Way
from devices.led.description import FrameDescription, parse
from devices.led.frames import ack, encode
from devices.ports import SignText

SIGNS = Path(__file__).parents[3] / "config/signs"
WORDS = ["", "B12", "暂停服务", "C105 请到12号", "您好", "欢迎光临", "D7", "请稍候", "办理中 Z[55", "09:30", "~{}|"]

# 讯鹏's frame of devices.md §4.4 (3A | colour | … | info | sum8 | 0A) with figures for text and an address for the colour.
SUM8_3A = """
layout = ["head", "address", "text", "info", "checksum", "tail"]
head = "3A"
tail = "0A"
[fixed]
info = "01"
[address]
bytes = 1
[text]
charset = "ascii"
width = 4
[checksum]
kind = "sum8"
over = ["head", "address", "text", "info"]
"""
# 7E | len2 | id2 | flag4 | cmd | GBK | sum16 BE | 26, devices.md §4.4.
SUM16_7E = """
layout = ["head", "length", "address", "flags", "command", "text", "checksum", "tail"]
head = "7E"
tail = "26"
[length]
bytes = 2
counts = ["address", "flags", "command", "text"]
[fixed]
flags = "00 00 00 04"
[address]
bytes = 2
[command]
show = "31"
[text]
charset = "gbk"
[checksum]
kind = "sum16"
over = ["length", "address", "flags", "command", "text"]
"""
STX_ETX = """
layout = ["head", "address", "order", "text", "etx", "checksum", "tail"]
head = "02"
tail = "0D"
[fixed]
order = "44"
etx = "03"
[address]
bytes = 2
coding = "digits"
[text]
charset = "gbk"
[checksum]
kind = "xor8-hex"
over = ["address", "order", "text", "etx"]
[ack]
ok = "06"
refused = "15"
"""
ESCAPED_UTF8 = """
layout = ["head", "id", "length", "address", "text", "checksum", "tail"]
head = "7E"
tail = "7E"
[fixed]
id = "81 03"
[length]
bytes = 2
counts = ["text"]
[address]
bytes = 1
[text]
charset = "utf-8"
[escape]
7E = "7D 02"
7D = "7D 01"
[checksum]
kind = "xor8"
over = ["id", "length", "address", "text"]
[ack]
ok = "7E ( 01 03 address 00 ) checksum 7E"
"""
LITTLE_CCITT = """
layout = ["head", "address", "command", "length", "text", "checksum"]
head = "EB 90"
[length]
bytes = 2
order = "little"
counts = ["head", "address", "command", "length", "text", "checksum"]
[address]
bytes = 1
[command]
show = "21"
[text]
charset = "gbk"
[checksum]
kind = "crc16-ccitt-false"
order = "little"
over = ["head", "address", "command", "length", "text"]
[ack]
ok = "EB 90 address A1 06"
"""
LAYOUTS = {
    "sum8": (SIGNS / "sum8.toml").read_text("utf-8"),
    "crc16 escaped": (SIGNS / "crc16.toml").read_text("utf-8"),
    "3A sum8": SUM8_3A,
    "7E sum16": SUM16_7E,
    "STX ETX": STX_ETX,
    "7E escaped": ESCAPED_UTF8,
    "EB90 ccitt": LITTLE_CCITT,
}


def description(name: str) -> FrameDescription:
    return parse(LAYOUTS[name], name)


def texts(n: int, seed: int = 1) -> list[SignText]:
    rng = random.Random(seed)
    found = []
    for _ in range(n):
        number = f"{rng.choice('ABCDZ')}{rng.randrange(1, 999):03d}"
        ending = rng.choice(["", f" 请到{rng.randrange(1, 30)}号窗口", f"号 {rng.choice(['收费', '电费', '张'])}"])
        text = rng.choice(WORDS) if rng.random() < 0.5 else number + ending
        found.append(SignText(rng.choice((1, 2, 3, 4)), text, rng.random() < 0.2))
    return found


def talk(
    d: FrameDescription,
    n: int = 240,
    seed: int = 1,
    *,
    ways: bool = True,
    times: bool = True,
    noise: float = 0.0,
    pieces: bool = False,
) -> list[Piece]:
    """`noise`: this share of frames broken off, and as many bursts of noise. `pieces`: bytes in ones and twos."""
    rng = random.Random(seed * 7919)
    at, found = 0.0, list[Piece]()

    def add(data: bytes, way: Way) -> None:
        nonlocal at
        cuts = [data]
        if pieces:
            cuts = [data[i : i + 2] for i in range(0, len(data), 2)]
        for cut in cuts:
            found.append(Piece(cut, at if times else None, way if ways else ""))
            at += 0.002 if pieces else 0.0

    for text in texts(n, seed):
        raw = encode(d, text)
        at += 0.5 + rng.random() * 0.1
        if rng.random() < noise:
            add(rng.randbytes(rng.randrange(1, 9)), ">")
            at += 0.3
        if rng.random() < noise:
            raw = raw[: rng.randrange(1, len(raw))]
        add(raw, ">")
        if answer := ack(d, text.address, ok=True):
            at += 0.04
            add(answer, "<")
    return found
