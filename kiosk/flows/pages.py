"""What a screen shows, as frozen values in the customer's language: a page, the frame around it, what lies over it.

The ids are the words of `visit.TABLE` ("word" or "word:argument"): the same for a finger, a test and a tour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kiosk.flows.seen import Lang

Tone = Literal["plain", "good", "warn", "alarm"]


@dataclass(frozen=True, slots=True)
class Fact:
    """A small true thing with its icon: "等候 12 人"."""

    icon: str
    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Button:
    id: str
    text: str
    icon: str = ""
    hint: str = ""
    look: Literal["main", "plain", "quiet"] = "plain"
    enabled: bool = True
    short: str = ""  # for a place too narrow for `text`


@dataclass(frozen=True, slots=True)
class Tile:
    id: str
    icon: str
    name: str
    second: str  # the other language's name, or a hint
    facts: tuple[Fact, ...] = ()
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Header:
    name: str
    second: str
    time: str = ""  # empty while the clock cannot be trusted
    date: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    number: str
    counter: str


@dataclass(frozen=True, slots=True)
class Attract:
    title: str
    second: str
    hint: str
    facts: tuple[Fact, ...]
    calls_title: str
    calls: tuple[Call, ...]
    no_calls: str
    start: Button
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Home:
    title: str
    facts: tuple[Fact, ...]
    tiles: tuple[Tile, ...]
    notice: str = ""
    more: Button | None = None  # the next page of tiles


@dataclass(frozen=True, slots=True)
class Question:
    """A question, or the choice of a priority class; `context` says what it is about."""

    icon: str
    context: str
    title: str
    body: str
    progress: str
    step: int  # of `steps`; 0: no progress to show
    steps: int
    choices: tuple[Button, ...]
    more: Button | None = None  # the next page of choices


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do instead of waiting: do it here, or bring these papers."""

    icon: str
    badge: str
    title: str
    body: str
    items_title: str
    items: tuple[str, ...]
    status: Fact | None
    actions: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A labelled value: "前面还有" "3 人"."""

    icon: str
    label: str
    value: str
    short: str = ""  # for a place too narrow for `label`


@dataclass(frozen=True, slots=True)
class Number:
    label: str
    number: str
    service: str
    klass: str
    figures: tuple[Figure, ...]
    now: str
    now_loud: bool
    prepare: str
    paper: Fact
    url: str
    scan: str
    done: Button


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to know and what to do: a guide comes, no number, please wait."""

    icon: str
    tone: Tone
    title: str
    body: str
    steps_title: str = ""
    steps: tuple[Fact, ...] = ()
    busy: bool = False
    actions: tuple[Button, ...] = ()


Page = Attract | Home | Question | Advice | Number | Message


@dataclass(frozen=True, slots=True)
class Priority:
    """The strip that offers priority, or shows the chosen class and how to clear it."""

    icon: str
    text: str
    hint: str
    button: Button
    chosen: bool
    short: str = ""  # the class alone


@dataclass(frozen=True, slots=True)
class Cover:
    """What lies over the page until it is answered."""

    icon: str
    tone: Tone
    title: str
    body: str
    button: Button
    busy: bool = False


@dataclass(frozen=True, slots=True)
class Countdown:
    text: str
    fraction: float


@dataclass(frozen=True, slots=True)
class ViewModel:
    """One picture. `place` names it for tests and tours; `countdown` alone changes while nothing else does."""

    place: str
    lang: Lang
    header: Header
    page: Page
    bar: tuple[Button, ...]
    priority: Priority | None = None
    cover: Cover | None = None
    countdown: Countdown | None = None
    big: bool = False
    low: bool = False

    def buttons(self) -> tuple[Button, ...]:
        """Every button a finger can reach now; under a cover only the cover's."""
        if self.cover is not None:
            return (self.cover.button,)
        own: tuple[Button, ...] = ()
        match self.page:
            case Attract(start=start):
                own = (start,)
            case Home(tiles=tiles, more=more):
                own = (*(Button(t.id, t.name, enabled=t.enabled) for t in tiles), *((more,) if more else ()))
            case Question(choices=choices, more=more):
                own = (*choices, *((more,) if more else ()))
            case Advice(actions=actions) | Message(actions=actions):
                own = actions
            case Number(done=done):
                own = (done,)
        strip = (self.priority.button,) if self.priority else ()
        return tuple(b for b in (*own, *strip, *self.bar) if b.enabled)
