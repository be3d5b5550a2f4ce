"""From who the patient is to the numbers that a step needs: the constants of a sample, and a plausible start.

Everything writes into one column (`lane`) of a lane buffer `w` (rows x lanes, see `body.state`). Knows patient, tone, catheter, step. mmHg, mL, s.
"""

import math
from typing import Any

from counterpulse.body import balloon, coronary, valves, vessels
from counterpulse.body.gas import Catheter, Form
from counterpulse.body.heart import SEPTAL_RATE
from counterpulse.body.patient import Patient, Tone
from counterpulse.body.state import AT, BLOOD, OF
from counterpulse.body.valves import SHUT_CM2
from counterpulse.body.vessels import PI, Branch, bed, branch, inertance
from counterpulse.kernel import inline, kernel

VISCOSITY = 3.0e-5  # blood, 0.004 Pa s, in mmHg s
FAR_ML_PER_FR = 0.8  # dead space of the catheter beyond its resistance, mL per Fr (assumed: 6 mL at 7.5 Fr)
EMPTIED = 1.1  # times the blood that leaves a stretch of aorta between the reference pressure and none must be in it (assumed)
BODY_K = 310.0
WATER_PER_ML = 0.4  # condensate narrows the lumen: resistance up by so much of its own a mL (assumed)
COVERED_ARM, COVERED_VISCERA = 10.0, 4.0  # times the resistance of left arm and visceral origins that a third of the balloon adds (assumed)


@inline
def put(w: Any, lane: int, row: int, made: Branch) -> None:
    """Store a branch in its two rows."""
    w[row, lane] = made.keep
    w[row + 1, lane] = made.push


@kernel
def heart_rows(w: Any, lane: int, patient: Patient, tone: Tone, h: float) -> None:
    """Chambers, septum and pericardium."""
    w[OF.step_s, lane] = h
    w[OF.lv_v0, lane] = patient.lv_v0_mL
    w[OF.lv_ees, lane] = patient.lv_ees_mmHg_mL * tone.lv_contractility
    w[OF.lv_a, lane] = patient.lv_edpvr_a_mmHg
    w[OF.lv_b, lane] = patient.lv_edpvr_b_per_mL
    w[OF.rv_v0, lane] = patient.rv_v0_mL
    w[OF.rv_ees, lane] = patient.rv_ees_mmHg_mL * tone.rv_contractility
    w[OF.rv_a, lane] = patient.rv_edpvr_a_mmHg
    w[OF.rv_b, lane] = patient.rv_edpvr_b_per_mL
    w[OF.la_v0, lane] = patient.la_v0_mL
    w[OF.la_emin, lane] = patient.la_emin_mmHg_mL
    w[OF.la_active, lane] = (patient.la_emax_mmHg_mL - patient.la_emin_mmHg_mL) * tone.atrial_contractility
    w[OF.ra_v0, lane] = patient.ra_v0_mL
    w[OF.ra_emin, lane] = patient.ra_emin_mmHg_mL
    w[OF.ra_active, lane] = (patient.ra_emax_mmHg_mL - patient.ra_emin_mmHg_mL) * tone.atrial_contractility
    w[OF.septal_push, lane] = SEPTAL_RATE * h / (1.0 + SEPTAL_RATE * h * patient.septal_elastance_mmHg_mL)
    w[OF.septal_elastance, lane] = patient.septal_elastance_mmHg_mL
    w[OF.pericardial_scale, lane] = patient.pericardial_scale_mmHg
    w[OF.pericardial_volume, lane] = patient.pericardial_volume_mL


@kernel
def valve_rows(w: Any, lane: int, patient: Patient, tone: Tone) -> None:
    """Areas of the valves and of a septal defect."""
    w[OF.mitral_least, lane] = SHUT_CM2 + tone.mitral_leak_cm2
    w[OF.mitral_span, lane] = max(tone.mitral_area_cm2 - tone.mitral_leak_cm2, 0.0)
    w[OF.aortic_least, lane] = SHUT_CM2 + tone.aortic_leak_cm2
    w[OF.aortic_span, lane] = max(tone.aortic_area_cm2 - tone.aortic_leak_cm2, 0.0)
    w[OF.tricuspid_least, lane] = SHUT_CM2 + tone.tricuspid_leak_cm2
    w[OF.tricuspid_span, lane] = max(patient.tricuspid_area_cm2 - tone.tricuspid_leak_cm2, 0.0)
    w[OF.pulmonary_least, lane] = SHUT_CM2 + patient.pulmonary_leak_cm2
    w[OF.pulmonary_span, lane] = max(patient.pulmonary_area_cm2 - patient.pulmonary_leak_cm2, 0.0)
    w[OF.defect_area, lane] = tone.septal_defect_cm2


