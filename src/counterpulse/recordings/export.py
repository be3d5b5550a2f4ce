"""Writes rows of `Sample` so that they open again to the same bits, with the settings that replay needs: WFDB, EDF+, CSV or Parquet.

Knows the monitor's grid: its values are whole numbers divided by a gain (`n / 200` mV), which 16-bit formats keep (a negative zero becomes zero).
Values on no such grid are refused for WFDB and EDF; Parquet and CSV carry every float. A channel that is never there is left out.
The settings go beside, as TOML.
"""

from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from counterpulse.pump.settings import Settings
from counterpulse.recordings import edf_file
from counterpulse.refusal import RefusalError
from counterpulse.signals.sample import Source
from counterpulse.whole import whole_file

FORMATS = ("wfdb", "edf", "csv", "parquet")
GAINS = tuple(sorted({*(1 << power for power in range(17)), 5, 10, 20, 25, 40, 50, 100, 200, 400, 500, 1000}))
ABSENT = -32768
ARTERIAL = {source: f"ART {source.name.lower()}" for source in Source}


class Track(NamedTuple):
    """A column of the samples under the name and unit by which `channels.pick` knows it."""

    name: str
    unit: str
    values: NDArray[np.float64]


def export(samples: Any, fs_hz: float, path: Path, kind: str = "wfdb", settings: Settings | None = None) -> list[Path]:
    """Write `samples` (rows of `Sample`, `fs_hz` a second) as `path` without ending + what the format takes; returns the files.

    The pressure that `settings` read comes first, so that a replay picks it. Raises RefusalError for an unknown format or values off every grid.
    """
    if kind not in FORMATS:
        raise RefusalError(f"The export format is {kind!r}; it must be one of {', '.join(FORMATS)}.")
    listed = tracks(samples, Source(int(settings.pressure_source)) if settings is not None else Source.ROOT)
    if not listed:
        raise RefusalError(f"There is nothing to write to {path}: no channel of the samples ever holds a value.")
    files = {"wfdb": _wfdb, "edf": _edf, "csv": _csv, "parquet": _parquet}[kind](listed, fs_hz, path)
    return [*files, _settings(settings, path)] if settings is not None else files


def tracks(samples: Any, first: Source = Source.ROOT) -> list[Track]:
    """The columns that ever hold a value; lead 0 is always there so that leads keep their places."""
    order = sorted(Source, key=lambda source: source != first)
    found = [Track(f"ECG{lead + 1}", "mV", samples.ecg_mV[:, lead]) for lead in range(3)]
    last = max((lead for lead in range(3) if np.isfinite(found[lead].values).any()), default=-1)
    found = found[: last + 1]
    found += [Track(ARTERIAL[source], "mmHg", samples.arterial_mmHg[:, int(source)]) for source in order]
    found.append(Track("balloon", "mmHg", samples.balloon_mmHg))
    kept = [track for k, track in enumerate(found) if k <= last or np.isfinite(track.values).any()]
    flags = [Track(f"lead off ECG{lead + 1}", "NU", samples.lead_off[:, lead].astype(np.float64)) for lead in range(3)]
    flags.append(Track("pacer spike", "NU", samples.pacer_spike.astype(np.float64)))
    return kept + [flag for flag in flags if flag.values.any()]


def gain_of(track: Track) -> int:
    """The smallest gain with which every value is n / gain to the bit, n within 16 bits. Raises RefusalError where there is none."""
    there = track.values[np.isfinite(track.values)]
    for gain in GAINS:
        whole = np.rint(there * gain)
        if np.array_equal(whole / gain, there) and np.all(np.abs(whole) < 32767):
            return gain
    raise RefusalError(f"{track.name} holds values on no 16-bit grid n/gain; write it as parquet or csv, which carry every number.")


def _whole(track: Track, gain: int) -> NDArray[np.int16]:
    scaled = np.rint(track.values * gain)
    return np.where(np.isfinite(scaled), scaled, ABSENT).astype(np.int16)


