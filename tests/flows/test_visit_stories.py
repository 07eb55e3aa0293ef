"""What customers do at the touchscreen, as stories."""

from __future__ import annotations

import pytest

from kiosk.flows.pages import Advice, Message, Number
from kiosk.flows.seen import Problem
from kiosk.flows.state import Answered, Misstep, Tap, Watch
from tests.flows.hall_of import ticket
from tests.flows.story import Story


def test_two_touches_bring_a_number_for_an_enquiry() -> None:
    story = Story().tap("start").tap("service:enquiry").answered()
    assert story.taps == 2
    assert story.seen.place == "number"
    assert story.sent[0].path == "/tickets"
    assert story.sent[0].body == {"service": "enquiry", "answers": {}, "lang": "zh", "class": "ordinary"}


@pytest.mark.parametrize("service", ["payment", "enquiry", "intake", "works", "sundry", "fault"])
def test_every_service_gives_a_plain_number_within_three_touches(service: str) -> None:
    plain = {"payment": "choice:cash", "intake": "choice:new", "fault": "choice:area"}
    story = Story().tap("start").tap(f"service:{service}")
    if service in plain:
        story.tap(plain[service])
    assert story.answered().seen.place == "number"
    assert story.taps <= 3


def test_the_answers_given_travel_with_the_number() -> None:
    story = Story().tap("start").tap("service:intake").tap("choice:transfer").tap("choice:yes")
    assert story.sent[0].body["answers"] == {"intake": "transfer", "papers_ready": "yes"}


def test_back_takes_the_last_answer_back_and_home_all_of_them() -> None:
    story = Story().tap("start").tap("service:intake").tap("choice:transfer")
    assert story.visit.node == "papers_ready"
    story.tap("back")
    assert (story.visit.node, story.visit.answers) == ("intake", ())
    story.tap("choice:transfer").tap("home")
    assert (story.seen.place, story.visit.answers, story.visit.service) == ("home", (), "")


def test_a_double_touch_is_one_touch_and_one_number() -> None:
    story = Story().tap("start").tap("service:enquiry")
    before = story.visit
    with pytest.raises(Misstep):
        story.happens(Tap("service:enquiry", story.at + 0.1, "key-again"))
    assert len(story.sent) == 1
    story.visit = before
    quick = Story().tap("start")
    quick.happens(Tap("service:enquiry", quick.at + 0.2, "too-soon"))
    assert quick.sent == []
    assert quick.visit.step == "home"


def test_an_answer_that_comes_twice_or_too_late_changes_nothing() -> None:
    story = Story().tap("start").tap("service:enquiry")
    key = story.sent[0].key
    story.answered()
    shown = story.visit
    story.happens(Answered(key, story.at, ticket(number="B005")))
    assert story.visit == shown
    story.tap("done").happens(Answered(key, story.at, ticket(number="B006")))
    assert story.visit.step == "home"
    assert story.visit.ticket is None


def test_self_service_ends_without_a_number_and_is_counted() -> None:
    story = Story().tap("start").tap("service:payment").tap("choice:phone")
    assert isinstance(story.seen.page, Advice)
    story.tap("understood")
    assert [a.path for a in story.sent] == ["/triage-ends"]
    assert story.sent[0].body["outcome"] == "self_service"
    assert story.sent[0].body["node"] == "pay_phone"
    assert story.seen.place == "home"


def test_who_walks_off_from_the_advice_took_it() -> None:
    story = Story().tap("start").tap("service:payment").tap("choice:phone").passes(46).passes(21)
    assert story.seen.place == "attract"
    assert story.sent[0].body["outcome"] == "self_service"
    assert story.sent[0].key != ""


def test_a_number_stays_possible_after_the_advice() -> None:
    story = Story().tap("start").tap("service:payment").tap("choice:phone").tap("take")
    assert story.sent[0].body["service"] == "payment"


