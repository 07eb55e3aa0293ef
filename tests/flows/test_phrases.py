"""How long, which day, which step: small phrases."""

from __future__ import annotations

import pytest

from kiosk.flows.pages import Question
from kiosk.flows.phrases import about, about_range, header, minutes
from kiosk.flows.seen import Estimate
from kiosk.flows.view import longest
from tests.flows.hall_of import MORNING_MS, PLAN, hall
from tests.flows.story import Story


@pytest.mark.parametrize(("seconds", "wanted"), [(0, 1), (61, 2), (600, 10), (601, 15), (1500, 25), (1501, 30)])
def test_minutes_are_exact_up_to_ten_then_in_fives(seconds: float, wanted: int) -> None:
    assert minutes(seconds) == wanted


def test_an_estimate_is_a_range_one_figure_or_silence() -> None:
    wide = Estimate(p10_s=500, p50_s=900, p90_s=1500)
    assert about_range(wide, "zh") == "约 9–25 分钟"
    assert about(wide, "en") == "15 min"
    assert about_range(Estimate(p10_s=100, p50_s=110, p90_s=119), "zh") == "约 2 分钟"
    assert about_range(Estimate(p10_s=9000, p50_s=9900, p90_s=12000), "zh") == "超过 2 小时"
    soon = Estimate(p10_s=0, p50_s=0, p90_s=0)
    assert (about_range(soon, "zh"), about(soon, "en")) == ("马上", "very soon")  # as the paper says
    assert (about(None, "zh"), about_range(None, "en")) == ("", "")


def test_the_clock_is_local_and_hidden_while_it_cannot_be_right() -> None:
    seen = header("a", "b", MORNING_MS, 480, "zh")
    assert (seen.time, seen.date) == ("09:41", "11月22日 星期日")
    assert header("a", "b", MORNING_MS, 480, "en").date == "Sun 22 Nov"
    assert header("a", "b", 86_400_000, 480, "zh").time == ""


def test_progress_counts_the_longest_way_ahead() -> None:
    assert longest(PLAN, "intake") == 2
    story = Story().tap("start").tap("service:intake")
    assert isinstance(story.seen.page, Question)
    assert story.seen.page.progress == "第 1 步，最多 2 步"
    story.tap("choice:transfer")
    assert isinstance(story.seen.page, Question)
    assert story.seen.page.progress == "第 2 步，共 2 步"


def test_the_home_warns_when_the_printer_cannot_print() -> None:
    from kiosk.flows.pages import Home

    story = Story().tap("start")
    story.hall = hall(reasons=("paper_end",))
    assert isinstance(story.seen.page, Home)
    assert story.seen.page.notice == "打印机缺纸：取号后请记住号码或拍照"
