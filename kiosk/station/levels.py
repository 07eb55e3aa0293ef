"""How loud a voice is and how bright a sign: by the hour, by hand, and after a restart the same work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

from devices.ports import DONE, Outcome, not_done

What = Literal["volume", "brightness"]
WHAT: Final[dict[str, What]] = {"sign": "brightness", "voice": "volume"}  # class -> what of it has a level
WITHIN_S = 2.0
WAITS_S = 86_400.0  # as long as the device is away: a level is only ever the latest one


def level_work(what: str, level: int) -> Callable[[Any], Outcome]:
    """volume or brightness, 0 to 100; done in the device's thread within WITHIN_S."""

    def work(driver: Any) -> Outcome:
        if not hasattr(driver, "set_volume" if what == "volume" else "dim"):
            return not_done(f"this driver has no {what} 此驱动不能调节")
        if what == "volume":
            driver.set_volume(level)
            return DONE
        outcome: Outcome = driver.dim(level, WITHIN_S)
        return outcome

    return work
