"""One console: a run that is moved on when it is due, who looks on, what they asked for, and when it ends. Knows no web.

Messages from browsers wait in `inbox` until the thread that moves the patients takes them, so that nothing changes in the middle of a slice.
"""

import secrets
import threading
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from counterpulse import __version__
from counterpulse.bed.live import Input
from counterpulse.refusal import RefusalError
from counterpulse.service import controls
from counterpulse.service.protocol import Do, Set, frame, text_of
from counterpulse.service.showing import Make, Showing, Source
from counterpulse.service.viewer import Frame, Viewer

NOTICE = "Research and education only: simulated, not a medical device, not for patient care."
STATE_S = 0.2
LATEST_S = 1.0  # further behind than this, the clock of the wall is given up
AT_ONCE_S = 0.25  # most that is moved on in one turn, so that nobody else waits for it
CLOSED_S = 20.0  # a console whose last page was closed waits so long, for a reload
DROPPED_S = 60.0  # one whose connection was lost, or that nobody has opened yet
VIEWERS = 16
HIDDEN = ("inflation_error_ms", "deflation_error_ms")  # of a beat: truth, for who steers
INBOX = 256
ANEW = ThreadPoolExecutor(1, "anew")  # runs that begin again settle here, so that nobody waits for them


class Console:
    """Keys, viewers and clock of one run; `make` begins it, and begins it again."""

    def __init__(self, make: Make, speed: float = 1.0) -> None:
        self.id, self.key, self.view_key = secrets.token_urlsafe(9), secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self.make, self.run, self.speed, self.paused = make, make(), speed, False
        self.lock = threading.Lock()
        self.viewers: list[Viewer] = []
        self.inbox: deque[tuple[Viewer, Set | Do]] = deque()
        self.anew: Future[Showing] | None = None
        self.late_ms = self.worst_late_ms = 0.0
        self._told = now = time.monotonic()
        self.until: float | None = now + DROPPED_S
        self._clock(now)

    @property
    def source(self) -> Source:
        """What plays."""
        return self.run.source

    # who may do what

    def role(self, key: str) -> str | None:
        """`steer`, `view` or None for a key; takes the same time whatever is wrong with it."""
        steers = secrets.compare_digest(key.encode(), self.key.encode())
        views = secrets.compare_digest(key.encode(), self.view_key.encode())
        return "steer" if steers else "view" if views else None

    def join(self, viewer: Viewer) -> None:
        """Let a browser look on. Raises RefusalError when there are too many."""
        with self.lock:
            if len(self.viewers) >= VIEWERS:
                raise RefusalError(f"{VIEWERS} pages look at this console already; close one.")
            self._greet(viewer)
            self.viewers.append(viewer)
            self.until = None
        viewer.wake()

    def _greet(self, viewer: Viewer) -> None:
        viewer.begin(text_of(self.hello(viewer.steers)), self.run.last_seconds(viewer.steers))

    def leave(self, viewer: Viewer, now: float, closed: bool) -> None:
        """A browser has gone: closed on purpose, or lost."""
        with self.lock:
            if viewer in self.viewers:
                self.viewers.remove(viewer)
            if not self.viewers:
                self.until = now + (CLOSED_S if closed else DROPPED_S)

    def ask(self, viewer: Viewer, message: Set | Do) -> None:
        """Leave a message for the next turn. Raises RefusalError for who may only look, and when too many wait."""
        if not viewer.steers:
            raise RefusalError("This page may only look on; its key is a view key.")
        if len(self.inbox) >= INBOX:
            raise RefusalError("Too many changes wait already; send them more slowly.")
        self.inbox.append((viewer, message))

    def scenario(self) -> str:
        """The run so far as a scenario file."""
        with self.lock:
            return self.source.scenario()

    def end(self, sentence: str) -> None:
        """Say goodbye to everyone."""
        with self.lock:
            for viewer in self.viewers:
                viewer.close(sentence)

    # the wall's clock

    def _clock(self, now: float) -> None:
        self._since, self._from = now, self.source.sample

    def due(self, now: float) -> int:
        """Samples that should have passed by now and have not; whole drawn samples."""
        if self.paused:
            return 0
        fs_hz, left = self.source.fs_hz, self.source.left
        behind = self._from + (now - self._since) * fs_hz * self.speed - self.source.sample
        self.late_ms = 1000.0 * behind / (fs_hz * self.speed)
        self.worst_late_ms = max(self.worst_late_ms, self.late_ms)
        if self.late_ms > 1000.0 * LATEST_S:
            self._clock(now)
        if left is not None and left < self.run.every:
            self.paused = True  # the recording is over
            return 0
        most = min(behind, AT_ONCE_S * fs_hz * max(self.speed, 1.0), behind if left is None else left)
        return int(most // self.run.every) * self.run.every

    def turn(self, now: float) -> list[Viewer]:
        """Take what was asked, move on as far as is due, tell; returns who has news."""
        with self.lock:
            self._begin_again(now)
            while self.inbox:
                self._take(*self.inbox.popleft(), now)
            news = self._move(self.due(now))
            if now - self._told >= STATE_S:
                self._told = now
                self._state()
                return list(self.viewers)
            return list(self.viewers) if news else []

    def _begin_again(self, now: float) -> None:
        """Put a run that begins again, once it has settled, in the place of this one, and greet everyone anew."""
        if self.anew is None or not self.anew.done():
            return
        self.run, self.anew, self.paused = self.anew.result(), None, False
        self._clock(now)
        for viewer in self.viewers:
            self._greet(viewer)

    def _move(self, samples: int) -> bool:
        """Move on; a frame is made once a role."""
        if samples <= 0:
            return False
        told, first, drawn = self.run.advance(samples)
        for message, everyone in told:
            text = text_of(message)
            seen = text if everyone else text_of({name: value for name, value in message.items() if name not in HIDDEN})
            for viewer in self.viewers:
                viewer.push_text(text if viewer.steers else seen)
        made: dict[bool, Frame] = {}
        for viewer in self.viewers:
            if viewer.steers not in made:
                made[viewer.steers] = Frame(frame(first, drawn, self.run.channels(viewer.steers)), self.source.sample)
            viewer.push_frame(made[viewer.steers])
        return True

    # what browsers ask

    def _take(self, viewer: Viewer, message: Set | Do, now: float) -> None:
        try:
            if isinstance(message, Set):
                self.source.change(Input(self.source.sample, message.field, message.value, message.place))
                self.run.report.note(message, self.source.sample)
            else:
                self._do(viewer, message, now)
        except RefusalError as refusal:
            of = {"type": "set" if isinstance(message, Set) else "do", **message._asdict()}
            viewer.push_text(text_of({"type": "refused", "sentence": str(refusal), "of": of}))

    def _do(self, viewer: Viewer, message: Do, now: float) -> None:
        what, value = message
        if what in ("pause", "resume"):
            self.paused = what == "pause"
            self._clock(now)
        elif what == "speed":
            self.speed = float(value)
            self._clock(now)
        elif what == "physiology":
            viewer.physiology = value
        elif what == "restart":
            self.anew = self.anew or ANEW.submit(self.make)
        else:
            self.run.report.do(message)

    # what everyone is told

    def hello(self, steers: bool) -> dict[str, Any]:
        """What a browser needs before anything else."""
        source, report = self.source, self.run.report
        fields = [controls.told(source.bed, one) for one in controls.controls(source.records)] + controls.faults(source.faults)
        return {
            "type": "hello", "console": self.id, "role": "steer" if steers else "view", "title": source.title, "fs_hz": source.fs_hz,
            "draw_hz": source.fs_hz / self.run.every, "sample": source.sample, "time_s": source.sample / source.fs_hz, "opened_s": self.run.opened_s,
            "channels": [track.told() for track in source.tracks[: self.run.channels(steers)]], "fields": fields if steers else [],
            "lesson": report.lesson_told() if steers else None, "recording": report.recording(), "version": __version__,
            "speed": self.speed, "paused": self.paused, "notice": NOTICE,
        }  # fmt: skip

    def _state(self) -> None:
        """Tell everyone what has changed; those who looked for the first time, or lost something, everything."""
        report = self.run.report
        if not self.viewers:
            return
        common = {"type": "state", "sample": self.source.sample, "time_s": self.source.sample / self.source.fs_hz, **report.state()}
        common |= {"paused": self.paused, "speed": self.speed, "late_ms": max(self.late_ms, 0.0)}
        changed, whole = report.values()
        made: dict[tuple[bool, bool], str] = {}
        for viewer in self.viewers:
            kind = (viewer.steers, viewer.full)
            if kind not in made:
                hidden = {"values": whole if viewer.full else changed} if viewer.steers else {"values": {}, "log": report.public(common["log"])}
                made[kind] = text_of(common | hidden)
            viewer.full = False
            viewer.push_text(made[kind])
        self._extra()

    def _extra(self) -> None:
        """The physiology view for those who asked, and the lesson when something about it has changed."""
        asking = [viewer for viewer in self.viewers if viewer.physiology]
        for told, whom in ((self.run.report.physiology() if asking else None, asking), (self.run.report.lesson_news(), self.viewers)):
            if told:
                text = text_of(told)
                for viewer in whom:
                    if viewer.steers:
                        viewer.push_text(text)
