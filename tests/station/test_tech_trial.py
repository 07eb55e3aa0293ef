"""The wizard's test ticket on a real journal: nothing of it stays, whatever interrupts it. And what is known of the network."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from kiosk.config.layers import load_box
from kiosk.domain import commands as c
from kiosk.flows import wizard as flow
from kiosk.station.app import Station
from kiosk.station.keeper import Keeper
from kiosk.station.pages_today import show
from kiosk.station.tech.nearby import beginnings, gateway
from kiosk.station.tech.trial_ticket import CLERK, NONE_FREE, OTHERS_WAIT, close_ticket, close_tickets, issue_and_call
from tests.config.halls import small
from tests.station.test_keeper import keeper_in


def run(folder: Path, story: Callable[[Keeper], Awaitable[None]]) -> None:
    async def all() -> None:
        keeper = keeper_in(folder)
        await keeper.open()
        try:
            await story(keeper)
        finally:
            await keeper.close()

    asyncio.run(asyncio.wait_for(all(), 30))


async def called(keeper: Keeper, key: str = "k") -> str:
    number, _ = await issue_and_call(keeper, station="S1", printer="", lang="zh", key=key)
    return number


def open_counters(keeper: Keeper) -> list[int]:
    return [desk.id for desk in keeper.hall.desks.values() if desk.state != "closed" or desk.ticket is not None]


def figures(keeper: Keeper) -> dict[str, str]:
    return dict(show(keeper.hall, keeper.now(), "en")["figures"])


def test_the_counter_closes_again_and_no_figure_has_the_ticket(tmp_path: Path) -> None:
    async def story(keeper: Keeper) -> None:
        number = await called(keeper)
        assert open_counters(keeper) == [1]
        assert keeper.hall.desk(1).clerk == CLERK
        await close_tickets(keeper)
        assert open_counters(keeper) == []
        ticket = keeper.hall.tickets[keeper.hall.numbers[number]]
        assert (ticket.state, ticket.trial) == ("cancelled", True)
        assert (figures(keeper)["Numbers given"], figures(keeper)["Called"]) == ("0", "0")
        assert keeper.hall.minutes == {}, "nothing is learned from it"
        await close_tickets(keeper)

    run(tmp_path, story)


def test_a_clerk_who_pressed_start_leaves_nothing_either(tmp_path: Path) -> None:
    async def story(keeper: Keeper) -> None:
        number = await called(keeper)
        await keeper.submit(c.Start(counter=1))
        await close_ticket(keeper, number)
        assert open_counters(keeper) == []
        assert keeper.hall.minutes == {}, "a test's minutes are no service time"

    run(tmp_path, story)


def test_a_second_test_closes_the_first_one_and_takes_the_same_counter(tmp_path: Path) -> None:
    async def story(keeper: Keeper) -> None:
        first = await called(keeper, "k1")
        await close_ticket(keeper, first)
        second = await called(keeper, "k2")
        assert second != first
        assert open_counters(keeper) == [1]

    run(tmp_path, story)


def test_an_errand_that_a_crash_cut_is_run_again_for_the_same_ticket(tmp_path: Path) -> None:
    async def story(keeper: Keeper) -> None:
        await keeper.submit(c.OpenCounter(counter=1, clerk=CLERK), "k-open")  # and then the power went
        number = await called(keeper)
        assert keeper.hall.ticket_at(1) is not None
        assert await called(keeper) == number
        await close_tickets(keeper)
        assert open_counters(keeper) == []

    run(tmp_path, story)


def test_a_counter_that_a_clerk_opened_is_left_alone(tmp_path: Path) -> None:
    async def story(keeper: Keeper) -> None:
        await keeper.submit(c.OpenCounter(counter=1, clerk="王"))
        await called(keeper)
        assert keeper.hall.desk(2).clerk == CLERK
        await close_tickets(keeper)
        assert open_counters(keeper) == [1]

    run(tmp_path, story)


def test_where_customers_wait_nobody_is_called_and_the_number_is_taken_back(tmp_path: Path) -> None:
    async def story(keeper: Keeper) -> None:
        await keeper.submit(c.Issue(ticket="customer", service="pay"))
        number = await called(keeper)
        assert open_counters(keeper) == []
        assert keeper.hall.tickets[keeper.hall.numbers[number]].state == "cancelled"
        assert keeper.hall.tickets["customer"].state == "waiting"
        assert figures(keeper)["Numbers given"] == "1"

    run(tmp_path, story)


def test_a_customer_with_a_head_start_who_comes_while_the_counter_opens_is_not_called_to_it(tmp_path: Path) -> None:
    async def story(keeper: Keeper) -> None:
        async def comes() -> None:
            for _ in range(100_000):  # turns of the loop
                if keeper.hall.desk(1).state == "open":  # decided, and not yet on the disk
                    break
                await asyncio.sleep(0)
            await keeper.submit(c.Issue(ticket="customer", service="pay", klass="elderly"))

        (_, outcome), _ = await asyncio.gather(
            issue_and_call(keeper, station="S1", printer="", lang="zh", key="k"), comes()
        )
        assert keeper.hall.tickets["customer"].state == "waiting"
        assert open_counters(keeper) == []
        assert outcome.detail == OTHERS_WAIT

    run(tmp_path, story)


def test_a_test_asked_for_while_the_one_before_is_being_forgotten_keeps_its_counter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        station = Station(load_box(small(tmp_path / "config"), tmp_path / "data"), tmp_path / "data")
        wizard, keeper, slow_disk = station.wizard, station.keeper, asyncio.Event()

        async def close_slowly(keeper: Keeper) -> None:
            await slow_disk.wait()
            await close_tickets(keeper)

        monkeypatch.setattr("kiosk.station.tech.wizard.close_tickets", close_slowly)
        await keeper.open()
        try:
            await called(keeper)
            wizard._state = flow.replace(wizard._begun(), step="ticket", owes="ticket")
            wizard._forget_ticket()
            wizard._work()
            assert wizard._task is not None
            await asyncio.wait({wizard._task}, timeout=0.2)
            slow_disk.set()
            await wizard._task
            assert open_counters(keeper) == [1]
            held = keeper.hall.ticket_at(1)
            assert held is not None and held.number == wizard._state.ticket
        finally:
            await wizard.close()
            await keeper.close()

    asyncio.run(asyncio.wait_for(story(), 30))


def test_it_is_said_when_no_counter_is_free(tmp_path: Path) -> None:
    async def story(keeper: Keeper) -> None:
        for counter in (1, 2, 3, 4):
            await keeper.submit(c.OpenCounter(counter=counter, clerk="王"))
        _, outcome = await issue_and_call(keeper, station="S1", printer="", lang="zh", key="k")
        assert outcome.detail == NONE_FREE
        assert [ticket.state for ticket in keeper.hall.tickets.values()] == ["cancelled"]

    run(tmp_path, story)


# --- what addresses near this box begin with -------------------------------------------------------------------------

ROUTES = "Iface\tDestination\tGateway\tFlags\neth0\t000AA8C0\t00000000\t0001\neth0\t00000000\t010AA8C0\t0003\n"


def test_the_gateway_and_the_domain_of_the_network_are_offered(tmp_path: Path) -> None:
    (tmp_path / "proc/net").mkdir(parents=True)
    (tmp_path / "etc").mkdir()
    (tmp_path / "proc/net/route").write_text(ROUTES)
    (tmp_path / "etc/resolv.conf").write_text("nameserver 1.1.1.1\nsearch Corp.example.cn other\n")
    assert gateway(tmp_path) == "192.168.10.1"
    assert {"192.168.10.1", ".corp.example.cn"} <= set(beginnings(tmp_path))


@pytest.mark.parametrize("text", ["", "search\n", "search \x1b[2J\n", f"domain {'a' * 80}\n"])
def test_what_is_no_domain_is_not_offered(tmp_path: Path, text: str) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/resolv.conf").write_text(text)
    assert gateway(tmp_path) == ""
    assert [b for b in beginnings(tmp_path) if b.startswith(".")] == []
