"""The client thread against a real HTTP server: it hears, repeats with one key, notices a lost station and its return."""

from __future__ import annotations

import queue
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.flows.seen import HallSeen, KioskSeen, Ticket
from kiosk.flows.state import Ask, Drop, Send, Watch
from kiosk.screen.client import Away, Back, Client, Denied, Done, Heard
from tests.screen.small_station import TOKEN, SmallStation, small_station

PATIENCE_S = 8.0


def until(heard: queue.Queue[Heard], kind: type) -> Heard:
    """The next thing of that kind; others are passed over. Fails after PATIENCE_S."""
    end = time.monotonic() + PATIENCE_S
    while True:
        got = heard.get(timeout=max(0.01, end - time.monotonic()))
        if isinstance(got, kind):
            return got


@pytest.fixture
def station() -> Iterator[SmallStation]:
    with small_station() as made:
        yield made


@pytest.fixture
def heard() -> queue.Queue[Heard]:
    return queue.Queue()


@pytest.fixture
def token(tmp_path: Path) -> Path:
    path = tmp_path / "screen.token"
    path.write_text(TOKEN + "\n")
    return path


@pytest.fixture
def client(station: SmallStation, heard: queue.Queue[Heard], token: Path) -> Iterator[Client]:
    made = Client(station.url, token, heard.put)
    made.open()
    yield made
    made.close()


def ask(key: str, kind: str = "ticket", path: str = "/tickets") -> Send:
    return Send(Ask(key, kind, path, {"service": "payment", "lang": "zh", "class": "ordinary", "answers": {}}, 0.0))  # type: ignore[arg-type]


def test_it_tells_the_plan_and_the_hall_before_it_says_that_the_station_is_there(
    client: Client, heard: queue.Queue[Heard]
) -> None:
    kinds = [type(heard.get(timeout=PATIENCE_S)) for _ in range(3)]
    assert kinds == [KioskSeen, HallSeen, Back]


def test_a_number_is_given_and_followed(client: Client, heard: queue.Queue[Heard], station: SmallStation) -> None:
    until(heard, Back)
    client.do(ask("key-1"))
    done = until(heard, Done)
    assert isinstance(done, Done)
    assert done.ticket is not None
    assert done.ticket.number == "A001"
    station.print_state = "done"
    client.do(Watch(done.ticket.id))
    seen = until(heard, Ticket)
    assert isinstance(seen, Ticket)
    assert seen.print == "done"


def test_a_lost_answer_is_asked_for_again_with_the_same_key_and_is_one_number(
    client: Client, heard: queue.Queue[Heard], station: SmallStation
) -> None:
    until(heard, Back)
    station.lost_answers = 2
    client.do(ask("key-1"))
    done = until(heard, Done)
    assert isinstance(done, Done)
    assert done.ticket is not None
    assert done.ticket.number == "A001"
    assert [key for _, key, _ in station.posts] == ["key-1"] * 3
    assert len(station.tickets) == 1


def test_a_station_that_goes_and_comes_back_is_noticed_within_two_seconds_and_the_touch_is_kept(
    client: Client, heard: queue.Queue[Heard], station: SmallStation
) -> None:
    until(heard, Back)
    port = station.port
    station.close()
    client.do(ask("key-1"))
    until(heard, Away)
    came_back = time.monotonic()
    station.open(port)
    done = until(heard, Done)
    assert time.monotonic() - came_back < 2.0
    assert isinstance(done, Done)
    assert len(station.tickets) == 1


def test_what_is_dropped_while_the_station_is_away_is_never_sent(
    client: Client, heard: queue.Queue[Heard], station: SmallStation
) -> None:
    until(heard, Back)
    port = station.port
    station.close()
    client.do(ask("key-1"))
    until(heard, Away)
    client.do(Drop("key-1"))
    station.open(port)
    until(heard, Back)
    client.do(ask("key-2"))
    until(heard, Done)
    assert list(station.tickets) == ["key-2"]


def test_a_refusal_is_told_with_its_words_and_not_repeated(
    client: Client, heard: queue.Queue[Heard], station: SmallStation
) -> None:
    until(heard, Back)
    station.refuse = {"status": 409, "title": "取完了", "detail": "今天的号已取完。", "remedy": "请明天再来。"}
    client.do(ask("key-1"))
    denied = until(heard, Denied)
    assert isinstance(denied, Denied)
    assert (denied.problem.detail, denied.problem.remedy) == ("今天的号已取完。", "请明天再来。")
    assert len(station.posts) == 1


def test_a_new_token_is_taken_up_without_a_restart(
    client: Client, heard: queue.Queue[Heard], station: SmallStation, token: Path
) -> None:
    until(heard, Back)
    token.write_text("of-yesterday")
    client.do(ask("key-1"))
    with station.heard:
        assert station.heard.wait_for(lambda: len(station.posts) >= 1, PATIENCE_S)
    token.write_text(TOKEN)
    assert until(heard, Done)
    assert {key for _, key, _ in station.posts} == {"key-1"}


def test_it_ends_at_once_also_in_the_middle_of_a_call(heard: queue.Queue[Heard], token: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = Client(f"http://127.0.0.1:{silent.getsockname()[1]}", token, heard.put)
        client.open()
        line, _ = silent.accept()
        with line:
            assert line.recv(1), "it asks"
            begin = time.monotonic()
            client.close()
            assert time.monotonic() - begin < 0.5
    assert heard.empty(), "whoever has ended has nothing to say"