@inline
def thoracic(patient: Patient, area: float) -> tuple[float, float]:
    """Area of the descending aorta, cm2, and its compliance over that of a healthy one: an aneurysm is wide and stiff."""
    lumen, softness = area, 1.0
    if patient.thoracic_aneurysm_mm > patient.aortic_diameter_mm:
        lumen = 0.25 * PI * 0.01 * patient.thoracic_aneurysm_mm * patient.thoracic_aneurysm_mm
        softness = vessels.ANEURYSM_SOFTNESS * lumen / area
    return lumen, softness


@inline
def curve_of(centre: float, width: float) -> tuple[float, float]:
    """Stiffness at the reference pressure over the least there is, and the share of the volume at which the wall's curve turns straight."""
    kept = vessels.stiffer(vessels.REFERENCE_MMHG, centre, width)
    return kept, math.atan(math.sqrt(vessels.STIFFEST * kept - 1.0)) / PI


@inline
def stretch(compliance: float, room: float, centre: float, width: float, kept: float, share: float) -> tuple[float, float]:
    """Volume where a stretch of aorta is softest, and 1 over the volume between empty and full.

    `compliance` and `room` (mL) are those at the reference pressure; a wall too soft for its room is given more of that, so that no pressure empties it;
    `share` is what a dissection leaves of it.
    """
    softest = compliance * kept  # mL/mmHg
    emptied = softest * width * (math.atan((vessels.REFERENCE_MMHG - centre) / width) + math.atan(centre / width))
    return share * max(room, EMPTIED * emptied) - softest * width * math.atan((vessels.REFERENCE_MMHG - centre) / width), 1.0 / (PI * width * softest)


@inline
def volume_at(pressure: float, softest: float, per: float, centre: float, width: float) -> float:
    """Volume of a stretch of aorta at a transmural pressure, mL (where its curve is not yet straight)."""
    return softest + math.atan((pressure - centre) / width) / (PI * per)


@kernel
def wall_rows(w: Any, lane: int, patient: Patient) -> None:
    """How the aorta's stiffness grows with pressure at the patient's age."""
    centre, width = vessels.at_age(patient.age_years)
    w[OF.aorta_centre, lane], w[OF.aorta_width, lane] = centre, width
    w[OF.aorta_kept, lane], w[OF.aorta_most, lane] = curve_of(centre, width)
    w[OF.abdominal_centre, lane] = centre - vessels.ABDOMINAL_SHIFT_MMHG
    w[OF.abdominal_kept, lane], w[OF.abdominal_most, lane] = curve_of(centre - vessels.ABDOMINAL_SHIFT_MMHG, width)


