"""Pictures of every view of `counterpulse lab`, light and dark, into docs/_static/lab.

Starts the server itself (or uses one that runs: --address) and a headless Chromium; needs nothing else. Run it again after every change of a page, and look.
"""

import argparse
import contextlib
import io
import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from PIL import Image

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests" / "browser"))

from devtools import SHIFT, Browser, Page  # noqa: E402

PLACE = ROOT / "docs" / "_static" / "lab"
COLOURS = 128  # of a picture's palette: flat surfaces and thin lines need no more, and it is a fifth of the size
LAPTOP, WALL, TABLET = (1280, 720), (3840, 2160), (810, 1080)


@contextlib.contextmanager
def server(recordings: Path | None) -> Iterator[str]:
    """The address of a lab of our own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    more = ["--recordings", str(recordings)] if recordings else []
    process = subprocess.Popen([sys.executable, "-m", "counterpulse", "lab", "--port", str(port), "--no-open", *more], stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline() if process.stdout else ""
        if "http" not in line:
            raise SystemExit(f"The lab did not start: {line}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


class Studio:
    """Opens consoles and keeps pictures of them."""

    def __init__(self, browser: Browser, address: str, place: Path) -> None:
        self.browser, self.address, self.place = browser, address, place

    def open(self, kind: str = "console", size: tuple[int, int] = LAPTOP, **body: Any) -> Page:
        """A page of a new console."""
        request = urllib.request.Request(f"{self.address}/lab/api/consoles", json.dumps(body).encode(), {"content-type": "application/json"}, method="POST")  # noqa: S310
        with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
            made = json.load(answer)
        key = made["view_key"] if kind == "monitor" else made["key"]
        page = self.browser.page(f"{self.address}/lab/{kind}/{made['console']}#key={key}&view={made['view_key']}", size)
        page.wait("window.__lab && __lab.state && __lab.beats.length > 5 || performance.now() > 15000", 40)
        return page

    def keep(self, page: Page, name: str, shrink: int = 1) -> None:
        """A light and a dark picture."""
        for theme in ("light", "dark"):
            page.media(prefers_color_scheme=theme)
            time.sleep(0.4)
            image = Image.open(io.BytesIO(page.picture())).convert("RGB")
            if shrink > 1:
                image = image.resize((image.width // shrink, image.height // shrink), Image.Resampling.LANCZOS)
            image.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE).save(self.place / f"{name}-{theme}.png", optimize=True)
        sys.stdout.write(f"{name}{''.join(f' {said}' for said in page.said)}\n")
        sys.stdout.flush()


def tab(page: Page, name: str, wait_s: float = 0.3) -> None:
    """Open a panel."""
    page.click(f"[data-tab={name}]")
    time.sleep(wait_s)


def start(studio: Studio) -> None:
    """The start page."""
    page = studio.browser.page(f"{studio.address}/lab/", LAPTOP)
    page.wait("document.querySelectorAll('#preset option').length > 0")
    time.sleep(1)
    studio.keep(page, "start")


def console(studio: Studio) -> None:
    """Pump, patient, physiology, calipers, help."""
    page = studio.open(preset="hf-shock")
    page.press("2")
    page.wait("__lab.beats.slice(-6).some((one) => !one.assisted)")
    time.sleep(8)
    studio.keep(page, "pump")
    tab(page, "patient")
    studio.keep(page, "patient")
    tab(page, "physiology", 12)
    studio.keep(page, "physiology")
    tab(page, "pump")
    page.press("f")
    page.press("ArrowLeft", SHIFT)
    time.sleep(0.5)
    studio.keep(page, "calipers")
    page.press("Escape")
    page.press("?")
    studio.keep(page, "help")


def alarm(studio: Studio) -> None:
    """A lead has come off."""
    page = studio.open(preset="ami-shock")
    page.see("[0, 1, 2].forEach((place) => __lab.link.send({type: 'set', field: 'monitor.lead_off', value: 1, place}))")
    page.wait("document.querySelector('#alarm-line').dataset.priority !== 'none'", 20)
    time.sleep(4)
    studio.keep(page, "alarm")


def lesson(studio: Studio) -> None:
    """A lesson, as its learner and as its instructor see it."""
    with urllib.request.urlopen(f"{studio.address}/lab/api/lessons", timeout=30) as answer:  # noqa: S310
        lessons = json.load(answer)["lessons"]
    page = studio.open(lesson=lessons[0]["lesson"])
    time.sleep(6)
    studio.keep(page, "lesson")
    page.see("__lab.link.send({type: 'do', what: 'explain'})")
    time.sleep(1.5)
    studio.keep(page, "explanation")
    page = studio.open("instructor", lesson=lessons[0]["lesson"])
    tab(page, "share", 5)
    studio.keep(page, "instructor")


def monitor(studio: Studio) -> None:
    """The monitor alone, on a wall and on a tablet."""
    page = studio.open("monitor", WALL, preset="hf-shock")
    time.sleep(10)
    studio.keep(page, "monitor", shrink=3)
    page = studio.open("console", TABLET, preset="af")
    time.sleep(8)
    studio.keep(page, "tablet")


def recording(studio: Studio) -> None:
    """A recording with the pump along it."""
    with urllib.request.urlopen(f"{studio.address}/lab/api/recordings", timeout=30) as answer:  # noqa: S310
        found = [one["recording"] for one in json.load(answer)["recordings"]]
    wanted = next((one for one in found if "abp_ecg" in one), found[0] if found else None)
    if wanted is None:
        sys.stdout.write("recording: no folder of recordings, left out\n")
        return
    page = studio.open(recording=wanted)
    time.sleep(12)
    studio.keep(page, "recording")


VIEWS: dict[str, Callable[[Studio], None]] = {"start": start, "console": console, "alarm": alarm, "lesson": lesson, "monitor": monitor, "recording": recording}


def main() -> None:
    """Take the pictures."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("views", nargs="*", choices=[[], *VIEWS], help="which; all without")
    asked.add_argument("--address", help="of a lab that runs already")
    asked.add_argument("--chromium", default="chromium")
    asked.add_argument("--recordings", type=Path, help="folder of recordings; without it the recording's view is left out")
    asked.add_argument("--out", type=Path, default=PLACE)
    given = asked.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        address = given.address or stack.enter_context(server(given.recordings))
        folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        browser = Browser(given.chromium, Path(folder))
        stack.callback(browser.close)
        for name in given.views or VIEWS:
            VIEWS[name](Studio(browser, address, given.out))


if __name__ == "__main__":
    main()
