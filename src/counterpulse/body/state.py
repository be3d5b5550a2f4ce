"""The lists of what moves (`Circulation`) and what it moves by (`Constants`): each field stands here once, in the order of its rows in a lane buffer.

mmHg, mL, mL/s, s. Knows no equations: `body.circulation` moves the one, `body.build` makes the other.
"""

from typing import Any, NamedTuple


class Circulation(NamedTuple):
    """What moves, in the order of its rows in a lane buffer."""

    # volumes, mL: chambers; aorta in five segments, arm in four, leg, neck, viscera; coronary arteries and bed; veins, lungs
    la: float
    lv: float
    ra: float
    rv: float
    root: float
    upper: float
    middle: float
    lower: float
    abdominal: float
    arm: float
    elbow: float
    forearm: float
    wrist: float
    leg: float
    neck: float
    viscera: float
    coronary: float
    myocardium: float
    veins: float
    cava: float
    pa: float
    lung: float
    pv: float
    # flows, mL/s, named by where they come from
    mitral: float
    aortic: float
    tricuspid: float
    pulmonary: float
    defect: float
    to_upper: float
    to_middle: float
    to_lower: float
    to_abdominal: float
    to_leg: float
    to_arm: float
    to_elbow: float
    to_forearm: float
    to_wrist: float
    to_neck: float
    to_viscera: float
    head_bed: float
    hand_bed: float
    gut_bed: float
    foot_bed: float
    to_coronary: float
    to_myocardium: float
    coronary_sinus: float
    to_cava: float
    to_ra: float
    to_lung: float
    to_pv: float
    to_la: float
    left_pump: float
    bypass: float
    # leaflets, 0 shut to 1 open; septal shift, mL; coronary tone, factor on resting resistance
    mitral_open: float
    aortic_open: float
    tricuspid_open: float
    pulmonary_open: float
    septal_shift: float
    coronary_tone: float
    # balloon: three thirds and their rates; the console's gas
    balloon_upper: float
    balloon_middle: float
    balloon_lower: float
    rate_upper: float
    rate_middle: float
    rate_lower: float
    gas_source: float
    gas_chamber: float
    gas_near: float
    gas_far: float
    gas_flow: float
    gas_lost: float
    gas_blood: float
    gas_filled: float
    # activation now
    atrial: float
    ventricular: float
    # what was true at the start of the step: pressures, mmHg, and the ventricular volumes that belong to them
    p_lv: float
    p_rv: float
    p_la: float
    p_ra: float
    p_root: float
    p_lumen: float
    p_radial: float
    p_femoral: float
    p_pa: float
    p_pv: float
    p_balloon: float
    p_console: float
    lv_then: float
    rv_then: float
    # running totals that `body.regulation` reads five times a second: integrals over time, and the least LV volume since it last looked
    total_root: float
    total_ra: float
    total_systemic: float
    total_coronary: float
    total_gut: float
    total_hand: float
    total_foot: float
    total_work: float
    total_pumped: float
    total_bypassed: float
    least_lv: float


class Constants(NamedTuple):
    """What holds for the length of a sample: derived from patient, tone, catheter, command and step length in `body.build`."""

    step_s: float
    atrial_step: float
    ventricular_step: float
    intrathoracic: float
    # heart
    lv_v0: float
    lv_ees: float
    lv_a: float
    lv_b: float
    rv_v0: float
    rv_ees: float
    rv_a: float
    rv_b: float
    la_v0: float
    la_emin: float
    la_active: float
    ra_v0: float
    ra_emin: float
    ra_active: float
    septal_push: float
    septal_elastance: float
    pericardial_scale: float
    pericardial_volume: float
    # valves: area when shut, further area when open
    mitral_least: float
    mitral_span: float
    aortic_least: float
    aortic_span: float
    tricuspid_least: float
    tricuspid_span: float
    pulmonary_least: float
    pulmonary_span: float
    defect_area: float
    # aortic walls (`body.vessels.Curve`): volume where softest, 1/volume, damping; pressure where softest and width, where straight, stiffness at the reference
    root_softest: float
    root_per: float
    root_damping: float
    thoracic_softest: float
    thoracic_per: float
    thoracic_damping: float
    abdominal_softest: float
    abdominal_per: float
    abdominal_damping: float
    aorta_centre: float
    aorta_width: float
    aorta_most: float
    aorta_kept: float
    abdominal_centre: float
    abdominal_most: float
    abdominal_kept: float
    # how much deeper than the heart the aorta's lower parts lie, mmHg of blood
    deep_middle: float
    deep_lower: float
    deep_abdominal: float
    # stiffness 1/C and pressure at zero volume -Vu/C
    arm_k: float
    leg_k: float
    neck_k: float
    viscera_k: float
    coronary_k: float
    myocardium_k: float
    veins_k: float
    veins_0: float
    cava_k: float
    pa_k: float
    pa_0: float
    lung_k: float
    pv_k: float
    pv_0: float
    # branches of constant resistance
    arm_keep: float
    arm_push: float
    leg_keep: float
    leg_push: float
    neck_keep: float
    neck_push: float
    viscera_keep: float
    viscera_push: float
    closing: float
    head_keep: float
    head_push: float
    hand_keep: float
    hand_push: float
    gut_keep: float
    gut_push: float
    foot_keep: float
    foot_push: float
    inflow_keep: float
    inflow_push: float
    sinus_keep: float
    sinus_push: float
    cava_keep: float
    cava_push: float
    ra_keep: float
    ra_push: float
    lung_keep: float
    lung_push: float
    pv_keep: float
    pv_push: float
    la_keep: float
    la_push: float
    # other support: a pump out of the left ventricle, a bypass from right atrium to aorta; heads at zero flow
    left_keep: float
    left_push: float
    left_head: float
    bypass_keep: float
    bypass_push: float
    bypass_head: float
    # aortic segments: resistance, laminar share that blockage multiplies, inertia
    segment_resistance: float
    segment_laminar: float
    segment_inertance: float
    # coronary bed
    bed_resistance: float
    bed_inertance: float
    squeeze_share: float
    tone_rate: float
    tone_least: float
    tone_most: float
    demand_inverse: float
    # balloon and console
    balloon_full: float
    third_high: float
    third_low: float
    balloon_wrapped: float
    balloon_keep: float
    balloon_push: float
    far_mL: float
    gas_present: float
    gas_target: float
    gas_lag: float
    gas_stroke: float
    gas_tubing: float
    gas_drive: float
    gas_keep: float
    gas_push: float
    gas_keep_back: float
    gas_push_back: float
    gas_heat: float
    gas_atmosphere: float
    gas_leak: float
    gas_hole: float


AT: Any = Circulation(*range(len(Circulation._fields)))
"""Row of each moving quantity in a lane buffer (rows x lanes)."""

OF: Any = Constants(*range(len(Circulation._fields), len(Circulation._fields) + len(Constants._fields)))
"""Row of each constant."""

ROWS = len(Circulation._fields) + len(Constants._fields)
"""Rows of a lane buffer."""

BLOOD = (AT.la, AT.pv + 1)
"""First row and end of the rows that hold blood."""