@kernel
def aorta_rows(w: Any, lane: int, patient: Patient, tone: Tone) -> None:
    """Walls, resistance and inertia of the aorta's segments. Compliance is shared out by area and length."""
    wall_rows(w, lane, patient)
    area = 0.25 * PI * 0.01 * patient.aortic_diameter_mm * patient.aortic_diameter_mm
    scale = patient.aortic_length_cm / vessels.AORTA_CM
    whole, softness = thoracic(patient, area)
    lumen = whole * patient.true_lumen_share
    root, middle, below = vessels.ROOT_CM * vessels.ROOT_WIDTH, vessels.THORACIC_CM, vessels.ABDOMINAL_CM * vessels.ABDOMINAL_WIDTH
    # the resting patient's own compliance fixes the volume at the reference pressure, so that a change of tone does not move the wall at once
    compliance = patient.aortic_compliance_mL_mmHg * tone.aortic_compliance / vessels.SOFT_CM
    centre, width, kept = w[OF.aorta_centre, lane], w[OF.aorta_width, lane], w[OF.aorta_kept, lane]
    w[OF.root_softest, lane], w[OF.root_per, lane] = stretch(compliance * root, area * scale * root, centre, width, kept, 1.0)
    soft = compliance * middle * softness
    w[OF.thoracic_softest, lane], w[OF.thoracic_per, lane] = stretch(soft, whole * scale * middle, centre, width, kept, patient.true_lumen_share)
    centre, below_kept = w[OF.abdominal_centre, lane], w[OF.abdominal_kept, lane]
    hard = compliance * below * vessels.ABDOMINAL_DISTENSIBILITY
    w[OF.abdominal_softest, lane], w[OF.abdominal_per, lane] = stretch(hard, area * scale * below, centre, width, below_kept, 1.0)
    third = vessels.COLUMN * math.sin(tone.head_up_deg * PI / 180.0) * scale * vessels.THORACIC_CM
    w[OF.deep_middle, lane], w[OF.deep_lower, lane] = third, 2.0 * third
    w[OF.deep_abdominal, lane] = third * (2.5 + 0.5 * vessels.ABDOMINAL_CM / vessels.THORACIC_CM)
    w[OF.segment_resistance, lane] = vessels.SEGMENT_RESISTANCE
    w[OF.segment_laminar, lane] = 8.0 * PI * VISCOSITY * scale * vessels.THORACIC_CM / (lumen * lumen)
    inertia = inertance(scale * vessels.THORACIC_CM, lumen)
    w[OF.segment_inertance, lane] = inertia
    w[OF.root_damping, lane] = damping(1.0 / (compliance * root), kept, tone.aortic_area_cm2 / valves.INERTIA + 2.0 / inertia)
    w[OF.thoracic_damping, lane] = damping(1.0 / soft, kept, 1.0 / balloon.INERTIA + 4.0 / inertia)
    w[OF.abdominal_damping, lane] = damping(1.0 / hard, below_kept, 2.0 / inertia)


@inline
def damping(stiffness: float, kept: float, mobility: float) -> float:
    """Viscosity of a wall at its softest, mmHg s/mL; `stiffness` is that at the reference pressure, `kept` times the least."""
    return vessels.wall_lag(stiffness, mobility) * stiffness / kept


@kernel
def artery_rows(w: Any, lane: int, patient: Patient, tone: Tone, h: float) -> None:
    """Arm, leg and the systemic beds."""
    resistance = patient.systemic_resistance_mmHg_s_mL * tone.systemic_resistance
    w[OF.arm_k, lane] = 4.0 / patient.arm_compliance_mL_mmHg
    w[OF.leg_k, lane] = 1.0 / patient.leg_compliance_mL_mmHg
    w[OF.neck_k, lane] = 1.0 / ((1.0 - vessels.VISCERAL_SHARE) * patient.branch_compliance_mL_mmHg)
    w[OF.viscera_k, lane] = 1.0 / (vessels.VISCERAL_SHARE * patient.branch_compliance_mL_mmHg)
    put(w, lane, OF.arm_keep, branch(vessels.ARM_RESISTANCE, inertance(vessels.ARM_CM, vessels.ARM_CM2), h))
    put(w, lane, OF.leg_keep, branch(vessels.LEG_RESISTANCE, inertance(vessels.LEG_CM, vessels.LEG_CM2), h))
    put(w, lane, OF.neck_keep, branch(vessels.NECK_RESISTANCE, inertance(vessels.NECK_CM, vessels.NECK_CM2), h))
    put(w, lane, OF.viscera_keep, branch(vessels.VISCERAL_RESISTANCE, inertance(vessels.VISCERAL_CM, vessels.VISCERAL_CM2), h))
    w[OF.closing, lane] = patient.closing_mmHg * tone.systemic_resistance
    put(w, lane, OF.head_keep, bed(resistance / vessels.HEAD_SHARE, h))
    put(w, lane, OF.hand_keep, bed(resistance / vessels.HAND_SHARE, h))
    put(w, lane, OF.gut_keep, bed(resistance / vessels.GUT_SHARE, h))


