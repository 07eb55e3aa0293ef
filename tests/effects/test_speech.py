"""What a call says, and which clips of a pack say it."""

from __future__ import annotations

import pytest

from devices.voice.words import clip_says
from kiosk.domain import commands as c
from kiosk.domain.plan import Counter, HallPlan
from kiosk.effects.speech import call_utterance, clips_needed, spoken_call
from tests.domain.hall_of import PLAN, Story, lines

HALL = HallPlan(
    name=lines("x"),
    services=PLAN.services,
    classes=PLAN.classes,
    counters=(Counter(id=1, name=lines("1")), Counter(id=12, name=lines("12"))),
)


def words(clips: tuple[str, ...], lang: str) -> str:
    return ("" if lang == "zh" else " ").join(clip_says(name, lang) for name in clips)


def test_the_clips_of_a_call_say_its_sentence() -> None:
    said = spoken_call("j", "A105", 12)
    assert [words(said.clips[n], part.lang) for n, part in enumerate(said.parts)] == [
        "请A一零五号到十二号窗口",
        "number A one zero five please go to counter twelve",
    ]
    short = spoken_call("j", "A105", 12, short=True)
    assert [words(short.clips[n], part.lang) for n, part in enumerate(short.parts)] == [
        "A一零五号十二号窗口",
        "number A one zero five counter twelve",
    ]


def test_a_hall_needs_the_clips_of_its_letters_and_counters_and_no_others() -> None:
    needed = clips_needed(HALL)
    series = {service.series for service in PLAN.services}
    for lang in ("zh", "en"):
        names = needed[lang]  # type: ignore[index]
        assert len(set(names)) == len(names)
        assert {n for n in names if n.startswith("letters/")} == {f"letters/{c}" for s in series for c in s}
        assert {n for n in names if n.startswith("digits/")} == {f"digits/{n}" for n in range(10)}
        assert [n for n in names if n.startswith("numbers/")] == ["numbers/1", "numbers/12"]
        assert all(clip_says(name, lang) for name in names), "each is something that a person can say"
    assert [n for n in needed["zh"] if n.startswith("words/")] == [
        "words/please",
        "words/to",
        "words/counter",
        "words/ticket",
    ]


def test_no_call_of_the_hall_needs_a_clip_that_is_not_on_the_list() -> None:
    needed = clips_needed(HALL)
    for short in (False, True):
        for service in PLAN.services:
            for counter in HALL.counters:
                said = spoken_call("j", f"{service.series}1987", counter.id, short=short)
                for part, clips in zip(said.parts, said.clips, strict=True):
                    assert set(clips) <= set(needed[part.lang])


@pytest.mark.parametrize(("lang", "texts"), [("zh", ["A001 号，3 号窗口"]), ("en", ["Number A001, counter 3"])])
def test_under_the_heaviest_load_the_customers_own_language_is_left_with_its_clips(lang: str, texts: list[str]) -> None:
    story = Story()
    story.tell(c.Issue(ticket="t", service="pay", lang=lang, answers={"how": "cash"}))
    said, shortened = call_utterance(story.hall.tickets["t"], 3, 1, waiting=4)
    assert ([part.text for part in said.parts], said.chime, shortened) == (texts, False, True)
    assert len(said.clips) == 1 and said.clips[0]
