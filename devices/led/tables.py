"""A TOML table read with every mistake kept, not only the first. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong in a file: where, what, and what to do."""

    file: str
    key: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key or 'file'} {self.what}: {self.remedy}"


class Table:
    """Each read gives a usable value or notes a mistake and gives a harmless one; `finish` has all mistakes of this
    table and those below it, an option that nobody read among them."""

    def __init__(self, file: str, path: str, raw: dict[str, object]) -> None:
        self._file, self._path, self._raw = file, path, raw
        self._not_ours: set[str] = set()
        self._read: set[str] = set()
        self._mistakes: list[Mistake] = []
        self._below: list[Table] = []

    @property
    def raw(self) -> dict[str, object]:
        return self._raw

    def keys(self) -> list[str]:
        return list(self._raw)

    def leave(self, *keys: str) -> None:
        """These are read by the tables that take them over."""
        self._read |= set(keys)

    def take_over(self, others: dict[str, object]) -> None:
        """Values of a table above, to be read here too. Their mistakes bear the name of the place where they stand."""
        self._raw = {**others, **self._raw}
        self._not_ours |= set(others)

    def wrong(self, key: str, what: str, remedy: str) -> None:
        self._mistakes.append(Mistake(self._file, f"{self._path}{key}", what, remedy))

    def finish(self) -> list[Mistake]:
        for key in self._raw:
            if key not in self._read:
                self.wrong(key, "is not known here", "remove it, or correct its spelling")
        mistakes = self._mistakes + [mistake for table in self._below for mistake in table.finish()]
        return [self._where_it_stands(mistake) for mistake in mistakes]

    def _where_it_stands(self, mistake: Mistake) -> Mistake:
        key = mistake.key.removeprefix(self._path)
        return replace(mistake, key=key) if key.partition(".")[0] in self._not_ours else mistake

    def table(self, key: str, *, needed: bool) -> Table | None:
        value = self._take(key)
        if value is None:
            if needed:
                self.wrong(key, "is missing", f"add a table [{self._path}{key}]")
            return None
        if not isinstance(value, dict):
            self.wrong(key, "is not a table", f"write it as [{self._path}{key}]")
            return None
        below = Table(self._file, f"{self._path}{key}.", value)
        self._below.append(below)
        return below

    def sub(self, key: str) -> Table | None:
        """The table of another frame, if it is there."""
        return self.table(key, needed=False)

    def text(self, key: str, default: str | None = None) -> str:
        value = self._take(key)
        if isinstance(value, str):
            return value
        if value is None and default is not None:
            return default
        self.wrong(key, "is missing" if value is None else "is not text", 'give a text in "…"')
        return ""

    def words(self, key: str) -> tuple[str, ...]:
        value = self._take(key)
        if isinstance(value, list) and value and all(isinstance(word, str) for word in value):
            return tuple(value)
        self.wrong(
            key, "is missing" if value is None else "is not a list of names", 'give names as ["address", "text"]'
        )
        return ()

    def number(self, key: str, low: int, high: int, default: int | None = None) -> int:
        value = self._take(key)
        if value is None and default is not None:
            return default
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self.wrong(key, "is missing" if value is None else f"is {value!r}", f"give a number from {low} to {high}")
        return low

    def one_of(self, key: str, choices: tuple[str, ...], default: str | None) -> str:
        value = self._take(key)
        if value is None and default is not None:
            return default
        if isinstance(value, str) and value in choices:
            return value
        self.wrong(key, "is missing" if value is None else f"is {value!r}", f"give one of {', '.join(choices)}")
        return choices[0]

    def hex(self, key: str, default: bytes | None = None) -> bytes:
        value = self._take(key)
        if value is None and default is not None:
            return default
        if isinstance(value, str):
            try:
                found = bytes.fromhex(value)
            except ValueError:
                found = b""
            if 0 < len(found) <= 64:
                return found
        self.wrong(key, "is missing" if value is None else f"is {value!r}", 'give 1 to 64 bytes in hex, as "7E 01"')
        return b""

    def _take(self, key: str) -> object:
        self._read.add(key)
        return self._raw.get(key)
