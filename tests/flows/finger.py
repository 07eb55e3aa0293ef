"""A technician's finger at the wizard on the screen: the shortest way to give an answer, on what the pictures offer."""

from __future__ import annotations

from typing import Any

import msgspec

from kiosk.flows.seen import Timing
from kiosk.flows.state import Tap
from kiosk.flows.tech import seen
from kiosk.flows.tech.flow import step
from kiosk.flows.tech.state import Spot, Tech
from kiosk.flows.tech.view import view
from kiosk.flows.tech.wizard import PATH, inline, value_of
from kiosk.flows.wizard_form import Step


class Finger:
    """Counts its touches over all steps. The wizard's page is open; the way there is not counted."""

    def __init__(self, panel: Timing | None = None) -> None:
        self.touches = 0
        self._at = 1000.0
        self._panel = panel or Timing()
        self._tech = Tech()

    def gives(self, steps: tuple[Step, ...], now: str, given: dict[str, Any]) -> dict[str, Any]:
        """-> what is sent to the station for it."""
        told = msgspec.json.encode({"step": now, "steps": steps})
        wizard = msgspec.json.decode(told, type=seen.Wizard)
        self._tech = Tech(spots=(Spot("menu"), Spot("wizard")), panel=self._panel, seen={PATH: wizard}, at=self._at)
        shown = wizard.current()
        assert shown is not None
        if inline(shown) is not None:
            self._tap(f"choice:{given[shown.fields[0].id]}")
        for field in shown.fields:
            if self._tech.busy is None and value_of(self._tech, field) != given[field.id]:
                self._fill(field, given[field.id])
        if self._tech.busy is None:
            self._tap("next")
        assert self._tech.busy is not None, f"{now}: {self._tech.here}"
        body = self._tech.busy.body
        assert body["step"] == now
        sent = body["answer"]
        assert isinstance(sent, dict)
        return sent

    def _fill(self, field: seen.Field, value: Any) -> None:
        if self._tech.here != Spot("entry", field.id):
            self._tap(f"field:{field.id}")
        if field.kind == "choice":
            self._tap(f"choice:{value}")
            return
        self._type(field, str(value))
        self._tap("ok")

    def _type(self, field: seen.Field, text: str) -> None:
        """A piece that is offered where one fits, else a key; what stands there is erased or begun anew."""
        offered = {piece: f"offer:{n}" for n, piece in enumerate(field.offers)}
        if self._tech.typed and not text.startswith(self._tech.typed):
            begins = any(text.startswith(piece) for piece in offered if "://" in piece)
            while self._tech.typed and not begins:
                self._tap("erase")
        done = "" if not text.startswith(self._tech.typed) else self._tech.typed
        while done != text:
            rest = text[len(done) :]
            piece = max((p for p in offered if rest.startswith(p)), key=len, default="")
            if piece:
                self._tap(offered[piece])
            else:
                piece = rest[0]
                self._letter(piece)
            done += piece
        assert self._tech.typed == text

    def _letter(self, letter: str) -> None:
        if letter.isalpha() and letter.isupper() != self._tech.capitals:
            self._tap("shift")
        self._tap(f"key:{letter}")

    def _tap(self, id: str) -> None:
        buttons = {b.id for b in view(self._tech, 0).buttons()}
        while id not in buttons and "more" in buttons:
            self._press("more")
            buttons = {b.id for b in view(self._tech, 0).buttons()}
        assert id in buttons, f"{id} is not on the screen: {sorted(buttons)}"
        self._press(id)

    def _press(self, id: str) -> None:
        self._at += 0.5
        self.touches += 1
        self._tech, _ = step(self._tech, Tap(id, self._at, f"k{self.touches}"))
