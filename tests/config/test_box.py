"""A change is tried, confirmed or rolled back; whatever happens in between, the box has one whole configuration."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.config import ConfigError, box
from kiosk.config.box import BoxError
from kiosk.config.layers import layers, load_box
from kiosk.config.sets import folder_of, read_set, read_state
from tests.config.halls import DEMO, NOW, Failing, Machine, PowerGone, copy, hall, small, small_hall


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine()
    monkeypatch.setattr("kiosk.config.boot.now", lambda: made.boot)
    return made


def limit(data: Path, base: Path = DEMO) -> int:
    return load_box(base, data).plan.recall_limit


def tried(data: Path, n: int) -> None:
    box.try_files(DEMO, data, {"hall.toml": hall(n)}, NOW)
    assert box.settle(DEMO, data).on_trial


# --- the story --------------------------------------------------------------------------------------------------------


def test_a_change_counts_from_the_stations_next_start_and_for_good_once_confirmed(data: Path, machine: Machine) -> None:
    began = box.try_files(DEMO, data, {"hall.toml": hall(5)}, NOW)
    assert began.until_ms == NOW + 60_000
    assert limit(data) == 3, "nobody has started with it yet"
    assert box.settle(DEMO, data).on_trial
    assert limit(data) == 5
    machine.after(30)
    box.confirm(data)
    assert box.trial(data) is None
    machine.reboot()
    assert not box.settle(DEMO, data).on_trial
    assert limit(data) == 5


def test_one_that_nobody_confirms_ends_after_a_minute(data: Path, machine: Machine) -> None:
    tried(data, 5)
    machine.after(59.9)
    assert not box.expire(data)
    machine.after(0.2)
    assert box.expire(data)
    assert not box.expire(data), "once"
    assert limit(data) == 3
    with pytest.raises(BoxError) as caught:
        box.confirm(data)
    assert caught.value.reason == "no_trial"


def test_a_confirmation_that_comes_too_late_is_refused_and_the_old_one_is_back(data: Path, machine: Machine) -> None:
    tried(data, 5)
    machine.after(61)
    with pytest.raises(BoxError) as caught:
        box.confirm(data)
    assert caught.value.reason == "too_late"
    assert "重新试用" in caught.value.text.zh
    assert limit(data) == 3
    assert box.trial(data) is None


def test_a_station_that_does_not_survive_it_starts_with_the_good_one(data: Path, machine: Machine) -> None:
    tried(data, 5)
    machine.after(4)
    settled = box.settle(DEMO, data)
    assert (settled.on_trial, settled.why) == (False, "crashed")
    assert limit(data) == 3


def test_so_does_a_machine_that_was_started_anew(data: Path, machine: Machine) -> None:
    box.try_files(DEMO, data, {"hall.toml": hall(5)}, NOW)
    machine.reboot()
    assert box.settle(DEMO, data).why == "expired"
    assert limit(data) == 3


def test_a_start_after_the_minute_does_not_take_it(data: Path, machine: Machine) -> None:
    box.try_files(DEMO, data, {"hall.toml": hall(5)}, NOW)
    machine.after(60)
    assert box.settle(DEMO, data).why == "expired"
    assert limit(data) == 3


@pytest.mark.parametrize("wall", [0, NOW + 10 * 365 * 86_400_000, NOW])
def test_a_wrong_date_neither_confirms_nor_keeps_it(data: Path, machine: Machine, wall: int) -> None:
    box.try_files(DEMO, data, {"hall.toml": hall(5)}, wall)
    assert box.settle(DEMO, data, 0).on_trial
    machine.after(10)
    assert not box.expire(data, NOW + 10**12), "ten years on by the wall, ten seconds in truth"
    assert limit(data) == 5
    machine.after(51)
    assert box.expire(data, 0), "1970 by the wall, a minute in truth"
    assert limit(data) == 3


def test_a_boot_clock_that_went_back_ends_it(data: Path, machine: Machine) -> None:
    """A kernel that tells no boot id: the machine was started anew, or a snapshot of it was."""
    machine.boot = type(machine.boot)("", 50_000)
    tried(data, 5)
    machine.boot = type(machine.boot)("", 49_000)
    assert box.expire(data)
    assert limit(data) == 3


def test_rolled_back_by_hand(data: Path, machine: Machine) -> None:
    tried(data, 5)
    box.rollback(data)
    assert limit(data) == 3
    with pytest.raises(BoxError, match="no configuration is on trial"):
        box.rollback(data)


def test_it_cannot_be_confirmed_before_anything_ran_with_it(data: Path, machine: Machine) -> None:
    box.try_files(DEMO, data, {"hall.toml": hall(5)}, NOW)
    with pytest.raises(BoxError) as caught:
        box.confirm(data)
    assert caught.value.reason == "not_started"
    assert box.settle(DEMO, data).on_trial


def test_a_second_trial_waits_for_the_first(data: Path, machine: Machine) -> None:
    tried(data, 5)
    for again in (
        lambda: box.try_files(DEMO, data, {"hall.toml": hall(6)}, NOW),
        lambda: box.put(DEMO, data, {"hall.toml": hall(6)}),
    ):
        with pytest.raises(BoxError) as caught:
            again()
        assert caught.value.reason == "on_trial"
    machine.after(61)
    tried(data, 6)
    assert limit(data) == 6


def test_mistakes_are_all_named_and_nothing_changes(data: Path, machine: Machine) -> None:
    devices = (DEMO / "devices.toml").read_text("utf-8").replace("columns = 48", "columns = 480")
    with pytest.raises(ConfigError) as caught:
        box.try_files(DEMO, data, {"hall.toml": hall(50), "devices.toml": devices}, NOW)
    assert len(caught.value.mistakes) == 2
    assert box.trial(data) is None
    assert limit(data) == 3


@pytest.mark.parametrize("name", ["../hall.toml", "/etc/passwd", "central.toml", "signs/sum8.toml", ""])
def test_only_the_six_files_are_ever_written(data: Path, machine: Machine, name: str) -> None:
    with pytest.raises(ConfigError, match="not a file of the configuration"):
        box.try_files(DEMO, data, {name: ""}, NOW)


def test_a_file_without_measure_is_refused(data: Path, machine: Machine) -> None:
    with pytest.raises(ConfigError, match="At most"):
        box.try_files(DEMO, data, {"hall.toml": hall(5) + "#" * 300_000}, NOW)


def test_the_same_again_is_nothing_to_try(data: Path, machine: Machine) -> None:
    box.put(DEMO, data, {"hall.toml": hall(5)})
    with pytest.raises(BoxError) as caught:
        box.try_files(DEMO, data, {"hall.toml": hall(5)}, NOW)
    assert caught.value.reason == "nothing"


def test_files_add_up_and_one_can_be_dropped(data: Path, machine: Machine) -> None:
    box.put(DEMO, data, {"hall.toml": hall(5)})
    station = (DEMO / "station.toml").read_text("utf-8").replace("idle_s = 45", "idle_s = 50")
    box.put(DEMO, data, {"station.toml": station})
    assert (limit(data), load_box(DEMO, data).screen.idle_s) == (5, 50)
    box.put(DEMO, data, {}, drop=["hall.toml"])
    assert (limit(data), load_box(DEMO, data).screen.idle_s) == (3, 50)
    assert layers(DEMO, data).origin("station.toml") == "box"
    assert layers(DEMO, data).origin("hall.toml") == "base"


def test_the_last_good_one_is_kept_and_can_come_back(data: Path, machine: Machine) -> None:
    box.put(DEMO, data, {"hall.toml": hall(5)})
    tried(data, 6)
    box.confirm(data)
    assert limit(data) == 6
    box.previous(DEMO, data)
    assert limit(data) == 5
    box.previous(DEMO, data)
    assert limit(data) == 6
    for n in (7, 8, 9):
        box.put(DEMO, data, {"hall.toml": hall(n)})
    kept = [p for p in folder_of(data).iterdir() if p.is_dir()]
    assert len(kept) <= 3, "sets that nothing names any more go"


def test_a_trial_whose_base_was_changed_underneath_is_given_up(tmp_path: Path, data: Path, machine: Machine) -> None:
    base = copy(tmp_path / "config")
    counters = (base / "counters.toml").read_text("utf-8").replace('sign = "signs:2"', "")
    box.try_files(base, data, {"counters.toml": counters}, NOW)
    (base / "devices.toml").write_text("", "utf-8")
    settled = box.settle(base, data)
    assert settled.why == "refused"
    assert "sign device" in settled.detail


def test_a_set_changed_by_hand_is_noticed_and_named(data: Path, machine: Machine) -> None:
    box.put(DEMO, data, {"hall.toml": hall(5)})
    box.put(DEMO, data, {"hall.toml": hall(6)})
    path = folder_of(data) / read_state(data).good / "hall.toml"
    path.write_text(hall(7), "utf-8")
    with pytest.raises(ConfigError, match="changed by hand"):
        load_box(DEMO, data)
    box.previous(DEMO, data)
    assert limit(data) == 5


def test_a_rotten_state_is_said_and_not_guessed(data: Path, machine: Machine) -> None:
    box.put(DEMO, data, {"hall.toml": hall(5)})
    (folder_of(data) / "state.json").write_bytes(b'{"good": "12')
    with pytest.raises(ConfigError, match="Remove it"):
        load_box(DEMO, data)
    with pytest.raises(BoxError, match="damaged"):
        box.put(DEMO, data, {"hall.toml": hall(6)})
    (folder_of(data) / "state.json").unlink()
    assert limit(data) == 3


# --- the world ends at each step --------------------------------------------------------------------------------------

Work = Callable[[Path, Path, Failing], None]


def _try(base: Path, data: Path, disk: Failing) -> None:
    box.try_files(base, data, {"hall.toml": small_hall(6)}, NOW, disk=disk)


def _start(base: Path, data: Path, disk: Failing) -> None:
    box.settle(base, data, disk=disk)


def _confirm(base: Path, data: Path, disk: Failing) -> None:
    box.confirm(data, disk=disk)


def _rollback(base: Path, data: Path, disk: Failing) -> None:
    box.rollback(data, disk=disk)


def _put(base: Path, data: Path, disk: Failing) -> None:
    box.put(base, data, {"hall.toml": small_hall(6)}, disk=disk)


def _prepared(base: Path, data: Path, what: Work) -> None:
    for n in (4, 5):
        box.put(base, data, {"hall.toml": small_hall(n)})
    if what in (_start, _confirm, _rollback):
        box.try_files(base, data, {"hall.toml": small_hall(6)}, NOW)
    if what in (_confirm, _rollback):
        assert box.settle(base, data).on_trial


@pytest.mark.parametrize("how", ["before", "after", "torn", "error"])
@pytest.mark.parametrize("what", [_try, _start, _confirm, _rollback, _put], ids=lambda w: w.__name__)
def test_whatever_step_is_the_last_the_box_starts_with_the_old_or_the_new(
    tmp_path: Path, machine: Machine, what: Work, how: str
) -> None:
    after_it = {"_try": {5, 6}, "_start": {5, 6}, "_confirm": {5, 6}, "_rollback": {5}, "_put": {5, 6}}[what.__name__]
    base = small(tmp_path / "base")
    _prepared(base, tmp_path / "whole", what)
    whole = Failing(-1, "")
    what(base, tmp_path / "whole", whole)
    assert whole.steps >= 3
    machine.reboot()
    cut = 0
    for at in range(whole.steps):
        data = tmp_path / str(at)
        _prepared(base, data, what)
        try:
            what(base, data, Failing(at, how))
        except (PowerGone, OSError):
            cut += 1
        assert limit(data, base) in {5, 6}, f"a reader beside it, after step {at}"
        if at % 2:
            machine.reboot()
        box.settle(base, data)
        assert limit(data, base) in after_it, f"step {at} {how}"
        # Whatever was left over does not stand in the way of the next change.
        machine.after(61)
        box.expire(data)
        box.put(base, data, {"hall.toml": small_hall(9)})
        assert limit(data, base) == 9
    assert cut == whole.steps or (how == "torn" and cut >= 1)


@pytest.mark.parametrize("how", ["before", "after", "torn", "error"])
def test_a_set_that_is_there_is_not_written_again(tmp_path: Path, machine: Machine, how: str) -> None:
    base = small(tmp_path / "base")
    for again, others in ((5, {5}), (4, {4, 5})):  # the one in force, and the one before it
        for at in range(20):
            data = tmp_path / f"{again}-{at}"
            _prepared(base, data, _put)
            disk = Failing(at, how)
            try:
                box.put(base, data, {"hall.toml": small_hall(again)}, disk=disk)
            except (PowerGone, OSError):
                assert limit(data, base) in others, f"step {at} {how}"
                assert read_set(data, read_state(data).before), "the way back is whole too"
                continue
            break
        assert at < 19


def test_a_damaged_set_is_mended_when_it_is_put_again(data: Path, machine: Machine) -> None:
    for n in (4, 5):
        box.put(DEMO, data, {"hall.toml": hall(n)})
    (folder_of(data) / read_state(data).before / "hall.toml").write_text("", "utf-8")
    box.put(DEMO, data, {"hall.toml": hall(4)})
    assert limit(data) == 4
    assert not list(folder_of(data).glob("*.part"))


def test_kill_9_in_the_middle_of_many_changes_leaves_a_whole_one(data: Path) -> None:
    """A real process, killed at a moment of its own; the next one finds one of the sets, whole."""
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom kiosk.config import box\nfrom tests.config.halls import small_hall\n"
        "base, data = map(Path, sys.argv[1:])\nprint('up', flush=True)\n"
        "while True:\n"
        "    for n in range(1, 10):\n"
        "        box.put(base, data, {'hall.toml': small_hall(n)})\n"
        "        print(n, flush=True)\n"
    )
    base, told = small(data.parent / "base"), 0
    for nth in range(4):
        with subprocess.Popen(
            [sys.executable, "-c", code, str(base), str(data)], stdout=subprocess.PIPE, text=True, cwd=DEMO.parent
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "up\n"
            for _ in range(2 + nth):
                told = int(process.stdout.readline())
            process.kill()
            rest = process.stdout.read().split()
            told = int(rest[-1]) if rest else told
        assert limit(data, base) in {told, told % 9 + 1}


# --- what may not come this way ---------------------------------------------------------------------------------------

VOICE = '[[device]]\nid = "voice"\nclass = "voice"\ndriver = "command"\nwhere = "alsa:default"\ncommand = [{}]\n'


def test_a_command_may_be_kept_but_not_be_brought_by_the_boxs_own_configuration(tmp_path: Path, data: Path) -> None:
    base = copy(tmp_path / "base")
    known = VOICE.format('"piper", "--output_file", "{out}"')
    (base / "devices.toml").write_text(known, encoding="utf-8")
    (base / "counters.toml").write_text('[[counter]]\nid = 1\nname = { zh = "1", en = "1" }\n', encoding="utf-8")
    box.put(base, data, {"devices.toml": known + "volume = 40\n"})
    assert load_box(base, data).devices[0].options.volume == 40
    with pytest.raises(ConfigError, match="new command cannot come this way"):
        box.try_files(base, data, {"devices.toml": VOICE.format('"sh", "-c", "touch {out}"')}, NOW)
    assert load_box(base, data).devices[0].options.command[0] == "piper"
