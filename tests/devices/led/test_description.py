from pathlib import Path

import pytest

from devices.led.description import BadDescription, load, parse

SIGNS = Path(__file__).parents[3] / "config" / "signs"


@pytest.mark.parametrize("path", sorted(SIGNS.glob("*.toml")), ids=lambda path: path.name)
def test_every_shipped_description_reads(path: Path) -> None:
    assert load(path).name


def test_every_mistake_is_in_one_error_with_file_key_and_remedy() -> None:
    text = (SIGNS / "sum8.toml").read_text("utf-8")
    for good, bad in (
        ('kind = "sum8"', 'kind = "sum9"'),
        ("max_bytes = 64", "max_bytes = 64\nwidht = 16"),
        ('tail = "0D"', 'tail = "0"'),
        ('counts = ["address", "command", "text"]', 'counts = ["adress", "command", "text"]'),
        ("offset = 0", 'offset = "0"'),
    ):
        assert good in text
        text = text.replace(good, bad, 1)
    with pytest.raises(BadDescription) as refused:
        parse(text, "mine.toml")
    keys = {mistake.key for mistake in refused.value.mistakes}
    assert {"checksum.kind", "text.widht", "tail", "length.counts", "address.offset"} <= keys
    assert all(mistake.file == "mine.toml" and mistake.remedy for mistake in refused.value.mistakes)
    assert str(refused.value).count("mine.toml: ") == len(refused.value.mistakes)


@pytest.mark.parametrize(
    ("good", "bad", "key"),
    [
        ('["head", "length", "address"', '["length", "head", "address"', "layout"),
        ('"command", "text", "checksum", "tail"]', '"command", "checksum", "tail"]', "layout"),
        ("( 02 address 81 ) checksum", "( 02 address 81 checksum )", "ack.ok"),
        ('blink = "02"', 'blink = "02 03"', "command.blink"),
        ('"text"]     #', "]     #", "length.counts"),
        ('over = ["length",', 'over = ["checksum",', "checksum.over"),
        ("[checksum]", '[escape]\n7E = "7D 02"\n[checksum]', "escape"),
        ("[checksum]", '[flag]\nplain = "00"\n[checksum]', "flag"),
    ],
)
def test_a_frame_that_could_not_be_read_back_is_refused(good: str, bad: str, key: str) -> None:
    text = (SIGNS / "sum8.toml").read_text("utf-8")
    assert good in text
    with pytest.raises(BadDescription) as refused:
        parse(text.replace(good, bad, 1), "mine.toml")
    assert key in {mistake.key for mistake in refused.value.mistakes}


def test_a_file_that_is_missing_or_no_toml_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadDescription, match="gone"):
        load(tmp_path / "gone.toml")
    (tmp_path / "broken.toml").write_text("layout = [")
    with pytest.raises(BadDescription, match="correct the TOML"):
        load(tmp_path / "broken.toml")
