"""The station that runs on this machine, as the shell speaks to it: the technician's API with the token of DATA/tech.token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from kiosk import http
from kiosk.config import ConfigError
from kiosk.config.layers import load_box

ASK_S = 2.0
WORK_S = 15.0


class StationError(Exception):
    """It refused (status 1), or could not be asked (status 2)."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


class _Problem(msgspec.Struct):
    """The part of an RFC 9457 document that is shown."""

    title: str = ""
    detail: str = ""
    remedy: str = ""


class _Kiosk(msgspec.Struct):
    version: str


class _By(msgspec.Struct):
    confirm_by_ms: int


class Answering(msgspec.Struct):
    """A station that answers, and the configuration it was started with."""

    url: str
    version: str


def answering(base: Path, data: Path) -> Answering | None:
    """The one that listens where the configuration on the disk says; None when none answers. Needs no token."""
    try:
        listen = load_box(base, data, devices=False).station.listen
    except ConfigError:
        return None  # with such a configuration none starts
    host, _, port = listen.rpartition(":")
    url = f"http://{'127.0.0.1' if host in ('0.0.0.0', '[::]') else host}:{port}"
    with http.session() as line:
        try:
            answer = http.call(line, "GET", f"{url}/kiosk", deadline_s=ASK_S)
            return Answering(url, msgspec.json.decode(answer.body, type=_Kiosk).version)
        except (http.HttpError, msgspec.MsgspecError, UnicodeDecodeError):
            return None  # nobody there, or another program


class Station:
    def __init__(self, url: str, token: str) -> None:
        self.url, self._token = url, token

    @classmethod
    def of(cls, base: Path, data: Path) -> Station | None:
        """The one that runs; None when none answers. Raises StationError when its token cannot be read."""
        found = answering(base, data)
        if found is None:
            return None
        try:
            return cls(found.url, (data / "tech.token").read_text("ascii").strip())
        except (OSError, UnicodeDecodeError) as error:
            raise StationError(
                f"a station answers at {found.url}, but {data / 'tech.token'} cannot be read ({error}): give its --data, "
                "and run this as the station's user",
                2,
            ) from error

    def try_files(self, files: Mapping[str, str], drop: Sequence[str]) -> int:
        """-> confirm by (wall clock, ms)."""
        body: dict[str, Any] = {"files": dict(files)}
        if drop:
            body["drop"] = list(drop)
        answer = self._post("try", body)
        try:
            return msgspec.json.decode(answer.body, type=_By).confirm_by_ms
        except msgspec.MsgspecError as error:
            raise StationError(
                f"{self.url}: the answer cannot be understood ({error}); compare the releases", 2
            ) from error

    def confirm(self) -> None:
        self._post("confirm", {})

    def rollback(self, *, last: bool = False) -> None:
        self._post("rollback", {"last": True} if last else {})

    def _post(self, what: str, body: dict[str, Any]) -> http.Answer:
        url = f"{self.url}/tech/config/{what}"
        with http.session(token=self._token) as line:
            try:
                answer = http.call(line, "POST", url, json=body, headers={"Accept-Language": "en"}, deadline_s=WORK_S)
            except http.HttpError as error:
                raise StationError(f"{error.text.zh}\n{error}", 2) from error
        if answer.status < 300:
            return answer
        try:
            said = msgspec.json.decode(answer.body, type=_Problem)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            said = _Problem(title=f"the station answered with status {answer.status}")
        words = said.detail or said.title
        raise StationError(words if said.remedy in words else f"{words}\n{said.remedy}", 1)
