"""Commands down: by id, in order, again after a crash, past what is refused."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator

import msgspec
import pytest

from kiosk import http
from kiosk.sync.loop import Pace
from kiosk.sync.pull import Command, NotNow, Puller, Rejected
from tests.central.server import PIN, STORE, TOKEN, Server, Wire, said
from tests.sync.proxy import Proxy
from tests.sync.test_push import Memory, until

QUICK = Pace(first_s=0.02, most_s=0.1, rest_s=0.05, deadline_s=1.0)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("central"))
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def operator(server: Server) -> Iterator[Wire]:
    with Wire(server.url) as anyone:
        token = said(anyone.ask("POST", "/login", json={"pin": PIN}))["token"]
    with Wire(server.url, token=token) as made:
        yield made


def publish(operator: Wire, zh: str) -> int:
    answer = operator.ask("POST", "/commands", json={"kind": "notice_publish", "text": {"zh": zh, "en": zh}})
    assert answer.status == 201
    return int(said(answer)["id"])


class Taker:
    """Remembers what it took; refuses what it is told to."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.more = threading.Event()
        self.refuse: dict[str, list[Exception]] = {}

    def __call__(self, command: Command) -> None:
        text = msgspec.json.decode(command.body)["text"]["zh"]
        errors = self.refuse.get(text)
        if errors:
            raise errors.pop(0)
        self.taken.append(text)
        self.more.set()


def puller(url: str, taker: Taker, cursor: Memory) -> Puller:
    return Puller(
        url=url, token=TOKEN, store=STORE, take=taker, cursor=cursor, pace=QUICK, wait_s=3, rng=random.Random(3)
    )


def test_a_command_arrives_while_the_question_waits(server: Server, operator: Wire) -> None:
    taker, cursor = Taker(), Memory(10**9)
    cursor.set(_last(server))
    pull = puller(server.url, taker, cursor)
    pull.start()
    try:
        first = publish(operator, "停电通知")
        assert taker.more.wait(2)  # well within the long poll
        until(lambda: cursor.get() == first)
        until(lambda: server.rows("SELECT commands_after FROM stores WHERE store = ?", STORE) == [(first,)])
    finally:
        assert pull.stop()
    assert taker.taken == ["停电通知"]


def test_refused_is_passed_over_and_not_now_is_offered_again(server: Server, operator: Wire) -> None:
    taker, cursor = Taker(), Memory(10**9)
    cursor.set(_last(server))
    taker.refuse = {"b": [Rejected("不认识")], "c": [NotNow("disk full"), NotNow("disk full")]}
    ids = [publish(operator, text) for text in ("a", "b", "c", "d")]
    pull = puller(server.url, taker, cursor)
    pull.start()
    try:
        until(lambda: cursor.get() == ids[-1])
    finally:
        assert pull.stop()
    assert taker.taken == ["a", "c", "d"]
    assert pull.status().rejected == ((ids[1], "不认识"),)


def test_a_bad_line_brings_every_command_in_order(server: Server, operator: Wire) -> None:
    taker, cursor = Taker(), Memory(10**9)
    cursor.set(_last(server))
    wanted = [f"n{n}" for n in range(120)]
    last = [publish(operator, text) for text in wanted][-1]
    script = ["drop_request", "drop_answer", "error_500", "garbage", "cut", "pass", "redirect", "drop_answer"]
    with Proxy(server.port, lambda n: script[n] if n < len(script) else "pass") as proxy:
        pull = puller(proxy.url, taker, cursor)
        pull.start()
        try:
            until(lambda: cursor.get() == last)
        finally:
            assert pull.stop(10)
    assert taker.taken == wanted


def test_a_lost_cursor_brings_them_again_so_the_taker_must_know_ids(server: Server, operator: Wire) -> None:
    publish(operator, "again")
    count = len(server.rows("SELECT id FROM commands"))
    taker, cursor = Taker(), Memory(10**9)
    pull = puller(server.url, taker, cursor)
    pull.start()
    until(lambda: len(taker.taken) == count)
    assert pull.stop()


def test_stopping_does_not_wait_for_the_long_poll(server: Server) -> None:
    cursor = Memory(10**9)
    cursor.set(_last(server))
    pull = puller(server.url, Taker(), cursor)
    pull.start()
    until(lambda: bool(server.rows("SELECT 1 FROM stores WHERE store = ?", STORE)))
    assert pull.stop(1)


def test_the_wrong_token_brings_nothing(server: Server) -> None:
    with http.session(token="wrong") as line:
        assert http.call(line, "GET", f"{server.url}/commands?store={STORE}&after=0").status == 401


def _last(server: Server) -> int:
    return int(server.rows("SELECT coalesce(max(id), 0) FROM commands")[0][0])