def _wfdb(listed: list[Track], fs_hz: float, path: Path) -> list[Path]:
    gains = [gain_of(track) for track in listed]
    whole = np.column_stack([_whole(track, gain) for track, gain in zip(listed, gains, strict=True)]).astype("<i2")
    lines = [f"{path.name} {len(listed)} {float(fs_hz)!r} {len(whole)}"]
    for k, (track, gain) in enumerate(zip(listed, gains, strict=True)):
        checksum = int(whole[:, k].astype(np.int64).sum()) % 65536
        checksum = checksum - 65536 if checksum > 32767 else checksum
        lines.append(f"{path.name}.dat 16 {gain}(0)/{track.unit} 16 0 {whole[0, k]} {checksum} 0 {track.name}")
    signal, header = path.with_name(path.name + ".dat"), path.with_name(path.name + ".hea")
    with whole_file(signal) as draft:
        draft.write_bytes(whole.tobytes())
    with whole_file(header) as draft:
        draft.write_text("\n".join([*lines, "# samples of a counterpulse run; simulated, no person"]) + "\n", encoding="ascii")
    return [header, signal]


def _edf(listed: list[Track], fs_hz: float, path: Path) -> list[Path]:
    import edfio  # noqa: PLC0415  only for this format

    record = Fraction(fs_hz).limit_denominator(100)
    if abs(float(record) - fs_hz) > 1e-9:
        raise RefusalError(f"The sampling rate is {fs_hz!r} Hz; EDF holds whole samples in whole seconds only, so write wfdb, csv or parquet.")
    count, size = len(listed[0].values), record.numerator
    signals = []
    for track in listed:
        gain = gain_of(track)
        digital = np.concatenate([_whole(track, gain), np.full(-count % size, ABSENT, np.int16)])
        ranges = {"physical_range": (ABSENT / gain, _top(gain) / gain), "digital_range": (ABSENT, _top(gain))}
        note = f"{edf_file.NOT_THERE}, {count} samples"
        signals.append(edfio.EdfSignal.from_digital(digital, fs_hz, label=track.name, physical_dimension=track.unit, prefiltering=note, **ranges))
    file = path.with_name(path.name + ".edf")
    with whole_file(file) as draft:
        edfio.Edf(signals, data_record_duration=float(record.denominator)).write(draft)
    return [file]


def _top(gain: int) -> int:
    """The largest whole number whose physical value fits the eight characters of an EDF header exactly."""
    return next(top for top in range(32767, 0, -1) if len(f"{top / gain:.8g}") <= 8 and float(f"{top / gain:.8g}") * gain == top)


def _csv(listed: list[Track], fs_hz: float, path: Path) -> list[Path]:
    file = path.with_name(path.name + ".csv")
    table = {"time_s": np.arange(len(listed[0].values)) / fs_hz, **{f"{track.name} ({track.unit})": track.values for track in listed}}
    with whole_file(file) as draft:
        pl.DataFrame(table).write_csv(draft)
    return [file]


def _parquet(listed: list[Track], fs_hz: float, path: Path) -> list[Path]:
    file = path.with_name(path.name + ".parquet")
    said = {"fs_hz": repr(float(fs_hz)), **{f"unit:{track.name}": track.unit for track in listed}}
    with whole_file(file) as draft:
        pl.DataFrame({track.name: track.values for track in listed}).write_parquet(draft, metadata=said)
    return [file]


def _settings(settings: Settings, path: Path) -> Path:
    file = path.with_name(f"{path.name}.settings.toml")
    lines = [f"{name} = {getattr(settings, name).item()!r}" for name in Settings.fields()]
    with whole_file(file) as draft:
        draft.write_text("# The pump's settings that belong to these samples; `counterpulse replay` reads them.\n[settings]\n" + "\n".join(lines) + "\n")
    return file
