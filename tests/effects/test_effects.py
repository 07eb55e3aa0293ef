from __future__ import annotations

import pytest

from devices.ports import Columns, QRCode, Text
from kiosk.domain import commands as c
from kiosk.domain import facts as f
from kiosk.domain.plan import Counter
from kiosk.effects.paper import end_of, sheet, wait_words
from kiosk.effects.sign import sign_of
from kiosk.effects.speech import call_utterance
from tests.domain.hall_of import PLAN, Story, lines


def printed(story: Story, *, lang: str = "zh", copy: bool = False) -> list[object]:
    story.tell(c.Issue(ticket="t", service="pay", answers={"how": "cash"}, lang=lang, printer="p", job="j"))
    job = f.PrintAsked(job="j", device="p", what="ticket", subject="t", lang=lang, copy=copy)
    paper = sheet(story.hall, job, "http://x", story.at)
    assert paper is not None
    return list(paper.items)


def test_the_ticket_says_all_a_customer_needs() -> None:
    story = Story().open(1)
    story.take()
    items = printed(story)
    assert Text("A002", "center", 6, bold=True) in items
    assert Columns("前面等候", "1 人", bold=True) in items
    assert Columns("预计等候", "约 5–8 分钟", bold=True) in items
    assert Columns("取号时间", "2026-11-22 09:30") in items
    assert Text("· bill") in items
    assert QRCode("http://x/t/t#A002-pay") in items


def test_a_copy_says_so_in_the_customers_language() -> None:
    assert Text("Your number * COPY *", "center", bold=True) in printed(Story(), lang="en", copy=True)


def test_nothing_is_promised_without_an_open_counter() -> None:
    assert not any(isinstance(i, Columns) and i.left == "预计等候" for i in printed(Story()))


@pytest.mark.parametrize(
    ("p50", "p90", "words"),
    [(0, 0, "马上"), (60, 60, "马上"), (120, 110, "约 2 分钟"), (300, 480, "约 5–8 分钟"), (20, 130, "约 1–3 分钟")],
)
def test_the_wait_in_words(p50: int, p90: int, words: str) -> None:
    assert wait_words(f.Promise(p10_s=0, p50_s=p50, p90_s=p90), "zh") == words


def test_answers_lead_to_the_papers() -> None:
    hall = Story().hall
    assert (node := end_of(hall, "pay", {"how": "cash"})) is not None
    assert node.id == "cash"
    assert end_of(hall, "pay", {}) is None


def test_the_sign_is_a_function_of_the_counter() -> None:
    counters = (Counter(id=1, name=lines("1"), sign="signs:7"), Counter(id=2, name=lines("2")))
    story = Story(PLAN.__class__(name=lines("x"), services=PLAN.services, counters=counters, classes=PLAN.classes))
    shown = lambda: sign_of(story.hall, 1)[1]  # type: ignore[index]  # noqa: E731
    assert (shown().address, shown().text) == (7, "窗口关闭")
    story.open(1)
    story.take()
    story.next(1)
    assert (shown().text, shown().blink) == ("A001 请到1号窗口", True)
    story.tell(c.Start(counter=1))
    assert shown().text == "A001 正在办理"
    story.tell(c.Finish(counter=1))
    story.tell(c.PauseCounter(counter=1))
    assert shown().text == "暂停服务"
    assert sign_of(story.hall, 2) is None


def test_the_call_is_in_both_languages_and_shortens_under_load() -> None:
    story = Story()
    story.take()
    ticket = story.hall.tickets["t1"]
    full, shortened = call_utterance(ticket, 3, 1)
    assert [p.text for p in full.parts] == [
        "请 A001 号到 3 号窗口",
        "Number A001, please go to counter 3",
    ]
    assert (full.chime, shortened) == (True, False)
    one, shortened = call_utterance(ticket, 3, 1, waiting=2)
    assert (len(one.parts), shortened) == (1, True)
    short, shortened = call_utterance(ticket, 3, 1, waiting=9)
    assert ([p.text for p in short.parts], short.chime, shortened) == (["A001 号，3 号窗口"], False, True)
