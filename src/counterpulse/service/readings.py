"""Numerics and beats as a bedside monitor makes them: from the samples shown and from what the console decided, never from the truth.

A beat runs from the foot of one arterial pulse to the next; the feet are looked for after the console's marks. Where the balloon was driven in it, the lowest
pressure about the onset of its effect parts systole from augmentation. Without beats the numbers are those of the last seconds. mmHg, mL, s.
"""

from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterpulse.service.tape import Tape
from counterpulse.service.tracks import Piece
from counterpulse.signals.sample import Valve

REACH_S = 0.36  # after the mark the foot of its pulse has passed: pre-ejection time and the delay of a radial line (pump.md 3.3: 175 ms)
AVERAGED = 6  # beats that numerics are means of
SILENT_S = 4.0  # without a beat for so long there is no beat to tell of
KEPT_S = 120.0  # of samples, for strips
PRE_EJECTION_S = 0.1  # of what follows a mark, what is not the delay of the line


@dataclass
class Row:
    """One beat; `marks` are sample numbers."""

    number: int
    mark: int
    start: int
    end: int
    assisted: bool
    after_assisted: bool
    systolic_mmHg: float
    augmented_peak_mmHg: float
    end_diastolic_mmHg: float
    diastolic_mmHg: float
    mean_mmHg: float
    marks: dict[str, int]


