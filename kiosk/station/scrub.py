"""Taking what may be personal or secret out of texts that leave the hall. Two nets, one behind the other:

patterns     PIN hashes, tokens, ids of 128 bits, numbers of seven digits and more (phones, identity and card numbers), e-mail
             addresses, credentials in addresses, and the exact secrets of this box
vocabulary   of what is left, only words stay that our own source, the configuration's own words, the loaded modules or the
             operating system's errors contain: a name in a log line is none of them

The vocabulary holds whole words: 张三 is left out although 张 or 三 alone may be known.
"""

from __future__ import annotations

import builtins
import os
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from kiosk.config.signed import BELIEVED_MS, RELEASED_MS

ROOT = Path(__file__).resolve().parents[2]
OUT = "‹…›"
LONGEST = 2_000  # characters of a line
_HAN = r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff·]+"
_WORDS = re.compile(rf"{_HAN}|[^\W\d_]+(?:'[^\W\d_]+)*")
_TOO_EARLY = r"(?<!\d)(?:1\d{3}|20[01]\d|202[0-3])"
# What is kept as it is, before any net: a moment of these years.
_MOMENT = r"(?<!\d)20(?:2[4-9]|[3-9]\d)-[01]\d-[0-3]\d(?:[ T][0-2]\d:[0-5]\d:[0-5]\d(?:[.,]\d{1,6})?Z?)?(?!\d)"
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_NO_TEXT = re.compile(r"\S*[\x00-\x08\x0e-\x1b\x1c-\x1f\x7f-\x9f\ufffd][^ \t\n]*")  # bytes of another coding
_SECRETS = re.compile(
    r"\$argon2[^\s\"']*"
    r"|[\w.+-]+@[\w-]+\.[\w.-]+"
    r"|(?<=://)[^/\s@]*:[^/\s@]*@"
    r"|\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b"
    r"|(?<![0-9A-Za-z])(?=[A-Fa-f]*\d)[0-9a-fA-F]{8,}(?![0-9A-Za-z])"
    r"|\b(?:[0-9A-Fa-f]{2}[ :-]){3,}[0-9A-Fa-f]{2}\b"
    r"|(?:%[0-9A-Fa-f]{2}){2,}|(?:\\u[0-9A-Fa-f]{4})+|(?:\\x[0-9A-Fa-f]{2})+"
    r"|1[3-9]\d\.\d{4}\.\d{4}"
    r"|(?<![\w/+=-])(?=[\w+=-]*\d)(?=[\w+=-]*[A-Za-z])[\w+=-]{20,}(?![\w+=-])"
    rf"|{_TOO_EARLY}[-/.年]\d{{1,2}}[-/.月]\d{{1,2}}日?"
    r"|\d{6}(?:18|19|20)\d{9}[0-9Xx]"
    r"|\d(?:[ -]?\d){6,}[Xx]?"
)


class Scrubber:
    def __init__(self, words: Iterable[str] = (), secrets: Iterable[str] = (), keep: Iterable[str] = ()) -> None:
        """`words`: texts whose words are known here besides our own; `secrets`: what must not be seen, whatever it looks like;
        `keep`: ids that tell nothing of anybody, such as the version of the configuration."""
        self._known = _own_words() | {word for text in words for word in _split(text)}
        exact = sorted({s for s in secrets if len(s) >= 4}, key=len, reverse=True)
        self._exact = re.compile("|".join(map(re.escape, exact))) if exact else None
        self._keep = re.compile("|".join([_MOMENT, *(rf"\b{re.escape(one)}\b" for one in keep if one)]))
        self._places = [f"{folder}/" for folder in (str(ROOT), sys.prefix, sys.base_prefix)]

    def plain(self, text: str) -> str:
        """Patterns only: for texts that are public anyway, such as the configuration's."""
        if self._exact is not None:
            text = self._exact.sub(OUT, text)
        parts, at = [], 0
        for moment in self._keep.finditer(text):
            parts += [_SECRETS.sub(OUT, text[at : moment.start()]), moment[0]]
            at = moment.end()
        return "".join([*parts, _SECRETS.sub(OUT, text[at:])])

    def line(self, text: str) -> str:
        """Both nets: for whatever somebody or some library may have put together."""
        text = _NO_TEXT.sub(OUT, _COLOURS.sub("", text[:LONGEST]))
        for place in self._places:
            text = text.replace(place, "")
        return _WORDS.sub(lambda m: m[0] if _key(m[0]) in self._known else OUT, self.plain(text))

    def value(self, value: Any) -> Any:
        """The same for everything JSON can hold; keys too. A number that no moment and no measure is left out."""
        if isinstance(value, str):
            return "\n".join(map(self.line, value.split("\n")))
        if isinstance(value, Mapping):
            return {self.line(str(key)): self.value(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(inner) for inner in value]
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10_000_000:
            return value if RELEASED_MS <= value <= RELEASED_MS + BELIEVED_MS else OUT
        return value

    def public(self, value: Any) -> Any:
        """`plain` for everything JSON can hold."""
        if isinstance(value, str):
            return self.plain(value)
        if isinstance(value, Mapping):
            return {key: self.public(inner) for key, inner in value.items()}
        return [self.public(inner) for inner in value] if isinstance(value, list | tuple) else value


def _key(word: str) -> str:
    return word.lower()


def _split(text: str) -> Iterable[str]:
    return map(_key, _WORDS.findall(text))


def _own_words() -> set[str]:
    """Words of our source, of the modules that are loaded, and of the system's errors. Nobody's name is among them."""
    known: set[str] = set()
    for top in ("kiosk", "devices"):
        for path in sorted((ROOT / top).rglob("*")):
            if path.suffix in (".py", ".html", ".js", ".toml"):
                known.update(_split(path.read_text("utf-8")))
    for name, module in list(sys.modules.items()):
        known.update(_split(name))
        for inner in list(vars(module)) if module is not None else ():
            known.update(_split(inner))
    known.update(_split(" ".join(dir(builtins))))
    known.update(_split(" ".join(os.strerror(number) for number in range(1, 134))))
    known.update(_split("Traceback most recent call last File line in The above exception was the direct cause of"))
    return known
