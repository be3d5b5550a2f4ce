"""How long to the next beat, how long a contraction lasts and how strong it is. s, 1/min, shares 0 to 1. Knows no time of day: no clock runs here.

R-R is log-normal, so that it is never negative at any variability; drawn from counted noise. Sinus: half of the variance goes with the breath
(respiratory arrhythmia, shorter on inspiration), half is white. Fibrillation: white.
"""

import math
from typing import Any

from counterpulse.body.activation import LONGEST_RR_S
from counterpulse.body.beat import AF, SINUS, Beat
from counterpulse.body.patient import Patient, Tone
from counterpulse.kernel import inline, kernel, rare
from counterpulse.noise import normal

LONGEST_SAMPLE_S = 0.008  # 125 Hz
REFRACTORY_S = 0.2  # no QRS follows another sooner; assumed (flutter conducted 1:1 reaches 300/min)
CONDUCTED_SHARE = 0.6  # PR is at most this share of the mean R-R: conduction shortens with rate; assumed
RESTITUTION_START_S = 0.2  # R-R at which a premature beat has no force; assumed, form after Yue 1985 Circ Res 56:340
RESTITUTION_S = 0.15  # time constant with which force comes back; assumed, canine values 0.1 to 0.2
WEAKEST = 0.05  # a premature beat keeps at least this share of its force; assumed

SYSTOLE_BREATH = 0.8  # amplitude of the breath in a contraction's length, in SD: a third of the variance; longer on expiration (assumed)
SYSTOLE_WHITE = 0.8246  # the rest of the variance: 1 - 0.8 * 0.8 / 2
SHORTEST_VARIED = 0.5  # no draw shortens or weakens a contraction to less than this share

_STREAM_RR = 101
_STREAM_LENGTH, _STREAM_STRENGTH, _STREAM_DELAY = 103, 104, 105


@inline
def mean_rr_s(tone: Tone) -> float:
    """Mean interval at the rate that holds now."""
    return 60.0 / max(tone.heart_rate_per_min, 1.0)


@inline
def spread_log(cv: float, kurtosis: float) -> float:
    """SD of log R-R that gives R-R this coefficient of variation, for a standard draw of this excess kurtosis (Cornish-Fisher, 4th cumulant)."""
    v = math.log(1.0 + cv * cv)
    return math.sqrt(v - kurtosis * (14.0 / 24.0) * v * v)


@rare
def draw_interval(patient: Patient, tone: Tone, beat: Beat) -> float:
    """The next interval of the node in force: log-normal about the mean, in sinus rhythm half of the variance with the breath."""
    mean = mean_rr_s(tone)
    cv = tone.rr_variability
    if cv <= 0.0 or beat.rhythm not in (SINUS, AF):
        return mean
    z = normal(int(patient.seed), _STREAM_RR, int(beat.draws))
    beat.draws += 1
    if beat.rhythm == SINUS and patient.respiratory_rate_per_min > 0.0:
        s = spread_log(cv, -0.45)
        # beats crowd where R-R is short, which just cancels the mean of exp(s z) to the fourth order
        return mean * math.exp(s * (beat.breath + math.sqrt(0.5) * z) - 0.0125 * s * s * s * s)
    s = spread_log(cv, -0.3)
    return mean * math.exp(s * z - 0.5 * s * s + 0.0125 * s * s * s * s)


@inline
def overshoot(until_s: float) -> float:
    """How far before this sample an event was due; 0 for one that has been held back for more than a sample."""
    return -until_s if until_s >= -LONGEST_SAMPLE_S else 0.0


@inline
def restitution(rr_s: float) -> float:
    """Force that a ventricle has regained this long after its last beat began."""
    return 1.0 - math.exp(-max(rr_s - RESTITUTION_START_S, 0.0) / RESTITUTION_S)


@inline
def conduction_s(patient: Patient, tone: Tone) -> float:
    """P to QRS at the rate that holds now."""
    return min(patient.pr_interval_s, CONDUCTED_SHARE * mean_rr_s(tone))


@kernel
def interval_draws(seed: int, first: int, out: Any) -> None:
    """The draws behind intervals `first`, `first` + 1 ...: in fibrillation interval n follows QRS number n + 1. Mean 0, SD 1, independent."""
    for i in range(out.size):
        out[i] = normal(seed, _STREAM_RR, first + i)


@inline
def systole_scale(rr_s: float) -> float:
    """Length of a contraction relative to R-R = 1 s."""
    return math.sqrt(min(max(rr_s, REFRACTORY_S), LONGEST_RR_S))


@inline
def varied_length(patient: Patient, beat: Beat) -> float:
    """Factor on the length of the contraction that begins now: its own draw and the breath (mean 1, SD `systole_variability`)."""
    if patient.systole_variability <= 0.0:
        return 1.0
    z = SYSTOLE_WHITE * normal(int(patient.seed), _STREAM_LENGTH, int(beat.number)) + SYSTOLE_BREATH * beat.breath
    return max(1.0 + patient.systole_variability * z, SHORTEST_VARIED)


@inline
def varied_strength(patient: Patient, beat: Beat) -> float:
    """Factor on the strength of the contraction that begins now."""
    if patient.systole_variability <= 0.0:
        return 1.0
    return max(1.0 + patient.systole_variability * normal(int(patient.seed), _STREAM_STRENGTH, int(beat.number)), SHORTEST_VARIED)


@inline
def varied_delay(patient: Patient, beat: Beat) -> float:
    """From this QRS to the start of ventricular activation, s."""
    if patient.delay_variability_s <= 0.0:
        return patient.electromechanical_delay_s
    z = normal(int(patient.seed), _STREAM_DELAY, int(beat.number))
    return max(patient.electromechanical_delay_s + patient.delay_variability_s * z, 0.0)
