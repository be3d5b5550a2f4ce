"""A page in a headless Chromium, driven over the DevTools protocol. Our own, small: open, evaluate, press, wait, look. Knows no lab."""

import base64
import contextlib
import json
import os
import subprocess
import time
import urllib.request
from pathlib import Path

from websockets.sync.client import connect

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-extensions", "--mute-audio", "--hide-scrollbars", "--autoplay-policy=user-gesture-required", "--remote-debugging-port=0", "about:blank",
)  # fmt: skip
NAMED_KEYS = {
    "Escape": 27,
    "Tab": 9,
    "Enter": 13,
    "ArrowLeft": 37,
    "ArrowUp": 38,
    "ArrowRight": 39,
    "ArrowDown": 40,
    "PageUp": 33,
    "PageDown": 34,
    "End": 35,
    "Home": 36,
}
CTRL, SHIFT = 2, 8


class PageError(AssertionError):
    """What a script in the page threw, or what never came."""


class Browser:
    """A Chromium of its own with its own profile folder."""

    def __init__(self, chromium: str, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        # the sandbox's home may not be writable, and nothing of a person's own profile is to be read
        environment = {**os.environ, "HOME": str(folder)}
        self.process = subprocess.Popen(
            [chromium, f"--user-data-dir={folder / 'profile'}", *FLAGS], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
        )
        told = folder / "profile" / "DevToolsActivePort"
        until = time.monotonic() + 60
        while not (told.exists() and told.read_text().count("\n") >= 1):
            if time.monotonic() > until or self.process.poll() is not None:
                self.close()
                raise PageError("Chromium did not open its DevTools port.")
            time.sleep(0.05)
        self.port = int(told.read_text().splitlines()[0])
        self.pages: list[Page] = []

    def page(self, address: str = "about:blank", size: tuple[int, int] = (1280, 720), **media: str) -> "Page":
        """A new tab of that size at that address. `media`: prefers_color_scheme="dark" and the like."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/json/new?about:blank", method="PUT")
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            target = json.load(answer)
        page = Page(target["webSocketDebuggerUrl"], target["id"])
        self.pages.append(page)
        page.size(*size)
        if media:
            page.media(**media)
        if address != "about:blank":
            page.go(address)
        return page

    def end(self, page: "Page") -> None:
        """Close a tab, after hearing what it still had to say."""
        with contextlib.suppress(Exception):
            page.see("1")
            page.opening.__exit__(None, None, None)
        self.pages.remove(page)
        urllib.request.urlopen(f"http://127.0.0.1:{self.port}/json/close/{page.target}", timeout=30).close()

    def close(self) -> None:
        """End the browser."""
        for page in getattr(self, "pages", []):
            with contextlib.suppress(Exception):
                page.opening.__exit__(None, None, None)
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Page:
    """One tab. `said` collects what its console said of errors and warnings, and what scripts threw."""

    def __init__(self, address: str, target: str = "") -> None:
        self.target = target
        self.made: dict[str, str] = {}
        self.opening = connect(address, max_size=None, max_queue=None, open_timeout=30, ping_interval=None)
        self.line = self.opening.__enter__()
        self.count = 0
        self.said: list[str] = []
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, timeout: float = 60, **parameters):
        """One command and its result; what is told meanwhile is noted."""
        self.count += 1
        number = self.count
        self.line.send(json.dumps({"id": number, "method": method, "params": parameters}))
        until = time.monotonic() + timeout
        while True:
            try:
                message = json.loads(self.line.recv(timeout=max(0.01, until - time.monotonic())))
            except TimeoutError:
                raise PageError(f"{method} was not answered within {timeout} s.") from None
            if message.get("id") == number:
                if "error" in message:
                    raise PageError(f"{method}: {message['error']['message']}")
                return message["result"]
            self.note(message)

    def note(self, message) -> None:
        """Keep what matters of an event."""
        method, told = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            detail = told["exceptionDetails"]
            self.said.append(f"thrown: {detail.get('exception', {}).get('description') or detail['text']}")
        elif method == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning", "assert"):
            self.said.append(f"{told['type']}: " + " ".join(str(part.get("value", part.get("description"))) for part in told["args"]))
        elif method == "Log.entryAdded" and told["entry"]["level"] in ("error", "warning"):
            self.said.append(f"{told['entry']['level']}: {told['entry']['text']} {told['entry'].get('url', '')}")

    def asked(self) -> list[str]:
        """The addresses that the page has requested. (Listening to the network domain would copy every frame of samples to us.)"""
        return self.see("performance.getEntries().filter((one) => one.entryType === 'resource' || one.entryType === 'navigation').map((one) => one.name)")

    def size(self, wide: int, high: int, ratio: float = 1) -> None:
        """The window's size in CSS pixels."""
        self.call("Emulation.setDeviceMetricsOverride", width=wide, height=high, deviceScaleFactor=ratio, mobile=False)

    def media(self, **features: str) -> None:
        """Emulate media features: prefers_color_scheme="dark", prefers_reduced_motion="reduce"."""
        self.call("Emulation.setEmulatedMedia", features=[{"name": name.replace("_", "-"), "value": value} for name, value in features.items()])

    def go(self, address: str) -> None:
        """Open an address and wait until it is read."""
        self.call("Page.navigate", url=address)
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'")

    def see(self, script: str, timeout: float = 60):
        """The value of an expression; promises are awaited."""
        found = self.call("Runtime.evaluate", timeout, expression=script, returnByValue=True, awaitPromise=True, userGesture=True)
        if "exceptionDetails" in found:
            detail = found["exceptionDetails"]
            raise PageError(f"{script[:200]}: {detail.get('exception', {}).get('description') or detail['text']}")
        return found["result"].get("value")

    def wait(self, script: str, timeout: float = 30):
        """Until an expression holds; its value."""
        until = time.monotonic() + timeout
        while True:
            with contextlib.suppress(PageError):
                if found := self.see(script):
                    return found
            if time.monotonic() > until:
                raise PageError(f"Not within {timeout} s: {script[:300]}")
            time.sleep(0.05)

    def press(self, key: str, modifiers: int = 0) -> None:
        """A key down and up, as from a keyboard."""
        text = key if len(key) == 1 and not modifiers & CTRL else ""
        code = NAMED_KEYS.get(key) or ord(key.upper())
        told = {"key": key, "windowsVirtualKeyCode": code, "modifiers": modifiers}
        self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **told, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **told)

    def click(self, selector: str) -> None:
        """Click the middle of an element, as a pointer does."""
        place = self.see(
            f"(() => {{ const e = document.querySelector({selector!r}); e.scrollIntoView({{block: 'center'}}); const b = e.getBoundingClientRect();"
            " return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)

    def picture(self) -> bytes:
        """The window as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])
