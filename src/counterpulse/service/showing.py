"""A run as it is shown: what plays, what is told of it, and the drawn samples of the last seconds for whoever comes later. Knows no viewer and no clock."""

from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from counterpulse.bed.live import Input
from counterpulse.service.protocol import frame
from counterpulse.service.report import Report
from counterpulse.service.tracks import DRAW_HZ, Piece, Track, of_bedside, thinned
from counterpulse.service.viewer import Frame

BACKLOG_S = 10.0  # of drawn samples that a new browser is shown at once
SHARED_S = 1.0  # a run that settles is followed in pieces of this length


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
    def left(self) -> int | None:
        """Samples that are still to come; None without an end."""
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


class Showing:
    """One run from its opening on."""

    def __init__(self, source: Source, until_s: float = 0.0, lesson: Any = None) -> None:
        """Lets the run settle: what happens before `until_s` passes at once."""
        self.source, self.fs_hz = source, source.fs_hz
        self.every = max(round(source.fs_hz / DRAW_HZ), 1)
        self.report = Report(source, lesson)
        self.backlog: deque[tuple[int, NDArray[np.float32]]] = deque()
        end = round(until_s * self.fs_hz / self.every) * self.every
        while source.sample < end:
            self.advance(min(round(SHARED_S * self.fs_hz), end - source.sample))
        self.opened_s = source.sample / self.fs_hz

    def advance(self, samples: int) -> tuple[list[tuple[dict[str, Any], bool]], int, NDArray[np.float32]]:
        """Move on: messages (each with whether mere viewers get it), number of the first sample, what is drawn."""
        piece = self.source.advance(samples)
        told = self.report.follow(piece)
        drawn = thinned(self.source.tracks, piece, self.every)
        self.backlog.append((piece.first, drawn))
        while self.backlog[0][0] < piece.first - BACKLOG_S * self.fs_hz:
            self.backlog.popleft()
        return told, piece.first, drawn

    def channels(self, steers: bool) -> int:
        """How many of the first channels a page gets."""
        return len(self.source.tracks) if steers else of_bedside(self.source.tracks)

    def last_seconds(self, steers: bool) -> Frame | None:
        """One frame of what was drawn lately."""
        if not self.backlog:
            return None
        drawn = np.concatenate([part for _, part in self.backlog], axis=1)
        return Frame(frame(self.backlog[0][0], drawn, self.channels(steers)), self.source.sample)


Make = Callable[[], Showing]
