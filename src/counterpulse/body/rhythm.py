"""The heart's clock: when the atria and ventricles are switched on, breath by breath and beat by beat. Knows no pressure but that in the chest.

Units: s, 1/min, mmHg; activations are shares from 0 to 1. `advance` takes one sample; `dt_s` must not change during a run. Events fall between
samples: each clock carries its overshoot on, so that rates do not depend on the sampling rate and nothing drifts.

How it works: the sinus node fires by its own clock, a P wave is conducted after the PR interval; an ectopic does not reset the node, and the
next P finds the ventricles refractory: the full compensatory pause follows from that. In fibrillation and under a pacemaker an ectopic resets
the clock. A chamber that still holds two contractions takes no third, so no activation is ever cut short. Rhythm and rate are read when a beat
begins; ventricular fibrillation and asystole have no beats and are left at once.

Not modelled: couplets, tachycardia, retrograde conduction, 1/f variability, potentiation of the beat after an ectopic.
"""

import math

import numpy as np

from counterpulse.body.activation import ATRIUM, LONGEST_RR_S, VENTRICLE, atrium_at, ventricle_at
from counterpulse.body.patient import Patient, Rhythm, Tone
from counterpulse.kernel import inline, kernel
from counterpulse.noise import normal, uniform
from counterpulse.record import Record

NEVER_S = 1e9  # a clock that is not running
LONG_AGO_S = 1e3  # age of what has not happened yet
LONGEST_SAMPLE_S = 0.008  # 125 Hz
REFRACTORY_S = 0.2  # no QRS follows another sooner; assumed (flutter conducted 1:1 reaches 300/min)
CONDUCTED_SHARE = 0.6  # PR is at most this share of the mean R-R: conduction shortens with rate; assumed
BLOCKED_ATRIA_PER_MIN = 75.0  # sinus rate beside a ventricular pacemaker (complete block); assumed
RESTITUTION_START_S = 0.2  # R-R at which a premature beat has no force; assumed, form after Yue 1985 Circ Res 56:340
RESTITUTION_S = 0.15  # time constant with which force comes back; assumed, canine values 0.1 to 0.2
WEAKEST = 0.05  # a premature beat keeps at least this share of its force; assumed
F_WAVE_HZ = 6.0  # atrial fibrillation, 4 to 9 Hz; assumed
VF_WAVE_HZ = 5.0  # ventricular fibrillation, 4 to 7 Hz; assumed
FIBRILLATING_ATRIUM = 0.05  # largest activation of a fibrillating atrium; assumed
FIBRILLATING_VENTRICLE = 0.03  # the same of a ventricle; assumed
ONSET_PER_S = 4.0  # fibrillation comes and goes within 1/4 s; assumed

SINUS = int(Rhythm.SINUS)
AF = int(Rhythm.ATRIAL_FIBRILLATION)
PACED_VENTRICULAR = int(Rhythm.PACED_VENTRICULAR)
PACED_SEQUENTIAL = int(Rhythm.PACED_SEQUENTIAL)
VF = int(Rhythm.VENTRICULAR_FIBRILLATION)

_STREAM_RR, _STREAM_ECTOPIC, _STREAM_WAVE = 101, 102, 103
_SINE_STEPS = 256
_SINE = np.array([math.sin(2.0 * math.pi * k / _SINE_STEPS) for k in range(_SINE_STEPS + 2)])


class Beat(Record):
    """The heart's clock of one patient. The first block is for others to read; the rest is how the clock goes on."""

    atrial: float = 0.0  # activation, 0 to 1
    ventricular: float = 0.0  # activation, 0 to 1
    intrathoracic_mmHg: float = 0.0
    p_age_s: float = LONG_AGO_S  # since the last P wave began
    qrs_age_s: float = LONG_AGO_S  # since the last QRS began
    rr_s: float = 1.0  # R-R that led to the current beat
    force: float = 1.0  # share of full force the current beat has (restitution)
    breath: float = 0.0  # -1 inspired to 1 expired
    compression: float = 0.0  # chest compression, 0 to 1
    wave: float = 0.0  # fibrillation wave, -1 to 1
    af_level: float = 0.0  # how far the atria fibrillate, 0 to 1
    vf_level: float = 0.0  # how far the ventricles fibrillate, 0 to 1
    number: int = 0  # QRS complexes so far
    ectopic: int = 0  # current QRS is ventricular ectopic or paced
    wide: int = 0  # current QRS is wide: ectopic, paced or bundle branch block
    spike: int = 0  # pacing spike in this sample
    sample: int = 0
    # clocks
    rhythm: int = 0  # in force; Tone.rhythm is what is asked for
    until_p_s: float = NEVER_S
    until_qrs_s: float = NEVER_S
    until_ectopic_s: float = NEVER_S
    blocked: int = 0  # the next P is not conducted
    draws: int = 0
    breath_phase: float = 0.0
    compression_phase: float = 0.0
    compressing_per_min: float = 0.0
    compressing_mmHg: float = 0.0
    wave_from: float = 0.0
    wave_to: float = 0.0
    wave_phase: float = 1.0
    wave_per_s: float = 0.0
    wave_count: int = 0
    # two contractions of each chamber: time since they began, 1 / length, force
    v_age_s: float = LONG_AGO_S
    v_per_s: float = 1.0
    v_force: float = 0.0
    v_old_age_s: float = LONG_AGO_S
    v_old_per_s: float = 1.0
    v_old_force: float = 0.0
    a_age_s: float = LONG_AGO_S
    a_per_s: float = 1.0
    a_old_age_s: float = LONG_AGO_S
    a_old_per_s: float = 1.0


