"""Where a device's time went."""

from __future__ import annotations

from devices.account import Account, Ledger


def test_time_goes_to_what_the_device_was_doing_and_adds_up() -> None:
    ledger = Ledger()
    assert ledger.read(99.0) == Account()
    ledger.start(100.0, 1_000_000)
    ledger.enter("ready", 101.0, 1_001_000)
    ledger.enter("busy", 105.0, 1_005_000)
    ledger.enter("ready", 107.0, 1_007_000)
    ledger.enter("degraded", 110.0, 1_010_000)
    ledger.enter("backoff", 115.0, 1_015_000)
    account = ledger.read(125.0)
    assert (account.ready_s, account.busy_s, account.degraded_s, account.fault_s) == (7.0, 2.0, 5.0, 11.0)
    assert account.total_s == 25.0
    assert account.utilisation == 0.08


def test_a_job_does_not_make_a_ready_device_ready_anew() -> None:
    ledger = Ledger()
    ledger.start(0.0, 1_000)
    ledger.enter("ready", 1.0, 2_000)
    ledger.enter("busy", 5.0, 6_000)
    assert ledger.read(5.0).since_ms == 2_000
    ledger.enter("ready", 6.0, 7_000)
    assert ledger.read(6.0).since_ms == 2_000
    ledger.enter("fault", 7.0, 8_000)
    assert ledger.read(7.0).since_ms == 8_000


def test_after_a_stop_nothing_is_counted_and_a_start_begins_anew() -> None:
    ledger = Ledger()
    ledger.start(0.0, 1_000)
    ledger.enter("ready", 0.0, 1_000)
    ledger.lose()
    ledger.stop(10.0, 11_000)
    assert ledger.read(99.0) == Account(ready_s=10.0, lost=1, since_ms=11_000)
    ledger.start(100.0, 101_000)
    assert ledger.read(101.0) == Account(fault_s=1.0, since_ms=101_000)
