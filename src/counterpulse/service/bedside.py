"""A simulated patient with the pump, without it, and the twin that tells when the valves would have moved: what a console in the browser plays.

The bed of `counterpulse run`, started from a scenario and moved on by `bed.live`; every change is an input, so the run can be written as a scenario
again. Knows scenarios, inputs and samples; no browser, no clock on the wall.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from counterpulse.bed.compare import WITH, Plan, beds_of
from counterpulse.bed.live import CHECKS, Input, Live
from counterpulse.cohort.scenario import Scenario, parts_of, preset_of, text_of
from counterpulse.refusal import RefusalError
from counterpulse.service.controls import check, lanes
from counterpulse.service.tracks import DRAW_HZ, SIMULATED, Piece


def check_rate(fs_hz: float) -> None:
    """Raise RefusalError unless the rate is a whole multiple of what is drawn, 250 to 1000 Hz."""
    if not (DRAW_HZ <= fs_hz <= 1000.0 and fs_hz % DRAW_HZ == 0):
        raise RefusalError(f"fs_hz is {fs_hz:g} Hz; it must be 250, 500, 750 or 1000 Hz.")


class Bedside:
    """One run: `live` moves it, `inputs` are what reproduces it, `faults` what is wrong now."""

    tracks = SIMULATED
    records = tuple(CHECKS)
    left = None  # a patient has no end

    def __init__(self, scenario: Scenario) -> None:
        """Raises RefusalError for a patient, catheter, rate or setting that is not possible; inputs are checked by whoever read them."""
        check_rate(scenario.fs_hz)
        patient, hardware, console = parts_of(scenario)
        bed, clock = beds_of(Plan(patient, hardware, console, fs_hz=scenario.fs_hz), 0)
        self.begun, self.live, self.fs_hz = scenario, Live(bed, clock), scenario.fs_hz
        self.title = scenario.title or preset_of(scenario).title
        self.inputs: list[Input] = []
        self.faults: dict[tuple[str, int], float] = {}
        self._r_at, self._beat = -1, 0
        for change in sorted(scenario.inputs, key=lambda one: one.sample):
            self._take(change)

    @property
    def sample(self) -> int:
        """Number of the next sample."""
        return self.live.sample

    @property
    def bed(self) -> Any:
        """The records of the run."""
        return self.live.bed

    @property
    def pump(self) -> Any:
        """The console's memory."""
        return self.bed.pump[WITH]

    @property
    def settings(self) -> Any:
        """What the clinician has set."""
        return self.bed.settings[WITH]

    def change(self, change: Input) -> None:
        """Take an input at the next sample. Raises RefusalError in one sentence; nothing is changed then."""
        check(self.bed, change)
        self._take(change._replace(sample=self.sample))

    def _take(self, change: Input) -> None:
        for lane in lanes(change.field):
            self.live.change(change.field, change.value, lane, change.place, change.sample)
        self.inputs.append(change)

    def advance(self, samples: int) -> Piece:
        """Move on at once and tell what happened."""
        first = self.sample
        traces = self.live.advance(samples)
        whole = traces[0] if len(traces) == 1 else type(traces[0])(*(np.concatenate(parts) for parts in zip(*traces, strict=True)))
        self._know_faults(first)
        return Piece(first, whole.samples[:, WITH], whole.valve[:, WITH], self._marks(whole.trigger[:, WITH]), whole.signals, whole.beat)

    def _know_faults(self, first: int) -> None:
        """Which faults hold: the last input of each name and place; one for all places ends those for one."""
        for _, one in [pair for pair in self.live.inputs[-64:] if pair[0] == WITH and pair[1].sample >= first]:
            if one.field.startswith("fault."):
                if one.place < 0:
                    self.faults = {key: value for key, value in self.faults.items() if key[0] != one.field}
                self.faults[one.field, one.place] = one.value

    def _marks(self, r_at: Any) -> Any:
        """1 where the console first knew of an R wave; of a beat by another trigger, at the end of the piece."""
        seen = np.diff(r_at, prepend=self._r_at).astype(bool).astype(np.int8)
        self._r_at = int(r_at[-1]) if len(r_at) else self._r_at
        if int(self.pump.beat_number) != self._beat and len(seen) and not seen.any():
            seen[-1] = 1
        self._beat = int(self.pump.beat_number)
        return seen

    def scenario(self) -> str:
        """The run so far as a scenario file: played again, it gives the same bits."""
        done = [change for change in self.inputs if change.sample < self.sample]
        waiting = [change for change in self.inputs if change.sample == self.sample]
        return text_of(replace(self.begun, inputs=(*done, *waiting), seconds=self.sample / self.fs_hz, expects=()))
