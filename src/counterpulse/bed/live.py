"""The same bed with a clock: slices of samples, each run when it is due. Strict about lateness; knows no browser.

A slice runs through the ordinary loop (`bed.run`), so a live run gives the bits of any other. Inputs (sliders, faults, doses) take effect between slices, at
the sample they name, and are kept, so that seed and inputs reproduce the run.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from counterpulse.bed.faults import moves
from counterpulse.bed.run import run
from counterpulse.bed.tick import Bed, Clock, Trace
from counterpulse.body.drugs import Dose
from counterpulse.body.gas import Catheter
from counterpulse.body.monitor import Monitor
from counterpulse.body.patient import Tone
from counterpulse.body.support import Support
from counterpulse.pump.settings import Settings
from counterpulse.refusal import RefusalError

CHECKS = {"tone": Tone.check, "catheter": Catheter.check, "monitor": Monitor.check, "settings": Settings.check, "dose": Dose.check, "support": Support.check}
RECORDS = tuple(CHECKS)


class Input(NamedTuple):
    """One change of a run: from this sample on, this field has this value.

    `field` is RECORD.FIELD, for example tone.heart_rate_per_min, or fault.NAME with the fault's severity as its value (0 ends it).
    """

    sample: int
    field: str
    value: float
    place: int = -1  # element of a field that is an array: lead or pressure source


class LateError(RuntimeError):
    """A strict live run could not keep up; the message says by how much."""


def apply(bed: Bed, lane: int, change: Input) -> None:
    """Write one input into its record. Raises RefusalError for a field or fault that does not exist or a value out of its range."""
    record, _, name = change.field.partition(".")
    if record == "fault":
        for moved, value, place in moves(name, change.value, change.place):
            apply(bed, lane, Input(change.sample, moved, value, place))
        return
    row = row_of(bed, lane, change)
    before = row[name].copy()
    if row[name].ndim:
        row[name][change.place] = change.value
    else:
        row[name] = change.value
    try:
        CHECKS[record](row)
    except RefusalError:
        row[name] = before
        raise
    bed.tone[lane].changed = 1  # balloon, line and tone are read anew at the next sample
    if "changed" in (row.dtype.names or ()):
        row["changed"] = 1


def row_of(bed: Bed, lane: int, change: Input) -> Any:
    """The record of a lane that an input changes. Raises RefusalError for a field, a place or a fraction that it has no room for."""
    record, _, name = change.field.partition(".")
    kind: Any = getattr(CHECKS.get(record), "__self__", None)
    if kind is None or name not in kind.quantities():
        raise RefusalError(f"There is no field {change.field!r:.80} to change; fields are RECORD.FIELD with RECORD one of {', '.join(RECORDS)}, or fault.NAME.")
    row = getattr(bed, record)[lane]
    if row[name].ndim and not 0 <= change.place < len(row[name]):
        raise RefusalError(f"{change.field} has {len(row[name])} places; {change.place} is not one of 0 to {len(row[name]) - 1}.")
    if row[name].dtype.kind == "i" and not float(change.value).is_integer():
        raise RefusalError(f"{change.field} is {change.value:g}; it must be a whole number.")
    return row


@dataclass
class Live:
    """A bed in real time. `speed` 1 is real time; `strict` refuses to fall behind by more than `patience_s`."""

    bed: Bed
    clock: Clock
    slice_s: float = 0.02
    speed: float = 1.0
    strict: bool = False
    patience_s: float = 0.5
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    sample: int = 0
    worst_late_s: float = 0.0
    inputs: list[tuple[int, Input]] = field(default_factory=list)
    waiting: list[tuple[int, Input]] = field(default_factory=list)

    def change(self, name: str, value: float, lane: int = 0, place: int = -1, at: int | None = None) -> None:
        """Ask for an input at a sample, by default at the next slice. Raises RefusalError for a sample that has passed."""
        when = self.sample if at is None else at
        if when < self.sample:
            raise RefusalError(f"The input {name} is for sample {when}; the run is at sample {self.sample} already.")
        self.waiting.append((lane, Input(when, name, value, place)))
        self.waiting.sort(key=lambda pair: pair[1].sample)

    def advance(self, samples: int) -> list[Trace]:
        """Run on at once, stopping wherever an input is due; what was kept, piece by piece."""
        pieces, end = [], self.sample + samples
        while self.sample < end:
            while self.waiting and self.waiting[0][1].sample <= self.sample:
                lane, due = self.waiting.pop(0)
                apply(self.bed, lane, due)
                self.inputs.append((lane, due))
            stop = min(end, self.waiting[0][1].sample) if self.waiting else end
            pieces.append(run(self.bed, self.clock, stop - self.sample, kept=True))
            self.sample = stop
        return pieces

    def slices(self) -> Iterator[list[Trace]]:
        """Endless slices, each given when it is due. Raises LateError when strict and too late."""
        run(self.bed, self.clock, 0)  # compile before the clock starts
        size = max(round(self.slice_s / self.clock.sample_s), 1)
        start, first = self.now(), self.sample
        while True:
            due = start + (self.sample + size - first) * self.clock.sample_s / self.speed
            pieces = self.advance(size)
            wait = due - self.now()
            if wait > 0:
                self.sleep(wait)
            self.worst_late_s = max(self.worst_late_s, -wait)
            if self.strict and -wait > self.patience_s:
                raise LateError(f"The live run is {-wait:.3f} s late at sample {self.sample}; it may be {self.patience_s:g} s late.")
            yield pieces
