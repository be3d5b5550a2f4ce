"""The closed loop: one step of blood, balloon and helium together.

Scheme: leapfrog. Volumes and pressures live at whole steps, flows half a step later; every branch has inertia, friction is implicit on the diagonal, the
Bernoulli loss of a valve is taken as |old| new. One evaluation a step, second order, blood and helium conserved to rounding. Straight-line code with
selects, so that the same source runs one patient or many in vector lanes (`body.lanes`). mmHg, mL, mL/s, s. Knows no rhythm, monitor or controller.
"""

from typing import NamedTuple

from counterpulse.body.balloon import Segment, blockage, contact, membrane, squeeze
from counterpulse.body.coronary import autoregulate, drive
from counterpulse.body.gas import Gas, Line, near_pressure, shuttle
from counterpulse.body.heart import atrium, pericardium, septum, ventricle
from counterpulse.body.state import Circulation, Constants
from counterpulse.body.support import COLLAPSE_MMHG, FILLING, SUCTION
from counterpulse.body.valves import Moved, inlet, orifice, valve
from counterpulse.body.vessels import LIMB_WALL_S, Branch, Curve, aortic, carry, wall
from counterpulse.kernel import inline


class Doors(NamedTuple):
    """Valves and septal defect after a step."""

    mitral: Moved
    aortic: Moved
    tricuspid: Moved
    pulmonary: Moved
    defect: float


class Assist(NamedTuple):
    """Flows of other support after a step."""

    left: float
    bypass: float


class Aorta(NamedTuple):
    """Flows out of each aortic segment into the next, and into the leg."""

    upper: float
    middle: float
    lower: float
    abdominal: float


class Pressures(NamedTuple):
    """Pressures at the start of a step, mmHg, as a transducer at the heart's level shows them; `lv_wall` and `rv_wall` without what surrounds the heart.

    So a sitting body's columns of blood drive no flow (what they give on the way down they take on the way back); they widen the aorta's lower parts and lie
    on the balloon there.
    """

    lv_wall: float
    rv_wall: float
    lv: float
    rv: float
    la: float
    ra: float
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


class Balloon(NamedTuple):
    """Balloon and console after a step, and the pressures at its start."""

    upper: Segment
    middle: Segment
    lower: Segment
    gas: Gas
    far: float
    near: float


@inline
def pressures(s: Circulation, c: Constants) -> Pressures:
    """Every pressure from the volumes and the activation of now."""
    around = c.intrathoracic + pericardium(s.la + s.lv + s.ra + s.rv, c.pericardial_scale, c.pericardial_volume)
    lv = ventricle(s.lv - s.septal_shift - c.lv_v0, s.ventricular, s.aortic, c.lv_ees, c.lv_a, c.lv_b)
    rv = ventricle(s.rv + s.septal_shift - c.rv_v0, s.ventricular, s.pulmonary, c.rv_ees, c.rv_a, c.rv_b)
    chest, high, low = c.intrathoracic, c.third_high, c.third_low
    root = Curve(c.root_softest, c.root_per, c.aorta_centre, c.aorta_width, c.aorta_most, c.aorta_kept, c.root_damping)
    thoracic = Curve(c.thoracic_softest, c.thoracic_per, c.aorta_centre, c.aorta_width, c.aorta_most, c.aorta_kept, c.thoracic_damping)
    abdominal = Curve(c.abdominal_softest, c.abdominal_per, c.abdominal_centre, c.aorta_width, c.abdominal_most, c.abdominal_kept, c.abdominal_damping)
    return Pressures(
        lv,
        rv,
        lv + around,
        rv + around,
        atrium(s.la - c.la_v0, s.atrial, c.la_emin, c.la_active) + around,
        atrium(s.ra - c.ra_v0, s.atrial, c.ra_emin, c.ra_active) + around,
        aortic(s.root + high * s.balloon_upper, s.aortic - s.to_upper - s.to_arm - s.to_neck - s.to_coronary + high * s.rate_upper, root) + chest,
        aortic(s.upper + (1.0 - high) * s.balloon_upper, s.to_upper - s.to_middle + (1.0 - high) * s.rate_upper, thoracic) + chest,
        aortic(s.middle + s.balloon_middle, s.to_middle - s.to_lower + s.rate_middle, thoracic) + chest - c.deep_middle,
        aortic(s.lower + (1.0 - low) * s.balloon_lower, s.to_lower - s.to_abdominal + (1.0 - low) * s.rate_lower, thoracic) + chest - c.deep_lower,
        aortic(s.abdominal + low * s.balloon_lower, s.to_abdominal - s.to_leg - s.to_viscera + low * s.rate_lower, abdominal) - c.deep_abdominal,
        wall(s.arm, s.to_arm - s.to_elbow, c.arm_k, LIMB_WALL_S),
        wall(s.elbow, s.to_elbow - s.to_forearm, c.arm_k, LIMB_WALL_S),
        wall(s.forearm, s.to_forearm - s.to_wrist, c.arm_k, LIMB_WALL_S),
        wall(s.wrist, s.to_wrist - s.hand_bed, c.arm_k, LIMB_WALL_S),
        wall(s.leg, s.to_leg - s.foot_bed, c.leg_k, LIMB_WALL_S),
        wall(s.neck, s.to_neck - s.head_bed, c.neck_k),
        wall(s.viscera, s.to_viscera - s.gut_bed, c.viscera_k),
        wall(s.coronary, s.to_coronary - s.to_myocardium, c.coronary_k) + around,
        s.myocardium * c.myocardium_k + c.squeeze_share * lv + around,
        s.veins * c.veins_k + c.veins_0,
        s.cava * c.cava_k + chest,
        s.pa * c.pa_k + c.pa_0 + chest,
        s.lung * c.lung_k + chest,
        s.pv * c.pv_k + c.pv_0 + chest,
    )


