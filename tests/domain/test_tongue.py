"""What a driver says twice is told in one language."""

from __future__ import annotations

import time

import pytest

from kiosk.domain.tongue import LONGEST, lines


@pytest.mark.parametrize(
    ("said", "en", "zh"),
    [
        ("cover open 上盖打开", "cover open", "上盖打开"),
        ("out of paper 缺纸; cover open 上盖打开", "out of paper; cover open", "缺纸; 上盖打开"),
        (
            "tcp://127.0.0.1:9100: cannot be opened 无法打开 ([Errno 111] Connection refused); check the power 请检查电源",
            "tcp://127.0.0.1:9100: cannot be opened ([Errno 111] Connection refused); check the power",
            "tcp://127.0.0.1:9100: 无法打开 ([Errno 111] Connection refused); 请检查电源",
        ),
        ("who may use it (group gpio) 请检查权限（gpio 组）", "who may use it (group gpio)", "请检查权限（gpio 组）"),
        ("set echo = true 请设 echo = true", "set echo = true", "请设 echo = true"),
        ("device “p” has this port 该端口已被设备“p”占用", "device “p” has this port", "该端口已被设备“p”占用"),
        ("缺纸，请换纸卷 out of paper: put in a new roll", "out of paper: put in a new roll", "缺纸，请换纸卷"),
        ("请安装: apt-get install cups", "请安装: apt-get install cups", "请安装: apt-get install cups"),
        ("屏 3 无应答，5 秒后再试", "屏 3 无应答，5 秒后再试", "屏 3 无应答，5 秒后再试"),
        ("say “open” now 请说“开”(1) (see log)", "say “open” now (see log)", "请说“开”(1) (see log)"),
        ("缺纸（右） paper out", "paper out", "缺纸（右）"),
        ("open “上盖”", "open", "“上盖”"),
        ("“ 上盖", "“ 上盖", "“ 上盖"),
        ("CUPS: filter failed", "CUPS: filter failed", "CUPS: filter failed"),
        ("", "", ""),
    ],
)  # fmt: skip
def test_what_is_said_twice_is_told_in_each_language(said: str, en: str, zh: str) -> None:
    told = lines(said)
    assert (told.en, told.zh) == (en, zh)


@pytest.mark.parametrize(
    "long",
    [
        "a" * 1000 + " " * 1000,
        "a" * 999 + " " * 999 + "(中",
        "中" + "a" * 999 + " " * 999 + "文",
        "a 中" + " (" * 998,
        "中" + "） " * 999 + "a",
    ],
    ids=["one language", "no blank before Chinese", "Chinese at both ends", "brackets", "closing brackets"],
)
def test_looking_at_the_longest_text_takes_no_time_anyone_would_notice(long: str) -> None:
    assert LONGEST - 5 < len(long) <= LONGEST
    begun = time.process_time()
    lines(long)
    assert time.process_time() - begun < 0.5, (
        "some steps for each character; looked at from every character, it is seconds"
    )


def test_a_text_longer_than_any_driver_says_is_left_alone() -> None:
    long = "open 打开; " * LONGEST
    assert lines(long).en == long
