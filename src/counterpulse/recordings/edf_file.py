"""EDF, EDF+ and BDF files, read with edfio. A file cut short is read to its last whole data record; gaps of EDF+D become NaN.

Physical values are (digital - baseline) / gain with the gain rounded to the nine digits that an EDF header can carry, so that a file
written by `export` opens to the same bits.
"""

import re
import warnings
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterpulse.recordings.recording import BROKEN, Channel, Recording
from counterpulse.refusal import RefusalError

NOT_THERE = "counterpulse: digital -32768 is no value"


def read(file: Path) -> Recording:
    """Read `file`. Raises RefusalError where the header is none of EDF's or no data record is whole."""
    raw = file.read_bytes()
    width = 3 if file.suffix.lower() == ".bdf" else 2
    try:
        shape = _Shape(raw, width)
        edf = _parse(raw, shape, width)
        starts = shape.onsets_s(raw) if raw[192:197].decode("ascii", "replace").endswith("+D") else None
        channels = tuple(_channel(signal, shape, starts) for signal in edf.signals)
    except BROKEN as problem:
        reason = " ".join(str(problem).split())[:120]
        raise RefusalError(f"The recording {file} is not one that EDF allows ({reason}).") from None
    notes, stopped = [], None
    if shape.whole < shape.promised:
        stopped = (starts[-1] - starts[0] if starts else (shape.whole - 1) * shape.record_s) + shape.record_s
        notes.append(f"The recording stops being whole at {stopped:g} s: {shape.whole} of {shape.promised} data records are there.")
    if starts is not None:
        notes.append("The recording is discontinuous (EDF+D): what lies between its pieces is not there.")
    return Recording(file.stem, str(file), channels, stopped, tuple(notes))


class _Shape:
    """What the header says of the layout: bytes before the data, records promised and whole, samples of each signal per record."""

    def __init__(self, raw: bytes, width: int) -> None:
        self.start, self.promised, signals = int(raw[184:192]), int(raw[236:244]), int(raw[252:256])
        self.record_s = float(raw[244:252])
        table = 256 + 216 * signals
        self.labels = [raw[256 + 16 * k : 272 + 16 * k].decode("latin-1").strip() for k in range(signals)]
        self.samples = [int(raw[table + 8 * k : table + 8 * k + 8]) for k in range(signals)]
        self.width = width
        self.bytes_per_record = width * sum(self.samples)
        if self.bytes_per_record <= 0 or self.record_s <= 0:
            raise ValueError("a data record is empty or lasts no time")
        held = (len(raw) - self.start) // self.bytes_per_record
        self.promised = held if self.promised < 0 else self.promised
        self.whole = min(held, self.promised)
        if self.whole <= 0:
            raise ValueError("it ends before its first data record is whole")

    def onsets_s(self, raw: bytes) -> list[float]:
        """When each whole data record begins, from the first annotation signal (EDF+, 2.2.4)."""
        at = self.width * sum(self.samples[: next(k for k, label in enumerate(self.labels) if label.endswith("Annotations"))])
        places = (self.start + record * self.bytes_per_record + at for record in range(self.whole))
        return [float(raw[place : place + 40].split(b"\x14")[0].split(b"\x15")[0]) for place in places]


def _parse(raw: bytes, shape: _Shape, width: int) -> Any:
    import edfio  # noqa: PLC0415  only for this format

    whole = raw[:236] + f"{shape.whole:<8d}".encode() + raw[244 : shape.start + shape.whole * shape.bytes_per_record]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if width == 3:
            return edfio.read_bdf(whole, header_encoding="latin-1")
        return edfio.read_edf(whole, lazy_load_data=False, header_encoding="latin-1")


def _channel(signal: Any, shape: _Shape, starts: list[float] | None) -> Channel:
    values = _physical(signal)
    fs_hz = signal.samples_per_data_record / shape.record_s
    if starts is not None:
        values = _with_gaps(values.reshape(shape.whole, -1), starts, fs_hz)
    label = signal.label.removeprefix("ECG ").removeprefix("EKG ") or signal.label
    return Channel(label, signal.physical_dimension, fs_hz, values)


def _physical(signal: Any) -> NDArray[np.float64]:
    digital = np.asarray(signal.digital, np.float64)
    gain = float(f"{(signal.digital_max - signal.digital_min) / (signal.physical_max - signal.physical_min):.9g}")
    baseline = signal.digital_min - signal.physical_min * gain
    nearest = round(baseline)
    if abs(baseline - nearest) < 1e-3:
        baseline = float(nearest)
    values = (digital - baseline) / gain
    ours = re.fullmatch(rf"{NOT_THERE}, (\d+) samples", signal.prefiltering)
    if ours is None:
        return values
    values[digital == -32768] = np.nan
    return values[: int(ours[1])]


def _with_gaps(pieces: NDArray[np.float64], starts: list[float], fs_hz: float) -> NDArray[np.float64]:
    places = [round((start - starts[0]) * fs_hz) for start in starts]
    size = pieces.shape[1]
    if any(later < earlier + size for earlier, later in pairwise(places)):
        raise ValueError("its data records overlap in time")
    if places[-1] + size > 100 * pieces.size:
        raise ValueError("its gaps are more than 100 times as long as its data")
    values = np.full(places[-1] + size, np.nan)
    for place, piece in zip(places, pieces, strict=True):
        values[place : place + size] = piece
    return values
