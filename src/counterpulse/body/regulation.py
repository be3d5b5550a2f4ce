"""The slow loop: five times a second reflex, drugs, fluids and oxygen read what the body did, and say what holds now.

`Tone` in the bed is what is set from outside; `now` is the tone in force: the set one times what reflex, drugs and ischaemia make of it. `Rest` holds what the
patient shows undisturbed. Without it (`known` 0) reflex and ischaemia are idle and `now` is the set tone, bit for bit. Constants are made anew only when
something in force has moved by more than STIR, so that a settled patient costs nothing. Knows the running totals of `body.state`; no pump, no monitor.
"""

import math
from typing import Any

from counterpulse.body.beat import PACED_SEQUENTIAL, PACED_VENTRICULAR, SINUS, Beat
from counterpulse.body.drugs import Dose, Drugs, act, volumes
from counterpulse.body.oxygen import FLOW_S, Oxygen, balance, breathe_and_use, use_in_heart
from counterpulse.body.patient import Patient, Tone
from counterpulse.body.perfusion import MEAN_S, Perfusion, perfuse
from counterpulse.body.reflex import Reflex, feel, lag, respond
from counterpulse.body.state import AT, OF
from counterpulse.kernel import inline, kernel
from counterpulse.record import Record

TICK_S = 0.2
START_TICKS = 150  # half a minute from an arbitrary filling to a circulation: nothing is regulated yet
STIR = 0.003  # share by which a factor must have moved before constants are made anew; venous volume: times 1000 mL
PEEP_SHARE = 0.5  # of PEEP reaches the pleural space (a third to a half in stiff and normal lungs; assumed)
CM_H2O_mmHg = 0.7356
RESYNCHRONISED = 1.15  # factor on LV elastance when a wide QRS is resynchronised (dP/dt +10 to +20 %, Auricchio 1999 Circulation 99:2993; from memory)


class Rest(Record):
    """What a patient shows at rest: the reference of reflex and ischaemia. `known` 0: not measured."""

    known: int = 0
    map_mmHg: float = 0.0
    cvp_mmHg: float = 0.0
    loaded_mL_min: float = 0.0  # myocardial oxygen for pressure-volume area
    met: float = 1.0  # coronary flow over the flow asked for
    coronary_tone: float = 1.0
    svo2: float = 0.65
    lactate_mmol_L: float = 0.0


class Totals(Record):
    """The running totals when they were last read."""

    root: float = 0.0
    ra: float = 0.0
    systemic: float = 0.0
    coronary: float = 0.0
    gut: float = 0.0
    hand: float = 0.0
    foot: float = 0.0
    work: float = 0.0
    bypassed: float = 0.0


class Regulation(Record):
    """All that the slow loop remembers of one patient."""

    rest: Rest
    totals: Totals
    reflex: Reflex
    drugs: Drugs
    oxygen: Oxygen
    perfusion: Perfusion
    tick_s: float = TICK_S
    beat: int = 0


@kernel
def ticks(sample_s: float) -> int:
    """Samples from one tick to the next: a whole number nearest to TICK_S."""
    return round(TICK_S / sample_s)


def start_regulation(patient: Patient, sample_s: float, rest: Rest | None = None) -> Regulation:
    """A slow loop about to begin, with what the patient shows at rest, if that is known."""
    made = Regulation.many(1)[0]
    made.tick_s = ticks(sample_s) * sample_s
    made.oxygen.haemoglobin_g_dL = patient.haemoglobin_g_dL
    if rest is not None:
        made.rest = rest
        made.oxygen.tone = rest.coronary_tone
        made.oxygen.svo2, made.perfusion.lactate_mmol_L = rest.svo2, rest.lactate_mmol_L
    return made


@inline
def read(totals: Totals, oxygen: Oxygen, perfusion: Perfusion, w: Any, i: int, dt_s: float) -> None:
    """Running means of flows and work from the totals of lane `i`."""
    oxygen.coronary_mL_s = lag(oxygen.coronary_mL_s, (w[AT.total_coronary, i] - totals.coronary) / dt_s, dt_s, FLOW_S)
    oxygen.tone = lag(oxygen.tone, w[AT.coronary_tone, i], dt_s, FLOW_S)
    oxygen.work_mmHg_mL_s = lag(oxygen.work_mmHg_mL_s, (w[AT.total_work, i] - totals.work) / dt_s, dt_s, FLOW_S)
    perfusion.visceral_mL_s = lag(perfusion.visceral_mL_s, (w[AT.total_gut, i] - totals.gut) / dt_s, dt_s, MEAN_S)
    perfusion.arm_mL_s = lag(perfusion.arm_mL_s, (w[AT.total_hand, i] - totals.hand) / dt_s, dt_s, MEAN_S)
    perfusion.leg_mL_s = lag(perfusion.leg_mL_s, (w[AT.total_foot, i] - totals.foot) / dt_s, dt_s, MEAN_S)
    totals.coronary, totals.work = w[AT.total_coronary, i], w[AT.total_work, i]
    totals.gut, totals.hand, totals.foot = w[AT.total_gut, i], w[AT.total_hand, i], w[AT.total_foot, i]


