"""An ordinary Kivy app, with none of the kiosk's locks: what the same keyboard does to it. Prints what was opened."""

from __future__ import annotations

from kivy.app import App
from kivy.clock import Clock
from kivy.uix.widget import Widget


class Plain(App):  # type: ignore[misc]
    def build(self) -> Widget:
        Clock.schedule_once(lambda _: print("up", flush=True))
        return Widget()

    def open_settings(self, *_: object) -> bool:
        print("settings", flush=True)
        return True


if __name__ == "__main__":
    Plain().run()
    print("ended", flush=True)
