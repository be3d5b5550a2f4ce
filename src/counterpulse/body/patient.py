"""Who the patient is (`Patient`, constant) and what holds now (`Tone`, changed by reflex, drugs, scenario inputs and sliders).

Units: mmHg, mL, s, cm2. Defaults are the healthy adult of the `healthy` preset. Sources name where a default or range comes from; "assumed" is
our own choice within the physiological range.
"""

from enum import IntEnum
from typing import Annotated

from counterpulse.record import Q, Record


class Rhythm(IntEnum):
    """What the heart's rhythm is."""

    SINUS = 0
    ATRIAL_FIBRILLATION = 1
    PACED_VENTRICULAR = 2
    PACED_SEQUENTIAL = 3
    VENTRICULAR_FIBRILLATION = 4
    ASYSTOLE = 5


class Patient(Record):
    """What makes this patient."""

    # the person
    height_cm: Annotated[float, Q("cm", 120, 220, "height")] = 172.0
    weight_kg: Annotated[float, Q("kg", 30, 220, "weight")] = 75.0
    age_years: Annotated[float, Q("a", 18, 100, "age")] = 60.0
    haemoglobin_g_dL: Annotated[float, Q("g/dL", 4, 22, "haemoglobin")] = 14.0
    seed: Annotated[int, Q("1", 0, 2**32 - 1, "seed of every random draw in this patient")] = 1
    # rhythm
    heart_rate_per_min: Annotated[float, Q("1/min", 20, 220, "ventricular rate without ectopics")] = 70.0
    rhythm: Annotated[int, Q("1", 0, 5, "0 sinus, 1 AF, 2 V-paced, 3 A-V sequential, 4 VF, 5 asystole")] = 0
    rr_variability: Annotated[float, Q("1", 0, 0.4, "SD of R-R over its mean", "Task Force 1996 Circulation 93:1043 (SDNN); AF about 0.2")] = 0.03
    ectopics_per_min: Annotated[float, Q("1/min", 0, 60, "ventricular premature beats")] = 0.0
    ectopic_coupling: Annotated[float, Q("1", 0.3, 0.95, "coupling interval of an ectopic over the mean R-R", "assumed")] = 0.6
    pr_interval_s: Annotated[float, Q("s", 0.08, 0.4, "P onset to QRS onset")] = 0.16
    electromechanical_delay_s: Annotated[float, Q("s", 0, 0.12, "QRS onset to start of ventricular activation", "assumed")] = 0.03
    wide_qrs: Annotated[int, Q("1", 0, 1, "1 = bundle-branch-block shape")] = 0
    systole_s: Annotated[
        float, Q("s", 0.5, 1.6, "scale of ventricular activation at R-R = 1 s; grows with sqrt(R-R)", "Mynard 2012 IJNMBE 28:626; 1.18 near Weissler's LVET")
    ] = 1.18
    systole_variability: Annotated[
        float,
        Q(
            "1",
            0,
            0.15,
            "SD of a contraction's length and strength from beat to beat, over their means, beyond what R-R explains; 0 = periodic",
            "assumed: 0.04 scatters Q-to-closure 10-15 ms about its fit on R-R (Weissler 1968, between people), 0.06 in AF 15-25 ms",
        ),
    ] = 0.0
    delay_variability_s: Annotated[float, Q("s", 0, 0.02, "SD of the electromechanical delay from beat to beat; 0 = periodic", "assumed: 0.004")] = 0.0
    respiratory_rate_per_min: Annotated[float, Q("1/min", 0, 60, "breaths")] = 14.0
    respiratory_swing_mmHg: Annotated[float, Q("mmHg", 0, 15, "intrathoracic pressure, peak to peak", "assumed")] = 3.0
    intrathoracic_mmHg: Annotated[float, Q("mmHg", -10, 25, "mean intrathoracic pressure", "Guyton, quiet breathing -4 to -6")] = -4.0
    # chambers: end-systolic elastance, unstressed volume; EDPVR a (exp(b (V - V0)) - 1)
    lv_ees_mmHg_mL: Annotated[float, Q("mmHg/mL", 0.1, 10, "LV end-systolic elastance", "pump.md 6.2")] = 2.3
    lv_v0_mL: Annotated[float, Q("mL", -20, 150, "LV volume at zero pressure")] = 10.0
    lv_edpvr_a_mmHg: Annotated[float, Q("mmHg", 0.05, 10, "LV diastolic stiffness, scale")] = 0.6
    lv_edpvr_b_per_mL: Annotated[float, Q("1/mL", 0.002, 0.08, "LV diastolic stiffness, exponent")] = 0.02
    rv_ees_mmHg_mL: Annotated[float, Q("mmHg/mL", 0.05, 3, "RV end-systolic elastance")] = 0.5
    rv_v0_mL: Annotated[float, Q("mL", -20, 150, "RV volume at zero pressure")] = 20.0
    rv_edpvr_a_mmHg: Annotated[float, Q("mmHg", 0.05, 10, "RV diastolic stiffness, scale")] = 0.5
    rv_edpvr_b_per_mL: Annotated[float, Q("1/mL", 0.002, 0.08, "RV diastolic stiffness, exponent")] = 0.022
    la_emax_mmHg_mL: Annotated[float, Q("mmHg/mL", 0.02, 2, "LA elastance, contracted")] = 0.22
    la_emin_mmHg_mL: Annotated[float, Q("mmHg/mL", 0.02, 2, "LA elastance, relaxed")] = 0.13
    la_v0_mL: Annotated[float, Q("mL", 0, 100, "LA volume at zero pressure")] = 10.0
    ra_emax_mmHg_mL: Annotated[float, Q("mmHg/mL", 0.02, 2, "RA elastance, contracted")] = 0.25
    ra_emin_mmHg_mL: Annotated[float, Q("mmHg/mL", 0.02, 2, "RA elastance, relaxed")] = 0.12
    ra_v0_mL: Annotated[float, Q("mL", 0, 100, "RA volume at zero pressure")] = 10.0
    septal_elastance_mmHg_mL: Annotated[float, Q("mmHg/mL", 0.5, 100, "transseptal pressure per displaced volume", "assumed, after Smith 2004")] = 12.0
    pericardial_scale_mmHg: Annotated[float, Q("mmHg", 0, 5, "pericardial pressure at its reference volume", "Smith 2004 Med Eng Phys 26:131")] = 0.5
    pericardial_volume_mL: Annotated[float, Q("mL", 200, 2000, "heart volume at which the pericardium starts to bind", "Smith 2004")] = 500.0
    # valves: open area, and the area that stays open when shut
    mitral_area_cm2: Annotated[float, Q("cm2", 0.3, 8, "open mitral valve")] = 5.0
    mitral_leak_cm2: Annotated[float, Q("cm2", 0, 3, "mitral regurgitant orifice; severe >= 0.4", "Zoghbi 2017 JASE 30:303")] = 0.0
    aortic_area_cm2: Annotated[float, Q("cm2", 0.2, 6, "open aortic valve")] = 3.5
    aortic_leak_cm2: Annotated[float, Q("cm2", 0, 2, "aortic regurgitant orifice; severe >= 0.3", "Zoghbi 2017 JASE 30:303")] = 0.0
    tricuspid_area_cm2: Annotated[float, Q("cm2", 0.5, 10, "open tricuspid valve")] = 6.5
    tricuspid_leak_cm2: Annotated[float, Q("cm2", 0, 3, "tricuspid regurgitant orifice")] = 0.0
    pulmonary_area_cm2: Annotated[float, Q("cm2", 0.3, 6, "open pulmonary valve")] = 3.8
    pulmonary_leak_cm2: Annotated[float, Q("cm2", 0, 2, "pulmonary regurgitant orifice")] = 0.0
    septal_defect_cm2: Annotated[float, Q("cm2", 0, 3, "ventricular septal defect")] = 0.0
    # arteries
    aortic_compliance_mL_mmHg: Annotated[float, Q("mL/mmHg", 0.1, 6, "whole aorta at 90 mmHg", "pump.md 6.2: sum 1.35, scale 0.7-2")] = 1.35
    aortic_diameter_mm: Annotated[float, Q("mm", 14, 45, "thoracic aorta, inside", "Rogers 2013 Am J Cardiol 111:1510 (assumed 24)")] = 24.0
    aortic_length_cm: Annotated[float, Q("cm", 30, 70, "valve to bifurcation")] = 48.0
    branch_compliance_mL_mmHg: Annotated[float, Q("mL/mmHg", 0.05, 2, "neck and visceral arteries", "assumed: a quarter of the arterial total")] = 0.35
    arm_compliance_mL_mmHg: Annotated[float, Q("mL/mmHg", 0.002, 0.3, "subclavian to radial", "assumed from wave speed 9-12 m/s")] = 0.02
    leg_compliance_mL_mmHg: Annotated[float, Q("mL/mmHg", 0.01, 0.6, "iliac and femoral arteries", "assumed")] = 0.06
    systemic_resistance_mmHg_s_mL: Annotated[float, Q("mmHg s/mL", 0.2, 4, "all systemic beds together", "pump.md 6.2: 0.92-1.20")] = 1.0
    closing_mmHg: Annotated[
        float, Q("mmHg", 0, 70, "pressure at which arterioles close: flow stops there, not at the veins'; moves with vascular tone", "Maas 2012 (body.vessels)")
    ] = 35.0
    # veins and lungs
    blood_volume_mL: Annotated[float, Q("mL", 1500, 12000, "all blood")] = 5000.0
    venous_compliance_mL_mmHg: Annotated[float, Q("mL/mmHg", 10, 300, "systemic veins")] = 70.0
    venous_unstressed_mL: Annotated[float, Q("mL", 500, 6000, "systemic venous volume at zero pressure")] = 2900.0
    venous_resistance_mmHg_s_mL: Annotated[float, Q("mmHg s/mL", 0.005, 0.3, "systemic veins to vena cava")] = 0.04
    caval_compliance_mL_mmHg: Annotated[float, Q("mL/mmHg", 2, 60, "thoracic vena cava")] = 15.0
    pulmonary_artery_compliance_mL_mmHg: Annotated[float, Q("mL/mmHg", 0.5, 15, "pulmonary arteries")] = 4.0
    pulmonary_resistance_mmHg_s_mL: Annotated[float, Q("mmHg s/mL", 0.02, 1.5, "pulmonary artery to pulmonary vein")] = 0.07
    pulmonary_venous_compliance_mL_mmHg: Annotated[float, Q("mL/mmHg", 3, 60, "pulmonary veins")] = 15.0
    pulmonary_unstressed_mL: Annotated[float, Q("mL", 0, 800, "pulmonary blood at zero pressure")] = 250.0
    # disease of the aorta and of what lies beyond it: 0 or 1 = none
    thoracic_aneurysm_mm: Annotated[float, Q("mm", 0, 90, "inside of an aneurysm of the descending aorta; nothing where it is no wider than the aorta")] = 0.0
    true_lumen_share: Annotated[float, Q("1", 0.2, 1, "share of the descending aorta that a dissection leaves to the true lumen; 1 = none")] = 1.0
    femoral_diameter_mm: Annotated[float, Q("mm", 2, 14, "common femoral artery, inside", "Sandgren 1999 J Vasc Surg 29:503: 8 to 10; from memory")] = 8.5
    head_up_deg: Annotated[float, Q("deg", 0, 90, "angle of the trunk: 0 flat, 30 to 45 as many are nursed")] = 0.0
    iliac_stenosis_mmHg_s_mL: Annotated[float, Q("mmHg s/mL", 0, 60, "resistance of peripheral disease in each leg")] = 0.0
    # regulation
    baroreflex_gain: Annotated[float, Q("1", 0, 3, "factor on a healthy adult's reflex", "about 0.4 in heart failure: Mortara 1997 Circulation 96:3450")] = 1.0
    beta_response: Annotated[float, Q("1", 0, 2, "factor on what beta agonists do", "about 0.6 in heart failure: Bristow 1982 N Engl J Med 307:205")] = 1.0
    # coronary bed
    coronary_demand_mL_min: Annotated[float, Q("mL/min", 50, 800, "flow that autoregulation aims at", "about 4-5 % of output at rest")] = 230.0
    coronary_reserve: Annotated[
        float, Q("1", 1, 6, "least resistance is the resting one over this; 1 = dilated and unregulated", "Gould 1974 Am J Cardiol 33:87: 4-5 in health")
    ] = 4.0
    coronary_stenosis_mmHg_s_mL: Annotated[float, Q("mmHg s/mL", 0, 60, "fixed resistance of epicardial disease")] = 0.0
    intramyocardial_share: Annotated[float, Q("1", 0, 1.2, "mean share of LV pressure that squeezes the bed", "Downey 1975 Circ Res 36:753 (assumed)")] = 0.7


