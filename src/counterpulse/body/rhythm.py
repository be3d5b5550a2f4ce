"""The heart's clock: when the atria and ventricles are switched on, breath by breath and beat by beat. Knows no pressure but that in the chest.

Units: s, 1/min, mmHg; activations are shares from 0 to 1. `advance` takes one sample; `dt_s` must not change during a run. Events fall between
samples: each clock carries its overshoot on, so that rates do not depend on the sampling rate and nothing drifts.

How it works: the sinus node fires by its own clock, a P wave is conducted after the PR interval; an ectopic does not reset the node, and the
next P finds the ventricles refractory: the full compensatory pause follows from that. In fibrillation and under a pacemaker an ectopic resets
the clock. A chamber that still holds two contractions takes no third, so no activation is ever cut short. Rhythm and rate are read when a beat
begins; ventricular fibrillation and asystole have no beats and are left at once.

Not modelled: couplets, tachycardia, retrograde conduction, 1/f variability, potentiation of the beat after an ectopic.
"""

from counterpulse.body.activation import ATRIUM, VENTRICLE, atrium_at, ventricle_at
from counterpulse.body.beat import AF, NEVER_S, PACED_SEQUENTIAL, PACED_VENTRICULAR, SINUS, VF, Beat
from counterpulse.body.chest import breathe
from counterpulse.body.fibrillation import fibrillate
from counterpulse.body.intervals import (
    REFRACTORY_S,
    WEAKEST,
    conduction_s,
    draw_interval,
    mean_rr_s,
    overshoot,
    restitution,
    systole_scale,
    varied_delay,
    varied_length,
    varied_strength,
)
from counterpulse.body.patient import Patient, Tone
from counterpulse.kernel import inline, kernel, rare
from counterpulse.noise import uniform

__all__ = ["Beat", "advance", "start_beat"]

BLOCKED_ATRIA_PER_MIN = 75.0  # sinus rate beside a ventricular pacemaker (complete block); assumed
_STREAM_ECTOPIC = 102


def start_beat(patient: Patient) -> Beat:
    """A clock about to begin: first P (or QRS, where there is none) after 0.1 s, or none at all in fibrillation and asystole."""
    beat = Beat(rhythm=patient.rhythm, rr_s=60.0 / patient.heart_rate_per_min)
    if patient.rhythm in (SINUS, PACED_VENTRICULAR, PACED_SEQUENTIAL):
        beat.until_p_s = 0.1
    if patient.rhythm in (AF, PACED_VENTRICULAR):
        beat.until_qrs_s = 0.1
    return beat


@rare
def begin_atria(patient: Patient, tone: Tone, beat: Beat) -> None:
    """The node fires: P wave, atrial contraction, conduction."""
    late = overshoot(beat.until_p_s)
    beat.until_p_s += draw_interval(patient, tone, beat) if beat.rhythm != PACED_VENTRICULAR else 60.0 / BLOCKED_ATRIA_PER_MIN
    if beat.a_age_s * beat.a_per_s < 1.0:
        beat.a_old_age_s, beat.a_old_per_s = beat.a_age_s, beat.a_per_s
    beat.p_age_s = late
    beat.a_age_s = late - patient.electromechanical_delay_s
    beat.a_per_s = 1.0 / (ATRIUM.length_s * systole_scale(mean_rr_s(tone)))
    if beat.rhythm == PACED_SEQUENTIAL:
        beat.spike = 1
    if beat.rhythm != PACED_VENTRICULAR:
        if beat.blocked == 0:
            beat.until_qrs_s = conduction_s(patient, tone) - late
        beat.blocked = 0


@rare
def begin_ventricles(patient: Patient, tone: Tone, beat: Beat, late_s: float, ectopic: bool) -> None:
    """A QRS: the current contraction becomes the old one, a new one begins with the force that the interval before allows."""
    mean = mean_rr_s(tone)
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
    beat.v_age_s = late_s - varied_delay(patient, beat)
    beat.v_per_s = 1.0 / (VENTRICLE.length_s * max(patient.systole_s, 0.1) * systole_scale(rr) * varied_length(patient, beat))
    beat.v_force = beat.force * varied_strength(patient, beat)


@rare
def settle(patient: Patient, tone: Tone, beat: Beat, late_s: float) -> None:
    """Set all clocks for the rhythm in force, one mean R-R after a QRS that was `late_s` ago."""
    mean = mean_rr_s(tone) - late_s
    beat.until_p_s, beat.until_qrs_s, beat.until_ectopic_s = NEVER_S, NEVER_S, NEVER_S
    beat.blocked = 0
    if beat.rhythm in (SINUS, PACED_SEQUENTIAL):
        beat.until_p_s = mean - conduction_s(patient, tone)
    if beat.rhythm == PACED_VENTRICULAR:
        beat.until_p_s = mean
    if beat.rhythm in (AF, PACED_VENTRICULAR):
        beat.until_qrs_s = mean


@rare
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
        beat.until_ectopic_s = patient.ectopic_coupling * mean_rr_s(tone) - late_s
        if beat.rhythm in (AF, PACED_VENTRICULAR):
            beat.until_qrs_s = NEVER_S  # the ectopic will start this clock anew


@rare
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


@rare
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
    if beat.rhythm in (AF, VF) or beat.af_level + beat.vf_level > 0.0:
        fibrillate(patient, beat, dt_s)
