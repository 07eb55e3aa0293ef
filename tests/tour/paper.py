"""Reading a ticket as a stranger would: from the bytes the printer got, without the code that made them.

ESC/POS as in Epson's command reference: text is GB18030 after `FS &`, `GS ( k` with function 80 stores the data of a QR
code, `GS V` cuts, `GS v 0` is a picture. Every other command is skipped by its length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

NUMBER = re.compile(r"\b[A-Z]{1,2}[0-9]{3,}\b")


class NotEscPos(Exception):
    """A byte that no command of the table begins with; the text says where."""


@dataclass(frozen=True)
class Sheet:
    text: str
    qr: tuple[str, ...]
    cut: bool

    def numbers(self) -> list[str]:
        return list(dict.fromkeys(NUMBER.findall(self.text)))


# How many bytes of parameters follow each command.
FIXED = {
    bytes(command, "latin-1"): length
    for length, commands in {
        0: ("\x1b@", "\x1b2", "\x1bS", "\x1bL", "\x1c&", "\x1c."),
        1: (
            *(
                "\x1b!",
                "\x1b-",
                "\x1b3",
                "\x1bE",
                "\x1bG",
                "\x1bJ",
                "\x1bM",
                "\x1bR",
                "\x1bT",
                "\x1bV",
                "\x1ba",
                "\x1bd",
            ),
            *(
                "\x1bt",
                "\x1b{",
                "\x1b ",
                "\x1br",
                "\x1bc3",
                "\x1bc4",
                "\x1bc5",
                "\x1d!",
                "\x1dB",
                "\x1dH",
                "\x1dI",
                "\x1da",
            ),
            *("\x1db", "\x1df", "\x1dh", "\x1dr", "\x1dw", "\x1c!", "\x1c-", "\x1cW", "\x10\x04", "\x10\x05"),
        ),
        2: ("\x1b$", "\x1b\\", "\x1dL", "\x1dP", "\x1dW", "\x1cC", "\x1cS"),
        3: ("\x1bp", "\x10\x14"),
    }.items()
    for command in commands
}


def read(data: bytes) -> Sheet:
    """Raises NotEscPos."""
    text, qr, cut, at = bytearray(), [], False, 0
    while at < len(data):
        head = data[at : at + 2]
        if data[at] not in (0x10, 0x1B, 0x1C, 0x1D):
            text.append(data[at])
            at += 1
        elif head == b"\x1d(" or head == b"\x1c(":
            length = int.from_bytes(data[at + 3 : at + 5], "little")
            body = data[at + 5 : at + 5 + length]
            if data[at + 2 : at + 3] == b"k" and body[:3] == b"1P0":
                qr.append(body[3:].decode("ascii"))
            at += 5 + length
        elif head == b"\x1dV":
            cut = True
            at += 4 if data[at + 2] in (65, 66, 97, 98, 103, 104) else 3
        elif data[at : at + 3] == b"\x1dv0":
            across, down = (
                int.from_bytes(data[at + 4 : at + 6], "little"),
                int.from_bytes(data[at + 6 : at + 8], "little"),
            )
            at += 8 + across * down
        else:
            command = next((c for c in (data[at : at + 3], head) if c in FIXED), None)
            if command is None:
                raise NotEscPos(f"byte {at}: {data[at : at + 6].hex(' ')} begins no command known here")
            at += len(command) + FIXED[command]
    return Sheet(text.decode("gb18030"), tuple(qr), cut)