def start_beat(patient: Patient) -> Beat:
    """A clock about to begin: first P (or QRS, where there is none) after 0.1 s, or none at all in fibrillation and asystole."""
    beat = Beat(rhythm=patient.rhythm, rr_s=60.0 / patient.heart_rate_per_min)
    if patient.rhythm in (SINUS, PACED_VENTRICULAR, PACED_SEQUENTIAL):
        beat.until_p_s = 0.1
    if patient.rhythm in (AF, PACED_VENTRICULAR):
        beat.until_qrs_s = 0.1
    return beat


@inline
def sine(phase: float) -> float:
    """sin(2 pi phase) for a phase in [0, 1), from a table (error below 8e-5)."""
    place = phase * _SINE_STEPS
    k = int(place)
    return _SINE[k] + (place - k) * (_SINE[k + 1] - _SINE[k])


@inline
def spread_log(cv: float, kurtosis: float) -> float:
    """SD of log R-R that gives R-R this coefficient of variation, for a standard draw of this excess kurtosis (Cornish-Fisher, 4th cumulant)."""
    v = math.log(1.0 + cv * cv)
    return math.sqrt(v - kurtosis * (14.0 / 24.0) * v * v)


@kernel
def draw_interval(patient: Patient, tone: Tone, beat: Beat) -> float:
    """The next interval of the node in force: log-normal about the mean, in sinus rhythm half of the variance with the breath."""
    mean = 60.0 / max(tone.heart_rate_per_min, 1.0)
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
    return min(patient.pr_interval_s, CONDUCTED_SHARE * 60.0 / max(tone.heart_rate_per_min, 1.0))


@inline
def systole_scale(rr_s: float) -> float:
    """Length of a contraction relative to R-R = 1 s."""
    return math.sqrt(min(max(rr_s, REFRACTORY_S), LONGEST_RR_S))


@kernel
def begin_atria(patient: Patient, tone: Tone, beat: Beat) -> None:
    """The node fires: P wave, atrial contraction, conduction."""
    late = overshoot(beat.until_p_s)
    beat.until_p_s += draw_interval(patient, tone, beat) if beat.rhythm != PACED_VENTRICULAR else 60.0 / BLOCKED_ATRIA_PER_MIN
    if beat.a_age_s * beat.a_per_s < 1.0:
        beat.a_old_age_s, beat.a_old_per_s = beat.a_age_s, beat.a_per_s
    beat.p_age_s = late
    beat.a_age_s = late - patient.electromechanical_delay_s
    beat.a_per_s = 1.0 / (ATRIUM.length_s * systole_scale(60.0 / max(tone.heart_rate_per_min, 1.0)))
    if beat.rhythm == PACED_SEQUENTIAL:
        beat.spike = 1
    if beat.rhythm != PACED_VENTRICULAR:
        if beat.blocked == 0:
            beat.until_qrs_s = conduction_s(patient, tone) - late
        beat.blocked = 0


@kernel
def begin_ventricles(patient: Patient, tone: Tone, beat: Beat, late_s: float, ectopic: bool) -> None:
    """A QRS: the current contraction becomes the old one, a new one begins with the force that the interval before allows."""
    mean = 60.0 / max(tone.heart_rate_per_min, 1.0)
    paced = beat.rhythm in (PACED_VENTRICULAR, PACED_SEQUENTIAL) and not ectopic
    rr = beat.qrs_age_s - late_s if beat.number > 0 else mean
    beat.rr_s = rr
    beat.qrs_age_s = late_s
    beat.number += 1
    beat.ectopic = 1 if ectopic or paced else 0
    beat.wide = 1 if ectopic or paced or patient.wide_qrs else 0
    if paced:
        beat.spike = 1
    beat.force = max(min(restitution(rr) / max(restitution(mean), WEAKEST), 1.0), WEAKEST)
    beat.v_old_age_s, beat.v_old_per_s, beat.v_old_force = beat.v_age_s, beat.v_per_s, beat.v_force
    beat.v_age_s = late_s - patient.electromechanical_delay_s
    beat.v_per_s = 1.0 / (VENTRICLE.length_s * max(patient.systole_s, 0.1) * systole_scale(rr))
    beat.v_force = beat.force