class Readings:
    """Follows a run piece by piece: `beats` are the last ones that are over."""

    def __init__(self, fs_hz: float, samples: Any, end: int = 0) -> None:
        self.fs_hz = fs_hz
        self.tape = Tape(round(KEPT_S * fs_hz), samples, end)
        self.valve = Tape(round(KEPT_S * fs_hz), np.zeros(1, np.int8), end)
        self.beats: deque[Row] = deque(maxlen=40)
        self.marks: deque[tuple[int, int]] = deque(maxlen=20)  # (beat number, sample) of the console's beats
        self.r_at: deque[int] = deque(maxlen=12)
        self.source = 0  # pressure that the console reads
        self._number = -1
        self._done = -1

    def follow(self, piece: Piece, pump: Any, settings: Any) -> list[Row]:
        """Take a piece; returns the beats that have come to their end in it."""
        self.tape.add(piece.samples)
        self.valve.add(piece.valve)
        if int(pump.r_at) >= 0 and (not self.r_at or self.r_at[-1] != int(pump.r_at)):
            self.r_at.append(int(pump.r_at))
        if int(pump.beat_number) != self._number:
            self._number = int(pump.beat_number)
            self.marks.append((self._number, int(pump.beat_at)))
        self.source = int(pump.choice.pressure_source)
        return self._finish(float(settings.line_delay_ms) * 0.001)

    def _finish(self, line_s: float) -> list[Row]:
        found = []
        marks = list(self.marks)
        for (number, mark), (_, after) in pairwise(marks):
            if number <= self._done or after + REACH_S * self.fs_hz > self.tape.end:
                continue
            self._done = number
            row = self._row((number, mark, after), line_s)
            if row is not None:
                self.beats.append(row)
                found.append(row)
        return found

    def _row(self, beat: tuple[int, int, int], line_s: float) -> Row | None:
        number, mark, after = beat
        reach = round(REACH_S * self.fs_hz)
        zero = mark - 1
        pressure = np.asarray(self.tape.between(zero, after + reach)["arterial_mmHg"][:, self.source])
        if len(pressure) < after + reach - zero or not np.isfinite(pressure).all() or after - mark < 0.2 * self.fs_hz:
            return None
        start, end = (at - zero + int(np.argmin(pressure[at - zero :][: self._reach(at, after - mark, line_s)])) for at in (mark, after))
        if end - start < 0.2 * self.fs_hz:
            return None
        inflated = self._inflated(mark, zero + end)
        assisted = inflated is not None
        split = end if inflated is None else self._split(pressure, (start, end), (inflated[0] + 1, inflated[1] + 1), line_s)
        top = start + int(np.argmax(pressure[start : split + 1]))
        peak = split + int(np.argmax(pressure[split : end + 1]))
        return Row(
            number, mark, zero + start, zero + end, assisted, bool(self.beats) and self.beats[-1].assisted and self.beats[-1].number == number - 1,
            float(pressure[top]), float(pressure[peak]) if assisted else float("nan"), float(pressure[end]), float(pressure[start:end].min()),
            float(pressure[start:end].mean()), {"systole": zero + top, "peak": zero + peak if assisted else -1, "end": zero + end},
        )  # fmt: skip

    def _reach(self, mark: int, rr: int, line_s: float) -> int:
        """How far after a mark the foot of its pulse, the lowest pressure there, may lie: before the balloon's own rise, and within this beat."""
        most = min(round(REACH_S * self.fs_hz), round(0.55 * rr))
        inflated = self._inflated(mark, mark + most)
        return most if inflated is None else min(most, max(inflated[0] + round(line_s * self.fs_hz), most // 3))

    def _inflated(self, mark: int, end: int) -> tuple[int, int] | None:
        """Samples from a mark to the first inflation after it and to its end, None without one: the balloon may still be filled from the beat before."""
        driven = self.valve.between(mark, end) == Valve.DRIVE
        begun = np.flatnonzero(driven[1:] & ~driven[:-1])
        if not len(begun):
            return None
        first = int(begun[0]) + 1
        return first, first + int(np.argmin(np.append(driven[first:], np.False_)))

    def _split(self, pressure: NDArray[np.float64], beat: tuple[int, int], driven: tuple[int, int], line_s: float) -> int:
        """Where augmentation begins: the lowest pressure about the onset of the balloon's effect, as late as this line is, while it is driven."""
        start, end = beat
        late = max(start - 1 - PRE_EJECTION_S * self.fs_hz, 0.0)
        effect, over = (one + round(line_s * self.fs_hz) for one in driven)
        low = min(max(round(effect - 0.02 * self.fs_hz), start + 1), end - 1)
        high = min(max(round(min(effect + 0.1 * self.fs_hz, over) + late), low + 1), end)
        return low + int(np.argmin(pressure[low:high]))

    def numerics(self) -> dict[str, float | None]:
        """What stands beside the traces; None where nothing can be told."""
        now = self.tape.end
        recent = [row for row in self.beats if now - row.end < 10 * self.fs_hz][-AVERAGED:]
        if not recent or now - recent[-1].end > SILENT_S * self.fs_hz:
            return {**dict.fromkeys(PRESSURES), **self._plain(), "hr_per_min": self.rate()}
        value = lambda name, keep=lambda row: True: mean([getattr(row, name) for row in recent if keep(row)])  # noqa: E731, ARG005
        return {
            "hr_per_min": self.rate(),
            "sbp_mmHg": value("systolic_mmHg"),
            "dbp_mmHg": value("diastolic_mmHg"),
            "map_mmHg": value("mean_mmHg"),
            "augmented_peak_mmHg": value("augmented_peak_mmHg", lambda row: row.assisted),
            "end_diastolic_mmHg": value("end_diastolic_mmHg", lambda row: not row.assisted),
            "assisted_end_diastolic_mmHg": value("end_diastolic_mmHg", lambda row: row.assisted),
            "unassisted_systolic_mmHg": value("systolic_mmHg", lambda row: not row.after_assisted),
            "assisted_systolic_mmHg": value("systolic_mmHg", lambda row: row.after_assisted),
        }

    def _plain(self) -> dict[str, float | None]:
        """Highest, lowest and mean pressure of the last seconds, where no beat is found."""
        pressure = self.tape.last(round(SILENT_S * self.fs_hz))["arterial_mmHg"][:, self.source]
        pressure = pressure[np.isfinite(pressure)]
        if len(pressure) < self.fs_hz:
            return {}
        return {"sbp_mmHg": float(pressure.max()), "dbp_mmHg": float(pressure.min()), "map_mmHg": float(pressure.mean())}

    def rate(self) -> float | None:
        """Heart rate from the last R waves (from the console's beats where it reads no ECG), 1/min."""
        marks = list(self.r_at)
        if not marks or (self.marks and self.marks[-1][1] - marks[-1] > SILENT_S * self.fs_hz):
            marks = [mark for _, mark in self.marks]
        if len(marks) < 3 or self.tape.end - marks[-1] > SILENT_S * self.fs_hz:
            return None
        return 60.0 * self.fs_hz / float(np.mean(np.diff(marks[-9:])))


PRESSURES = (
    "sbp_mmHg", "dbp_mmHg", "map_mmHg", "augmented_peak_mmHg", "end_diastolic_mmHg", "assisted_end_diastolic_mmHg", "unassisted_systolic_mmHg",
    "assisted_systolic_mmHg",
)  # fmt: skip


def mean(values: list[float]) -> float | None:
    """Mean of those that are there, None where none is."""
    there = [value for value in values if np.isfinite(value)]
    return float(np.mean(there)) if there else None
