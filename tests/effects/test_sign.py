"""The hall's big sign: the latest calls, newest on top."""

from kiosk.domain import commands as c
from kiosk.effects.sign import hall_rows
from tests.domain.hall_of import Story


def called(story: Story, counter: int) -> str:
    """Call the next one to the counter; its number."""
    story.take()
    number = story.next(counter)
    assert number is not None
    return number


def test_the_newest_call_is_on_top_and_no_more_rows_than_the_sign_has() -> None:
    story = Story().open(1, 2, 3)
    assert hall_rows(story.hall, 4) == ()
    numbers = [called(story, counter) for counter in (1, 2, 3)]
    assert hall_rows(story.hall, 4) == (
        f"{numbers[2]} 请到 3 号窗口",
        f"{numbers[1]} 请到 2 号窗口",
        f"{numbers[0]} 请到 1 号窗口",
    )
    assert len(hall_rows(story.hall, 2)) == 2 and hall_rows(story.hall, 2)[0].startswith(numbers[2])


def test_a_recall_moves_its_ticket_up_and_shows_it_once() -> None:
    story = Story().open(1, 2)
    first, second = called(story, 1), called(story, 2)
    story.tell(c.Recall(counter=1))
    assert [row.split()[0] for row in hall_rows(story.hall, 4)] == [first, second]