@inline
def pneumatic(s: Circulation, c: Constants, p: Pressures) -> Balloon:
    """Balloon and console one step on: the full model."""
    line = Line(
        c.gas_present, c.step_s, c.gas_target, c.gas_lag, c.gas_stroke, c.gas_tubing, c.gas_drive, c.gas_keep, c.gas_push,
        c.gas_keep_back, c.gas_push_back, c.gas_heat, c.gas_atmosphere, c.gas_leak, c.gas_hole,
    )  # fmt: skip
    gas = Gas(s.gas_source, s.gas_chamber, s.gas_near, s.gas_far, s.gas_flow, s.gas_lost, s.gas_blood)
    far = c.gas_heat * s.gas_far / (c.far_mL + s.balloon_upper + s.balloon_middle + s.balloon_lower) - c.gas_atmosphere
    near = near_pressure(gas, line)
    branch = Branch(c.balloon_keep, c.balloon_push)
    # a balloon out of its place has part of its upper third in the arch or of its lower third in the abdominal aorta
    upper, lower = p.upper + c.third_high * (p.root - p.upper), p.lower + c.third_low * (p.abdominal - p.lower) + c.deep_lower
    return Balloon(
        squeeze(Segment(s.balloon_upper, s.rate_upper), load(s.balloon_upper, s.upper, far - upper, c), branch, c.step_s),
        squeeze(Segment(s.balloon_middle, s.rate_middle), load(s.balloon_middle, s.middle, far - p.middle - c.deep_middle, c), branch, c.step_s),
        squeeze(Segment(s.balloon_lower, s.rate_lower), load(s.balloon_lower, s.lower, far - lower, c), branch, c.step_s),
        shuttle(gas, near, far, p.middle, line),
        far,
        near,
    )


@inline
def load(volume: float, blood: float, difference: float, c: Constants) -> float:
    """Gas over aorta, less what membrane and aortic wall hold."""
    return difference - membrane(volume, c.balloon_full, c.balloon_wrapped) - contact(volume, blood)


@inline
def doors(s: Circulation, c: Constants, p: Pressures) -> Doors:
    """Flows through valves and defect, half a step after the pressures."""
    return Doors(
        inlet(s.mitral, s.mitral_open, p.la - p.lv, c.mitral_least, c.mitral_span, c.step_s),
        valve(s.aortic, s.aortic_open, p.lv - p.root, c.aortic_least, c.aortic_span, c.step_s),
        inlet(s.tricuspid, s.tricuspid_open, p.ra - p.rv, c.tricuspid_least, c.tricuspid_span, c.step_s),
        valve(s.pulmonary, s.pulmonary_open, p.rv - p.pa, c.pulmonary_least, c.pulmonary_span, c.step_s),
        orifice(s.defect, p.lv - p.rv, c.defect_area, c.step_s),
    )


