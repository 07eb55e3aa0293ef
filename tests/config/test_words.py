"""Every mistake that the sources can make of a configuration has its Chinese: they are read, not remembered."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.config.words import OWN, both, chinese
from kiosk.config.words_devices import DEVICES

ROOT = Path(__file__).parents[2]
# Calls that make a mistake -> which of their arguments are what is wrong, and the remedy.
CALLS = {"wrong": (-2, -1), "Slip": (1, 2), "mistake": (2, 3), "Mistake": (2, 3)}
DESCRIPTIONS = ("devices/led/tables.py", "devices/led/description.py", "devices/keypad/description.py")
SENTENCES = (*(ROOT / "kiosk/config").glob("*.py"), *(ROOT / "devices").glob("*/kinds.py"), ROOT / "devices/hours.py")
KNOWN = {*OWN, *DEVICES}


def test_each_sentence_of_the_sources_is_there_in_chinese() -> None:
    said = {text for path in SENTENCES for what, remedy in made_in(path) for text in (*what, *remedy)}
    assert len(said) > 100, "they were found at all"
    assert sorted(said - KNOWN) == []


def test_so_is_each_mistake_in_the_description_of_a_frame() -> None:
    """As its kind tells it: after the file and key, the remedy as a sentence."""
    found = [both_of for name in DESCRIPTIONS for both_of in made_in(ROOT / name)]
    whats = {text for what, _ in found for text in what}
    remedies = {text[:1].upper() + text[1:] + "." for _, remedy in found for text in remedy}
    assert len(whats) > 25
    assert sorted((whats | remedies) - KNOWN) == []
    assert chinese("my.toml: text.pad is not text.") == "my.toml：text.pad 不是文字。"


@pytest.mark.parametrize(("english", "zh"), [*OWN.items(), *DEVICES.items()])
def test_each_template_is_found_and_keeps_what_stands_in_it(english: str, zh: str) -> None:
    values = [f"v{n}v" for n in range(english.count("{}"))]
    said = chinese(english.format(*values) if values else english)
    assert said
    if values:
        named = {int(field[0]) for _, field, _, _ in string.Formatter().parse(zh) if field}
        assert named <= set(range(len(values)))
        assert all(values[n] in said for n in named), said


def test_what_a_reader_of_toml_or_types_says_is_told_too() -> None:
    what = "is not TOML: Expected '=' after a key in a key/value pair (at line 3, column 4)."
    assert both(what).zh == "不是正确的 TOML：键之后应有 =（第 3 行第 4 列）。"
    assert both("'four' does not fit: Expected `int`, got `str`.").zh == "'four' 不合要求：应为 整数，实为 文字。"
    assert both("'x' does not fit: Expected `str`, got `int` - at `$[0]`.").zh.endswith("实为 整数（在 $[0]）。")


def test_a_name_that_is_a_word_of_ours_too_is_left_as_it_is() -> None:
    assert both("there is no service “service”.").zh == "没有业务“service”。"


def test_a_driver_of_another_package_is_heard_in_its_own_words() -> None:
    assert both("the gadget hums.").zh == "the gadget hums."


# --- reading the sources ----------------------------------------------------------------------------------------------


def made_in(path: Path) -> Iterator[tuple[set[str], set[str]]]:
    """(what, remedy) of each mistake that is made there, as templates; a name is looked up where it was given its value."""
    tree = ast.parse(path.read_text("utf-8"))
    for scope in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        for node in ast.walk(scope):
            if isinstance(node, ast.Call) and (places := CALLS.get(name_of(node.func))) and len(node.args) > 2:
                what, remedy = (set(templates(node.args[at], scope)) for at in places)
                yield what, remedy


def name_of(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def templates(node: ast.expr, scope: ast.FunctionDef) -> Iterator[str]:
    """Nothing for what another part says (an error's own words)."""
    if isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.JoinedStr):
        text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        text = text.replace("{}{}", "{}")
        if text.strip("{}. “”:") != "":
            yield text
    elif isinstance(node, ast.IfExp):
        yield from templates(node.body, scope)
        yield from templates(node.orelse, scope)
    elif isinstance(node, ast.Name):
        for given in ast.walk(scope):
            if isinstance(given, ast.Assign) and any(
                isinstance(t, ast.Name) and t.id == node.id for t in given.targets
            ):
                yield from templates(given.value, scope)