def test_missing_papers_are_listed_printed_and_counted() -> None:
    story = Story().tap("start").tap("service:intake").tap("choice:transfer").tap("choice:no")
    page = story.seen.page
    assert isinstance(page, Advice)
    assert page.items == ("身份证原件", "房产证或购房合同", "原户主户号")
    story.tap("print_list")
    assert story.sent[0].body == {"node": "transfer_papers", "lang": "zh"}
    assert "print_list" not in story.buttons()
    story.answered()
    page = story.seen.page
    assert isinstance(page, Advice)
    assert page.status is not None
    assert page.status.text == "请取走清单"
    story.tap("understood")
    assert story.sent[1].body["outcome"] == "papers"


def test_not_sure_calls_a_guide_who_is_announced_only_when_called() -> None:
    story = Story().tap("start").tap("service:payment").tap("choice:unsure")
    assert story.seen.place == "wait"
    assert story.sent[0].body["outcome"] == "guide"
    story.answered()
    assert story.seen.place == "guide"
    story.passes(25)
    assert story.seen.place == "home"


def test_priority_is_chosen_shown_sent_and_can_be_cleared() -> None:
    story = Story().tap("start").tap("priority").tap("class:elderly")
    strip = story.seen.priority
    assert strip is not None
    assert strip.text == "已选优先：60 岁以上老人"
    story.tap("class_clear")
    assert story.visit.klass == ""
    story.tap("service:payment").tap("priority").tap("class:disabled")
    assert story.seen.place == "question"
    story.tap("choice:cash")
    assert story.sent[0].body["class"] == "disabled"
    assert story.answered().tap("done").visit.klass == ""


def test_the_language_changes_on_every_page_and_goes_back_at_the_end() -> None:
    story = Story().tap("lang")
    assert (story.seen.place, story.seen.lang) == ("home", "en")
    story.tap("service:payment").tap("lang").tap("lang").tap("choice:cash")
    assert story.sent[0].body["lang"] == "en"
    story.answered()
    assert isinstance(story.seen.page, Number)
    assert story.seen.page.label == "Your number"
    story.tap("done")
    assert story.seen.lang == "zh"


def test_nobody_there_is_asked_first_and_then_wiped() -> None:
    story = Story().tap("start").tap("priority").tap("class:elderly").tap("service:payment").passes(44)
    assert story.seen.place == "question"
    story.passes(2)
    assert story.seen.place == "still_there"
    assert story.buttons() == {"continue"}
    assert story.seen.countdown is not None
    story.tap("continue")
    assert (story.seen.place, story.visit.klass) == ("question", "elderly")
    story.passes(46).passes(19)
    assert story.seen.place == "still_there"
    story.passes(2)
    assert story.seen.place == "attract"
    assert (story.visit.klass, story.visit.answers, story.visit.service) == ("", (), "")


def test_a_home_that_nobody_touched_goes_back_without_asking() -> None:
    story = Story().tap("start").tap("service:enquiry").answered().passes(13)
    assert story.seen.place == "home"
    story.passes(46)
    assert story.seen.place == "attract"


def test_a_number_counts_down_to_home_and_longer_without_paper() -> None:
    story = Story().tap("start").tap("service:enquiry").answered()
    assert story.seen.countdown is not None
    assert story.intents[-1] == Watch("5f0c9a4e6f1b4c0fa1d2")
    story.passes(5).news(print="not_done").passes(13)
    assert story.seen.place == "number"
    story.passes(18)
    assert story.seen.place == "home"
    assert story.intents[-1] == Watch("")


@pytest.mark.parametrize(
    ("state", "reasons", "words"),
    [
        ("asked", (), "正在打印小票"),
        ("done", (), "请取走小票"),
        ("not_done", ("paper_end",), "打印机缺纸，请记住您的号码或拍照"),
        ("not_done", ("cover_open",), "小票没有打印出来，请记住您的号码或拍照"),
        ("unknown", (), "如果没有小票，请记住您的号码或拍照"),
        ("none", (), "请记住您的号码或拍照"),
    ],
)
def test_the_number_page_tells_where_the_paper_is(state: str, reasons: tuple[str, ...], words: str) -> None:
    from tests.flows.hall_of import hall

    story = Story().tap("start").tap("service:enquiry").answered()
    story.hall = hall(reasons=reasons)
    story.news(print=state)
    assert isinstance(story.seen.page, Number)
    assert story.seen.page.paper.text == words


