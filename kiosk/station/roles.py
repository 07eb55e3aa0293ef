"""Who may do what: every route names its roles; a PIN gives a token that is bound to its role, its counter and the
business day (no clock is needed to end it)."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path
from typing import Any, Literal

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.fernet import Fernet, InvalidToken
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from kiosk.config import Pins
from kiosk.config.durable import put
from kiosk.domain import facts as f
from kiosk.domain.commands import Refused
from kiosk.domain.refusals import refuse
from kiosk.station.keeper import Keeper

Role = Literal["anyone", "screen", "counter", "guide", "tech"]
# One for each role, so that one browser can be a counter and a technician at once.
COOKIES: dict[str, str] = {"counter": "yitai_counter", "guide": "yitai_guide", "tech": "yitai_tech"}
_hasher = PasswordHasher()


class Identity(msgspec.Struct, frozen=True):
    role: Role = "anyone"
    counter: int | None = None
    day: int = 0

    @property
    def who(self) -> str:
        return f"counter:{self.counter}" if self.role == "counter" else self.role


NOBODY = Identity()
_decode = msgspec.json.Decoder(Identity).decode


class Gate:
    """Gives and reads tokens. The tokens of the screen, and of the technician's verbs on this machine, are files of the data
    folder, readable by their owner only."""

    def __init__(self, keeper: Keeper, pins: Pins, folder: Path) -> None:
        self._keeper = keeper
        self._pins = pins
        self._screen_file = folder / "screen.token"
        self._tech_file = folder / "tech.token"
        self._key_file = folder / "session.key"
        self._fernet: Fernet | None = None
        self._screen = self._tech = ""
        self._known: dict[str, Identity] = {}

    def open(self) -> None:
        self._screen = _secret_file(self._screen_file, secrets.token_urlsafe(32))
        self._tech = _secret_file(self._tech_file, secrets.token_urlsafe(32))
        self._fernet = Fernet(_secret_file(self._key_file, Fernet.generate_key().decode()))

    async def login(self, role: str, counter: int | None, pin: str) -> tuple[Identity, str]:
        """-> (identity, token); raises Refused. Attempts are on record before the answer; the lock grows."""
        hall = self._keeper.hall
        if role == "counter" and (counter is None or hall.plan.counter(counter) is None):
            known = ", ".join(str(c.id) for c in hall.plan.counters)
            raise refuse(
                "unknown_value",
                "没有这个窗口。",
                "There is no such counter.",
                f"可用的窗口：{known}。",
                f"Counters: {known}.",
                "counter",
                422,
            )
        identity = Identity(role, counter if role == "counter" else None, hall.ordinal)  # type: ignore[arg-type]
        state = hall.pins.get(identity.who)
        at = self._keeper.now()
        if state is not None and (left := state.locked_until - hall.time_ms(at)) > 0:
            raise _locked(left)
        # The attempt is on disk before the PIN is looked at: pulling the plug does not give another try.
        await self._keeper.record(f.PinTried(who=identity.who, ok=False))
        if not await asyncio.to_thread(_right, str(getattr(self._pins, role)), pin):
            raise refuse(
                "wrong_pin",
                "口令不对。",
                "The PIN is wrong.",
                "请再试，或问班长。",
                "Try again, or ask the manager.",
                "pin",
                401,
            )
        await self._keeper.record(f.PinTried(who=identity.who, ok=True))
        if self._fernet is None:
            raise RuntimeError("the gate is not open")
        return identity, self._fernet.encrypt(msgspec.json.encode(identity)).decode()

    def identify(self, token: str) -> Identity:
        if not token:
            return NOBODY
        if secrets.compare_digest(token.encode(), self._screen.encode()):
            return Identity("screen")
        if secrets.compare_digest(token.encode(), self._tech.encode()):
            return Identity("tech")
        identity = self._known.get(token)
        if identity is None:
            if self._fernet is None or len(token) > 1000:
                return NOBODY
            try:
                identity = _decode(self._fernet.decrypt(token.encode()))
            except (InvalidToken, msgspec.MsgspecError):
                return NOBODY
            if len(self._known) > 500:
                self._known.clear()
            self._known[token] = identity
        return identity if identity.day == self._keeper.hall.ordinal else NOBODY


def _right(hashed: str, pin: str) -> bool:
    try:
        return _hasher.verify(hashed, pin[:64])
    except (VerificationError, InvalidHashError):
        return False


def _locked(left_ms: int) -> Refused:
    seconds = left_ms // 1000 + 1
    return refuse(
        "locked",
        "口令输错太多次，已锁定。",
        "Too many wrong PINs: locked.",
        f"请 {seconds} 秒后再试。",
        f"Try again in {seconds} s.",
        "pin",
        429,
    )


def _secret_file(path: Path, fresh: str) -> str:
    """The file's text; made once with mode 0600."""
    if not path.exists():
        put(path, fresh.encode())
    return path.read_text().strip()


