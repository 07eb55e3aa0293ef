"""The interface of the station, as clients of it see it."""

from __future__ import annotations

from tests.station.conftest import Hall


def test_a_customer_takes_a_number_and_is_called(hall: Hall) -> None:
    ticket = hall.issue("payment", answers={"pay": "cash"}, lang="en")
    assert (ticket["number"], ticket["ahead"], ticket["state"]) == ("A001", 0, "waiting")
    hall.counter(3, "open", {"clerk": "李"})
    called = hall.counter(3, "next", {"holding": None}).json()
    assert called["ticket"]["number"] == "A001"
    assert called["ticket"]["answers"] == {"pay": "cash"}
    assert hall.http.get("/hall").json()["calls"][0] | {"at": 0} == {
        "number": "A001",
        "counter": 3,
        "at": 0,
        "nth": 1,
        "heard": False,  # this hall has no voice: the board flashes instead
    }
    assert hall.counter(3, "start").json()["ticket"]["state"] == "serving"
    assert hall.counter(3, "finish").json()["ticket"] is None
    assert hall.http.get(f"/tickets/{ticket['id']}").json()["ticket"]["state"] == "done"


def test_the_same_key_is_the_same_ticket_and_another_body_is_refused(hall: Hall) -> None:
    by = hall.login("screen")
    first = hall.post("/tickets", {"service": "payment"}, by=by, key="k")
    again = hall.post("/tickets", {"service": "payment"}, by=by, key="k")
    other = hall.post("/tickets", {"service": "enquiry"}, by=by, key="k")
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert other.status_code == 422
    assert other.json()["type"] == "urn:yitai:problem:key_reused"


def test_the_same_next_from_two_tabs_calls_one(hall: Hall) -> None:
    for _ in range(3):
        hall.issue()
    hall.counter(1, "open")
    numbers = [hall.counter(1, "next", {"holding": None}).json()["ticket"]["number"] for _ in range(2)]
    assert numbers == ["A001", "A001"]
    assert hall.counter(1, "next", {"holding": "A001"}).json()["ticket"]["number"] == "A002"
    assert hall.counter(1, "next", {"holding": "A001"}).json()["ticket"]["number"] == "A002"


def test_a_wrong_value_names_field_and_remedy_in_the_language_asked_for(hall: Hall) -> None:
    by = hall.login("screen")
    problem = hall.post("/tickets", {"service": "cooking"}, by=by, lang="en")
    assert problem.status_code == 422
    assert problem.headers["content-type"].startswith("application/problem+json")
    assert problem.json()["field"] == "service"
    assert "Use one of: payment" in problem.json()["remedy"]
    assert "可用的有" in hall.post("/tickets", {"service": "cooking"}, by=by).json()["remedy"]
    unknown = hall.post("/tickets", {"service": "payment", "servce": "x"}, by=by, lang="en")
    assert (unknown.status_code, unknown.json()["field"]) == (400, "servce")
    missing = hall.post("/tickets", {}, by=by, lang="en")
    assert (missing.status_code, missing.json()["field"]) == (400, "service")
    wrong = hall.post("/tickets", {"service": 5}, by=by, lang="en")
    assert (wrong.status_code, wrong.json()["field"]) == (400, "service")


def test_a_counter_acts_for_itself_only(hall: Hall) -> None:
    by = hall.login("counter", 1)
    assert hall.post("/counters/2/open", by=by).status_code == 403
    assert hall.post("/counters/1/open").status_code == 401
    assert hall.post("/tickets", {"service": "payment"}, by=by).status_code == 403


def test_a_wrong_pin_locks_for_longer_and_longer(hall: Hall) -> None:
    wrong = [
        hall.post("/login", {"role": "guide", "pin": "0000"}, lang="en").json()["type"].split(":")[-1] for _ in range(6)
    ]
    assert wrong == ["wrong_pin"] * 5 + ["locked"]
    assert hall.post("/login", {"role": "guide", "pin": "2222"}).status_code == 429, "the right one neither"
    assert hall.post("/login", {"role": "tech", "pin": "3333"}).status_code == 200, "others are not locked out"


