"""The hidden knock that asks for the tech's PIN. Pure: seconds of one clock, millimetres of the panel.

THE LAW
1. Exactly TAPS short touches in the top left corner within TAPS_S; then, within PAUSE_S, one finger rests in the top right
   corner for HOLD_S. A sixth tap, a touch anywhere else, a second finger, a long tap or a finger that slides off spoils it.
2. What is spoiled begins anew: after RESET_S without a tap, or after a touch elsewhere.
So a child that drums in one corner drums too often, a cleaning cloth touches other places, and leaning is one touch only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

CORNER_MM = 12.0
TAPS = 5
TAPS_S = 4.0  # from the first to the last tap
TAP_S = 0.7  # a longer touch is no tap
PAUSE_S = 3.0
HOLD_S = 2.0
RESET_S = 4.0

Zone = Literal["left", "right", ""]


@dataclass(frozen=True, slots=True)
class Knock:
    """`taps`: when each began. `down_at` is None while no finger is down; `zone` is where the one finger came down."""

    taps: tuple[float, ...] = ()
    down_at: float | None = None
    zone: Zone = ""
    fingers: int = 0


def zone(x_mm: float, y_mm: float, width_mm: float) -> Zone:
    """Which corner a touch lies in: `x_mm` from the left edge, `y_mm` from the top."""
    if not 0 <= y_mm <= CORNER_MM:
        return ""
    if 0 <= x_mm <= CORNER_MM:
        return "left"
    return "right" if 0 <= width_mm - x_mm <= CORNER_MM else ""


def down(knock: Knock, at: float, where: Zone) -> Knock:
    fingers = knock.fingers + 1
    if fingers > 1 or not where:
        return Knock(fingers=fingers)
    taps = knock.taps if knock.taps and at - knock.taps[-1] <= RESET_S else ()
    return Knock(taps, at, where, fingers)


def move(knock: Knock, where: Zone) -> Knock:
    """The finger slid; off its corner it is no knock."""
    return knock if knock.down_at is None or where == knock.zone else Knock(fingers=knock.fingers)


def up(knock: Knock, at: float, where: Zone) -> Knock:
    fingers = max(0, knock.fingers - 1)
    began = knock.down_at
    if began is None or where != knock.zone:
        return Knock(fingers=fingers)
    if knock.zone == "right" or at - began > TAP_S:
        return Knock(fingers=fingers)
    return replace(knock, taps=(*knock.taps, began)[-TAPS - 1 :], down_at=None, zone="", fingers=fingers)


def due(knock: Knock) -> float | None:
    """When the finger that is down will have opened the door; None: this one does not."""
    began = knock.down_at
    if began is None or knock.zone != "right" or len(knock.taps) != TAPS:
        return None
    if knock.taps[-1] - knock.taps[0] > TAPS_S or began - knock.taps[-1] > PAUSE_S:
        return None
    return began + HOLD_S


def opens(knock: Knock, at: float) -> bool:
    moment = due(knock)
    return moment is not None and at >= moment