@kernel
def settle(patient: Patient, tone: Tone, beat: Beat, late_s: float) -> None:
    """Set all clocks for the rhythm in force, one mean R-R after a QRS that was `late_s` ago."""
    mean = 60.0 / max(tone.heart_rate_per_min, 1.0) - late_s
    beat.until_p_s, beat.until_qrs_s, beat.until_ectopic_s = NEVER_S, NEVER_S, NEVER_S
    beat.blocked = 0
    if beat.rhythm in (SINUS, PACED_SEQUENTIAL):
        beat.until_p_s = mean - conduction_s(patient, tone)
    if beat.rhythm == PACED_VENTRICULAR:
        beat.until_p_s = mean
    if beat.rhythm in (AF, PACED_VENTRICULAR):
        beat.until_qrs_s = mean


@kernel
def plan_ectopic(patient: Patient, tone: Tone, beat: Beat, late_s: float, forestalled: bool) -> None:
    """After a conducted QRS: decide whether an ectopic follows it. The odds give the set rate, compensatory pauses counted.

    One that the beat itself has forestalled comes after this beat instead.
    """
    beat.until_ectopic_s = NEVER_S
    if tone.ectopics_per_min <= 0.0:
        return
    share = 1.0 if beat.rhythm == SINUS else patient.ectopic_coupling
    odds = tone.ectopics_per_min / max(tone.heart_rate_per_min - share * tone.ectopics_per_min, 1e-6)
    if forestalled or uniform(int(patient.seed), _STREAM_ECTOPIC, int(beat.number)) < odds:
        beat.until_ectopic_s = patient.ectopic_coupling * 60.0 / max(tone.heart_rate_per_min, 1.0) - late_s
        if beat.rhythm in (AF, PACED_VENTRICULAR):
            beat.until_qrs_s = NEVER_S  # the ectopic will start this clock anew


@kernel
def fire_qrs(patient: Patient, tone: Tone, beat: Beat) -> None:
    """A conducted or paced QRS is due."""
    late = overshoot(beat.until_qrs_s)
    forestalled = beat.until_ectopic_s < NEVER_S * 0.5
    begin_ventricles(patient, tone, beat, late, False)
    if tone.rhythm != beat.rhythm:
        beat.rhythm = tone.rhythm
        settle(patient, tone, beat, late)
    elif beat.rhythm in (AF, PACED_VENTRICULAR):
        beat.until_qrs_s += draw_interval(patient, tone, beat)
    else:
        beat.until_qrs_s = NEVER_S
    if beat.rhythm < VF:
        plan_ectopic(patient, tone, beat, late, forestalled)


@kernel
def fire_ectopic(patient: Patient, tone: Tone, beat: Beat) -> None:
    """An ectopic is due: in sinus rhythm the node goes on and its next P is blocked, elsewhere the clock starts anew."""
    late = overshoot(beat.until_ectopic_s)
    beat.until_ectopic_s = NEVER_S
    begin_ventricles(patient, tone, beat, late, True)
    if tone.rhythm != beat.rhythm or beat.rhythm == PACED_SEQUENTIAL:
        beat.rhythm = tone.rhythm
        settle(patient, tone, beat, late)
    elif beat.rhythm == SINUS:
        beat.blocked = 1 if beat.until_qrs_s >= NEVER_S * 0.5 else 0
        beat.until_qrs_s = NEVER_S
    else:
        beat.until_qrs_s = draw_interval(patient, tone, beat) - late


@kernel
def next_wave(patient: Patient, beat: Beat) -> None:
    """The fibrillation wave turns: draw its next height, on the other side of zero, and how long it takes to get there."""
    u = uniform(int(patient.seed), _STREAM_WAVE, 2 * int(beat.wave_count))
    w = uniform(int(patient.seed), _STREAM_WAVE, 2 * int(beat.wave_count) + 1)
    beat.wave_count += 1
    beat.wave_from = beat.wave_to
    beat.wave_to = (0.3 + 0.7 * u) * (1.0 if beat.wave_from <= 0.0 else -1.0)
    beat.wave_per_s = 2.0 * (VF_WAVE_HZ if beat.rhythm == VF else F_WAVE_HZ) / (0.7 + 0.6 * w)
    beat.wave_phase -= 1.0


