"""The clerk at counter 3 and the board on the wall: the real pages in a real browser."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
WAIT_MS = 15_000
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--force-color-profile=srgb"]


class Browsers:
    """One browser; each page has a context of its own, as on separate machines. What a page complains of is kept."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    def __enter__(self) -> Browsers:
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._browser is not None:
            self._browser.close()
        if self._playwright is not None:
            self._playwright.stop()

    def page(self, name: str, width: int, height: int, locale: str = "zh-CN") -> Page:
        assert self._browser is not None
        context = self._browser.new_context(viewport={"width": width, "height": height}, locale=locale)
        context.set_default_timeout(WAIT_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"{name}: {error}"))
        page.on("requestfailed", lambda request: self._failed(name, request.url, request.failure))
        page.on("response", lambda answer: self._answered(name, answer.url, answer.status))
        return page

    def _failed(self, name: str, url: str, why: str | None) -> None:
        # An event stream ends like this whenever a page is left.
        if why != "net::ERR_ABORTED":
            self.complaints.append(f"{name}: {url} failed: {why}")

    def _answered(self, name: str, url: str, status: int) -> None:
        if status >= 400:
            self.complaints.append(f"{name}: {url} answered {status}")


class Clerk:
    def __init__(self, page: Page, station: str, counter: int) -> None:
        self.page = page
        self.station = station
        self.counter = counter

    def log_in(self, pin: str) -> None:
        """By the buttons of the page, as with a finger or a mouse."""
        self.page.goto(f"{self.station}/counter")
        self.page.locator(f"label:has(input[name=counter][value='{self.counter}'])").click()
        for digit in pin:
            self.page.locator(f"button[data-digit='{digit}']").click()
        self.page.locator("button.go").click()
        expect(self.page.locator("#press-next")).to_be_visible(timeout=WAIT_MS)

    def press(self, verb: str) -> None:
        """One of the page's buttons: open, next, start, finish … It must be enabled."""
        button = self.page.locator(f"#press-{verb}")
        expect(button).to_be_enabled(timeout=WAIT_MS)
        button.click()

    def holds(self, number: str, state: str) -> None:
        """Waits until the page shows this number in this state (called, serving)."""
        expect(self.page.locator(f".current.{state} .big")).to_have_text(number, timeout=WAIT_MS)

    def holds_nobody(self) -> None:
        expect(self.page.locator(".current.none")).to_be_visible(timeout=WAIT_MS)

    def is_open(self) -> None:
        expect(self.page.locator("#press-next")).to_be_enabled(timeout=WAIT_MS)

    def queue(self) -> list[str]:
        """The numbers that the page lists as waiting."""
        return self.page.locator(".queue li > b").all_inner_texts()


class Board:
    def __init__(self, page: Page, station: str) -> None:
        self.page = page
        self.station = station

    def open(self) -> None:
        self.page.goto(f"{self.station}/board")
        expect(self.page.locator("#now")).to_be_visible(timeout=WAIT_MS)

    def calls(self, number: str) -> str:
        """Waits until this number is the latest call; -> the counter it is called to, as shown."""
        expect(self.page.locator(".latest .who strong")).to_have_text(number, timeout=WAIT_MS)
        return self.page.locator(".latest .where strong").inner_text()