@inline
def sheath_resistance(patient: Patient, catheter: Catheter) -> float:
    """What the sheath adds to the common femoral artery it lies in: an annulus instead of a tube (White, 3-48); `ln` by the tables of the C library."""
    if catheter.nominal_mL <= 0.0:
        return 0.0
    radius = 0.05 * patient.femoral_diameter_mm
    filled = min((catheter.french * vessels.MM_PER_FRENCH + catheter.sheath_wall_mm) / patient.femoral_diameter_mm, 0.99)
    squared = filled * filled
    share = 1.0 - squared * squared + (1.0 - squared) * (1.0 - squared) / math.log(filled)
    tube = 8.0 * VISCOSITY * vessels.SHEATH_CM / (PI * radius * radius * radius * radius)
    return tube * (1.0 / max(share, 1e-6) - 1.0)


@kernel
def leg_rows(w: Any, lane: int, patient: Patient, tone: Tone, catheter: Catheter, h: float) -> float:
    """The bed of both legs, one of them behind a sheath; returns the share of the flow that this one gets."""
    each = 2.0 * patient.systemic_resistance_mmHg_s_mL * tone.systemic_resistance / vessels.FOOT_SHARE + patient.iliac_stenosis_mmHg_s_mL
    sheathed = each + sheath_resistance(patient, catheter)
    put(w, lane, OF.foot_keep, bed(each * sheathed / (each + sheathed), h))
    return each / (each + sheathed)


@kernel
def venous_rows(w: Any, lane: int, patient: Patient, tone: Tone, h: float) -> None:
    """Veins and the pulmonary circulation."""
    lungs = patient.pulmonary_resistance_mmHg_s_mL * tone.pulmonary_resistance
    w[OF.veins_k, lane] = 1.0 / patient.venous_compliance_mL_mmHg
    w[OF.veins_0, lane] = -(patient.venous_unstressed_mL + tone.venous_shift_mL) * w[OF.veins_k, lane]
    w[OF.cava_k, lane] = 1.0 / patient.caval_compliance_mL_mmHg
    w[OF.pa_k, lane] = 1.0 / (vessels.PA_SHARE * patient.pulmonary_artery_compliance_mL_mmHg)
    w[OF.pa_0, lane] = -0.3 * patient.pulmonary_unstressed_mL * w[OF.pa_k, lane]
    w[OF.lung_k, lane] = 1.0 / ((1.0 - vessels.PA_SHARE) * patient.pulmonary_artery_compliance_mL_mmHg)
    w[OF.pv_k, lane] = 1.0 / patient.pulmonary_venous_compliance_mL_mmHg
    w[OF.pv_0, lane] = -0.7 * patient.pulmonary_unstressed_mL * w[OF.pv_k, lane]
    put(w, lane, OF.cava_keep, branch(patient.venous_resistance_mmHg_s_mL, 0.0005, h))
    put(w, lane, OF.ra_keep, branch(vessels.CAVA_RESISTANCE, 0.0005, h))
    put(w, lane, OF.lung_keep, branch(vessels.LUNG_INLET_SHARE * lungs, 0.001, h))
    put(w, lane, OF.pv_keep, branch((1.0 - vessels.LUNG_INLET_SHARE) * lungs, 0.001, h))
    put(w, lane, OF.la_keep, branch(vessels.LA_RESISTANCE, 0.0005, h))


@kernel
def coronary_rows(w: Any, lane: int, patient: Patient, tone: Tone, h: float) -> None:
    """The coronary bed."""
    demand = patient.coronary_demand_mL_min / 60.0
    total = coronary.resting_resistance(demand)
    w[OF.coronary_k, lane] = 1.0 / coronary.ARTERY_COMPLIANCE
    w[OF.myocardium_k, lane] = 1.0 / coronary.BED_COMPLIANCE
    put(w, lane, OF.inflow_keep, branch(coronary.ARTERY_RESISTANCE + patient.coronary_stenosis_mmHg_s_mL, 0.02, h))
    put(w, lane, OF.sinus_keep, bed(coronary.VENOUS_SHARE * total, h))
    w[OF.bed_resistance, lane] = total
    w[OF.bed_inertance, lane] = 0.03
    w[OF.squeeze_share, lane] = patient.intramyocardial_share
    w[OF.tone_rate, lane] = h * coronary.TONE_RATE
    w[OF.tone_least, lane] = 1.0 / patient.coronary_reserve
    w[OF.tone_most, lane] = coronary.tone_most(patient.coronary_reserve)
    w[OF.demand_inverse, lane] = 1.0 / (demand * tone.coronary_dilation)


