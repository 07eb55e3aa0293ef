"""`decide(hall, command, at)` -> the facts that follow, or Refused. Changes nothing itself.

`at` is what the wall clock says, in milliseconds; every comparison of times is made on the hall's own axis.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kiosk.domain import commands as c
from kiosk.domain import counter_rules, hall_rules, ticket_rules
from kiosk.domain import facts as f
from kiosk.domain.hall import Hall

Facts = tuple[f.Fact, ...]


def decide(hall: Hall, command: c.Command, at: int) -> Facts:
    return _DECIDE[type(command)](hall, command, at)


_DECIDE: dict[type[c.Command], Callable[[Hall, Any, int], Facts]] = {
    c.Issue: ticket_rules.issue,
    c.Cancel: ticket_rules.cancel,
    c.Return: ticket_rules.come_back,
    c.OpenCounter: counter_rules.open_counter,
    c.PauseCounter: counter_rules.pause,
    c.CloseCounter: counter_rules.close,
    c.Next: counter_rules.call_next,
    c.Recall: counter_rules.recall,
    c.Start: counter_rules.start,
    c.Finish: counter_rules.finish,
    c.NoShow: counter_rules.no_show,
    c.Transfer: counter_rules.transfer,
    c.Rate: counter_rules.rate,
    c.CallGuide: hall_rules.call_guide,
    c.AnswerGuide: hall_rules.answer_guide,
    c.EndTriage: hall_rules.end_triage,
    c.PrintPapers: hall_rules.print_papers,
    c.PrintCopy: hall_rules.print_copy,
    c.Publish: hall_rules.publish,
    c.Withdraw: hall_rules.withdraw,
    c.OpenDay: hall_rules.open_day,
    c.Tick: hall_rules.tick,
}