def identity_of(request: Request[Any, Any, Any]) -> Identity:
    """Who the guard found this request to be: of several log-ins of one browser the first that the route is open to."""
    found: Identity = request.scope["state"]["identity"]
    return found


def logged_in(request: Request[Any, Any, Any], role: Role) -> Identity:
    """This browser's log-in as `role`, beside whatever else it is; NOBODY without one."""
    known: list[Identity] = request.scope["state"]["known"]
    return next((identity for identity in known if identity.role == role), NOBODY)


def _known(connection: ASGIConnection[Any, Any, Any, Any]) -> tuple[list[Identity], bool]:
    """-> (everybody this request can be, whether that came by cookies)."""
    gate: Gate = connection.app.state.gate
    header = connection.headers.get("authorization", "")
    if header.startswith("Bearer "):
        return [gate.identify(header[7:])], False
    cookies = connection.cookies
    found = [(role, gate.identify(cookies[name])) for role, name in COOKIES.items() if name in cookies]
    return [identity for role, identity in found if identity.role == role], True


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Every route says `opt={"roles": (…)}`; one that says nothing is open to nobody. Async, so that it runs on the loop:
    a plain function would read the hall from a thread."""
    known, by_cookie = _known(connection)
    roles: tuple[Role, ...] = handler.opt.get("roles", ())
    fitting = [identity for identity in known if identity.role in roles]
    identity = (fitting or known or [NOBODY])[0]
    connection.scope["state"]["identity"] = identity
    connection.scope["state"]["known"] = known
    unsafe = connection.scope.get("method", "GET") not in ("GET", "HEAD", "OPTIONS")
    if unsafe and by_cookie and not _same_origin(connection):
        raise refuse(
            "cross_site",
            "请求来自别的网站。",
            "The request comes from another site.",
            "请从本系统页面操作。",
            "Use the station's own pages.",
            "Origin",
            403,
        )
    if "anyone" in roles:
        return
    if identity.role not in roles:
        raise refuse(
            "not_allowed" if identity.role != "anyone" else "login",
            "没有权限。",
            "You may not do this.",
            "请用有权限的岗位登录。",
            f"Log in as {' or '.join(roles)}.",
            "Authorization",
            403 if identity.role != "anyone" else 401,
        )
    if identity.role == "counter" and "n" in connection.path_params and connection.path_params["n"] != identity.counter:
        raise refuse(
            "other_counter",
            "这是另一个窗口。",
            "This is another counter.",
            "请在自己的窗口操作。",
            f"You are logged in at counter {identity.counter}.",
            "n",
            403,
        )


def _same_origin(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """A browser says where an unsafe request comes from; a program that sends no Origin has no cookie to steal."""
    origin = connection.headers.get("origin")
    if origin is None:
        return connection.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    return origin.partition("://")[2] == connection.headers.get("host", "")