@kernel
def balloon_rows(w: Any, lane: int, catheter: Catheter, stroke_mL: float, h: float) -> None:
    """Balloon, line and console; `stroke_mL` is the volume that the clinician set."""
    present = 1.0 if catheter.nominal_mL > 0.0 else 0.0
    moving = present if catheter.form == Form.PNEUMATIC else 0.0
    there = narrowed(catheter, catheter.kink_in_mmHg_s_mL, h)
    back = narrowed(catheter, catheter.kink_out_mmHg_s_mL, h)
    place_rows(w, lane, catheter, h)
    w[OF.balloon_full, lane] = present * catheter.full_mL * (1.0 - catheter.sheathed_share) / 3.0
    w[OF.balloon_wrapped, lane] = moving * catheter.wrapped_mL / 3.0
    w[OF.balloon_keep, lane] = moving * balloon.INERTIA / (balloon.INERTIA + h * balloon.FRICTION)
    w[OF.balloon_push, lane] = moving * h / (balloon.INERTIA + h * balloon.FRICTION)
    w[OF.far_mL, lane] = FAR_ML_PER_FR * catheter.french
    w[OF.gas_present, lane] = moving
    w[OF.gas_stroke, lane] = stroke_mL
    w[OF.gas_tubing, lane] = catheter.line_volume_mL - catheter.water_mL
    w[OF.gas_drive, lane] = 1.0 / catheter.drive_resistance_mmHg_s_mL
    w[OF.gas_keep, lane] = there.keep
    w[OF.gas_push, lane] = there.push
    w[OF.gas_keep_back, lane] = back.keep
    w[OF.gas_push_back, lane] = back.push
    w[OF.gas_heat, lane] = 1.0 + catheter.warmer_C / BODY_K
    w[OF.gas_atmosphere, lane] = catheter.atmosphere_mmHg
    w[OF.gas_leak, lane] = moving * catheter.leak_mL_s_mmHg
    w[OF.gas_hole, lane] = moving * catheter.hole_mL_s_mmHg


@inline
def narrowed(catheter: Catheter, kink: float, h: float) -> Branch:
    """The catheter's lumen for one direction. With a kink friction is fully implicit: it may be so strong that a trapezoid would ring."""
    resistance = catheter.line_resistance_mmHg_s_mL * (1.0 + WATER_PER_ML * catheter.water_mL)
    inertia = catheter.line_inertance_mmHg_s2_mL
    if kink <= 0.0:
        return branch(resistance, inertia, h)
    return Branch(inertia / (inertia + h * (resistance + kink)), h / (inertia + h * (resistance + kink)))


@kernel
def place_rows(w: Any, lane: int, catheter: Catheter, h: float) -> None:
    """Where the balloon lies: shares of its ends out of the descending thoracic aorta, and what that covers. To be called after `refresh`."""
    third = catheter.length_mm / 30.0
    shift = catheter.shift_cm if catheter.nominal_mL > 0.0 and catheter.form == Form.PNEUMATIC else 0.0
    high, low = min(max(-shift / third, 0.0), 1.0), min(max(shift / third, 0.0), 1.0)
    w[OF.third_high, lane] = high
    w[OF.third_low, lane] = low
    if high > 0.0:
        put(w, lane, OF.arm_keep, branch(vessels.ARM_RESISTANCE * (1.0 + COVERED_ARM * high), inertance(vessels.ARM_CM, vessels.ARM_CM2), h))
        mobility = (w[OF.aortic_least, lane] + w[OF.aortic_span, lane]) / valves.INERTIA + 2.0 / w[OF.segment_inertance, lane] + high / balloon.INERTIA
        kept = w[OF.aorta_kept, lane]
        w[OF.root_damping, lane] = damping(PI * w[OF.aorta_width, lane] * w[OF.root_per, lane] * kept, kept, mobility)
    if low > 0.0:
        covered = vessels.VISCERAL_RESISTANCE * (1.0 + COVERED_VISCERA * low)
        put(w, lane, OF.viscera_keep, branch(covered, inertance(vessels.VISCERAL_CM, vessels.VISCERAL_CM2), h))