@inline
def assist(s: Circulation, c: Constants, p: Pressures) -> Assist:
    """Flows of a pump out of the left ventricle and of a bypass from right atrium to aorta; both starve where what they drain runs dry."""
    filled = (s.lv - c.lv_v0) * FILLING
    filled = filled if filled > 0.0 else 0.0
    filled = filled if filled < 1.0 else 1.0
    suction = SUCTION * max(COLLAPSE_MMHG - p.ra, 0.0)
    return Assist(
        c.left_keep * s.left_pump + c.left_push * (p.lv - p.root + c.left_head * filled),
        c.bypass_keep * s.bypass + c.bypass_push * (p.ra - p.abdominal + c.bypass_head - suction),
    )


@inline
def aorta(s: Circulation, c: Constants, p: Pressures) -> Aorta:
    """Flows along the aorta past the balloon: half of each neighbour's blockage."""
    base, half = c.segment_resistance, 0.5 * c.segment_laminar
    upper = half * blockage(s.upper, (1.0 - c.third_high) * s.balloon_upper)
    middle = half * blockage(s.middle, s.balloon_middle)
    lower = half * blockage(s.lower, (1.0 - c.third_low) * s.balloon_lower)
    below = half * c.third_low * blockage(s.abdominal, c.third_low * s.balloon_lower)
    return Aorta(
        carry(s.to_upper, p.root - p.upper, base + upper, c.segment_inertance, c.step_s),
        carry(s.to_middle, p.upper - p.middle, base + upper + middle, c.segment_inertance, c.step_s),
        carry(s.to_lower, p.middle - p.lower, base + middle + lower, c.segment_inertance, c.step_s),
        carry(s.to_abdominal, p.lower - p.abdominal, base + lower + below, c.segment_inertance, c.step_s),
    )


@inline
def arm_flows(s: Circulation, c: Constants, p: Pressures) -> tuple[float, float, float, float]:
    """Flows into the four parts of the arm."""
    return (
        c.arm_keep * s.to_arm + c.arm_push * (p.root - p.arm),
        c.arm_keep * s.to_elbow + c.arm_push * (p.arm - p.elbow),
        c.arm_keep * s.to_forearm + c.arm_push * (p.elbow - p.forearm),
        c.arm_keep * s.to_wrist + c.arm_push * (p.forearm - p.wrist),
    )


@inline
def bed_flows(s: Circulation, c: Constants, p: Pressures) -> tuple[float, float, float, float]:
    """Flows through the systemic beds: head, hand, gut and foot; a waterfall: arterioles close at their own pressure, whatever the veins' is below it."""
    below = max(c.closing, p.veins)
    return (
        max(c.head_keep * s.head_bed + c.head_push * (p.neck - below), 0.0),
        max(c.hand_keep * s.hand_bed + c.hand_push * (p.wrist - below), 0.0),
        max(c.gut_keep * s.gut_bed + c.gut_push * (p.viscera - below), 0.0),
        max(c.foot_keep * s.foot_bed + c.foot_push * (p.leg - below), 0.0),
    )


@inline
def return_flows(s: Circulation, c: Constants, p: Pressures) -> tuple[float, float, float, float, float]:
    """Flows from the systemic veins to the right atrium, and through the lungs to the left one."""
    return (
        c.cava_keep * s.to_cava + c.cava_push * (p.veins - p.cava),
        c.ra_keep * s.to_ra + c.ra_push * (p.cava - p.ra),
        c.lung_keep * s.to_lung + c.lung_push * (p.pa - p.lung),
        c.pv_keep * s.to_pv + c.pv_push * (p.lung - p.pv),
        c.la_keep * s.to_la + c.la_push * (p.pv - p.la),
    )


