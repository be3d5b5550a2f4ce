"""A stretch of a recording as `recording_fit` takes it: pressure, R waves, which beats are unassisted. Knows recordings and the console's own R waves."""

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from cyclopts import Parameter
from numpy.typing import NDArray

from counterpulse.refusal import RefusalError

Floats = NDArray[np.float64]


@dataclass(kw_only=True)
class Reading:
    """Which part of which channels."""

    recording: Annotated[str | None, Parameter(help="fit to this recording instead: WFDB, EDF, CSV or Parquet file, or a PhysioNet name")] = None
    start: Annotated[float, Parameter(name="--from", help="the stretch begins at this second, s")] = 0.0
    stop: Annotated[float | None, Parameter(name="--to", help="and ends at this second, s (default: 60 s later)")] = None
    ecg: Annotated[str | None, Parameter(help="name of the ECG channel")] = None
    pressure: Annotated[str | None, Parameter(help="name of the arterial pressure channel")] = None
    preset: Annotated[str | None, Parameter(help="preset to start from (default: the three nearest are tried)")] = None


@dataclass(frozen=True)
class Stretch:
    """Pressure in mmHg at `fs_hz`, times of R waves from its start, which intervals are assisted by a pump (None: none runs), where R came from, site."""

    pressure: Floats
    r_s: Floats
    fs_hz: float
    assisted: NDArray[np.bool_] | None
    origin: str
    site: str
    assessment: Any


def stretch_of(reading: Reading, span: tuple[float, float | None]) -> Stretch:
    """Read one stretch. Raises RefusalError for what is missing."""
    from counterpulse.recordings.assess import assess
    from counterpulse.recordings.channels import pick
    from counterpulse.recordings.open import open_recording
    from counterpulse.recordings.samples import prepare

    recording = open_recording(str(reading.recording))
    picked = pick(recording, reading.ecg, reading.pressure)
    if picked.source not in picked.arterial:
        raise RefusalError(f"{recording.name} has no arterial pressure; a fit needs one, --pressure names it.")
    ready = prepare(picked, *span)
    pressure = np.asarray(ready.samples.arterial_mmHg)[:, int(picked.source)]
    r_s, origin = beats_of(recording, picked, ready)
    found = assess(pressure, r_s, ready.fs_hz, picked.source)
    flags = assisted_intervals(r_s, found) if found.running else None
    return Stretch(pressure, r_s, ready.fs_hz, flags, origin, picked.source.name.lower(), found)


def beats_of(recording: Any, picked: Any, ready: Any) -> tuple[Floats, str]:
    """R waves: marks beside the recording where there are any, else the console's own."""
    from counterpulse.bed.replay import replay
    from counterpulse.pump.settings import Settings
    from counterpulse.recordings.annotations import annotations

    marks = next((one for one in annotations(recording)[0] if one.kind == "r"), None)
    length = len(ready.samples) / ready.fs_hz
    if marks is not None:
        times = marks.between(ready.start_s, ready.start_s + length).times_s - ready.start_s
        return np.asarray(times), f"{marks.origin}{' (silver)' if marks.silver else ''}"
    if not picked.ecg:
        raise RefusalError(f"{recording.name} has no ECG and no marked beats; a fit needs one of them, --ecg names a channel.")
    beats = replay(Settings(pressure_source=int(picked.source)), ready.samples, ready.fs_hz).beats
    return np.asarray(beats.mark_at[beats.mark_at >= 0] / ready.fs_hz), "the console's detector"


def assisted_intervals(r_s: Floats, found: Any) -> NDArray[np.bool_]:
    """Which R-R intervals hold an assisted beat, or one that was not to be read."""
    flags = np.ones(max(len(r_s) - 1, 0), bool)
    for beat in found.beats:
        k = int(np.searchsorted(r_s, beat.start_s)) - 1
        if 0 <= k < len(flags):
            flags[k] = beat.assisted
    return flags


def default_stop(reading: Reading) -> float:
    """The end of the stretch."""
    stop = reading.stop if reading.stop is not None else reading.start + 60.0
    if not stop > reading.start >= 0.0:
        raise RefusalError(f"--to is {stop:g} s; it must lie after --from ({reading.start:g} s), which must not be negative.")
    return stop


def traced(reading: Reading) -> tuple[Any, Stretch]:
    """Fit patient and line to the stretch; under a running pump only to its unassisted beats."""
    from counterpulse.cohort.preset import load
    from counterpulse.cohort.recording_fit import trace
    from counterpulse.cohort.waveform import averaged

    if reading.preset:
        load(reading.preset)
    stretch = stretch_of(reading, (reading.start, default_stop(reading)))
    beat = averaged(stretch.pressure, stretch.r_s, stretch.fs_hz, None if stretch.assisted is None else ~stretch.assisted)
    return trace(beat, stretch.site, reading.preset or ""), stretch
