"""Vessels: how flow moves between two volumes, and how the arterial tree divides into segments.

Knows resistance, inertia, compliance and geometry; no heart, no balloon. mmHg, mL, s. Flows live half a step before the volumes (leapfrog).
"""

from typing import NamedTuple

from counterpulse.body.valves import DENSITY
from counterpulse.kernel import inline

# Lengths in cm along the aorta; the middle 25.8 cm are what a 40 mL balloon lies in (pump.md 1.1). Shares of compliance: pump.md 6.2.
ROOT_CM, THORACIC_CM, ABDOMINAL_CM = 14.0, 8.6, 8.2
AORTA_CM = ROOT_CM + 3.0 * THORACIC_CM + ABDOMINAL_CM
REFERENCE_MMHG = 90.0  # pressure at which the aorta has its stated diameter and compliance
# The aorta tapers: 34.1 mm ascending, 25.8 descending, 18.7 above its bifurcation (Rogers 2013 Am J Cardiol 111:1510, men; abstract). Mean area of
# root and arch, and of the abdominal part, over that of the descending aorta, whose diameter is the patient's, with diameters that change evenly along both.
ROOT_WIDTH, ABDOMINAL_WIDTH = 1.356, 0.750
# How area grows with pressure: A = Amax (1/2 + arctan((p - p0) / p1) / pi) in 45 thoracic and 20 abdominal aortas of 30 to 88 years (Langewouters 1984 J
# Biomech 17:425); abdominal ones are shifted by 20 mmHg towards lower pressures (abstract). p0 and p1 by age: men (Wesseling 1993 J Appl Physiol 74:2566;
# from memory).
CENTRE_MMHG, CENTRE_PER_YEAR, WIDTH_MMHG, WIDTH_PER_YEAR = 76.0, 0.89, 57.0, 0.44
ABDOMINAL_SHIFT_MMHG = 20.0
YOUNGEST, OLDEST = 30.0, 88.0  # of those aortas; whoever is younger or older has the curve of these
# At 100 mmHg an abdominal aorta has 0.27 of a thoracic one's compliance a length and 0.42 of its area (middle of the ranges in that abstract).
ABDOMINAL_DISTENSIBILITY = 0.64
SOFT_CM = ROOT_CM * ROOT_WIDTH + 3.0 * THORACIC_CM + ABDOMINAL_CM * ABDOMINAL_WIDTH * ABDOMINAL_DISTENSIBILITY  # of descending aorta would be as soft
STIFFEST = 6.0  # times the stiffness at the reference pressure, near 200 mmHg: beyond it the wall stays as stiff, where an explicit step can follow it
TANGENT = (0.5951135770307994, 0.1495066522374776, 0.05903929087877285, 0.024420708411147705, 0.01484526975324681)
TWO_OVER_PI, PI = 0.6366197723675814, 3.141592653589793
SEGMENT_RESISTANCE = 0.004  # mmHg s/mL a segment: branches and wall friction (assumed; pump.md 6.2 has 0.02-0.03 for the whole path)
WALL_S = 0.015  # viscosity over elasticity of an arterial wall: loss angle about 0.1 at 1 Hz (Armentano 1995 Hypertension 26:48; certainty low)
# Muscular arteries: loss angle about 0.1 at 4 Hz, where arm and leg shape the wave. It hardly depends on frequency (Bergel 1961 J Physiol 156:458, from
# memory), so one lag cannot fit every band.
LIMB_WALL_S = 0.004
STEADY = 0.7  # step times rate of an explicit damping must stay well below 2 (assumed margin for what oscillates beside it)
LONGEST_STEP_S = 0.0005  # of the scheme; the wall's viscosity is explicit in it
ARM_CM, ARM_CM2 = 17.5, 0.16  # a quarter of the way from arch to wrist, so that the path passes 20 Hz; a brachial artery of 4.5 mm
LEG_CM, LEG_CM2 = 22.0, 1.0  # bifurcation to groin, both sides
NECK_CM, NECK_CM2 = 20.0, 1.2  # carotid and subclavian arteries together (assumed)
VISCERAL_CM, VISCERAL_CM2 = 8.0, 1.5  # coeliac, mesenteric and renal arteries together (assumed)
VISCERAL_SHARE = 0.6  # of the branches' compliance (assumed)
# Branches end the aorta near its own impedance, so that the wave which returns is about half of the one sent (Nichols and O'Rourke; assumed size).
NECK_RESISTANCE, VISCERAL_RESISTANCE = 0.15, 0.12  # mmHg s/mL
ARM_RESISTANCE = 0.75  # mmHg s/mL for a quarter of the arm: Poiseuille at 4.5 mm gives 0.5, walls damp further (assumed)
LEG_RESISTANCE = 0.05  # mmHg s/mL (assumed)
CAVA_RESISTANCE = 0.005  # mmHg s/mL, vena cava to right atrium (assumed)
LA_RESISTANCE = 0.008  # mmHg s/mL, pulmonary veins to left atrium (assumed)
PA_SHARE = 0.6  # of pulmonary arterial compliance lies before the arterioles (assumed)
LUNG_INLET_SHARE = 0.7  # of pulmonary resistance is arteriolar (assumed)
# Where the systemic flow goes (assumed after Williams and Leggett 1989 Clin Phys Physiol Meas 10:187):
# upper body, hand, abdomen and kidneys, legs.
HEAD_SHARE, HAND_SHARE, GUT_SHARE, FOOT_SHARE = 0.30, 0.02, 0.48, 0.20

