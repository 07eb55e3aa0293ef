"""What was found, as the TOML of a sign's description, with comments a person can check against the sheet. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from devices.learn.answers import Answers
from devices.learn.fields import CheckAt, LengthAt
from devices.learn.roles import DIGITS, Roles
from devices.learn.shape import Shape

LONGEST_TEXT = 128


@dataclass(frozen=True, slots=True)
class Findings:
    shape: Shape
    length: LengthAt | None
    check: CheckAt | None
    roles: Roles
    answers: Answers | None
    example: bytes


def layout_of(found: Findings) -> tuple[list[str], dict[str, bytes]]:
    """(names in wire order, constants by name)."""
    names, constants = ["head"], dict[str, bytes]()
    run, place = b"", len(found.shape.head)
    for part in (*found.roles.parts, None):
        constant = part is not None and part.name in ("const", "odd")
        # What a checksum covers begins with a field of its own.
        if run and (not constant or (found.check and place == found.check.start)):
            name = f"constant{len(constants) + 1}"
            constants[name], run = run, b""
            names.append(name)
        if part is not None and constant:
            run += part.values[0]
        elif part is not None:
            names.append(part.name)
        place += part.width if part is not None else 0
    return names + (["tail"] if found.shape.tail else []), constants


def toml(found: Findings, name: str, remarks: tuple[str, ...] = ()) -> str:
    """Raises ValueError for what no description can say: a text that is none, or a range that cuts a field."""
    if not found.roles.text.charset:
        raise ValueError("what the frames carry is no text; a description holds text only")
    names, constants = layout_of(found)
    lines = [f"# {line}" for line in remarks]
    lines += [f"# {' | '.join(names)}", f"# {found.example.hex(' ').upper()}", ""]
    lines += [f'name = "{name}"', f"layout = {_list(names)}", f'head = "{_hex(found.shape.head)}"']
    if found.shape.tail:
        lines.append(f'tail = "{_hex(found.shape.tail)}"')
    if constants:
        lines += ["", "[fixed]                                     # never changed"]
        lines += [f'{key} = "{_hex(value)}"' for key, value in constants.items()]
    lines += _address(found) + _flag(found) + _length(found, names, constants) + _text(found)
    if found.shape.escape:
        lines += ["", "[escape]                                    # sent as two bytes between head and tail"]
        lines += [f'{byte:02X} = "{_hex(sent)}"' for byte, sent in found.shape.escape.items()]
    return "\n".join(lines + _checksum(found, names, constants) + _ack(found)) + "\n"


def _hex(data: bytes) -> str:
    return data.hex(" ").upper()


def _list(names: list[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"


def _sizes(found: Findings, constants: dict[str, bytes]) -> dict[str, int]:
    sizes = {part.name: part.width for part in found.roles.parts if part.name not in ("const", "odd", "text")}
    sizes |= {key: len(value) for key, value in constants.items()}
    return sizes | {"head": len(found.shape.head), "tail": len(found.shape.tail)}


def _address(found: Findings) -> list[str]:
    part = next((part for part in found.roles.parts if part.name == "address"), None)
    if part is None:
        return []
    seen = " ".join(sorted({_hex(value) for value in part.values})[:8])
    lines = ["", "[address]", f"bytes = {part.width}"]
    if all(byte in DIGITS for value in part.values for byte in value):
        lines.append('coding = "digits"')
    return [*lines, f"offset = 0                                  # seen on the wire: {seen}"]


def _flag(found: Findings) -> list[str]:
    part = next((part for part in found.roles.parts if part.name == "flag"), None)
    if part is None:
        return []
    plain, blink = part.values[:2]
    return [
        "",
        "[flag]",
        f'plain = "{_hex(plain)}"',
        f'blink = "{_hex(blink)}"                              # to be confirmed',
    ]


def _length(found: Findings, names: list[str], constants: dict[str, bytes]) -> list[str]:
    length = found.length
    if length is None:
        return []
    sizes = _sizes(found, constants)
    # value = bytes between head and tail + extra; the nearest run of fields with the fewest bytes to add says the same.
    behind = names[names.index("length") + 1 :]
    inside = [name for name in names if name not in ("head", "tail")]
    runs = [
        [name for name in behind if name not in ("checksum", "tail")],
        [name for name in behind if name != "tail"],
        ["text"],
        inside,
        [name for name in inside if name != "checksum"],
        behind,
        names,
    ]

    def add(run: list[str]) -> int:
        counted = sum(sizes.get(name, 0) for name in run)
        return length.extra + sum(sizes.get(name, 0) for name in inside) - counted

    best = next((run for run in runs if add(run) == 0), runs[0])
    lines = ["", "[length]", f"bytes = {length.width}"]
    if length.width > 1:
        lines.append(f'order = "{length.order}"')
    lines.append(f"counts = {_list(best)}")
    return lines + ([f"add = {add(best)}"] if add(best) else [])


def _text(found: Findings) -> list[str]:
    text = found.roles.text
    lines = ["", "[text]", f'charset = "{text.charset}"']
    if text.width:
        return [*lines, f"width = {text.width}", f'pad = "{text.pad:02X}"']
    limit = LONGEST_TEXT
    if found.length and found.length.width == 1:
        limit = min(limit, 200)
    return [*lines, f"max_bytes = {limit:<24}# the longest seen had {text.longest}"]


def _checksum(found: Findings, names: list[str], constants: dict[str, bytes]) -> list[str]:
    check = found.check
    if check is None:
        return []
    sizes, place, over = _sizes(found, constants), 0, list[str]()
    for name in names[: names.index("checksum")]:
        if place >= check.start:
            over.append(name)
        elif name == "text" or place + sizes.get(name, 0) > check.start:
            raise ValueError(f"{check.kind} begins in the middle of {name}")
        place += sizes.get(name, 0)
    lines = ["", "[checksum]", f'kind = "{check.kind}"']
    if check.width > 1:
        lines.append(f'order = "{check.order}"')
    return [*lines, f"over = {_list(over)}"]


def _ack(found: Findings) -> list[str]:
    answers = found.answers
    if answers is None:
        return ["", "# No answer was heard: a text counts as shown once it is written."]
    lines = ["", "[ack]", f'ok = "{answers.ok}"']
    if answers.refused:
        lines.append(f'refused = "{answers.refused}"')
    return [*lines, f"within_ms = {answers.within_ms}", "tries = 3"]
