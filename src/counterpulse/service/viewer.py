"""One browser that looks on: a bounded queue between the thread that moves the patients and the connection. Knows no patient.

Who is late gets the newest frames; what he missed is gone, and the sample numbers say so. Nobody waits for him.
"""

import asyncio
import contextlib
import time
from collections import deque
from typing import Any, NamedTuple

from counterpulse.service.protocol import text_of

FRAMES = 8  # binary frames that wait at most
TEXTS = 200
BEHIND_S = 1.0  # of signal sent and not yet drawn: from here on nothing is sent until the browser has caught up
RETRY_S = 1.0


class Frame(NamedTuple):
    """Bytes for the wire and the sample they end at."""

    data: bytes
    end: int


class Viewer:
    """`push_` from any thread; `outgoing` in the loop that owns the connection."""

    def __init__(self, steers: bool, fs_hz: float) -> None:
        self.steers, self.fs_hz = steers, fs_hz
        self.loop = asyncio.get_running_loop()
        self.frames: deque[Frame] = deque(maxlen=FRAMES)
        self.texts: deque[str] = deque()
        self.news = asyncio.Event()
        self.full = True  # the next state tells every value
        self.physiology = False
        self.drawn: float | None = None
        self.sent, self.sent_at = 0, 0.0
        self.dropped = 0
        self.closing = False

    def begin(self, hello: str, drawn: Frame | None) -> None:
        """Greet it: what waited of another run is no longer true."""
        self.texts.clear()
        self.frames.clear()
        self.drawn, self.full = None, True
        self.texts.append(hello)
        if drawn is not None:
            self.frames.append(drawn)

    def push_frame(self, frame: Frame) -> None:
        """Give it a frame; the oldest falls off when there are too many."""
        self.dropped += len(self.frames) == FRAMES
        self.frames.append(frame)

    def push_text(self, text: str) -> None:
        """Give it a message; one that takes none loses them all and is told everything at the next state."""
        if len(self.texts) >= TEXTS:
            self.texts.clear()
            self.full = True
        self.texts.append(text)

    def tell(self, message: dict[str, Any]) -> None:
        """Give it a message of its own and wake it."""
        self.push_text(text_of(message))
        self.wake()

    def wake(self) -> None:
        """Let the connection look for news; a loop that has ended needs none."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.news.set)

    def close(self, sentence: str) -> None:
        """Say goodbye and end the connection."""
        self.closing = True
        self.tell({"type": "bye", "sentence": sentence})

    @property
    def behind(self) -> bool:
        """Whether what was sent is not drawn yet. One that says nothing for a while is tried again, in case its word was lost."""
        late = self.drawn is not None and self.sent - self.drawn > BEHIND_S * self.fs_hz
        return late and time.monotonic() - self.sent_at < RETRY_S

    async def outgoing(self) -> list[str | bytes]:
        """Wait for news and take what may be sent now."""
        await self.news.wait()
        self.news.clear()
        parts: list[str | bytes] = []
        with contextlib.suppress(IndexError):  # the other thread may have emptied the queue
            while self.texts:
                parts.append(self.texts.popleft())
            while self.frames and not self.behind:
                frame = self.frames.popleft()
                parts.append(frame.data)
                self.sent, self.sent_at = frame.end, time.monotonic()
        return parts
