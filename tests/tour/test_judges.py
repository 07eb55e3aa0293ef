"""The tour's own eyes and ears: each must find what is wrong, or a complete tour would prove nothing."""

from __future__ import annotations

import io
import math
import wave
from array import array
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.tour import paper, pictures, sound
from tests.tour.finger import Item, Seen, changed
from tests.tour.hall import ROOT
from tests.tour.report import Failed, Report, wait_for

FONT = ImageFont.truetype(str(ROOT / "assets" / "fonts" / "NotoSansSC-Regular.ttf"), 40)


def screen(tmp_path: Path, ink: str, ground: str, box: tuple[int, int, int, int], text: str = "请取号") -> list[str]:
    """Faults of a picture with one text in a box (x, y, width, height); the text is drawn at 100, 100."""
    image = Image.new("RGB", (400, 300), ground)
    ImageDraw.Draw(image).text((100, 100), text, font=FONT, fill=ink)
    path = tmp_path / "screen.png"
    image.save(path)
    return pictures.faults(path, Seen("home", "zh", 1, (Item("", "words", text, box),)))


WHOLE = (100, 98, 120, 60)


def test_good_writing_has_no_fault(tmp_path: Path) -> None:
    assert screen(tmp_path, "#14212B", "#FFFFFF", WHOLE) == []


def test_pale_writing_is_found(tmp_path: Path) -> None:
    (fault,) = screen(tmp_path, "#8796A1", "#FFFFFF", WHOLE)
    assert "contrast of 3" in fault


def test_missing_writing_is_found(tmp_path: Path) -> None:
    (fault,) = screen(tmp_path, "#FFFFFF", "#FFFFFF", WHOLE)
    assert "contrast of 1.0" in fault


@pytest.mark.parametrize(
    ("box", "side"), [((100, 128, 120, 60), "top"), ((100, 98, 120, 30), "bottom"), ((100, 98, 70, 60), "right")]
)
def test_writing_that_leaves_its_box_is_found(tmp_path: Path, box: tuple[int, int, int, int], side: str) -> None:
    (fault,) = screen(tmp_path, "#14212B", "#FFFFFF", box)
    assert f"cut off at the {side}" in fault


def test_a_text_outside_the_window_is_found(tmp_path: Path) -> None:
    (fault,) = screen(tmp_path, "#14212B", "#FFFFFF", (350, 98, 120, 60))
    assert "within the window" in fault


def test_contrast_is_that_of_wcag() -> None:
    assert pictures.ratio((0, 0, 0), (255, 255, 255)) == pytest.approx(21.0)
    assert pictures.ratio((0x0B, 0x4F, 0x6C), (255, 255, 255)) == pytest.approx(8.9, abs=0.1)


def test_two_pictures_are_compared_by_what_changed() -> None:
    white, half = Image.new("L", (10, 10), 255), Image.new("L", (10, 10), 255)
    half.paste(0, (0, 0, 5, 10))
    assert changed(white, white) == 0.0
    assert changed(white, half) == 0.5


def test_paper_is_read_from_its_bytes() -> None:
    qr = b"1P0http://example.org/t/1#A001"
    data = b"\x1b@\x1c&\x1ba\x01\x1d!\x55A001\n\x1d!\x00" + "电费缴纳".encode("gb18030")
    sheet = paper.read(data + b"\x1d(k" + len(qr).to_bytes(2, "little") + qr + b"\x1dVB\x00")
    assert sheet.numbers() == ["A001"]
    assert "电费缴纳" in sheet.text
    assert sheet.qr == ("http://example.org/t/1#A001",)
    assert sheet.cut


def test_a_byte_that_is_no_command_is_not_skipped() -> None:
    with pytest.raises(paper.NotEscPos, match="byte 2"):
        paper.read(b"A1\x1b\x00")


@pytest.mark.parametrize(
    ("sentence", "numbers"),
    [
        ("请 A零一二 号到 3 号窗口", ["A012"]),
        ("Number A, zero one two, please go to counter 3", ["A012"]),
        ("请 A零零一 号到 3 号窗口 / Number A, zero zero one, please go to counter 3", ["A001"]),
        ("请 A零零一 号到 3 号窗口 / Number A, zero zero two, please go to counter 3", ["A001", "A002"]),
        ("欢迎光临", []),
    ],
)
def test_a_sentence_is_heard_for_its_numbers(sentence: str, numbers: list[str]) -> None:
    assert sound.said_numbers(sentence) == numbers


def wav(amplitude: int, seconds: float) -> bytes:
    samples = array("h", (round(amplitude * math.sin(i / 8)) for i in range(round(22_050 * seconds))))
    out = io.BytesIO()
    with wave.open(out, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(22_050)
        writer.writeframes(samples.tobytes())
    return out.getvalue()


def test_silence_is_not_taken_for_a_call() -> None:
    assert sound.loud_seconds(wav(0, 3)) == 0.0
    assert sound.loud_seconds(wav(12_000, 3)) == pytest.approx(3, abs=0.1)


def test_a_step_that_fails_is_in_the_report_and_ends_the_tour(tmp_path: Path) -> None:
    report = Report(tmp_path)
    with pytest.raises(Failed, match="instead of"), report.step("the number") as step:
        step.same("number on paper", "A001", "A002")
    assert '"good": false' in (tmp_path / "report.json").read_text(encoding="utf-8")


def test_waiting_ends_with_what_was_waited_for() -> None:
    with pytest.raises(Failed, match="a sheet of paper"):
        wait_for(lambda: None, "a sheet of paper", 0.0)
