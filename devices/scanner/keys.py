"""The key events of a scanner that plays a keyboard → codes. Pure.

`struct input_event` (Linux uapi/linux/input.h): time (two words of the machine), u16 type, u16 code, s32 value; type EV_KEY with
value 1 = pressed, 0 = released, 2 = repeated. Codes of uapi/linux/input-event-codes.h; the layout is US, as scanners are
delivered. Control with a letter is the control character of ASCII: FNC1 comes as Control and ], which is GS.

SYN_DROPPED means that the kernel lost events: the code that was under way is dropped. So is one with a key that no code has:
a letter less would be another code.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Literal

from devices.ports import Scanned
from devices.scanner.codec import GAP_S, HALF_S, LIMIT, scanned

EVENT = struct.Struct("@llHHi")
EV_SYN, EV_KEY = 0, 1
SYN_REPORT, SYN_DROPPED = 0, 3
RELEASED, PRESSED, REPEATED = 0, 1, 2
ENTERS = (28, 96)  # KEY_ENTER, KEY_KPENTER
CTRLS, SHIFTS = (29, 97), (42, 54)
ALTS = (56, 100, 125, 126)  # Alt and Meta: with them no key is a character
LOCKS = (58, 69, 70)  # CapsLock, NumLock, ScrollLock: their state is the desktop's, and a grabbed device has none

KeySuffix = Literal["enter", "silence"]

# Each row: the first key's code, then what its keys write without and with shift.
_ROWS = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (15, "\tqwertyuiop[]", "\tQWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (55, "*", "*"),
    (57, " ", " "),
    (71, "789-456+1230.", "789-456+1230."),
    (98, "/", "/"),
)
PLAIN = {first + i: c for first, plain, _ in _ROWS for i, c in enumerate(plain)}
SHIFTED = {first + i: c for first, _, shifted in _ROWS for i, c in enumerate(shifted)}


@dataclass
class KeyDecoder:
    """As codec.Decoder, for a keyboard's events instead of bytes of text."""

    suffix: KeySuffix = "enter"
    prefix: str = ""
    dropped: int = 0

    def __post_init__(self) -> None:
        self._part = b""  # of an event
        self._text: list[str] = []
        self._bad = False
        self._lost = False  # between SYN_DROPPED and the next SYN_REPORT events mean nothing
        self._held: set[int] = set()

    @property
    def pause_s(self) -> float:
        if not self._text and not self._bad:
            return 0.0
        return GAP_S if self.suffix == "silence" else HALF_S

    def feed(self, data: bytes) -> list[Scanned]:
        data = self._part + data
        whole = len(data) - len(data) % EVENT.size
        self._part = data[whole:]
        codes: list[Scanned] = []
        for _, _, kind, code, value in EVENT.iter_unpack(data[:whole]):
            if kind == EV_SYN:
                self._synced(code)
            elif kind == EV_KEY and not self._lost:
                self._key(code, value, codes)
        return codes

    def idle(self) -> list[Scanned]:
        codes: list[Scanned] = []
        if self.suffix == "silence":
            self._end(codes)
        elif self._text or self._bad:
            self._text, self._bad = [], False
            self.dropped += 1
        return codes

    def _synced(self, code: int) -> None:
        if code == SYN_DROPPED:
            self._lost = self._bad = True
            self._held.clear()
        elif code == SYN_REPORT:
            self._lost = False

    def _key(self, code: int, value: int, codes: list[Scanned]) -> None:
        if code in (*SHIFTS, *CTRLS, *ALTS):
            self._held = self._held | {code} if value else self._held - {code}
        elif value != PRESSED or code in LOCKS:
            return
        elif code in ENTERS:
            self._end(codes)
        elif len(self._text) >= LIMIT or not (character := self._character(code)):
            self._bad = True
        else:
            self._text.append(character)

    def _character(self, code: int) -> str:
        if not self._held.isdisjoint(ALTS):
            return ""
        character = (PLAIN if self._held.isdisjoint(SHIFTS) else SHIFTED).get(code, "")
        if character and not self._held.isdisjoint(CTRLS):
            upper = character.upper()
            return chr(ord(upper) & 0x1F) if "@" <= upper <= "_" else ""
        return character

    def _end(self, codes: list[Scanned]) -> None:
        text, bad = "".join(self._text), self._bad
        self._text, self._bad = [], False
        if not text and not bad:
            return
        code = None if bad else scanned(text, self.prefix)
        if code is None:
            self.dropped += 1
        else:
            self.dropped = 0
            codes.append(code)


def events(text: str) -> list[bytes]:
    """What a keyboard sends that types `text`: each key as its reports, pressed and released.

    Raises ValueError for a character it has no key for."""
    codes = {c: (code, False) for code, c in reversed(PLAIN.items())}
    codes |= {c: (code, True) for code, c in SHIFTED.items() if c not in codes}
    codes["\n"] = (ENTERS[0], False)
    typed: list[bytes] = []
    for character in text:
        control = character < " " and character not in "\t\n"
        wanted = chr(ord(character) | 0x40).lower() if control else character
        if wanted not in codes:
            raise ValueError(f"a US keyboard has no key for {character!r}; use another character or a serial scanner")
        code, shift = codes[wanted]
        held = [CTRLS[0]] * control + [SHIFTS[0]] * shift
        typed += [_report(key, PRESSED) for key in (*held, code)] + [_report(key, RELEASED) for key in (code, *held)]
    return typed


def _report(code: int, value: int) -> bytes:
    return EVENT.pack(0, 0, EV_KEY, code, value) + EVENT.pack(0, 0, EV_SYN, SYN_REPORT, 0)
