"""The averaged beat of a recorded pressure, and what a monitoring line makes of a simulated one. Arrays only: no files, no patient.

A beat is `POINTS` equal steps from one R wave to the next. The line is a second-order system (natural frequency, damping) with a pure delay, applied to the
periodic wave exactly, harmonic by harmonic. mmHg, s, Hz.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from counterpulse.refusal import RefusalError

Floats = NDArray[np.float64]
POINTS = 128
NEAR = 0.1  # beats whose R-R lies within this share of the median are averaged
LEAST = 8  # such beats
LEAST_PLAIN = 4  # unassisted ones where a pump runs: there are no more in most recordings
LOWEST, HIGHEST = 5.0, 300.0  # mmHg: outside it is a flush, a zero or a rail
LEAST_PULSE_mmHg = 6.0
UNLIKE = 3.0  # times the median distance from the median beat: an artefact or an ectopic beat


@dataclass(frozen=True)
class Averaged:
    """The mean beat of a stretch: wave (`POINTS`), R-R, how many of how many beats went in, irregularity, how far single beats lie from the mean."""

    wave: Floats
    rr_s: float
    beats: int
    of: int
    rr_variability: float
    spread_mmHg: float


def averaged(pressure: Floats, r_s: Floats, fs_hz: float, chosen: NDArray[np.bool_] | None = None) -> Averaged:
    """The mean of like beats, of those R-R intervals that are `chosen`. Raises RefusalError where there is no steady stretch, saying what is missing."""
    rr = np.diff(r_s)
    if len(rr) < LEAST:
        raise RefusalError(f"There are {len(rr)} whole beats in this stretch; a fit needs at least {LEAST}.")
    usual = float(np.median(rr))
    good = np.abs(rr / usual - 1.0) < NEAR
    if chosen is not None:
        good &= chosen
        if good.sum() < LEAST_PLAIN:
            raise RefusalError(f"A pump is running here and {int(good.sum())} unassisted beats have a usual R-R; a fit needs at least {LEAST_PLAIN}.")
    found = [one_beat(pressure, (float(start), float(length)), fs_hz) for start, length in zip(r_s[:-1][good], rr[good], strict=True)]
    beats = [beat for beat in found if beat is not None]
    if len(beats) < (LEAST if chosen is None else LEAST_PLAIN):
        rate = f"{60.0 / usual:.0f}/min"
        raise RefusalError(f"{len(beats)} beats of this stretch have a usual R-R ({rate}) and a readable pressure; a fit needs at least {LEAST}.")
    waves = like_each_other(np.array(beats))
    wave = waves.mean(axis=0)
    if float(np.ptp(wave)) < LEAST_PULSE_mmHg:
        raise RefusalError(f"The pressure pulses by {float(np.ptp(wave)):.1f} mmHg in this stretch; a fit needs at least {LEAST_PULSE_mmHg:g} mmHg.")
    spread = float(np.sqrt(np.mean((waves - waves.mean(axis=1, keepdims=True) - wave + wave.mean()) ** 2)))
    return Averaged(wave, usual, len(waves), len(rr), float(np.std(rr[(rr > 0.5 * usual) & (rr < 1.8 * usual)]) / usual), spread)


def one_beat(pressure: Floats, span: tuple[float, float], fs_hz: float) -> Floats | None:
    """One beat on `POINTS` steps, or None where pressure is missing or no pressure of an artery."""
    first, last = int(span[0] * fs_hz), int((span[0] + span[1]) * fs_hz) + 2
    piece = pressure[first:last]
    if last > len(pressure) or not np.isfinite(piece).all() or piece.min() < LOWEST or piece.max() > HIGHEST:
        return None
    at = (span[0] + span[1] * np.arange(POINTS) / POINTS) * fs_hz - first
    return np.interp(at, np.arange(len(piece)), piece)


def like_each_other(waves: Floats) -> Floats:
    """Without beats whose shape is far from the median one."""
    away = np.sqrt(np.mean((waves - np.median(waves, axis=0)) ** 2, axis=1))
    return waves[away <= UNLIKE * max(float(np.median(away)), 0.5)]


def through_line(wave: Floats, rr_s: float, delay_s: float, line: tuple[float, float]) -> Floats:
    """A periodic wave as a line of (natural frequency, damping) with a delay shows it."""
    natural_Hz, damping = line
    spectrum = np.fft.rfft(wave)
    f = np.arange(len(spectrum)) / rr_s
    ratio = f / natural_Hz
    response = np.exp(-2j * np.pi * f * delay_s) / (1.0 - ratio**2 + 2j * damping * ratio)
    return np.fft.irfft(spectrum * response, len(wave))


def best_shift(observed: Floats, wave: Floats) -> float:
    """Delay, as a share of the beat, at which a periodic wave resembles another most."""
    matched = np.fft.irfft(np.fft.rfft(observed - observed.mean()) * np.conj(np.fft.rfft(wave - wave.mean())), len(wave))
    return float(np.argmax(matched)) / len(wave)


def periodic_beat(pressure: Floats, beat: NDArray[np.int64], sample_s: float, rr_s: float) -> Floats | None:
    """The last whole beat of a simulated run from QRS to QRS, on `POINTS` steps; None without one."""
    marks = np.flatnonzero(np.diff(beat)) + 1
    need = int(rr_s / sample_s) + 2
    starts = marks[marks + need <= len(pressure)]
    if not len(starts):
        return None
    at = starts[-1] + rr_s / sample_s * np.arange(POINTS) / POINTS
    return np.interp(at, np.arange(len(pressure)), pressure)
