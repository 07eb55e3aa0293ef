"""The tour: two customers, one clerk, and everything between them, each step checked where it arrives.

screen → paper → counter page → voice, sign, board, phone page → served → central
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.tour import paper, pictures, sound
from tests.tour.clerk import Board, Browsers, Clerk
from tests.tour.finger import Finger, Seen
from tests.tour.hall import ROOT, Bench, DemoHall, Panel, fetch, fetch_json, free_base
from tests.tour.report import Report, Step, wait_for

BUILD = ROOT / "build"
FONT = ROOT / "assets" / "fonts" / "NotoSansSC-Regular.ttf"
BASE = 28_600
COUNTER = 3
SYNC_S = 20.0
READY_S = 40.0  # nine kinds of simulator start beside everything else
INCHES = {(1080, 1920): 21.5, (1920, 1080): 15.6, (1280, 800): 10.1}


@dataclass(frozen=True)
class Kind:
    """Which tour: its folder under build/, the screen (None: as configured), whether the customers need large text."""

    name: str = "tour"
    panel: Panel | None = None
    big: bool = False


LANDSCAPE = Panel(1920, 1080, INCHES[1920, 1080])
ALL = (Kind(), Kind("tour-landscape", LANDSCAPE), Kind("tour-big", big=True))


class Customer:
    """One visit at the touchscreen, in one language; afterwards the number and the paper in hand."""

    def __init__(self, lang: str, finger: Finger, bench: Bench, folder: Path) -> None:
        self.lang, self.finger, self.bench, self.folder = lang, finger, bench, folder
        self.number = ""
        self.sheet = paper.Sheet("", (), False)

    def look(self, step: Step, name: str) -> Seen:
        path, seen = self.finger.look(f"{self.lang}-{name}")
        faults = pictures.faults(path, seen)
        words = sum(item.kind == "words" for item in seen.items)
        step.check(not faults, "; ".join(faults) or f"{path.name}: {words} texts, all readable, none cut off")
        return seen

    def want_large_text(self, report: Report) -> None:
        """On the home page, which stays; only then a page may have a second leaf."""
        with report.step(f"{self.lang}: large text") as step:
            self.finger.touch("big")
            wait_for(self._is_large, "the page in large text")
            self.look(step, "0-large")

    def _is_large(self) -> bool:
        seen = self.finger.seen()
        return seen is not None and seen.place == "home" and seen.item("more") is not None

    def take_number(self, report: Report, touches: list[tuple[str, str]]) -> None:
        """`touches`: (what to touch, where it leads). The last leads to the number."""
        for nth, (touch, place) in enumerate(touches):
            with report.step(f"{self.lang}: touch {touch} → {place}") as step:
                self.finger.touch(touch)
                self.finger.wait(place, self.lang)
                if place != "number":
                    self.look(step, f"{nth + 1}-{place}")
        with report.step(f"{self.lang}: the number is on the screen") as step:
            seen = wait_for(self._paper_said, "the screen to say what became of the paper", 20.0)
            numbers = [item.text for item in seen.items if paper.NUMBER.fullmatch(item.text.strip())]
            step.check(len(numbers) == 1, f"one number on the screen: {numbers}")
            self.number = numbers[0]
            self.look(step, f"{len(touches)}-number")

    def _paper_said(self) -> Seen | None:
        """The number page, once the printer has answered: its line about the paper has changed to "take it"."""
        seen = self.finger.seen()
        if seen is None or seen.place != "number":
            return None
        return seen if any(text in ("请取走小票", "Please take your ticket") for text in seen.texts()) else None

    def named(self, what: str, ending: str) -> str:
        """The first customer, who speaks Chinese, leaves ticket.png; the second one ticket-en.png."""
        return f"{what}.{ending}" if self.lang == "zh" else f"{what}-{self.lang}.{ending}"

    def take_paper(self, report: Report, after: int) -> int:
        """-> the sheet's number at the bench."""
        with report.step(f"{self.lang}: the paper") as step:
            n = wait_for(lambda: self.bench.newest_paper(after), "a sheet of paper")
            escpos, picture = self.folder / self.named("ticket", "escpos"), self.folder / self.named("ticket", "png")
            self.bench.save(f"paper/{n}.escpos", escpos)
            self.bench.save(f"paper/{n}.png", picture)
            self.sheet = paper.read(escpos.read_bytes())
            step.same("number on paper", [self.number], self.sheet.numbers())
            step.check(self.sheet.cut, "the paper is cut")
            step.check(len(self.sheet.qr) == 1, f"one QR code: {self.sheet.qr}")
            step.same("QR code as a camera reads it", self.sheet.qr[0], read_qr(picture))
            self.bench.take_paper()
            return n

    def page(self) -> str:
        """The address on the paper, without the fragment that never leaves the phone."""
        return self.sheet.qr[0].partition("#")[0]


