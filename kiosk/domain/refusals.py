"""How a refusal is said: what, where and how to mend it, in both languages; and the looks that every rule begins with."""

from __future__ import annotations

from kiosk.domain.commands import Refused
from kiosk.domain.facts import Lines
from kiosk.domain.hall import Desk, Hall
from kiosk.domain.ticket import Ticket


def refuse(code: str, zh: str, en: str, remedy_zh: str, remedy_en: str, field: str = "", status: int = 409) -> Refused:
    return Refused(code, Lines(zh=zh, en=en), Lines(zh=remedy_zh, en=remedy_en), field, status)


def no_such(field: str, value: object, known: tuple[object, ...]) -> Refused:
    choices = ", ".join(map(str, known))
    return refuse(
        "unknown_value",
        f"“{field}”没有“{value}”这一项。",
        f"There is no {field} “{value}”.",
        f"可用的有：{choices}。",
        f"Use one of: {choices}.",
        field,
        422,
    )


def key_reused() -> Refused:
    return refuse(
        "key_reused",
        "这个 Idempotency-Key 已用于另一个请求。",
        "This Idempotency-Key was used for another request.",
        "每个新请求请用新的 Idempotency-Key。",
        "Use a new key for each new request.",
        "Idempotency-Key",
        422,
    )


def known_ticket(hall: Hall, id: str) -> Ticket:
    ticket = hall.tickets.get(id)
    if ticket is None:
        raise refuse(
            "no_ticket",
            "今天没有这张号票。",
            "There is no such ticket today.",
            "请重新取号。",
            "Please take a new number.",
            "ticket",
            404,
        )
    return ticket


def known_desk(hall: Hall, counter: int) -> Desk:
    if hall.plan.counter(counter) is None:
        raise no_such("counter", counter, tuple(x.id for x in hall.plan.counters))
    return hall.desk(counter)


def check_answers(hall: Hall, answers: dict[str, str]) -> None:
    for node_id, choice in answers.items():
        node = hall.plan.node(node_id)
        if node is None or node.kind != "question":
            raise no_such("answers", node_id, tuple(n.id for n in hall.plan.nodes if n.kind == "question"))
        if choice not in (known := tuple(x.id for x in node.choices)):
            raise no_such(f"answers.{node_id}", choice, known)
