"""All pages of the station, as one router: who has no right to a page is sent to the log-in, not shown an error."""

from __future__ import annotations

from litestar import Response, Router, post

from kiosk.domain.commands import Refused
from kiosk.journal.store import JournalError
from kiosk.station import pages_counter, pages_guide, pages_public, pages_today
from kiosk.station.pages_render import PageRequest, field, is_htmx, language, page, see_other, unsaved
from kiosk.station.roles import COOKIES

FORM_MAX = 16_384


@post("/leave", opt={"roles": ("anyone",)}, status_code=200)
async def leave(request: PageRequest) -> Response[str]:
    """Log this browser out of the form's role; without one, of every role."""
    role = field(await request.form(), "role")
    answer = see_other(request, "/")
    for cookie in [COOKIES[role]] if role in COOKIES else COOKIES.values():
        answer.delete_cookie(cookie)
    return answer


def refused(request: PageRequest, error: Refused) -> Response[str]:
    """What a guard refuses: 401 and 403 lead to the log-in of that page; anything else is told in words."""
    path = request.url.path
    if error.status in (401, 403) and error.code != "cross_site":
        return see_other(request, "/guide" if path.startswith("/guide") else "/counter")
    lang = language(request)
    shown = {"what": error.what.get(lang), "how": error.remedy.get(lang), "fragment": is_htmx(request)}
    return page(request, "refused.html", shown, lang, error.status)


page_routes = [
    Router(
        path="/",
        route_handlers=[
            pages_public.index,
            pages_public.board,
            pages_public.board_now,
            pages_public.ticket,
            pages_public.ticket_now,
            pages_public.ticket_cancel,
            pages_counter.login_page,
            pages_counter.login,
            pages_counter.counter,
            pages_counter.counter_now,
            pages_counter.counter_press,
            pages_guide.guide,
            pages_guide.guide_login,
            pages_guide.guide_now,
            pages_guide.answer,
            pages_guide.give_back,
            pages_guide.issue,
            pages_today.today,
            pages_today.today_now,
            leave,
        ],
        exception_handlers={Refused: refused, JournalError: lambda request, error: refused(request, unsaved())},
        request_max_body_size=FORM_MAX,
        include_in_schema=False,
    )
]
