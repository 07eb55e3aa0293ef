import pytest

from devices.voice import synth, words


def test_a_ticket_number_is_spoken_figure_by_figure() -> None:
    assert words.spoken_number("A001", "zh") == "A 零零一"
    assert words.spoken_number("A001", "en") == "A, zero zero one"
    assert words.spoken_number("Z1000", "zh") == "Z 一零零零"
    assert words.spoken_number("012", "zh") == "零一二"


def test_numbers_in_a_sentence_are_made_speakable_and_the_counter_stays_a_number() -> None:
    assert words.speakable("请 A001 号到 3 号窗口", "zh").split() == ["请", "A", "零零一", "号到", "3", "号窗口"]
    assert words.speakable("请A001号到12号窗口", "zh").split() == ["请", "A", "零零一", "号到12号窗口"]
    assert words.speakable("Number A001, please go to counter 3", "en") == (
        "Number A, zero zero one, please go to counter 3"
    )
    once = words.speakable("Number B012 please", "en")
    assert words.speakable(once, "en") == once == "Number B, zero one two, please"


@pytest.mark.parametrize("text", ["USB2000", "12345", "A12", "WA001X", "表号 AB12345"])
def test_nothing_else_is_taken_for_a_ticket_number(text: str) -> None:
    assert words.speakable(text, "zh") == text


def test_the_synthesiser_says_the_figures_in_mandarin() -> None:
    heard = synth.phonemes("cmn-latn-pinyin", words.speakable("请 A001 号到 3 号窗口", "zh"))
    assert " ".join(heard.split()) == (
        "tS;h'i21N_| 'ei51_| l'i35N_| l'i35N_| j'i55_| X'Au51_| t'Au51_| s'a55n_| X'Au51_| ts.hw'A55N_| kh'ou214_|"
    )


def test_a_dialect_reads_a_number_in_its_own_way_of_the_same_characters() -> None:
    assert words.speakable("请 A001 号", "yue").split() == ["请", "A", "零零一", "号"]


@pytest.mark.parametrize(
    ("n", "zh", "en"),
    [
        (0, "零", "zero"),
        (7, "七", "seven"),
        (10, "十", "ten"),
        (12, "十二", "twelve"),
        (20, "二十", "twenty"),
        (45, "四十五", "forty five"),
        (100, "一百", "one hundred"),
        (105, "一百零五", "one hundred and five"),
        (110, "一百一十", "one hundred and ten"),
        (999, "九百九十九", "nine hundred and ninety nine"),
    ],
)
def test_the_number_of_a_counter_is_read_as_a_number(n: int, zh: str, en: str) -> None:
    assert (words.chinese_number(n), words.english_number(n)) == (zh, en)


def test_every_clip_has_something_to_say() -> None:
    said = [words.clip_says(name, "zh") for name in ("words/please", "letters/A", "digits/2", "numbers/12")]
    assert said == ["请", "A", "二", "十二"]
    assert words.clip_says("words/please", "yue") == "请"
    assert words.clip_says("numbers/12", "en") == "twelve"
    for name in ("words/hello", "digits/12", "letters/AB", "numbers/1000", "chimes/1"):
        with pytest.raises(KeyError):
            words.clip_says(name, "zh")