# Arterioles close above the veins' pressure. 10 patients after cardiac surgery: 45.5 +- 11.1 mmHg, filling pressure 18.7 (Maas 2012 Anesth Analg 114:803,
# abstract); 35 at a mean pressure of 75 (an example in Crit Care 2024, s13054-024-04912-4). `Patient.closing_mmHg` is 35 for all and moves with vascular tone
# (assumed).
ANEURYSM_SOFTNESS = 0.5  # distensibility of an aneurysm's wall over a healthy one's (assumed: 0.3 to 0.6)
MM_PER_FRENCH = 1.0 / 3.0
SHEATH_CM = 15.0  # of the iliac and femoral artery that a sheath fills (assumed)


class Branch(NamedTuple):
    """What carries a flow's past (`keep`) and the pressure difference (`push`) into its next value."""

    keep: float
    push: float


@inline
def branch(resistance: float, inertance: float, step_s: float) -> Branch:
    """A branch of constant resistance and inertance: friction is implicit (trapezoid), so R/L may exceed 2/step."""
    half = 0.5 * step_s * resistance
    return Branch((inertance - half) / (inertance + half), step_s / (inertance + half))


@inline
def bed(resistance: float, step_s: float) -> Branch:
    """A capillary bed: its inertia is a token 2 ms of time constant that keeps the scheme of one kind."""
    return branch(resistance, 0.002 * resistance, step_s)


@inline
def carry(flow: float, difference: float, resistance: float, inertance: float, step_s: float) -> float:
    """Flow one step on where the resistance changes: friction fully implicit, so that a closing vessel only damps."""
    return (inertance * flow + step_s * difference) / (inertance + step_s * resistance)


@inline
def wall(volume: float, gain: float, stiffness: float, lag_s: float = WALL_S) -> float:
    """Pressure of a viscoelastic wall (Kelvin-Voigt): stretched volume, and the rate at which it gains more; `lag_s` is viscosity over elasticity."""
    return stiffness * (volume + lag_s * gain)


# mmHg/cm: a column of blood. The balloon's upper third lies at the heart's level (assumed), the rest of the aorta deeper in who sits.
COLUMN = DENSITY * 980.665


@inline
def at_age(years: float) -> tuple[float, float]:
    """Pressure at which a thoracic aorta of that age is softest, and the width of its curve, mmHg."""
    age = min(max(years, YOUNGEST), OLDEST)
    return CENTRE_MMHG - CENTRE_PER_YEAR * age, WIDTH_MMHG - WIDTH_PER_YEAR * age


@inline
def stiffer(pressure: float, centre: float, width: float) -> float:
    """Stiffness of an aorta at a transmural pressure over the least it has."""
    slope = (pressure - centre) / width
    return 1.0 + slope * slope


class Curve(NamedTuple):
    """A stretch of aorta: volume at its softest, 1 over the volume between empty and full, pressure there and width; where it turns straight; damping."""

    softest: float
    per: float
    centre: float
    width: float
    most: float
    kept: float
    damping: float


@inline
def aortic(volume: float, gain: float, curve: Curve) -> float:
    """Transmural pressure of a stretch of aorta from its volume and the rate at which that grows (Langewouters' curve turned round).

    With u the volume from the softest over the whole, p = p0 + p1 tan(pi u). The tangent is its nearest poles and a polynomial in u^2 for the rest (relative
    error 4e-9). Viscosity follows stiffness up to that at the reference pressure.
    """
    share = (volume - curve.softest) * curve.per
    held = share if share < curve.most else curve.most
    held = held if held > -curve.most else -curve.most
    square = held * held
    rest = TANGENT[0] + square * (TANGENT[1] + square * (TANGENT[2] + square * (TANGENT[3] + square * TANGENT[4])))
    slope = held * (TWO_OVER_PI / (0.25 - square) + rest)
    stiffness = 1.0 + slope * slope
    damped = curve.damping * (stiffness if stiffness < curve.kept else curve.kept)
    return curve.centre + curve.width * (slope + PI * stiffness * (share - held)) + damped * gain


@inline
def wall_lag(stiffness: float, mobility: float) -> float:
    """Viscosity over elasticity of an aortic wall, s: less than WALL_S where a wall is so stiff that an explicit step could not follow it.

    `mobility` sums 1/inertance of all that moves blood against this wall. The limit does not depend on the step in use, so that half the step is the same
    patient; it binds below about 0.4 mL/mmHg of aortic compliance.
    """
    return min(WALL_S, STEADY / (LONGEST_STEP_S * stiffness * mobility))


@inline
def inertance(length_cm: float, area_cm2: float) -> float:
    """Inertia of the blood in a vessel, mmHg s2/mL."""
    return DENSITY * length_cm / area_cm2