def read_qr(picture: Path) -> str:
    done = subprocess.run(
        ["zbarimg", "--quiet", "--raw", str(picture)], capture_output=True, text=True, timeout=20, check=False
    )
    return done.stdout.strip()


def phone_page(customer: Customer) -> bool:
    """Whether the ticket's page at central shows the number as done."""
    page = fetch(customer.page()).decode("utf-8")
    return customer.number in page and 'class="card big done"' in page


def start(report: Report, hall: DemoHall, clerk: Clerk, board: Board) -> None:
    with report.step("counter 3: log in with the PIN, open") as step:
        clerk.log_in("1111")
        clerk.press("open")
        clerk.is_open()
        step.check(True, "the counter is open")
        board.open()
    with report.step("everything answers") as step:
        devices = wait_for(
            lambda: _ready(hall.places.station), "all devices to be ready (see data/logs/station.log)", READY_S
        )
        step.check(True, f"ready: {', '.join(devices)}")


def _ready(station: str) -> list[str] | None:
    devices = fetch_json(f"{station}/health")["devices"]
    return (
        [str(d["id"]) for d in devices] if all(d["state"] in ("ready", "busy") for d in devices) and devices else None
    )


def call(report: Report, clerk: Clerk, board: Board, bench: Bench, customer: Customer) -> None:
    heard = max((int(sound["n"]) for sound in bench.sounds()), default=-1)
    with report.step(f"counter 3 calls {customer.number}") as step:
        step.check(customer.number in clerk.queue(), f"{customer.number} waits on the counter's page")
        clerk.press("next")
        clerk.holds(customer.number, "called")
        step.check(True, f"the counter's page holds {customer.number}")
        clerk.page.screenshot(path=customer.folder / customer.named("counter", "png"))
        step.same("counter on the board", str(COUNTER), board.calls(customer.number))
        board.page.screenshot(path=customer.folder / customer.named("board", "png"))
    with report.step(f"the sign over counter 3 shows {customer.number}") as step:
        text = wait_for(lambda: number_on_sign(bench), "the sign to show a number")
        step.same("number on the sign", [customer.number], paper.NUMBER.findall(text))
        picture = customer.folder / customer.named("sign", "png")
        wait_for(lambda: bench.save(f"sign/{COUNTER}.png", picture) and pictures.is_lit(picture), "the sign to be lit")
    with report.step(f"the voice calls {customer.number}") as step:
        latest = wait_for(
            lambda: next((s for s in bench.sounds() if int(s["n"]) > heard), None), "a sound at the speaker", 20.0
        )
        wav = customer.folder / f"call-{customer.number}.wav"
        bench.save(f"sound/{latest['n']}.wav", wav)
        step.same("number in the sentence", [customer.number], sound.said_numbers(latest["text"]))
        loud = sound.loud_seconds(wav.read_bytes())
        step.check(loud >= sound.LEAST_S, f"{loud:.1f} s of it are sound: “{latest['text']}”")


def number_on_sign(bench: Bench) -> str | None:
    text = bench.sign(COUNTER)
    return text if paper.NUMBER.search(text) else None


def serve(report: Report, clerk: Clerk, customer: Customer) -> None:
    with report.step(f"counter 3 serves {customer.number}"):
        clerk.press("start")
        clerk.holds(customer.number, "serving")
        clerk.press("finish")
        clerk.holds_nobody()
    with report.step(f"central knows {customer.number}") as step:
        wait_for(lambda: phone_page(customer), f"{customer.page()} to show {customer.number} as done", SYNC_S)
        step.check(True, f"the address on the paper leads to the page of {customer.number}: done")


