"""What a device has still to do."""

from __future__ import annotations

from devices.jobs import Jobs


def test_jobs_come_in_order_and_the_late_ones_are_taken_out_wherever_they_stand() -> None:
    jobs: Jobs[str] = Jobs(queue=3, keys=1)
    assert [jobs.add(name, until) for name, until in (("a", 9.0), ("b", 2.0), ("c", 9.0), ("d", 9.0))] == [1, 1, 1, 0]
    assert jobs.ages() == [9.0, 2.0, 9.0]
    assert jobs.take_late(2.0) == ["b"]
    assert jobs.take_first() == ("a",)
    assert jobs.waiting
    assert jobs.take_all() == ["c"]
    assert jobs.take_first() is None


def test_a_job_may_be_none_and_is_a_job_all_the_same() -> None:
    jobs: Jobs[None] = Jobs(queue=1, keys=1)
    jobs.add(None, 1.0)
    assert jobs.take_first() == (None,)


def test_of_each_key_the_latest_is_kept_and_is_due_until_taken() -> None:
    jobs: Jobs[str] = Jobs(queue=1, keys=2)
    assert jobs.keep(1, "a", 0.0) is True
    assert jobs.keep(1, "b", 1.0) is True
    assert jobs.keep(1, "b", 2.0) is None
    assert jobs.keep(2, "c", 3.0) is True
    assert jobs.keep(3, "d", 3.0) is False
    assert jobs.dues() == [1.0, 3.0]
    assert jobs.take_kept(0.5) is None
    first, second = jobs.take_kept(3.0), jobs.take_kept(3.0)
    assert first is not None and second is not None
    assert (first.job, second.job, jobs.take_kept(9.0)) == ("b", "c", None)
    jobs.again(5.0)
    assert jobs.dues() == [5.0, 5.0]
