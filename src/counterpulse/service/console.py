"""One console: a patient that is moved on when it is due, who looks on, what they asked for, and when it ends. Knows no web.

Messages from browsers wait in `inbox` until the thread that moves the patients takes them, so that nothing changes in the middle of a slice.
"""

import secrets
import threading
from collections import deque
from typing import Any, Protocol

import numpy as np

from counterpulse import __version__
from counterpulse.bed.live import Input
from counterpulse.refusal import RefusalError
from counterpulse.service import controls
from counterpulse.service.protocol import Do, Set, frame, text_of
from counterpulse.service.report import Report
from counterpulse.service.tracks import DRAW_HZ, Piece, Track, of_bedside, thinned
from counterpulse.service.viewer import Frame, Viewer

NOTICE = "Research and education only: simulated, not a medical device, not for patient care."
STATE_S = 0.2
BACKLOG_S = 10.0  # of drawn samples that a new browser is shown at once
LATEST_S = 1.0  # further behind than this, the clock of the wall is given up
AT_ONCE_S = 0.25  # most that is moved on in one turn, so that nobody else waits for it
CLOSED_S = 20.0  # a console whose last page was closed waits so long, for a reload
DROPPED_S = 60.0  # one whose connection was lost, or that nobody has opened yet
VIEWERS = 16
INBOX = 256


class Source(Protocol):
    """What a console plays: a simulated patient or a recording."""

    tracks: tuple[Track, ...]
    fs_hz: float
    title: str
    records: tuple[str, ...]  # that may be changed
    inputs: list[Input]

    @property
    def sample(self) -> int:
        """Number of the next sample."""
        ...

    @property
    def bed(self) -> Any:
        """Records by name, one row a lane."""
        ...

    @property
    def pump(self) -> Any:
        """The console's memory."""
        ...

    @property
    def settings(self) -> Any:
        """What the clinician has set."""
        ...

    @property
    def faults(self) -> dict[tuple[str, int], float] | None:
        """What is wrong now; None where nothing can be brought about."""
        ...

    def change(self, change: Input) -> None:
        """Take an input or refuse it."""
        ...

    def advance(self, samples: int) -> Piece:
        """Move on."""
        ...

    def scenario(self) -> str:
        """The run so far as a scenario file."""
        ...