@kernel
def refresh(w: Any, lane: int, patient: Patient, tone: Tone, h: float) -> None:
    """Write every constant that patient and tone decide."""
    heart_rows(w, lane, patient, tone, h)
    valve_rows(w, lane, patient, tone)
    aorta_rows(w, lane, patient, tone)
    artery_rows(w, lane, patient, tone, h)
    venous_rows(w, lane, patient, tone, h)
    coronary_rows(w, lane, patient, tone, h)


@kernel
def fill(w: Any, lane: int, patient: Patient, catheter: Catheter) -> None:
    """A plausible start: arteries at 80 mmHg, lungs at 12, chambers half full, the rest of the blood in the veins; a wrapped balloon at its baseline."""
    for row in range(OF.step_s):
        w[row, lane] = 0.0
    w[AT.la, lane], w[AT.ra, lane] = patient.la_v0_mL + 45.0, patient.ra_v0_mL + 40.0
    w[AT.lv, lane], w[AT.rv, lane] = patient.lv_v0_mL + 100.0, patient.rv_v0_mL + 90.0
    width = w[OF.aorta_width, lane]
    w[AT.root, lane] = volume_at(80.0, w[OF.root_softest, lane], w[OF.root_per, lane], w[OF.aorta_centre, lane], width)
    for row in (AT.upper, AT.middle, AT.lower):
        w[row, lane] = volume_at(80.0, w[OF.thoracic_softest, lane], w[OF.thoracic_per, lane], w[OF.aorta_centre, lane], width)
    w[AT.abdominal, lane] = volume_at(80.0, w[OF.abdominal_softest, lane], w[OF.abdominal_per, lane], w[OF.abdominal_centre, lane], width)
    for row in (AT.arm, AT.elbow, AT.forearm, AT.wrist):
        w[row, lane] = 80.0 / w[OF.arm_k, lane]
    w[AT.leg, lane] = 80.0 / w[OF.leg_k, lane]
    w[AT.neck, lane], w[AT.viscera, lane] = 80.0 / w[OF.neck_k, lane], 80.0 / w[OF.viscera_k, lane]
    w[AT.coronary, lane], w[AT.myocardium, lane] = 80.0 / w[OF.coronary_k, lane], 20.0 / w[OF.myocardium_k, lane]
    w[AT.cava, lane] = 8.0 / w[OF.cava_k, lane]
    w[AT.pa, lane] = (14.0 - w[OF.pa_0, lane]) / w[OF.pa_k, lane]
    w[AT.lung, lane] = 12.0 / w[OF.lung_k, lane]
    w[AT.pv, lane] = (10.0 - w[OF.pv_0, lane]) / w[OF.pv_k, lane]
    w[AT.coronary_tone, lane] = 1.0
    w[AT.least_lv, lane] = w[AT.lv, lane]
    w[AT.veins, lane] = patient.blood_volume_mL - blood(w, lane)
    wrapped = w[OF.balloon_wrapped, lane]
    for row in (AT.balloon_upper, AT.balloon_middle, AT.balloon_lower):
        w[row, lane] = wrapped
    absolute = catheter.atmosphere_mmHg + catheter.baseline_mmHg
    w[AT.gas_chamber, lane] = w[OF.gas_stroke, lane]
    w[AT.gas_near, lane] = absolute * (w[OF.gas_stroke, lane] + w[OF.gas_tubing, lane])
    w[AT.gas_far, lane] = absolute * (w[OF.far_mL, lane] + 3.0 * wrapped)


@kernel
def blood(w: Any, lane: int) -> float:
    """All blood, mL; also what a torn balloon has taken up."""
    total = 0.0
    for row in range(BLOOD[0], BLOOD[1]):
        total += w[row, lane]
    return total + w[AT.gas_blood, lane]


@kernel
def helium(w: Any, lane: int) -> float:
    """Helium in the console and balloon, with what was lost from them and without what was let in since the start, mmHg mL: it stays as it was."""
    return w[AT.gas_near, lane] + w[AT.gas_far, lane] + w[AT.gas_lost, lane] - w[AT.gas_filled, lane]