class Tone(Record):
    """What holds now. Rates, areas and volumes are values; contractility, resistances and compliances are factors on the patient's own."""

    heart_rate_per_min: Annotated[float, Q("1/min", 20, 220, "ventricular rate without ectopics")] = 70.0
    rhythm: Annotated[int, Q("1", 0, 5, "as Patient.rhythm")] = 0
    rr_variability: Annotated[float, Q("1", 0, 0.4, "SD of R-R over its mean")] = 0.03
    ectopics_per_min: Annotated[float, Q("1/min", 0, 60, "ventricular premature beats")] = 0.0
    compressions_per_min: Annotated[float, Q("1/min", 0, 140, "chest compressions")] = 0.0
    compression_mmHg: Annotated[float, Q("mmHg", 0, 150, "peak intrathoracic pressure of a compression")] = 60.0
    intrathoracic_mmHg: Annotated[float, Q("mmHg", -10, 40, "mean intrathoracic pressure, PEEP included")] = -4.0
    lv_contractility: Annotated[float, Q("1", 0.05, 5, "factor on LV end-systolic elastance")] = 1.0
    rv_contractility: Annotated[float, Q("1", 0.05, 5, "factor on RV end-systolic elastance")] = 1.0
    atrial_contractility: Annotated[float, Q("1", 0, 3, "factor on the atria's active elastance")] = 1.0
    systemic_resistance: Annotated[float, Q("1", 0.1, 5, "factor on systemic resistance")] = 1.0
    pulmonary_resistance: Annotated[float, Q("1", 0.1, 8, "factor on pulmonary resistance")] = 1.0
    aortic_compliance: Annotated[float, Q("1", 0.2, 5, "factor on aortic compliance")] = 1.0
    venous_shift_mL: Annotated[float, Q("mL", -2000, 2000, "change of venous unstressed volume")] = 0.0
    coronary_dilation: Annotated[float, Q("1", 0.2, 5, "factor on the flow that autoregulation aims at")] = 1.0
    mitral_leak_cm2: Annotated[float, Q("cm2", 0, 3, "mitral regurgitant orifice")] = 0.0
    aortic_leak_cm2: Annotated[float, Q("cm2", 0, 2, "aortic regurgitant orifice")] = 0.0
    tricuspid_leak_cm2: Annotated[float, Q("cm2", 0, 3, "tricuspid regurgitant orifice")] = 0.0
    mitral_area_cm2: Annotated[float, Q("cm2", 0.3, 8, "open mitral valve")] = 5.0
    aortic_area_cm2: Annotated[float, Q("cm2", 0.2, 6, "open aortic valve")] = 3.5
    septal_defect_cm2: Annotated[float, Q("cm2", 0, 3, "ventricular septal defect")] = 0.0
    head_up_deg: Annotated[float, Q("deg", 0, 90, "angle of the trunk: 0 flat, 30 to 45 as many are nursed")] = 0.0
    ventilated: Annotated[int, Q("1", 0, 1, "1 = breaths are pushed in: the chest's pressure rises with inspiration")] = 0
    peep_cmH2O: Annotated[float, Q("cmH2O", 0, 30, "positive end-expiratory pressure, half of which reaches the chest (assumed)")] = 0.0
    resynchronised: Annotated[int, Q("1", 0, 1, "1 = a wide QRS is resynchronised")] = 0
    shock: Annotated[int, Q("1", 0, 1, "1 = a defibrillator shocks now; falls back to 0")] = 0
    changed: int = 1  # set by whoever writes a field; the bed then refreshes what depends on it


SHARED = tuple(name for name in Tone.fields() if name in Patient.fields())


def resting_tone(patient: Patient) -> Tone:
    """The tone of a patient whom nothing has changed yet."""
    return Tone(**{name: patient[name] for name in SHARED})  # pyright: ignore[reportIndexIssue]

