"""Truth for the physiology view: timing errors against the twin, and the patient with and without the pump side by side. Never shown on the monitor.

Knows lanes and kept waves; ms (late is positive), keys of the table as `counterpulse run`.
"""

from typing import Any, NamedTuple

import numpy as np

from counterpulse.bed.beats import ejections, rows_of, summarise
from counterpulse.bed.channels import Wave
from counterpulse.bed.compare import TWIN, WITH, WITHOUT
from counterpulse.bed.timing import NEAR_S, balloon_cycles, nearest, timing
from counterpulse.service.organs import organs
from counterpulse.service.tape import Tape
from counterpulse.service.tracks import Piece

KEPT_S = 8.0
OVER_S = 0.4  # after an inflation has ended the valve it should have ended before has opened


class Errors(NamedTuple):
    """Timing errors of one inflation, ms, and the sample at which the balloon began to fill."""

    onset: int
    inflation_ms: float
    deflation_ms: float


class Truth:
    """The last seconds of what is true in every lane."""

    def __init__(self, fs_hz: float, piece: Piece) -> None:
        self.fs_hz = fs_hz
        count = round(KEPT_S * fs_hz)
        self.waves = Tape(count, np.asarray(piece.truth), piece.first)
        self.beats = Tape(count, np.asarray(piece.beat), piece.first)

    def follow(self, piece: Piece) -> None:
        """Take a piece."""
        self.waves.add(piece.truth)
        self.beats.add(piece.beat)

    def wave(self, lane: int) -> Wave:
        """What is kept of a lane."""
        count = round(KEPT_S * self.fs_hz)
        return Wave(self.waves.last(count)[:, lane], self.beats.last(count)[:, lane], 1.0 / self.fs_hz)

    def errors(self) -> Errors | None:
        """Timing of the last inflation that is over; None where there is none or the valves do not tell."""
        assisted, twin = self.wave(WITH), self.wave(TWIN)
        over = [one for one in balloon_cycles(assisted.balloon_mL) if one[1] < len(assisted) - OVER_S * self.fs_hz]
        if not over:
            return None
        events, reach, ms = ejections(twin), NEAR_S * self.fs_hz, 1000.0 / self.fs_hz
        up, down, _ = over[-1]
        opens, closes = np.array([a for a, _ in events]), np.array([b for _, b in events])
        return Errors(self.waves.end - len(assisted) + int(up), nearest(closes, up, reach) * ms, nearest(opens, down, reach) * ms)

    def means(self, lane: int, bed: Any) -> dict[str, float | None]:
        """Means of the last whole beats; empty where the heart does not eject."""
        wave = self.wave(lane)
        found, rows = rows_of(wave, "root", float(bed.patient[lane].lv_v0_mL))
        told = summarise(wave, rows, (found[0].opens, found[len(rows) - 1].ends)) if rows else {}
        return told | organs(bed.regulation[lane])

    def told(self, bed: Any, ratio: int) -> dict[str, Any]:
        """The message of the physiology view."""
        shown = {"with": self.means(WITH, bed), "without": self.means(WITHOUT, bed)}
        return {"type": "physiology", **shown, "timing": timing(self.wave(WITH), self.wave(TWIN), ratio, None)}