class Console:
    """Keys, viewers, clock and report of one run."""

    def __init__(self, source: Source, now: float, speed: float = 1.0) -> None:
        """The run is settled already; what happens from here on is shown."""
        self.id, self.key, self.view_key = secrets.token_urlsafe(9), secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self.source, self.speed, self.paused = source, speed, False
        self.every = round(source.fs_hz / DRAW_HZ)
        self.lock = threading.Lock()
        self.viewers: list[Viewer] = []
        self.inbox: deque[tuple[Viewer, Set | Do]] = deque()
        self.backlog: deque[tuple[int, Any]] = deque()
        self.report = Report(source)
        self.opened_s = source.sample / source.fs_hz
        self.late_ms = self.worst_late_ms = 0.0
        self.until: float | None = now + DROPPED_S
        self.ended = ""
        self._clock(now)
        self._told = now

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
            viewer.push_text(text_of(self.hello(viewer.steers)))
            if self.backlog:
                viewer.push_frame(self._backlog(viewer.steers))
            self.viewers.append(viewer)
            self.until = None
        viewer.wake()

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

    def pass_by(self, samples: int) -> None:
        """Move on at once, unseen but for what a new browser is shown of the last seconds."""
        self._draw(self._followed(samples)[0])

    def begin(self, now: float) -> None:
        """From here on time passes as on the wall."""
        self.opened_s = self.source.sample / self.source.fs_hz
        self.until = now + DROPPED_S
        self._clock(now)

    def scenario(self) -> str:
        """The run so far as a scenario file."""
        with self.lock:
            return self.source.scenario()

    # the wall's clock

    def _clock(self, now: float) -> None:
        self._since, self._from = now, self.source.sample

    def due(self, now: float) -> int:
        """Samples that should have passed by now and have not; whole drawn samples."""
        if self.paused:
            return 0
        behind = self._from + (now - self._since) * self.source.fs_hz * self.speed - self.source.sample
        self.late_ms = 1000.0 * behind / (self.source.fs_hz * self.speed)
        if self.late_ms > 1000.0 * LATEST_S:
            self.worst_late_ms = max(self.worst_late_ms, self.late_ms)
            self._clock(now)
        most = AT_ONCE_S * self.source.fs_hz * max(self.speed, 1.0)
        return int(min(behind, most) // self.every) * self.every

    def turn(self, now: float) -> list[Viewer]:
        """Take what was asked, move on as far as is due, tell; returns who has news."""
        with self.lock:
            while self.inbox:
                self._take(*self.inbox.popleft(), now)
            news = self._move(self.due(now))
            if now - self._told >= STATE_S:
                self._told = now
                self._state()
                return list(self.viewers)
            return list(self.viewers) if news else []

    def _move(self, samples: int) -> bool:
        if samples <= 0:
            return False
        piece, told = self._followed(samples)
        for message, everyone in told:
            text = text_of(message)
            for viewer in self.viewers:
                if everyone or viewer.steers:
                    viewer.push_text(text)
        self._draw(piece)
        return True

    def _followed(self, samples: int) -> tuple[Piece, list[tuple[dict[str, Any], bool]]]:
        piece = self.source.advance(samples)
        return piece, self.report.follow(piece)

    def _draw(self, piece: Piece) -> None:
        """Thin a piece for the screen, keep it for whoever comes later, and hand it to everyone; a frame is made once a role."""
        drawn = thinned(self.source.tracks, piece, self.every)
        self.backlog.append((piece.first, drawn))
        while self.backlog and self.backlog[0][0] < piece.first - BACKLOG_S * self.source.fs_hz:
            self.backlog.popleft()
        end, made = piece.first + len(piece), {}
        for viewer in self.viewers:
            if viewer.steers not in made:
                made[viewer.steers] = Frame(frame(piece.first, drawn, self._channels(viewer.steers)), end)
            viewer.push_frame(made[viewer.steers])

    def _channels(self, steers: bool) -> int:
        return len(self.source.tracks) if steers else of_bedside(self.source.tracks)

    def _backlog(self, steers: bool) -> Frame:
        drawn = np.concatenate([part for _, part in self.backlog], axis=1)
        return Frame(frame(self.backlog[0][0], drawn, self._channels(steers)), self.source.sample)

    # what browsers ask

    def _take(self, viewer: Viewer, message: Set | Do, now: float) -> None:
        try:
            if isinstance(message, Set):
                self.source.change(Input(self.source.sample, message.field, message.value, message.place))
                self.report.note(message, self.source.sample)
            else:
                self._do(viewer, message, now)
        except RefusalError as refusal:
            of = {"type": "set", **message._asdict()} if isinstance(message, Set) else {"type": "do", **message._asdict()}
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
        else:
            self.report.do(message)

    # what everyone is told

    def hello(self, steers: bool) -> dict[str, Any]:
        """What a browser needs before anything else."""
        source = self.source
        fields = [controls.told(source.bed, one) for one in controls.controls(source.bed, source.records)] + controls.faults(source.faults) if steers else []
        return {
            "type": "hello", "console": self.id, "role": "steer" if steers else "view", "title": source.title, "fs_hz": source.fs_hz, "draw_hz": DRAW_HZ,
            "sample": source.sample, "time_s": source.sample / source.fs_hz, "opened_s": self.opened_s,
            "channels": [track.told() for track in source.tracks[: self._channels(steers)]], "fields": fields,
            "lesson": self.report.lesson_told() if steers else None, "recording": self.report.recording(), "version": __version__,
            "speed": self.speed, "paused": self.paused, "notice": NOTICE,
        }  # fmt: skip

    def _state(self) -> None:
        """Tell everyone what has changed; those who looked for the first time, or lost something, everything."""
        if not self.viewers:
            return
        common = {"type": "state", "sample": self.source.sample, "time_s": self.source.sample / self.source.fs_hz, **self.report.state()}
        common |= {"paused": self.paused, "speed": self.speed, "late_ms": max(self.late_ms, 0.0)}
        changed, whole = self.report.values()
        made: dict[tuple[bool, bool], str] = {}
        for viewer in self.viewers:
            kind = (viewer.steers, viewer.full)
            if kind not in made:
                hidden = {"values": whole if viewer.full else changed} if viewer.steers else {"values": {}, "log": self.report.public(common["log"])}
                made[kind] = text_of(common | hidden)
            viewer.full = False
            viewer.push_text(made[kind])
        if any(viewer.physiology for viewer in self.viewers) and (told := self.report.physiology()):
            for viewer in self.viewers:
                if viewer.physiology:
                    viewer.push_text(text_of(told))

    def end(self, sentence: str) -> None:
        """Say goodbye to everyone."""
        with self.lock:
            self.ended = sentence
            for viewer in self.viewers:
                viewer.close(sentence)
