"""The pages for counters, guides, the hall and its customers, as a browser without JavaScript and as htmx see them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.station.conftest import Hall

HTMX = {"HX-Request": "true"}


def log_in(hall: Hall, page: str, **form: str) -> Any:
    return hall.http.post(page, data=form, follow_redirects=False)


def at_counter(hall: Hall, n: int = 2) -> None:
    answer = log_in(hall, "/counter", counter=str(n), pin="1111")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/counter/{n}")


def press(hall: Hall, verb: str, key: str = "", **form: str) -> Any:
    headers = HTMX | ({"Idempotency-Key": key} if key else {})
    return hall.http.post(f"/counter/2/{verb}", data=form, headers=headers)


def number(html: str) -> str:
    found = re.search(r'class="big[^"]*">([^<]+)<', html)
    assert found, html
    return found[1]


# --- log-in --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/counter/2", "/counter/2/now", "/guide/now"])
def test_who_is_not_logged_in_is_led_to_the_log_in(hall: Hall, path: str) -> None:
    answer = hall.http.get(path, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == ("/guide" if path.startswith("/guide") else "/counter")


def test_htmx_is_told_to_load_the_log_in(hall: Hall) -> None:
    answer = hall.http.post("/counter/2/next", headers=HTMX)
    assert answer.headers["HX-Redirect"] == "/counter"
    assert hall.http.get("/hall").json()["counters"][1]["ticket"] is None


def test_a_wrong_pin_says_what_to_do_and_keeps_the_counter_chosen(hall: Hall) -> None:
    answer = log_in(hall, "/counter", counter="3", pin="9999")
    assert answer.status_code == 401
    assert "口令不对" in answer.text
    assert 'value="3" required checked' in answer.text


@pytest.mark.parametrize("counter", ["", "0", "99", "x", "٣"])
def test_a_counter_that_is_not_there_is_refused_with_those_that_are(hall: Hall, counter: str) -> None:
    answer = log_in(hall, "/counter", counter=counter, pin="1111")
    assert answer.status_code == 422
    assert "1, 2, 3, 4" in answer.text


def test_a_clerk_comes_back_to_the_own_counter_and_to_no_other(hall: Hall) -> None:
    at_counter(hall, 2)
    assert hall.http.get("/counter", follow_redirects=False).headers["location"] == "/counter/2"
    assert hall.http.get("/counter/3", follow_redirects=False).headers["location"] == "/counter"


def test_after_logging_out_the_page_is_closed(hall: Hall) -> None:
    at_counter(hall)
    hall.http.post("/leave")
    assert hall.http.get("/counter/2", follow_redirects=False).status_code == 303


def test_one_browser_is_a_counter_a_guide_and_a_technician_at_once(hall: Hall) -> None:
    at_counter(hall)
    log_in(hall, "/guide", pin="2222")
    log_in(hall, "/tech", pin="3333")
    pages = ("/counter/2", "/guide", "/tech/page/network")
    assert [hall.http.get(path, follow_redirects=False).status_code for path in pages] == [200, 200, 200]
    assert "打印测试" not in hall.http.get("/guide").text and 'action="/guide"' not in hall.http.get("/guide").text
    assert hall.http.post("/counters/3/open", json={}).status_code == 403, "each is still only what it logged in as"
    hall.http.post("/leave", data={"role": "tech"})
    assert [hall.http.get(path, follow_redirects=False).status_code for path in pages] == [200, 200, 303]
    hall.http.post("/leave")
    assert hall.http.get("/counter/2", follow_redirects=False).status_code == 303


def test_a_cookie_of_one_role_is_no_pass_for_another(hall: Hall) -> None:
    token = hall.login("guide", pin="2222")
    for path in ("/counters/2/open", "/tech/restart"):
        answer = hall.http.post(path, json={}, headers={"Cookie": f"yitai_counter={token}; yitai_tech={token}"})
        assert answer.status_code == 401, path


def test_another_sites_form_is_refused(hall: Hall) -> None:
    at_counter(hall)
    answer = hall.http.post("/counter/2/open", headers={"Origin": "http://elsewhere.example"})
    assert answer.status_code == 403
    assert hall.http.get("/hall").json()["counters"][1]["state"] == "closed"


# --- the clerk's page ----------------------------------------------------------------------------------------------


def test_a_customer_is_called_started_and_finished(hall: Hall) -> None:
    ticket = hall.issue("payment", answers={"pay": "cash"})
    at_counter(hall)
    assert "还有 1 人在等" in press(hall, "open").text
    called = press(hall, "next", holding="").text
    assert number(called) == ticket["number"]
    assert "现金或银行卡" in called
    assert "已呼叫" in called
    assert "正在办理" in press(hall, "start").text
    assert number(press(hall, "finish").text) == "— —"


def test_the_page_shows_what_is_true_after_a_reload(hall: Hall) -> None:
    ticket = hall.issue()
    at_counter(hall)
    press(hall, "open")
    press(hall, "next", holding="")
    assert number(hall.http.get("/counter/2").text) == ticket["number"]


def test_a_second_tab_that_does_not_know_the_call_calls_nobody(hall: Hall) -> None:
    first = hall.issue()
    hall.issue()
    at_counter(hall)
    press(hall, "open")
    press(hall, "next", holding="")
    assert number(press(hall, "next", holding="").text) == first["number"]


def test_the_same_press_twice_calls_once(hall: Hall) -> None:
    hall.issue()
    hall.issue()
    at_counter(hall)
    press(hall, "open")
    once = press(hall, "next", key="k1", holding="")
    again = press(hall, "next", key="k1", holding="")
    assert number(once.text) == number(again.text)
    assert hall.http.get("/hall").json()["services"][0]["waiting"] == 1


def test_a_plain_form_works_without_javascript(hall: Hall) -> None:
    ticket = hall.issue()
    at_counter(hall)
    answer = hall.http.post("/counter/2/open", data={"key": "a"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/counter/2")
    page = hall.http.post("/counter/2/next", data={"key": "b", "holding": ""})
    assert number(page.text) == ticket["number"]


def test_a_refused_press_is_told_calmly_on_the_same_page(hall: Hall) -> None:
    hall.issue()
    at_counter(hall)
    press(hall, "open")
    press(hall, "next", holding="")
    answer = press(hall, "transfer", to_counter="3")
    assert answer.status_code == 409
    assert "3 号窗口没有开放" in answer.text
    assert 'id="now"' in answer.text


@pytest.mark.parametrize(
    ("verb", "form", "status"),
    [("explode", {}, 404), ("transfer", {}, 422), ("transfer", {"to_counter": "x" * 9}, 404), ("next", {}, 409)],
)
def test_a_press_that_makes_no_sense_changes_nothing(hall: Hall, verb: str, form: dict[str, str], status: int) -> None:
    at_counter(hall)
    before = hall.http.get("/hall").json()["seq"]
    assert press(hall, verb, "", **form).status_code == status
    assert hall.http.get("/hall").json()["seq"] == before


def test_the_pause_keeps_its_reason(hall: Hall) -> None:
    at_counter(hall)
    press(hall, "open")
    assert "暂停服务 · 用餐" in press(hall, "pause", reason="用餐").text


def test_only_what_makes_sense_can_be_pressed(hall: Hall) -> None:
    at_counter(hall)
    closed = hall.http.get("/counter/2/now").text
    pressable = {verb for verb in ("next", "start", "finish", "open") if f'id="press-{verb}"' in closed}
    disabled = set(re.findall(r'id="press-([a-z-]+)"[^>]*(?:disabled|aria-disabled)', closed))
    assert pressable - disabled == {"open"}


def test_every_button_shows_its_own_key(hall: Hall) -> None:
    at_counter(hall)
    html = hall.http.get("/counter/2/now").text
    keys = re.findall(r'data-key="([a-z])"', html)
    assert len(keys) == len(set(keys)) == 9
    assert {"n", "r", "s", "f", "x", "t", "p"} <= set(keys)
    assert all(f"<kbd>{key.upper()}</kbd>" in html for key in keys)


# --- the board -----------------------------------------------------------------------------------------------------


def test_the_board_shows_the_latest_call_first_without_log_in(hall: Hall) -> None:
    first, second = hall.issue(), hall.issue("enquiry")
    for n in (1, 2):
        hall.counter(n, "open")
        hall.counter(n, "next", {"holding": None})
    hall.http.cookies.clear()
    html = hall.http.get("/board").text
    assert html.index(second["number"]) < html.index(first["number"])
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in html


def test_a_board_in_the_morning_invites(hall: Hall) -> None:
    assert "请取号后在此等候叫号" in hall.http.get("/board/now").text


# --- the guide -----------------------------------------------------------------------------------------------------


def test_a_guide_answers_a_call(hall: Hall) -> None:
    call = hall.post("/guide-calls", {"where": "pay", "lang": "en"}, by=hall.login("screen")).json()["call"]
    log_in(hall, "/guide", pin="2222")
    page = hall.http.get("/guide").text
    assert "您想怎样缴费" in page
    assert "英文" in page
    answered = hall.http.post(f"/guide/calls/{call}/answer", headers=HTMX).text
    assert "没有人呼叫" in answered


def test_a_guide_issues_a_number_in_two_touches(hall: Hall) -> None:
    log_in(hall, "/guide", pin="2222")
    form = {"service": "enquiry", "class": "elderly"}
    headers = HTMX | {"Idempotency-Key": "g1"}
    once = hall.http.post("/guide/tickets", data=form, headers=headers).text
    again = hall.http.post("/guide/tickets", data=form, headers=headers).text
    assert "<strong>B001</strong>" in once
    assert "<strong>B001</strong>" in again
    assert hall.http.get("/hall").json()["services"][1]["waiting"] == 1


def test_a_missed_number_is_given_back(hall: Hall) -> None:
    ticket = hall.issue()
    hall.counter(1, "open")
    hall.counter(1, "next", {"holding": None})
    hall.counter(1, "no-show")
    log_in(hall, "/guide", pin="2222")
    assert ticket["number"] in hall.http.get("/guide").text
    answer = hall.http.post(f"/guide/tickets/{ticket['id']}/return", headers=HTMX).text
    assert "已回到队列" in answer
    assert "没有可以返回的过号" in answer


def test_the_guide_page_is_not_for_clerks(hall: Hall) -> None:
    at_counter(hall)
    assert "引导员登录" in hall.http.get("/guide").text
    assert hall.http.post("/guide/tickets", data={"service": "payment"}, follow_redirects=False).status_code == 303
    assert hall.http.get("/hall").json()["services"][0]["waiting"] == 0


# --- a customer's phone --------------------------------------------------------------------------------------------


def test_a_customer_sees_the_number_and_leaves_the_queue(hall: Hall) -> None:
    ticket = hall.issue()
    page = hall.http.get(f"/t/{ticket['id']}").text
    assert ticket["number"] in page
    assert "确定取消" in page
    gone = hall.http.post(f"/t/{ticket['id']}/cancel").text
    assert "已取消" in gone
    assert "确定取消" not in gone


def test_a_called_customer_is_told_where_to_go(hall: Hall) -> None:
    ticket = hall.issue()
    hall.counter(4, "open")
    hall.counter(4, "next", {"holding": None})
    page = hall.http.get(f"/t/{ticket['id']}").text
    assert "轮到您了" in page
    assert "请到 4 号窗口" in page


def test_an_english_ticket_has_an_english_page(hall: Hall) -> None:
    ticket = hall.issue(lang="en")
    assert "Leave the queue" in hall.http.get(f"/t/{ticket['id']}").text
    assert "不等了" in hall.http.get(f"/t/{ticket['id']}?lang=zh").text


@pytest.mark.parametrize("id", ["0", "x" * 500, "<script>", "%22%3E"])
def test_an_unknown_ticket_is_told_kindly(hall: Hall, id: str) -> None:
    answer = hall.http.get(f"/t/{id}")
    assert answer.status_code == 404
    assert "没有这个号码" in answer.text
    assert "<script>" not in answer.text


# --- all of them ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/board", "/counter", "/guide", "/t/0"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_keeps_to_its_own_house(hall: Hall, path: str, lang: str) -> None:
    """Works offline under a strict policy: nothing inline, nothing from elsewhere, and every file it names is there."""
    answer = hall.http.get(path, params={"lang": lang})
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|https?://", answer.text)
    for file in re.findall(r'(?:href|src)="(/static/[^"?]+)', answer.text):
        assert hall.http.get(file).status_code == 200, file


def test_a_chosen_language_stays(hall: Hall) -> None:
    hall.http.get("/?lang=en")
    assert "Counter log-in" in hall.http.get("/counter").text