def test_another_site_cannot_press_with_our_cookie(hall: Hall) -> None:
    hall.http.post("/login", json={"role": "counter", "counter": 1, "pin": "1111"})
    evil = hall.http.post("/counters/1/open", json={}, headers={"Origin": "http://evil.example"})
    assert evil.status_code == 403
    own = hall.http.post("/counters/1/open", json={}, headers={"Origin": "http://testserver.local"})
    assert own.status_code == 200


def test_every_press_takes_a_key_but_those_that_need_none(hall: Hall) -> None:
    paths = hall.http.get("/schema/openapi.json").json()["paths"]
    posts = {path: one["post"].get("parameters", []) for path, one in paths.items() if "post" in one}
    without = {path for path, found in posts.items() if "Idempotency-Key" not in {p["name"] for p in found}}
    assert without == {"/login", "/tech/wizard"}
    assert len(posts) > 20


def test_triage_that_ends_without_a_number(hall: Hall) -> None:
    by = hall.login("screen")
    body = {"outcome": "guide", "node": "pay_guide", "answers": {"pay": "unsure"}}
    assert hall.post("/triage-ends", body, by=by).status_code == 201
    calls = hall.http.get("/guide-calls", headers={"Authorization": f"Bearer {hall.login('guide', pin='2222')}"}).json()
    assert [call["where"] for call in calls["calls"]] == ["pay_guide"]
    answered = hall.post(f"/guide-calls/{calls['calls'][0]['call']}/answer", by=hall.login("guide"))
    assert answered.json()["calls"] == []
    assert hall.post("/triage-ends", {**body, "outcome": "papers"}, by=by).status_code == 422


def test_a_no_show_returns_through_the_guide(hall: Hall) -> None:
    ticket = hall.issue()
    hall.counter(1, "open")
    hall.counter(1, "next", {"holding": None})
    assert hall.counter(1, "no-show").json()["ticket"] is None
    back = hall.post(f"/tickets/{ticket['id']}/return", by=hall.login("guide", pin="2222"))
    assert back.json()["ticket"]["state"] == "waiting"


def test_a_customer_cancels_with_the_secret_of_the_ticket(hall: Hall) -> None:
    ticket = hall.issue()
    assert hall.post(f"/tickets/{ticket['id']}/cancel").json()["ticket"]["state"] == "cancelled"
    assert hall.post("/tickets/0000/cancel").status_code == 404


def test_a_transfer_goes_to_another_service_or_counter(hall: Hall) -> None:
    hall.issue()
    hall.counter(1, "open")
    hall.counter(2, "open")
    hall.counter(1, "next", {"holding": None})
    assert hall.counter(1, "transfer", {}).status_code == 422
    assert hall.counter(1, "transfer", {"counter": 2}).json()["ticket"] is None
    assert hall.counter(2, "next", {"holding": None}).json()["ticket"]["number"] == "A001"


def test_the_document_of_the_interface_is_served(hall: Hall) -> None:
    document = hall.http.get("/schema/openapi.json").json()
    assert "/counters/{n}/next" in document["paths"]


def test_events_never_carry_the_secret_of_a_ticket(hall: Hall) -> None:
    ticket = hall.issue()
    assert ticket["id"] not in hall.http.get("/hall").text
    hall.counter(1, "open")
    hall.counter(1, "next", {"holding": None})
    assert ticket["id"] not in hall.http.get("/hall").text


def test_a_screen_gets_tree_texts_and_theme_with_a_version(hall: Hall) -> None:
    said = hall.http.get("/kiosk").json()
    assert [s["id"] for s in said["services"]][:2] == ["payment", "enquiry"]
    assert {n["kind"] for n in said["triage"]} >= {"question", "number"}
    assert said["texts"]["start"] == {"zh": "请触摸屏幕取号", "en": "Touch to take a number"}
    assert said["theme"]["brand"] == "#0B4F6C"
    assert said["version"]
