"""Who may do what: stations by the token of central.toml or of their pairing, the operator by a PIN that gives a token for
half a day."""

from __future__ import annotations

import hmac
import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kiosk.central.problems import Asked, Problem
from kiosk.central.settings import Settings, token_hash
from kiosk.central.store import Store
from kiosk.domain.facts import Lines

COOKIE = "yitai_central"
OPERATOR = "operator"
TOKEN_MS = 12 * 3600 * 1000
MAX_TOKENS = 100  # the oldest makes room


class Access:
    """Tokens of stations come from the configuration and from pairings; those of operators live in memory, so a restart
    ends them."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._stations = {station.token_sha256: station.id for station in settings.station}
        self._paired: dict[str, str] = {}
        self._pin = settings.central.pin
        self._store = store
        self._operators: dict[str, int] = {}
        self._guard = threading.Lock()

    def admit(self, paired: dict[str, str]) -> None:
        """Token hash -> station, of all stations paired until now; a station paired anew leaves its former token behind."""
        self._paired = paired

    def station(self, request: Asked) -> str:
        """-> the station's id; raises Problem 401."""
        mark = token_hash(_bearer(request))
        for known, station in (*self._stations.items(), *self._paired.items()):
            if hmac.compare_digest(known, mark):
                return station
        problem = Problem(
            401,
            Lines(zh="令牌无效", en="The token is not known"),
            remedy=Lines(
                zh="请重新配对，或核对站点 station.toml 的 [central].token 与中心 central.toml 的 token_sha256。",
                en="pair it anew, or compare [central].token in the station's station.toml with token_sha256 in central.toml",
            ),
        )
        problem.headers["WWW-Authenticate"] = "Bearer"
        raise problem

    def login(self, pin: str, now: int) -> str:
        """-> a token for the operator; raises Problem 403 or 429. Slow on purpose: call it in a thread."""
        if not self._pin:
            raise Problem(
                403,
                Lines(zh="未设置操作员 PIN", en="No operator's PIN is set"),
                field="pin",
                remedy=Lines(
                    zh="请在 central.toml 的 [central].pin 写入哈希。",
                    en="put a hash into [central].pin of central.toml",
                ),
            )
        locked_ms = self._store.pin_attempt(OPERATOR, now)
        if locked_ms:
            wait_s = -(-locked_ms // 1000)
            problem = Problem(
                429,
                Lines(zh=f"错误次数过多，请等 {wait_s} 秒", en=f"Too many wrong PINs, wait {wait_s} s"),
                field="pin",
            )
            problem.headers["Retry-After"] = str(wait_s)
            raise problem
        try:
            PasswordHasher().verify(self._pin, pin)
        except (VerificationError, InvalidHashError) as error:
            raise Problem(403, Lines(zh="PIN 不正确", en="The PIN is not right"), field="pin") from error
        self._store.pin_right(OPERATOR)
        token = secrets.token_urlsafe(32)
        with self._guard:
            if len(self._operators) >= MAX_TOKENS:
                del self._operators[next(iter(self._operators))]
            self._operators[token_hash(token)] = now + TOKEN_MS
        return token

    def is_operator(self, request: Asked, now: int) -> bool:
        token = _bearer(request) or request.cookies.get(COOKIE, "")
        with self._guard:
            return now < self._operators.get(token_hash(token), 0)

    @property
    def stations(self) -> frozenset[str]:
        """Ids of all stations that may bring facts."""
        return frozenset((*self._stations.values(), *self._paired.values()))

    def operator(self, request: Asked, now: int) -> None:
        """Raises Problem 401, or 403 when another site's page sent the cookie."""
        if not self.is_operator(request, now):
            raise Problem(401, Lines(zh="请先用操作员 PIN 登录", en="Log in with the operator's PIN first"))
        same_origin(request)

    def logout(self, request: Asked) -> None:
        with self._guard:
            self._operators.pop(token_hash(_bearer(request) or request.cookies.get(COOKIE, "")), None)


def same_origin(request: Asked) -> None:
    """Raises Problem 403 when a browser says that another site's page sent this."""
    origin = request.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != request.headers.get("host", ""):
        raise Problem(
            403, Lines(zh="请求来自其他网站，已拒绝", en="The request comes from another site and is refused")
        )


def _bearer(request: Asked) -> str:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip()[:200] if kind.lower() == "bearer" else ""
