"""Every picture the screen can show, each as the flow reaches it, with a busy morning's data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from kiosk.flows.pages import ViewModel
from kiosk.flows.seen import Estimate, HallSeen, Lang, Problem, Timing
from kiosk.flows.state import Ask, Setup, Visit
from kiosk.flows.view import broken, view
from tests.flows.hall_of import MORNING_MS, PLAN, hall, ticket

Make = Callable[..., "Scene"]
PENDING = Ask("k1", "ticket", "/tickets", {}, 100.0)


@dataclass(frozen=True)
class Scene:
    name: str
    view: ViewModel


def _visit(lang: Lang) -> Visit:
    return Visit(up=True, lang=lang, fresh=False, at=100.0, entered_at=100.0, touched_at=100.0)


REFUSED = {
    "zh": Problem(status=409, title="今天的号已取完", detail="电费缴纳今天的号已经取完。", remedy="请明天再来，或请服务员帮忙。"),
    "en": Problem(status=409, title="No numbers left", detail="All numbers are taken.", remedy="Come back tomorrow, or ask."),
}  # fmt: skip


def scenes(lang: Lang, panel: Timing | None = None, *, big: bool = False, low: bool = False) -> Iterator[Scene]:
    """All of them in one language, as that panel shows them in large text or with low controls.

    The start page, and what is shown before the hall is known, have neither: whoever asks for it is led home.
    """
    busy = hall()
    setup = Setup(PLAN, panel or Timing())
    v = replace(_visit(lang), big=big, low=low)

    def scene(name: str, visit: Visit, seen: HallSeen = busy) -> Scene:
        return Scene(f"{name}-{lang}", view(visit, setup, seen, MORNING_MS))

    if not (big or low):
        yield from _plain_only(v, scene)
    yield from _visits(v, scene)
    yield from _numbers(v, scene)
    yield from _troubles(v, scene, lang)


def _plain_only(v: Visit, scene: Make) -> Iterator[Scene]:
    yield scene("01-attract", replace(v, step="attract"))
    yield scene("02-attract-notice", replace(v, step="attract"), hall(notice=True))
    yield scene("03-attract-quiet", replace(v, step="attract"), hall(calls=0))
    yield Scene(f"32-no-plan-{v.lang}", view(replace(v, up=False), None, HallSeen(seq=0), MORNING_MS))
    yield Scene(f"33-broken-{v.lang}", broken())


def _visits(v: Visit, scene: Make) -> Iterator[Scene]:
    home = replace(v, step="home")
    yield scene("04-home", home)
    if v.big:
        yield scene("04-home-second", replace(home, leaf=1))
        yield scene("04-home-second-priority", replace(home, leaf=1, klass="pregnant"))
    yield scene("05-home-priority", replace(home, klass="elderly"))
    yield scene("06-home-no-paper", home, hall(reasons=("paper_end",), state="fault"))
    yield scene("07-priority", replace(v, step="priority"))
    if v.big:
        yield scene("07-priority-second", replace(v, step="priority", leaf=1))
    asked = replace(v, step="question", service="payment", node="pay")
    yield scene("08-question", asked)
    yield scene("09-question-class", replace(asked, klass="pregnant"))
    second = replace(asked, service="intake", node="papers_ready", trail=("intake",), answers=(("intake", "transfer"),))
    yield scene("10-question-second", second)
    yield scene("11-question-fault", replace(asked, service="fault", node="fault"))
    yield scene("12-self-service", replace(asked, step="self_service", node="pay_phone"))
    papers = replace(second, step="papers", node="transfer_papers")
    yield scene("13-papers", papers)
    yield scene("14-papers-printed", replace(papers, papers="done"))
    yield scene("15-papers-failed", replace(papers, papers="failed"))
    yield scene("16-wait", replace(v, step="wait", asks=(PENDING,), entered_at=97.0))


def _troubles(v: Visit, scene: Make, lang: Lang) -> Iterator[Scene]:
    home = replace(v, step="home")
    asked = replace(v, step="question", service="payment", node="pay")
    wait = replace(v, step="wait", asks=(PENDING,), entered_at=97.0)
    yield scene("23-guide", replace(v, step="guide", node="pay_guide"))
    yield scene("24-sorry", replace(v, step="sorry", problem=REFUSED[lang]))
    yield scene("25-sorry-slow", replace(v, step="sorry"))
    yield scene("26-offline", replace(home, up=False))
    yield scene("27-offline-kept", replace(wait, up=False))
    yield scene("28-still-there", replace(asked, overlay="still_there", overlay_at=91.0))
    staff = replace(home, overlay="staff", overlay_at=99.0)
    yield scene("29-staff-calling", replace(staff, asks=(Ask("k", "guide_call", "/guide-calls", {}, 99.0),)))
    yield scene("30-staff-called", replace(staff, staff_called_at=99.5))
    yield scene("31-staff-failed", replace(staff, staff_failed=True))


def _numbers(v: Visit, scene: Make) -> Iterator[Scene]:
    number = replace(v, step="number", node="pay_counter", touched_at=97.0)
    yield scene("17-number", replace(number, ticket=ticket()))
    yield scene(
        "18-number-printing", replace(number, node="", ticket=ticket(print="asked", number="C1000", service="intake"))
    )
    out = hall(reasons=("paper_end",), state="fault")
    yield scene("19-number-no-paper", replace(number, ticket=ticket(print="not_done", klass="pregnant")), out)
    soon = Estimate(p10_s=0, p50_s=0, p90_s=0)
    yield scene("20-number-soon", replace(number, ticket=ticket(ahead=0, estimate=soon)))
    yield scene(
        "20-number-first", replace(number, ticket=ticket(ahead=0, estimate=None, print="unknown", klass="elderly"))
    )
    yield scene(
        "21-number-papers", replace(number, node="transfer", ticket=ticket(service="intake", number="C017", url=""))
    )
    yield scene("22-number-called", replace(number, ticket=ticket(state="called", counter=3)))