def tour(report: Report, hall: DemoHall, browsers: Browsers, *, big: bool = False) -> None:
    places, folder = hall.places, report.folder
    bench = Bench(places.bench)
    finger = Finger(hall.display, hall.dump, folder)
    clerk = Clerk(browsers.page("counter", 1280, 800), places.station, COUNTER)
    board = Board(browsers.page("board", 1920, 1080), places.station)
    start(report, hall, clerk, board)

    chinese = Customer("zh", finger, bench, folder)
    with report.step("zh: the start page") as step:
        finger.wait("attract", "zh", 20.0)
        chinese.look(step, "0-attract")
    if big:
        with report.step("zh: touch start → home"):
            finger.touch("start")
            finger.wait("home", "zh")
        chinese.want_large_text(report)
    begin = [] if big else [("start", "home")]
    chinese.take_number(report, [*begin, ("service:payment", "question"), ("choice:cash", "number")])
    first = chinese.take_paper(report, 0)
    call(report, clerk, board, bench, chinese)
    serve(report, clerk, chinese)

    english = Customer("en", finger, bench, folder)
    with report.step("zh: done → home → English") as step:
        finger.touch("done")
        finger.wait("home", "zh")
        finger.touch("lang")
        finger.wait("home", "en")
        english.look(step, "0-home")
    if big:
        english.want_large_text(report)
    english.take_number(report, [("service:intake", "question"), ("choice:suspend", "number")])
    english.take_paper(report, first)
    call(report, clerk, board, bench, english)
    serve(report, clerk, english)

    with report.step("the device bench, and no page complained") as step:
        page = browsers.page("bench", 1600, 1000)
        page.goto(places.bench)
        shown = "[...document.images].filter(i => i.checkVisibility()).every(i => i.complete && i.naturalWidth > 0)"
        wait_for(lambda: page.locator(".papers img").count() == 2 and page.evaluate(shown), "the bench's pictures")
        page.screenshot(path=folder / "bench.png")
        step.same("complaints of the browser", [], browsers.complaints)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.tour", description=__doc__)
    parser.add_argument("--ports", type=int, metavar="BASE", help="default: the first that are free")
    parser.add_argument("--docs", action="store_true", help="also take the pictures of docs/img anew")
    parser.add_argument("--window", metavar="WxH", help="another screen: 1920x1080 (15.6 inch), 1280x800 (10.1), …")
    parser.add_argument("--diagonal", type=float, metavar="INCH", help="with --window, if not a usual one")
    parser.add_argument("--big", action="store_true", help="the customers touch 大字版 first")
    parser.add_argument("--all", action="store_true", help="three tours: as configured, landscape, large text")
    args = parser.parse_args()
    kinds = ALL if args.all else (asked(args.window, args.diagonal, big=args.big),)
    for kind in kinds:
        go(kind, args.ports, for_docs=args.docs and kind == Kind())
    return 0


def asked(window: str | None, diagonal: float | None, *, big: bool) -> Kind:
    """The tour of the options; each has a folder of its own. Raises SystemExit for a window that is none."""
    panel = None
    if window:
        found = re.fullmatch(r"(\d{3,5})x(\d{3,5})", window)
        if found is None:
            raise SystemExit(f"--window expects WIDTHxHEIGHT, for instance 1920x1080; got {window!r}")
        width, height = int(found[1]), int(found[2])
        panel = Panel(width, height, diagonal or INCHES.get((width, height), 21.5))
    shape = "" if panel is None else "-landscape" if panel == LANDSCAPE else f"-{window}"
    return Kind(f"tour{shape}{'-big' if big else ''}", panel, big)


def go(kind: Kind, ports: int | None, *, for_docs: bool) -> None:
    """One whole tour, from an empty folder to its report and contact sheet."""
    folder = BUILD / kind.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    report = Report(folder)
    hall = DemoHall(ports or free_base(BASE), folder, kind.panel)
    good = False
    try:
        with report.step("make run"):
            hall.__enter__()
        with Browsers() as browsers:
            tour(report, hall, browsers, big=kind.big)
        with report.step("Ctrl-C: everything ends") as step:
            step.same("exit status", 0, hall.close())
        if for_docs:
            pictures.for_docs(folder, ROOT / "docs" / "img")
        good = True
    finally:
        hall.close()
        found = [path for path in sorted(folder.glob("*.png")) if path.name != "all.png"]
        if found:
            pictures.contact_sheet(found, folder / "all.png", FONT)
        end = "The tour is complete" if good else "THE TOUR FAILED"
        print(f"{end}: {report.seconds():.0f} s, {len(found)} pictures in {folder}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