@inline
def move(s: Circulation, c: Constants, p: Pressures, b: Balloon, a: Aorta) -> Circulation:
    """Every flow from the pressures, then every volume from the flows."""
    h = c.step_s
    d = doors(s, c, p)
    x = assist(s, c, p)
    arm, elbow, forearm, wrist = arm_flows(s, c, p)
    leg = c.leg_keep * s.to_leg + c.leg_push * (p.abdominal - p.leg)
    neck = c.neck_keep * s.to_neck + c.neck_push * (p.root - p.neck)
    viscera = c.viscera_keep * s.to_viscera + c.viscera_push * (p.abdominal - p.viscera)
    head, hand, gut, foot = bed_flows(s, c, p)
    inflow = c.inflow_keep * s.to_coronary + c.inflow_push * (p.root - p.coronary)
    through = drive(p.coronary - p.lv + p.lv_wall, c.squeeze_share * p.lv_wall, s.myocardium * c.myocardium_k)
    tissue = carry(s.to_myocardium, through, c.bed_resistance * s.coronary_tone, c.bed_inertance, h)
    sinus = max(c.sinus_keep * s.coronary_sinus + c.sinus_push * (p.myocardium - p.ra), 0.0)  # coronary veins collapse
    cava, ra, lung, pv, la = return_flows(s, c, p)
    beds = head + hand + gut + foot
    # fmt: off
    return Circulation(
        s.la + h * (la - d.mitral.flow), s.lv + h * (d.mitral.flow - d.aortic.flow - d.defect - x.left),
        s.ra + h * (ra + sinus - d.tricuspid.flow - x.bypass), s.rv + h * (d.tricuspid.flow + d.defect - d.pulmonary.flow),
        s.root + h * (d.aortic.flow - a.upper - arm - neck - inflow + x.left), s.upper + h * (a.upper - a.middle),
        s.middle + h * (a.middle - a.lower) - (b.gas.blood - s.gas_blood),
        s.lower + h * (a.lower - a.abdominal), s.abdominal + h * (a.abdominal - leg - viscera + x.bypass),
        s.arm + h * (arm - elbow), s.elbow + h * (elbow - forearm), s.forearm + h * (forearm - wrist), s.wrist + h * (wrist - hand), s.leg + h * (leg - foot),
        s.neck + h * (neck - head), s.viscera + h * (viscera - gut), s.coronary + h * (inflow - tissue), s.myocardium + h * (tissue - sinus),
        s.veins + h * (beds - cava), s.cava + h * (cava - ra),
        s.pa + h * (d.pulmonary.flow - lung), s.lung + h * (lung - pv), s.pv + h * (pv - la),
        d.mitral.flow, d.aortic.flow, d.tricuspid.flow, d.pulmonary.flow, d.defect,
        a.upper, a.middle, a.lower, a.abdominal, leg, arm, elbow, forearm, wrist, neck, viscera,
        head, hand, gut, foot, inflow, tissue, sinus, cava, ra, lung, pv, la, x.left, x.bypass,
        d.mitral.opening, d.aortic.opening, d.tricuspid.opening, d.pulmonary.opening,
        septum(s.septal_shift, p.lv_wall - p.rv_wall, c.septal_push, c.septal_elastance),
        autoregulate(s.coronary_tone, tissue * c.demand_inverse - 1.0, c.tone_rate, c.tone_least, c.tone_most),
        b.upper.volume, b.middle.volume, b.lower.volume, b.upper.rate, b.middle.rate, b.lower.rate,
        b.gas.source, b.gas.chamber, b.gas.near, b.gas.far, b.gas.flow, b.gas.lost, b.gas.blood, s.gas_filled,
        s.atrial + c.atrial_step, s.ventricular + c.ventricular_step,
        p.lv, p.rv, p.la, p.ra, p.root, p.upper, p.wrist, p.leg, p.pa, p.pv, b.far, b.near, s.lv, s.rv,
        s.total_root + h * p.root, s.total_ra + h * p.ra, s.total_systemic + h * (beds + tissue), s.total_coronary + h * tissue,
        s.total_gut + h * gut, s.total_hand + h * hand, s.total_foot + h * foot,
        s.total_work + h * p.lv * (d.aortic.flow + d.defect + x.left - d.mitral.flow), s.total_pumped + h * x.left, s.total_bypassed + h * x.bypass,
        min(s.least_lv, s.lv),
    )
    # fmt: on


@inline
def step(s: Circulation, c: Constants) -> Circulation:
    """One step of the whole: blood, balloon and helium."""
    p = pressures(s, c)
    return move(s, c, p, pneumatic(s, c, p), aorta(s, c, p))
