"""The thread that moves every console when it is due. Kernels release the interpreter lock, so browsers are served meanwhile.

All consoles are looked at together every `SLICE_S`; then each event loop is woken once. Knows consoles, not what they play.
"""

import os
import sys
import threading
import time
import traceback

from counterpulse.refusal import RefusalError
from counterpulse.service.console import Console

SLICE_S = 0.024  # six drawn samples
MOST = 32  # consoles at a time


class Engine:
    """Every console of this process by its name."""

    def __init__(self, most: int = MOST, slice_s: float = SLICE_S) -> None:
        self.most, self.slice_s = most, slice_s
        self.consoles: dict[str, Console] = {}
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def add(self, console: Console) -> None:
        """Take a console over. Raises RefusalError when there are too many."""
        with self._lock:
            self.check_room()
            self.consoles[console.id] = console

    def check_room(self) -> None:
        """Raise RefusalError when no further console may be opened."""
        if len(self.consoles) >= self.most:
            raise RefusalError(f"{self.most} consoles are open already; close one, or wait half a minute after its page was closed.")

    def remove(self, name: str, sentence: str) -> None:
        """End a console."""
        console = self.consoles.pop(name, None)
        if console is not None:
            console.end(sentence)

    def start(self) -> None:
        """Begin to move consoles."""
        self._over.clear()
        self._thread = threading.Thread(target=self._run, name="consoles", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End every console and the thread."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(timeout=5.0)
        for name in list(self.consoles):
            self.remove(name, "The server is being stopped.")

    def _run(self) -> None:
        due = time.monotonic()
        while not self._over.is_set():
            self.pass_once(time.monotonic())
            due = max(due + self.slice_s, time.monotonic() - self.slice_s)
            wait = due - time.monotonic()
            if wait > 0:
                self._over.wait(wait)

    def pass_once(self, now: float) -> None:
        """One look at every console."""
        for name, console in list(self.consoles.items()):
            if console.until is not None and now > console.until:
                self.remove(name, "Nobody has looked at this console for a while; it has ended.")
                continue
            try:
                for viewer in console.turn(now):
                    viewer.wake()
            except Exception:  # noqa: BLE001  one console's fault must not stop the others
                if os.environ.get("COUNTERPULSE_DEBUG"):
                    traceback.print_exc(file=sys.stderr)
                self.remove(name, "This console has failed; that is a fault of counterpulse, not of yours. Open a new one.")
