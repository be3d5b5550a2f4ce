"""The two published simpler forms of the balloon, to compare the full pneumatics with like for like.

Source: a prescribed volume, inflated and emptied along a smooth ramp, that blocks nothing (Jaron 1985 Ann Biomed Eng 13:155; Ferrari, De Lazzari).
Annulus: a prescribed radius that rises linearly, an annular blockage, and a part of the wall's compliance that follows the gas pressure of +-200 mmHg
(Kalecky 2017, Physiolibrary). In both the console's valve only starts the ramp: no gas, no line, no overshoot. mmHg, mL, s.
"""

from counterpulse.body.balloon import Segment
from counterpulse.body.circulation import Aorta, Balloon, Pressures, aorta, move, pressures
from counterpulse.body.gas import Gas
from counterpulse.body.state import Circulation, Constants
from counterpulse.body.vessels import PI, carry
from counterpulse.kernel import inline

SOURCE_S = 0.10  # ramp in and out (pump.md 6.1: 0.08-0.12)
ANNULUS_S = 0.08  # linear ramp of the radius (Kalecky 2017)
GAS_SHARE = 0.1  # of the wall's compliance follows the gas (Kalecky 2017)
GAS_SWING = 400.0  # mmHg, from -200 to +200 (Kalecky 2017)


@inline
def ramp(s: Circulation, c: Constants, duration_s: float) -> float:
    """Phase of the ramp one step on, 0 empty to 1 full; it moves while the valve drives or sucks and waits while it holds."""
    rate = c.step_s / duration_s if c.gas_lag > 0.0 else 0.0
    phase = s.gas_source + (rate if c.gas_target > 0.0 else -rate)
    phase = phase if phase > 0.0 else 0.0
    return phase if phase < 1.0 else 1.0


@inline
def prescribed(s: Circulation, c: Constants, phase: float, third: float) -> Balloon:
    """A balloon whose thirds have all the volume `third` after the step."""
    rate = (third - s.balloon_upper) / c.step_s
    segment = Segment(third, rate)
    gas = Gas(phase, s.gas_chamber, s.gas_near, s.gas_far, 0.0, s.gas_lost, s.gas_blood)
    return Balloon(segment, segment, segment, gas, 0.0, 0.0)


@inline
def unblocked(s: Circulation, c: Constants, p: Pressures) -> Aorta:
    """Flows along an aorta that the balloon does not block."""
    open_resistance = c.segment_resistance + c.segment_laminar
    return Aorta(
        carry(s.to_upper, p.root - p.upper, open_resistance, c.segment_inertance, c.step_s),
        carry(s.to_middle, p.upper - p.middle, open_resistance, c.segment_inertance, c.step_s),
        carry(s.to_lower, p.middle - p.lower, open_resistance, c.segment_inertance, c.step_s),
        carry(s.to_abdominal, p.lower - p.abdominal, open_resistance, c.segment_inertance, c.step_s),
    )


@inline
def step_source(s: Circulation, c: Constants) -> Circulation:
    """One step of the whole with a prescribed balloon volume."""
    p = pressures(s, c)
    phase = ramp(s, c, SOURCE_S)
    third = c.gas_stroke * 0.3333333333333333 * phase * phase * (3.0 - 2.0 * phase)
    return move(s, c, p, prescribed(s, c, phase, third), unblocked(s, c, p))


@inline
def step_annulus(s: Circulation, c: Constants) -> Circulation:
    """One step of the whole with a prescribed balloon radius."""
    p = pressures(s, c)
    phase = ramp(s, c, ANNULUS_S)
    followed = GAS_SHARE * GAS_SWING * phase / (PI * c.aorta_width * c.thoracic_per * c.aorta_kept) if c.gas_stroke > 0.0 else 0.0
    third = c.gas_stroke * 0.3333333333333333 * phase * phase + followed
    return move(s, c, p, prescribed(s, c, phase, third), aorta(s, c, p))