@kernel
def fibrillate(patient: Patient, beat: Beat, dt_s: float) -> None:
    """Fibrillation waves of atria or ventricles: small, irregular, without a jump when they begin or end."""
    step = ONSET_PER_S * dt_s
    af = step if beat.rhythm == AF else -step
    vf = step if beat.rhythm == VF else -step
    beat.af_level = min(max(beat.af_level + af, 0.0), 1.0)
    beat.vf_level = min(max(beat.vf_level + vf, 0.0), 1.0)
    beat.wave_phase += beat.wave_per_s * dt_s
    if beat.wave_phase >= 1.0:
        next_wave(patient, beat)
    x = min(max(beat.wave_phase, 0.0), 1.0)
    beat.wave = beat.wave_from + (beat.wave_to - beat.wave_from) * x * x * (3.0 - 2.0 * x)
    height = 0.5 + 0.5 * beat.wave
    atria = FIBRILLATING_ATRIUM * max(beat.af_level, beat.vf_level) * height
    ventricles = FIBRILLATING_VENTRICLE * beat.vf_level * height
    beat.atrial = beat.atrial + atria - beat.atrial * atria
    beat.ventricular = beat.ventricular + ventricles - beat.ventricular * ventricles


@inline
def breathe(patient: Patient, tone: Tone, beat: Beat, dt_s: float) -> None:
    """Pressure in the chest: mean, breath (inspiration first, falling) and compressions (half-sines, half of the time)."""
    beat.breath_phase += patient.respiratory_rate_per_min * (1.0 / 60.0) * dt_s
    if beat.breath_phase >= 1.0:
        beat.breath_phase -= 1.0
    beat.breath = -sine(beat.breath_phase)
    pressure = tone.intrathoracic_mmHg + 0.5 * patient.respiratory_swing_mmHg * beat.breath
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


@inline
def contract(beat: Beat) -> None:
    """Activation from both contractions of each chamber: a + b - a b, which neither jumps nor passes 1."""
    v = beat.v_force * ventricle_at(beat.v_age_s * beat.v_per_s)
    v_old = beat.v_old_force * ventricle_at(beat.v_old_age_s * beat.v_old_per_s)
    a = atrium_at(beat.a_age_s * beat.a_per_s)
    a_old = atrium_at(beat.a_old_age_s * beat.a_old_per_s)
    beat.ventricular = v + v_old - v * v_old
    beat.atrial = a + a_old - a * a_old


@inline
def pass_time(beat: Beat, dt_s: float) -> None:
    """All clocks one sample on."""
    beat.sample += 1
    beat.spike = 0
    beat.p_age_s += dt_s
    beat.qrs_age_s += dt_s
    beat.until_p_s -= dt_s
    beat.until_qrs_s -= dt_s
    beat.until_ectopic_s -= dt_s
    beat.v_age_s += dt_s
    beat.v_old_age_s += dt_s
    beat.a_age_s += dt_s
    beat.a_old_age_s += dt_s


@inline
def excitable(beat: Beat) -> bool:
    """Whether the ventricles can take another beat: refractory time over, and the contraction before the last one done."""
    return beat.qrs_age_s >= REFRACTORY_S and beat.v_old_age_s * beat.v_old_per_s >= 1.0


@inline
def atria_free(beat: Beat) -> bool:
    """Whether the node's next beat finds a way: the last P has been conducted, and the contraction before the last one is done."""
    pending = beat.until_qrs_s < NEVER_S * 0.5 and beat.rhythm != PACED_VENTRICULAR
    return beat.a_old_age_s * beat.a_old_per_s >= 1.0 and not pending


@kernel
def advance(patient: Patient, tone: Tone, beat: Beat, dt_s: float) -> None:
    """One sample on. `dt_s` between 1/1000 and 1/125 s, the same throughout a run."""
    pass_time(beat, dt_s)
    breathe(patient, tone, beat, dt_s)
    if beat.until_p_s <= 0.0 and atria_free(beat):
        begin_atria(patient, tone, beat)
    if beat.until_ectopic_s <= 0.0 and excitable(beat):
        fire_ectopic(patient, tone, beat)
    if beat.until_qrs_s <= 0.0 and excitable(beat):
        fire_qrs(patient, tone, beat)
    if beat.rhythm >= VF and tone.rhythm != beat.rhythm:
        beat.rhythm = tone.rhythm
        settle(patient, tone, beat, 0.0)
    contract(beat)
    if beat.rhythm == VF or beat.rhythm == AF or beat.af_level + beat.vf_level > 0.0:
        fibrillate(patient, beat, dt_s)
