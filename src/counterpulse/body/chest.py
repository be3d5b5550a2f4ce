"""Pressure in the chest: mean, breath, compressions. Knows no heart and no vessel. mmHg, 1/min, phases 0 to 1."""

import math

import numpy as np

from counterpulse.body.beat import Beat
from counterpulse.body.patient import Patient, Tone
from counterpulse.kernel import inline, kernel

_SINE_STEPS = 256
_SINE = np.array([math.sin(2.0 * math.pi * k / _SINE_STEPS) for k in range(_SINE_STEPS + 2)])


@inline
def sine(phase: float) -> float:
    """sin(2 pi phase) for a phase in [0, 1), from a table (error below 8e-5)."""
    place = phase * _SINE_STEPS
    k = int(place)
    return _SINE[k] + (place - k) * (_SINE[k + 1] - _SINE[k])


@inline
def breathe(patient: Patient, tone: Tone, beat: Beat, dt_s: float) -> None:
    """Pressure in the chest: mean, breath (inspiration first, falling) and compressions (half-sines, half of the time)."""
    beat.breath_phase += patient.respiratory_rate_per_min * (1.0 / 60.0) * dt_s
    if beat.breath_phase >= 1.0:
        beat.breath_phase -= 1.0
    beat.breath = -sine(beat.breath_phase)
    swing = -patient.respiratory_swing_mmHg if tone.ventilated != 0 else patient.respiratory_swing_mmHg
    pressure = tone.intrathoracic_mmHg + 0.5 * swing * beat.breath
    if beat.compressing_per_min > 0.0 or tone.compressions_per_min > 0.0:
        compress(tone, beat, dt_s)
        pressure += beat.compressing_mmHg * beat.compression
    beat.intrathoracic_mmHg = pressure


@kernel
def compress(tone: Tone, beat: Beat, dt_s: float) -> None:
    """One sample of chest compressions; rate and depth are read when a compression begins."""
    if beat.compressing_per_min <= 0.0:
        beat.compressing_per_min, beat.compressing_mmHg, beat.compression_phase = tone.compressions_per_min, tone.compression_mmHg, 0.0
    beat.compression_phase += beat.compressing_per_min * (1.0 / 60.0) * dt_s
    if beat.compression_phase >= 1.0:
        beat.compression_phase = beat.compression_phase - 1.0 if tone.compressions_per_min > 0.0 else 0.0
        beat.compressing_per_min, beat.compressing_mmHg = tone.compressions_per_min, tone.compression_mmHg
    beat.compression = max(sine(beat.compression_phase), 0.0)
