"""A simulated patient with the pump, without it, and the twin that tells when the valves would have moved: what a console in the browser plays.

The bed of `counterpulse run`, moved on by `bed.live`. Knows patients, inputs and samples; no browser, no clock on the wall.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from counterpulse.bed.compare import WITH, Plan, beds_of
from counterpulse.bed.live import CHECKS, Input, Live
from counterpulse.body.gas import CATHETERS, catheter
from counterpulse.cohort.preset import Preset, changed
from counterpulse.pump.settings import Settings, SOURCE_DELAY_ms
from counterpulse.refusal import RefusalError
from counterpulse.service.controls import check, lanes
from counterpulse.service.tracks import DRAW_HZ, SIMULATED, Piece
from counterpulse.signals.sample import Source

SETTLE_S = 40.0  # coronary tone and blood volume shifts settle within 30 to 40 s (bed.compare)
SHARED_S = 1.0  # a settling run is handed on in pieces of this length


@dataclass
class Start:
    """What a console begins with; `site` is the pressure that the pump reads."""

    preset: Preset
    seed: int | None = None
    catheter: str | None = None
    site: str = "root"
    fs_hz: float = 500.0
    pump: dict[str, float] = field(default_factory=dict)
    inputs: list[Input] = field(default_factory=list)


def check_rate(fs_hz: float) -> None:
    """Raise RefusalError unless the rate is a whole multiple of what is drawn, 250 to 1000 Hz."""
    if not (DRAW_HZ <= fs_hz <= 1000.0 and fs_hz % DRAW_HZ == 0):
        raise RefusalError(f"fs_hz is {fs_hz:g} Hz; it must be 250, 500, 750 or 1000 Hz.")


def settings_of(start: Start, size: str) -> Settings:
    """The console as it is switched on: what it knows of its catheter, the preset's own settings, the pressure it reads."""
    made = CATHETERS[size]
    sources = {source.name.lower(): source for source in Source}
    if start.site not in sources:
        raise RefusalError(f"The site is {start.site[:40]!r}; it must be one of {', '.join(sources)}.")
    known = {"volume_mL": made.nominal_mL, "balloon_mL": made.nominal_mL, "line_delay_ms": made.onset_ms, "empty_s": made.empty_ms / 1000.0}
    source = sources[start.site]
    read = {"pressure_source": int(source), "source_delay_ms": SOURCE_DELAY_ms[source]}
    own = {name: value for name, value in start.preset.pump.items() if name in Settings.fields()}
    return Settings.check(Settings(**{**known, **read, **own, **start.pump}))


class Bedside:
    """One run: `live` moves it, `inputs` are what reproduces it."""

    tracks = SIMULATED

    def __init__(self, start: Start) -> None:
        """Raises RefusalError for a preset, catheter, rate or input that is not possible."""
        check_rate(start.fs_hz)
        preset = start.preset
        patient = preset.patient if start.seed is None else changed(preset.patient, {"seed": start.seed})
        self.size = start.catheter or preset.catheter
        hardware = catheter(self.size)
        bed, clock = beds_of(Plan(patient, hardware, settings_of(start, self.size), fs_hz=start.fs_hz), 0)
        self.start, self.live, self.fs_hz = start, Live(bed, clock), start.fs_hz
        self.seed, self.title = int(patient.seed), preset.title
        self.records = tuple(CHECKS)
        self.inputs: list[Input] = []
        self._r_at = -1
        self._beat = 0
        for change in sorted(start.inputs, key=lambda one: one.sample):
            self.change(change)

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
        """Take an input at its sample, or at the next one. Raises RefusalError in one sentence; nothing is changed then."""
        change = change._replace(sample=max(change.sample, self.sample))
        check(self.bed, change)
        for lane in lanes(change.field):
            self.live.change(change.field, change.value, lane, change.place, change.sample)
        self.inputs.append(change)

    def advance(self, samples: int) -> Piece:
        """Move on at once and tell what happened."""
        first = self.sample
        traces = self.live.advance(samples)
        whole = traces[0] if len(traces) == 1 else type(traces[0])(*(np.concatenate(parts) for parts in zip(*traces, strict=True)))
        seen = self._marks(whole.trigger[:, WITH])
        rows = whole.samples[:, WITH]
        return Piece(first, rows, whole.valve[:, WITH], seen, whole.signals, whole.beat)

    def _marks(self, r_at: Any) -> Any:
        """1 where the console first knew of an R wave; of a beat by another trigger, at the end of the piece."""
        seen = np.diff(r_at, prepend=self._r_at).astype(bool).astype(np.int8)
        self._r_at = int(r_at[-1]) if len(r_at) else self._r_at
        if int(self.pump.beat_number) != self._beat and len(seen) and not seen.any():
            seen[-1] = 1
        self._beat = int(self.pump.beat_number)
        return seen

    def scenario(self) -> str:
        """The run so far as a scenario file: patient, seed, inputs."""
        lines = ["[scenario]", f'patient = "{self.start.preset.name}"', f"seed = {self.seed}", f"seconds = {self.sample / self.fs_hz!r}"]
        lines += [f"fs_hz = {self.fs_hz!r}", f'catheter = "{self.size}"']
        for change in self.inputs:
            place = [f"place = {change.place}"] if change.place >= 0 else []
            lines += ["", "[[input]]", f"at_s = {change.sample / self.fs_hz!r}", f'field = "{change.field}"', f"value = {float(change.value)!r}", *place]
        return "\n".join(lines) + "\n"