@inline
def end_beat(regulation: Regulation, beat: Beat, w: Any, i: int) -> None:
    """After each new QRS: potential energy of the beat that ended, from its least volume and the elastance line."""
    if beat.number == regulation.beat:
        return
    regulation.beat = beat.number
    above = max(w[AT.least_lv, i] - w[OF.lv_v0, i], 0.0)
    regulation.oxygen.potential_mmHg_mL = 0.5 * w[OF.lv_ees, i] * above * above
    w[AT.least_lv, i] = w[AT.lv, i]


@inline
def pour(regulation: Regulation, dose: Dose, patient: Patient, w: Any, i: int, dt_s: float) -> None:
    """Give and take blood and water through the systemic veins; haemoglobin thins and thickens."""
    water, blood, bled = volumes(regulation.drugs, dose, dt_s)
    if water == 0.0 and blood == 0.0 and bled == 0.0:
        return
    before = patient.blood_volume_mL + regulation.drugs.given_mL - regulation.drugs.taken_mL - water - blood + bled
    hb = regulation.oxygen.haemoglobin_g_dL
    carried = hb * (before - bled) + blood * patient.haemoglobin_g_dL
    w[AT.veins, i] += water + blood - bled
    regulation.oxygen.haemoglobin_g_dL = carried / max(before - bled + water + blood, 1.0)


@inline
def sense(regulation: Regulation, patient: Patient, w: Any, i: int, dt_s: float) -> None:
    """The reflex: mean pressures of the tick against those at rest."""
    totals, reflex, rest = regulation.totals, regulation.reflex, regulation.rest
    arterial, atrial = (w[AT.total_root, i] - totals.root) / dt_s, (w[AT.total_ra, i] - totals.ra) / dt_s
    totals.root, totals.ra = w[AT.total_root, i], w[AT.total_ra, i]
    feel(reflex, arterial, atrial, dt_s)
    if rest.known == 1 and reflex.seen > START_TICKS:
        respond(reflex, patient.baroreflex_gain, rest.map_mmHg - reflex.arterial_mmHg, rest.cvp_mmHg - reflex.atrial_mmHg, dt_s)


@inline
def supply(regulation: Regulation, patient: Patient, beat: Beat, w: Any, i: int, dt_s: float) -> None:
    """Oxygen of body and heart, organs, urine and lactate."""
    totals, oxygen, rest = regulation.totals, regulation.oxygen, regulation.rest
    flow, bypassed = (w[AT.total_systemic, i] - totals.systemic) / dt_s, (w[AT.total_bypassed, i] - totals.bypassed) / dt_s
    totals.systemic, totals.bypassed = w[AT.total_systemic, i], w[AT.total_bypassed, i]
    breathe_and_use(oxygen, patient, (flow, bypassed), dt_s)
    use_in_heart(oxygen, patient, max(beat.rr_s, 0.2), dt_s)
    if rest.known == 1 and regulation.reflex.seen > START_TICKS:
        balance(oxygen, (rest.loaded_mL_min, rest.met, rest.coronary_tone), patient.coronary_demand_mL_min / 60.0, dt_s)
    drop = regulation.reflex.arterial_mmHg - regulation.reflex.atrial_mmHg
    perfuse(regulation.perfusion, patient.weight_kg, drop, oxygen.debt_mL_min, dt_s)


@inline
def regulate(regulation: Regulation, dose: Dose, patient: Patient, beat: Beat, w: Any, i: int) -> None:
    """One tick of a lane's slow loop."""
    dt_s = regulation.tick_s
    read(regulation.totals, regulation.oxygen, regulation.perfusion, w, i, dt_s)
    end_beat(regulation, beat, w, i)
    pour(regulation, dose, patient, w, i, dt_s)
    act(regulation.drugs, dose, patient, dt_s)
    sense(regulation, patient, w, i, dt_s)
    supply(regulation, patient, beat, w, i, dt_s)


