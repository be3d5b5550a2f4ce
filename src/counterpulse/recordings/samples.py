"""Turns picked channels into the rows that the pump reads, at one rate, causally, and says in sentences what was done.

The pump's rate is the fastest picked channel's, 125 to 1000 Hz as it is. Faster ones: the mean of every n samples, shown when the last of them
is there. Slower ones: a straight line between the last two samples, so one of the slow channel's samples late. NaN stays NaN.
Knows no file and no pump.
"""

from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterpulse.recordings.channels import TO_MMHG, TO_MV, Picked, in_unit
from counterpulse.recordings.recording import Channel
from counterpulse.refusal import RefusalError
from counterpulse.signals.sample import Sample

SLOWEST_HZ, FASTEST_HZ, SLOWEST_PRESSURE_HZ = 125.0, 1000.0, 60.0


@dataclass(frozen=True)
class Prepared:
    """Rows of `Sample` at `fs_hz`; the first is at `start_s` of the recording. `sentences` say what was done to the signals."""

    samples: Any
    fs_hz: float
    start_s: float
    sentences: tuple[str, ...]


def prepare(picked: Picked, start_s: float = 0.0, stop_s: float | None = None) -> Prepared:
    """Make the rows between `start_s` and `stop_s`. Raises RefusalError for rates or times that do not fit."""
    rates = [channel.fs_hz for channel in picked.all()]
    fastest, sentences = max(rates), []
    _check_rates(picked, fastest)
    every = max(1, ceil(fastest / FASTEST_HZ - 1e-9))
    fs_hz = fastest / every
    whole_s = min(channel.duration_s for channel in [*picked.ecg, *picked.arterial.values()])
    first, last = _span(start_s, stop_s, whole_s, fs_hz)
    rows: Any = Sample.many(last - first)
    for k, channel in enumerate(picked.ecg):
        rows.ecg_mV[:, k] = _shown(channel, in_unit(channel, TO_MV), fs_hz, sentences)[first:last]
    for source, channel in picked.arterial.items():
        rows.arterial_mmHg[:, int(source)] = _shown(channel, in_unit(channel, TO_MMHG), fs_hz, sentences)[first:last]
    if picked.balloon:
        rows.balloon_mmHg[:] = _fit(_shown(picked.balloon, in_unit(picked.balloon, TO_MMHG), fs_hz, sentences), last)[first:]
    for name, channel in picked.flags.items():
        flag = np.nan_to_num(_fit(_shown(channel, channel.values, fs_hz, sentences), last)[first:]).astype(np.int64)
        if name == "pacer_spike":
            rows.pacer_spike[:] = flag
        else:
            rows.lead_off[:, int(name[-1]) - 1] = flag
    return Prepared(rows, fs_hz, first / fs_hz, tuple(dict.fromkeys(sentences)))


def _check_rates(picked: Picked, fastest: float) -> None:
    if fastest < SLOWEST_HZ:
        named = ", ".join(f"{channel.name} at {channel.fs_hz:g} Hz" for channel in picked.all())
        raise RefusalError(f"The recording is too slow for the pump ({named}); at least 125 Hz is needed, 125 to 1000 Hz is used as it is.")
    for channel in picked.ecg:
        if channel.fs_hz < SLOWEST_HZ:
            raise RefusalError(f"ECG channel {channel.name} comes at {channel.fs_hz:g} Hz; an ECG needs at least 125 Hz.")
    for channel in picked.arterial.values():
        if channel.fs_hz < SLOWEST_PRESSURE_HZ:
            least = f"a pressure needs at least {SLOWEST_PRESSURE_HZ:g} Hz"
            raise RefusalError(f"Pressure channel {channel.name} comes at {channel.fs_hz:g} Hz; {least}.")


def _span(start_s: float, stop_s: float | None, whole_s: float, fs_hz: float) -> tuple[int, int]:
    end = whole_s if stop_s is None else min(stop_s, whole_s)
    if not 0 <= start_s < whole_s:
        raise RefusalError(f"--from is {start_s:g} s; it must lie in 0 to {whole_s:g} s, the length of the recording.")
    if not end > start_s:
        raise RefusalError(f"--to is {stop_s:g} s; it must lie after --from ({start_s:g} s), up to {whole_s:g} s.")
    first, last = round(start_s * fs_hz), int(end * fs_hz + 1e-6)
    if last <= first:
        raise RefusalError(f"From {start_s:g} to {end:g} s there is no whole sample at {fs_hz:g} Hz; name a longer piece with --from and --to.")
    return first, last


def _shown(channel: Channel, values: NDArray[np.float64], fs_hz: float, sentences: list[str]) -> NDArray[np.float64]:
    """The channel as the pump sees it, at `fs_hz`."""
    ratio = channel.fs_hz / fs_hz
    if abs(ratio - 1) < 1e-9:
        return values
    if ratio > 1 and abs(ratio - round(ratio)) < 1e-6:
        every = round(ratio)
        late = 500 * (every - 1) / channel.fs_hz
        mean = f"the mean of every {every} samples is used, at {fs_hz:g} Hz, {late:.2g} ms late"
        sentences.append(f"{channel.name} comes at {channel.fs_hz:g} Hz: {mean}.")
        return values[: len(values) // every * every].reshape(-1, every).mean(axis=1)
    sentences.append(
        f"{channel.name} comes at {channel.fs_hz:g} Hz, the pump runs at {fs_hz:g} Hz: "
        f"between its samples it sees a straight line, {1000 / channel.fs_hz:.3g} ms late (nothing ahead of time)."
    )
    return _lined(values, ratio)


def _lined(values: NDArray[np.float64], ratio: float) -> NDArray[np.float64]:
    """Straight lines between the last two samples already there, at `ratio` (below 1) samples per row: causal."""
    at = np.arange(int(len(values) / ratio + 1e-6)) * ratio
    now = np.minimum((at + 1e-9).astype(np.int64), len(values) - 1)
    part = at - now
    before = np.maximum(now - 1, 0)
    return np.where(np.abs(part) < 1e-6, values[before], values[before] + (values[now] - values[before]) * part)


def _fit(values: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    return values[:length] if len(values) >= length else np.concatenate([values, np.full(length - len(values), np.nan)])