def test_who_is_called_while_still_looking_is_sent_to_the_counter() -> None:
    story = Story().tap("start").tap("service:enquiry").answered().news(state="called", counter=3)
    assert isinstance(story.seen.page, Number)
    assert story.seen.page.now == "请现在就到 3 号窗口"


def test_a_lost_station_is_covered_calmly_and_nothing_is_forgotten() -> None:
    story = Story().tap("start").tap("service:payment").link(False)
    assert story.seen.place == "offline"
    assert story.buttons() == {"lang", "big", "low", "staff"}
    story.link(True)
    assert story.seen.place == "question"


def test_a_touch_under_way_waits_for_the_station_with_one_key() -> None:
    story = Story().tap("start").tap("service:enquiry").link(False).passes(20)
    assert story.seen.place == "offline"
    assert isinstance(story.seen.page, Message)
    assert "已记下" in story.seen.page.body
    assert (len(story.sent), story.dropped) == (1, [])
    story.link(True).answered()
    assert story.seen.place == "number"


def test_a_number_stays_on_the_screen_when_the_station_goes() -> None:
    assert Story().tap("start").tap("service:enquiry").answered().link(False).seen.place == "number"


def test_after_a_minute_without_an_answer_the_customer_is_sent_to_a_counter() -> None:
    story = Story().tap("start").tap("service:enquiry").passes(61)
    assert story.seen.place == "sorry"
    assert story.dropped == [story.sent[0].key]
    story.tap("again")
    assert story.sent[1].key != story.sent[0].key


def test_a_refusal_says_what_and_what_to_do() -> None:
    story = Story().tap("start").tap("service:enquiry")
    story.refused(Problem(status=409, title="取完了", detail="今天的号已取完。", remedy="请明天再来。"))
    page = story.seen.page
    assert isinstance(page, Message)
    assert page.body == "今天的号已取完。"
    assert page.steps[0].text == "请明天再来。"


def test_a_short_wait_shows_no_spinner_and_a_long_one_says_so() -> None:
    story = Story().tap("start").tap("service:enquiry")

    def busy() -> tuple[bool, str]:
        page = story.seen.page
        assert isinstance(page, Message)
        return page.busy, page.body

    assert busy() == (False, "请稍候")
    story.passes(0.35)
    assert busy() == (True, "请稍候")
    story.passes(2)
    assert busy() == (True, "还在处理，请不要离开")


def test_staff_are_called_from_any_page_and_confirmed_only_when_called() -> None:
    story = Story().tap("staff")
    assert story.seen.place == "staff"
    assert story.sent[0].path == "/guide-calls"
    assert story.seen.cover is not None
    assert story.seen.cover.title == "正在呼叫工作人员"
    story.answered()
    assert story.seen.cover is not None
    assert story.seen.cover.title == "工作人员马上就来"
    story.tap("close")
    assert story.seen.place == "attract"
    story.tap("staff")  # an impatient second touch: the same call
    assert len(story.sent) == 1
    assert story.passes(13).seen.place == "attract"


def test_a_call_that_nobody_takes_says_so_and_is_not_made_later() -> None:
    story = Story().tap("start").tap("staff").passes(7)
    assert story.seen.cover is not None
    assert story.seen.cover.title == "暂时呼叫不到"
    story.tap("close")
    assert story.dropped == [story.sent[0].key]
    assert story.seen.place == "home"


def test_a_number_arrives_although_staff_were_called_meanwhile() -> None:
    story = Story().tap("start").tap("service:enquiry").tap("staff")
    ask = next(a for a in story.visit.asks if a.kind == "ticket")
    story.happens(Answered(ask.key, story.at, ticket()))
    story.tap("close")
    assert story.seen.place == "number"


def test_the_first_touch_only_wakes_the_screen() -> None:
    story = Story().tap("start")
    assert story.visit.step == "home"
    story.happens(Tap("service:enquiry", story.at + 0.3, "same-finger"))
    assert story.sent == []
