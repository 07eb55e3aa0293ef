"""Every codec against 50,000 mutated frames and all one-byte changes, and the fuzzer against codecs that are wrong."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from tests.devices.fuzzing import Fault, FuzzCase, Result, all_cases, fuzz, main, mutate, one_byte_changes, run

SAMPLES = (b"\x7e\x05\x01\x01A001\xff\x0d", b"\x7e\x02\x03\x81\x00\x0d")

N = 50_000
WAIT_S = 400.0  # for one of them on a busy machine; a stall is found by the run itself, frame by frame


def run_named(name: str) -> Result:
    return run(next(case for case in all_cases() if case.name == name), N, seed=1)


@pytest.fixture(scope="module")
def results(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[Result]]]:
    """case name -> its run, on every core of the machine; only of those that were asked for."""
    wanted = [i.callspec.params["case"].name for i in request.session.items if "case" in getattr(i, "fixturenames", ())]
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        yield {name: pool.submit(run_named, name) for name in wanted}
        pool.shutdown(cancel_futures=True)


@pytest.mark.timeout(WAIT_S + 10)
@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_no_bytes_make_a_codec_raise_stall_or_swell(case: FuzzCase, results: dict[str, Future[Result]]) -> None:
    assert case.samples
    assert results[case.name].result(timeout=WAIT_S).frames >= N + 255 * sum(map(len, case.samples))


def test_a_sample_is_decoded_without_an_error_by_its_own_codec() -> None:
    """A case whose samples are refused would only ever test the refusal."""
    for case in all_cases():
        accepted = 0
        for sample in case.samples:
            try:
                case.decode(sample)
                accepted += 1
            except case.declared:
                continue
        assert accepted, f"{case.name}: none of its samples is a good frame"


# --- the fuzzer itself ---------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_frames_and_another_seed_others() -> None:
    def frames(seed: int) -> list[bytes]:
        rng = random.Random(seed)
        return [mutate(rng, SAMPLES) for _ in range(200)]

    assert frames(1) == frames(1)
    assert frames(1) != frames(2)
    assert len(set(frames(1))) > 150


def test_all_one_byte_changes_are_all_of_them() -> None:
    changed = list(one_byte_changes(b"\x00\xff\x10"))
    assert len(set(changed)) == 255 * 3
    assert all(sum(a != b for a, b in zip(frame, b"\x00\xff\x10", strict=True)) == 1 for frame in changed)


def test_an_undeclared_exception_is_found_and_its_frame_is_named() -> None:
    def decode(data: bytes) -> int:
        if data[:1] != b"\x7e":
            raise ValueError("no head")
        return data[data[1]]  # IndexError where the length lies

    with pytest.raises(Fault, match=r"wrong, seed 3: IndexError.*\n  frame: 7E"):
        run(FuzzCase("wrong", SAMPLES, decode, (ValueError,)), 2_000, seed=3)


def test_a_codec_that_lets_a_length_field_take_memory_is_found() -> None:
    def decode(data: bytes) -> bytes:
        return bytes(int.from_bytes(data[1:5], "big") & 0x3FFFFFF)

    with pytest.raises(Fault, match="bytes of memory"):
        run(FuzzCase("greedy", SAMPLES, decode), 20, every_byte=False)


def test_a_frame_that_stalls_its_codec_is_found() -> None:
    def decode(data: bytes) -> None:
        end = time.perf_counter() + (0.08 if data.count(b"\x7e") > 3 else 0.0)
        while time.perf_counter() < end:
            data.count(b"\x00")

    with pytest.raises(Fault, match="the median"):
        run(FuzzCase("slow", (*SAMPLES, b"\x7e" * 4), decode), 2_000, every_byte=False)


def test_a_good_codec_passes_in_parallel_processes(capsys: pytest.CaptureFixture[str]) -> None:
    said: list[str] = []
    names = [case.name for case in all_cases()][:1]
    assert fuzz(names, 500, 5, 1, said.append) == []
    assert f"{names[0]}: 500 of 500" in said[-1]
    assert main(["--case", names[0], "--replay", "7E 00"]) == 0
    assert capsys.readouterr().out.startswith(f"{names[0]}: ")