@inline
def rate_factor(regulation: Regulation, rhythm: int) -> float:
    """Factor on the ventricular rate; a pacemaker does not listen."""
    if rhythm in (PACED_VENTRICULAR, PACED_SEQUENTIAL):
        return 1.0
    return math.exp(regulation.reflex.vagal + regulation.reflex.heart + regulation.drugs.rate)


@inline
def force_factor(regulation: Regulation) -> float:
    """Factor on ventricular contractility."""
    return math.exp(regulation.reflex.force + regulation.drugs.contractility) * regulation.oxygen.force


@inline
def moved(factor: float, in_force: float) -> bool:
    """Whether a factor has moved enough to matter."""
    return abs(factor - in_force) > STIR * in_force


@kernel
def stirred(regulation: Regulation, tone: Tone, now: Tone) -> bool:
    """Whether what the slow loop says differs enough from what is in force."""
    reflex, drugs, oxygen = regulation.reflex, regulation.drugs, regulation.oxygen
    return (
        moved(tone.heart_rate_per_min * rate_factor(regulation, tone.rhythm), now.heart_rate_per_min)
        or moved(tone.rv_contractility * force_factor(regulation), now.rv_contractility)
        or moved(tone.systemic_resistance * math.exp(reflex.resistance + drugs.resistance), now.systemic_resistance)
        or moved(tone.pulmonary_resistance * math.exp(drugs.lungs), now.pulmonary_resistance)
        or moved(tone.coronary_dilation * oxygen.aim, now.coronary_dilation)
        or abs(tone.venous_shift_mL + reflex.venous_mL + drugs.venous_mL - now.venous_shift_mL) > 1000.0 * STIR
    )


@kernel
def shock_heart(patient: Patient, tone: Tone) -> None:
    """A defibrillator's shock ends fibrillation of ventricles or atria: the patient's own rhythm, or sinus where fibrillation was that."""
    if tone.shock == 0:
        return
    tone.shock = 0
    if tone.rhythm != SINUS:
        tone.rhythm = patient.rhythm if patient.rhythm in (PACED_VENTRICULAR, PACED_SEQUENTIAL) else SINUS


@kernel
def compose(regulation: Regulation, patient: Patient, tone: Tone, now: Tone) -> None:
    """Write the tone in force from the set tone and the slow loop."""
    reflex, drugs, oxygen = regulation.reflex, regulation.drugs, regulation.oxygen
    shock_heart(patient, tone)
    together = RESYNCHRONISED if tone.resynchronised != 0 and patient.wide_qrs != 0 else 1.0
    force = force_factor(regulation)
    now.heart_rate_per_min = min(max(tone.heart_rate_per_min * rate_factor(regulation, tone.rhythm), 20.0), 220.0)
    now.rhythm, now.rr_variability, now.ectopics_per_min = tone.rhythm, tone.rr_variability, tone.ectopics_per_min
    now.compressions_per_min, now.compression_mmHg = tone.compressions_per_min, tone.compression_mmHg
    now.intrathoracic_mmHg = tone.intrathoracic_mmHg + PEEP_SHARE * CM_H2O_mmHg * tone.peep_cmH2O
    now.ventilated, now.resynchronised, now.peep_cmH2O = tone.ventilated, tone.resynchronised, tone.peep_cmH2O
    now.lv_contractility, now.rv_contractility = tone.lv_contractility * force * together, tone.rv_contractility * force
    now.atrial_contractility = tone.atrial_contractility
    now.systemic_resistance = tone.systemic_resistance * math.exp(reflex.resistance + drugs.resistance)
    now.pulmonary_resistance = tone.pulmonary_resistance * math.exp(drugs.lungs)
    now.aortic_compliance, now.head_up_deg = tone.aortic_compliance, tone.head_up_deg
    now.venous_shift_mL = tone.venous_shift_mL + reflex.venous_mL + drugs.venous_mL
    now.coronary_dilation = tone.coronary_dilation * oxygen.aim
    now.mitral_leak_cm2, now.aortic_leak_cm2, now.tricuspid_leak_cm2 = tone.mitral_leak_cm2, tone.aortic_leak_cm2, tone.tricuspid_leak_cm2
    now.mitral_area_cm2, now.aortic_area_cm2, now.septal_defect_cm2 = tone.mitral_area_cm2, tone.aortic_area_cm2, tone.septal_defect_cm2
