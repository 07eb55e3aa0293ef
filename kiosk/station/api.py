"""The station's HTTP interface (see `/schema`): each route names its roles; every POST takes an Idempotency-Key, but for
the log-in: each try of a PIN counts, and who asks again gets another token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec
from litestar import Controller, Response, get, post
from litestar.datastructures import Cookie
from litestar.params import HeaderParameter
from litestar.response import Stream

import kiosk
from kiosk.domain import commands as c
from kiosk.domain.hall import Hall
from kiosk.domain.refusals import refuse
from kiosk.flows.palette import PALETTE
from kiosk.flows.words import WORDS
from kiosk.station import views
from kiosk.station.keeper import Keeper, new_id
from kiosk.station.roles import COOKIES, Gate, Identity
from kiosk.station.settings import Box
from kiosk.station.views import View

Key = Annotated[str, HeaderParameter(name="Idempotency-Key", max_length=128)]
Lang = Literal["zh", "en"]
Short = Annotated[str, msgspec.Meta(max_length=64)]
Id = Annotated[str, msgspec.Meta(max_length=64)]
CounterNo = Annotated[int, msgspec.Meta(ge=1, le=99)]

JSON = "application/json"


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class LoginBody(Body, frozen=True, kw_only=True):
    role: Literal["counter", "guide", "tech"]
    pin: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    counter: CounterNo | None = None


class IssueBody(Body, frozen=True, kw_only=True):
    service: Short
    answers: Annotated[dict[Short, Short], msgspec.Meta(max_length=32)] = {}
    klass: Short = msgspec.field(name="class", default="ordinary")
    lang: Lang = "zh"


class TriageBody(Body, frozen=True, kw_only=True):
    outcome: Literal["self_service", "papers", "guide"]
    node: Short
    answers: Annotated[dict[Short, Short], msgspec.Meta(max_length=32)] = {}
    lang: Lang = "zh"


class PapersBody(Body, frozen=True, kw_only=True):
    node: Short
    lang: Lang = "zh"


class WhereBody(Body, frozen=True, kw_only=True):
    where: Short
    lang: Lang = "zh"


class OpenBody(Body, frozen=True, kw_only=True):
    clerk: Short = ""


class PauseBody(Body, frozen=True, kw_only=True):
    reason: Short = ""


class NextBody(Body, frozen=True, kw_only=True):
    holding: Short | None


class TransferBody(Body, frozen=True, kw_only=True):
    service: Short = ""
    counter: CounterNo | None = None


class NoBody(Body, frozen=True, kw_only=True):
    pass


class DayBody(Body, frozen=True, kw_only=True):
    label: Short


def _answer(data: bytes, status: int = 200) -> Response[bytes]:
    return Response(data, status_code=status, media_type=JSON, headers={"Cache-Control": "no-store"})


def json_answer(value: object, status: int = 200) -> Response[bytes]:
    return _answer(msgspec.json.encode(value), status)


def ticket_answer(box: Box, id: str) -> Callable[[Hall, int], View]:
    return lambda hall, at: {"ticket": views.ticket_view(hall, id, at, box.base_url)}


def counter_answer(box: Box, n: int) -> Callable[[Hall, int], View]:
    return lambda hall, at: views.counter_view(hall, n, at, box.base_url)


# --- anyone --------------------------------------------------------------------------------------------------------


@post("/login", opt={"roles": ("anyone",)}, status_code=200)
async def login(data: LoginBody, gate: Gate) -> Response[bytes]:
    who, token = await gate.login(data.role, data.counter, data.pin)
    answer = json_answer({"token": token, "role": who.role, "counter": who.counter})
    answer.set_cookie(Cookie(COOKIES[who.role], value=token, httponly=True, samesite="strict", path="/"))
    return answer


@get("/kiosk", opt={"roles": ("anyone",)})
async def kiosk_info(box: Box) -> Response[bytes]:
    return json_answer(
        {
            "version": box.config_version,
            "release": kiosk.__version__,
            "plan": box.keeper.plan,
            "services": box.keeper.plan.services,
            "triage": box.keeper.plan.nodes,
            "texts": WORDS,
            "theme": PALETTE,
            "screen": box.screen,
            "notices": await box.keeper.read(views.notices),
        }
    )


@get("/hall", opt={"roles": ("anyone",)})
async def hall_now(box: Box) -> Response[bytes]:
    return json_answer(await box.keeper.read(views.hall_view) | {"screen_restarts": box.screen_restarts()})


@get("/health", opt={"roles": ("anyone",)})
async def health(box: Box) -> Response[bytes]:
    shown = await box.keeper.read(views.health_view)
    about = {"release": kiosk.__version__, "station": box.station, "store": box.keeper.journal.store}
    return json_answer(about | shown | {"sync": box.sync_status()})


@get("/events", opt={"roles": ("anyone",)}, media_type="text/event-stream")
async def events(box: Box) -> Stream:
    return Stream(
        box.events.listen(box.keeper.hall.seq), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
    )


# --- tickets -------------------------------------------------------------------------------------------------------


class Tickets(Controller):
    path = "/tickets"

    @post("/", opt={"roles": ("screen", "guide")})
    async def issue(self, data: IssueBody, box: Box, key: Key = "") -> Response[bytes]:
        id = new_id()
        command = c.Issue(
            ticket=id,
            service=data.service,
            answers=data.answers,
            klass=data.klass,
            lang=data.lang,
            station=box.station,
            printer=box.printer,
            job=new_id() if box.printer else "",
        )
        return _answer(await box.keeper.submit(command, key, ticket_answer(box, id)), 201)

    @get("/{id:str}", opt={"roles": ("anyone",)})
    async def look(self, id: str, box: Box) -> Response[bytes]:
        return json_answer(await box.keeper.read(lambda hall, at: ticket_answer(box, known(hall, id))(hall, at)))

    @post("/{id:str}/cancel", opt={"roles": ("anyone",)}, status_code=200)
    async def cancel(self, id: str, who: Identity, box: Box, key: Key = "") -> Response[bytes]:
        by: Literal["by_staff", "by_customer"] = "by_staff" if who.role in ("counter", "guide") else "by_customer"
        return _answer(await box.keeper.submit(c.Cancel(ticket=id, by=by), key, ticket_answer(box, id)))

    @post("/{id:str}/return", opt={"roles": ("counter", "guide")}, status_code=200)
    async def back(self, id: str, box: Box, key: Key = "") -> Response[bytes]:
        return _answer(await box.keeper.submit(c.Return(ticket=id), key, ticket_answer(box, id)))

    @post("/{id:str}/print", opt={"roles": ("counter", "guide", "screen")}, status_code=200)
    async def copy(self, id: str, box: Box, key: Key = "") -> Response[bytes]:
        command = c.PrintCopy(job=new_id(), printer=box.printer, ticket=id)
        return _answer(await box.keeper.submit(command, key, ticket_answer(box, id)))


def known(hall: Hall, id: str) -> str:
    if id not in hall.tickets:
        raise refuse(
            "no_ticket",
            "今天没有这张号票。",
            "There is no such ticket today.",
            "请重新取号。",
            "Please take a new number.",
            "id",
            404,
        )
    return id


# --- kiosk and guide -----------------------------------------------------------------------------------------------


@post("/triage-ends", opt={"roles": ("screen",)})
async def triage_ends(data: TriageBody, box: Box, key: Key = "") -> Response[bytes]:
    command = c.EndTriage(
        outcome=data.outcome,
        node=data.node,
        answers=data.answers,
        station=box.station,
        lang=data.lang,
        call=new_id(),
    )
    return _answer(await box.keeper.submit(command, key), 201)


@post("/papers", opt={"roles": ("screen", "guide")})
async def papers(data: PapersBody, box: Box, key: Key = "") -> Response[bytes]:
    job = new_id()
    command = c.PrintPapers(job=job, printer=box.printer, node=data.node, lang=data.lang)
    return _answer(await box.keeper.submit(command, key, lambda hall, at: {"job": job}), 201)


@post("/guide-calls", opt={"roles": ("screen",)})
async def call_guide(data: WhereBody, box: Box, key: Key = "") -> Response[bytes]:
    call = new_id()
    command = c.CallGuide(call=call, station=box.station, where=data.where, lang=data.lang)

    def render(hall: Hall, at: int) -> View:
        open_calls = [g.fact.call for g in hall.guide_calls.values() if g.fact.where == data.where]
        return {"call": open_calls[-1] if open_calls else call}

    return _answer(await box.keeper.submit(command, key, render), 201)


@get("/guide-calls", opt={"roles": ("guide",)})
async def guide_calls(keeper: Keeper) -> Response[bytes]:
    return json_answer(await keeper.read(lambda hall, at: views.guide_view(hall)))


@post("/guide-calls/{id:str}/answer", opt={"roles": ("guide",)}, status_code=200)
async def answer_guide(id: str, keeper: Keeper, key: Key = "") -> Response[bytes]:
    return _answer(await keeper.submit(c.AnswerGuide(call=id), key, lambda hall, at: views.guide_view(hall)))


@post("/day", opt={"roles": ("tech",)}, status_code=200)
async def open_day(data: DayBody, keeper: Keeper, key: Key = "") -> Response[bytes]:
    command = c.OpenDay(label=data.label, by="tech")
    return _answer(await keeper.submit(command, key, lambda hall, at: views.hall_view(hall, at)["day"]))


# --- counters ------------------------------------------------------------------------------------------------------


class Counters(Controller):
    path = "/counters/{n:int}"
    opt = {"roles": ("counter",)}  # noqa: RUF012

    @get("/")
    async def look(self, n: int, box: Box) -> Response[bytes]:
        def show(hall: Hall, at: int) -> View:
            return views.counter_view(hall, n, at, box.base_url) | {"waiting": views.waiting_view(hall, n, at)}

        return json_answer(await box.keeper.read(show))

    @post("/open", status_code=200)
    async def open(self, n: int, box: Box, key: Key = "", data: OpenBody | None = None) -> Response[bytes]:
        command = c.OpenCounter(counter=n, clerk=data.clerk if data else "")
        return _answer(await box.keeper.submit(command, key, counter_answer(box, n)))

    @post("/pause", status_code=200)
    async def pause(self, n: int, box: Box, key: Key = "", data: PauseBody | None = None) -> Response[bytes]:
        command = c.PauseCounter(counter=n, reason=data.reason if data else "")
        return _answer(await box.keeper.submit(command, key, counter_answer(box, n)))

    @post("/close", status_code=200)
    async def close(self, n: int, box: Box, key: Key = "", data: NoBody | None = None) -> Response[bytes]:
        return _answer(await box.keeper.submit(c.CloseCounter(counter=n), key, counter_answer(box, n)))

    @post("/next", status_code=200)
    async def next(self, n: int, data: NextBody, box: Box, key: Key = "") -> Response[bytes]:
        return _answer(await box.keeper.submit(c.Next(counter=n, holding=data.holding), key, counter_answer(box, n)))

    @post("/recall", status_code=200)
    async def recall(self, n: int, box: Box, key: Key = "", data: NoBody | None = None) -> Response[bytes]:
        return _answer(await box.keeper.submit(c.Recall(counter=n), key, counter_answer(box, n)))

    @post("/start", status_code=200)
    async def start(self, n: int, box: Box, key: Key = "", data: NoBody | None = None) -> Response[bytes]:
        return _answer(await box.keeper.submit(c.Start(counter=n), key, counter_answer(box, n)))

    @post("/finish", status_code=200)
    async def finish(self, n: int, box: Box, key: Key = "", data: NoBody | None = None) -> Response[bytes]:
        return _answer(await box.keeper.submit(c.Finish(counter=n), key, counter_answer(box, n)))

    @post("/no-show", status_code=200)
    async def no_show(self, n: int, box: Box, key: Key = "", data: NoBody | None = None) -> Response[bytes]:
        return _answer(await box.keeper.submit(c.NoShow(counter=n), key, counter_answer(box, n)))

    @post("/transfer", status_code=200)
    async def transfer(self, n: int, data: TransferBody, box: Box, key: Key = "") -> Response[bytes]:
        command = c.Transfer(counter=n, service=data.service, to_counter=data.counter)
        return _answer(await box.keeper.submit(command, key, counter_answer(box, n)))


HANDLERS: list[Any] = [
    login,
    kiosk_info,
    hall_now,
    health,
    events,
    Tickets,
    triage_ends,
    papers,
    call_guide,
    guide_calls,
    answer_guide,
    open_day,
    Counters,
]
