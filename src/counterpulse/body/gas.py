"""The console's pneumatics as physics: drive, safety chamber, helium line, and the catheters they end in.

A pneumatic drive pushes a diaphragm; behind it a fixed mass of helium fills the chamber, the tubing and, through the catheter's narrow lumen,
the balloon. The diaphragm's stroke is the volume the clinician set. Gas amounts are counted as pressure times volume (mmHg mL, isothermal);
pressures are above atmosphere. Knows no blood and no controller.
"""

from enum import IntEnum
from typing import Annotated, NamedTuple

from counterpulse.kernel import inline
from counterpulse.record import Q, Record
from counterpulse.refusal import RefusalError

STOP = 400.0  # mmHg/mL: the diaphragm against the end of its stroke (assumed; stiff enough that the vacuum does not move the baseline by more than 10 mmHg)
# Blood through a hole that passes 1 mL of helium: an orifice's flow goes with 1 / sqrt(density), 1060 against 0.17 kg/m3 (helium at 37 C, 850 mmHg)
BLOOD_SHARE = 0.0127


class Form(IntEnum):
    """How the balloon is modelled."""

    PNEUMATIC = 0  # this module: what the pump is
    SOURCE = 1  # published simpler form: prescribed volume, no occlusion (Jaron 1985; Ferrari)
    ANNULUS = 2  # published simpler form: prescribed radius, annular occlusion, compliance tied to gas pressure (Kalecky, Physiolibrary)


class Catheter(Record):
    """A balloon on its catheter, and the drive behind it. Sizes and dimensions: pump.md 1.1, 1.2 (certainty there)."""

    nominal_mL: Annotated[float, Q("mL", 0, 60, "balloon volume; 0 = no balloon")] = 40.0
    french: Annotated[float, Q("Fr", 6, 10, "catheter size")] = 7.5
    length_mm: Annotated[float, Q("mm", 100, 320, "membrane")] = 258.0
    line_resistance_mmHg_s_mL: Annotated[float, Q("mmHg s/mL", 0.1, 30, "helium through the catheter", "pump.md 1.2")] = 0.47
    line_inertance_mmHg_s2_mL: Annotated[float, Q("mmHg s2/mL", 0.0001, 0.02, "helium in the catheter", "pump.md 6.1: 0.001-0.005")] = 0.001
    line_volume_mL: Annotated[float, Q("mL", 5, 60, "tubing and dead space", "pump.md 6.1: 20-30")] = 20.0
    drive_mmHg: Annotated[float, Q("mmHg", 0, 400, "drive pressure", "pump.md 1.2: +150 to +300")] = 260.0
    vacuum_mmHg: Annotated[float, Q("mmHg", 0, 400, "vacuum below atmosphere", "pump.md 1.2: 100 to 250")] = 220.0
    drive_resistance_mmHg_s_mL: Annotated[
        float, Q("mmHg s/mL", 0.01, 5, "solenoid valve and air side", "assumed, so that T90 is 80-150 ms over the catheters (pump.md 1.2)")
    ] = 0.155
    drive_lag_s: Annotated[float, Q("s", 0.001, 0.1, "rise of the drive pressure at the diaphragm", "assumed")] = 0.008
    wrapped_mL: Annotated[float, Q("mL", 0, 5, "gas left in the wrapped balloon", "pump.md 6.1: below 2")] = 2.0
    baseline_mmHg: Annotated[float, Q("mmHg", -20, 60, "fill pressure when deflated", "pump.md 1.3: 10-15, Arrow 2.5")] = 10.0
    atmosphere_mmHg: Annotated[float, Q("mmHg", 350, 800, "ambient pressure; altitude lowers it")] = 760.0
    leak_mL_s_mmHg: Annotated[float, Q("mL/(s mmHg)", 0, 5, "helium to the room: tubing or connector")] = 0.0
    hole_mL_s_mmHg: Annotated[float, Q("mL/(s mmHg)", 0, 5, "hole in the membrane: helium into the blood, blood into the balloon")] = 0.0
    kink_in_mmHg_s_mL: Annotated[float, Q("mmHg s/mL", 0, 100, "kink: resistance on the way in, beside the catheter's own")] = 0.0
    kink_out_mmHg_s_mL: Annotated[float, Q("mmHg s/mL", 0, 100, "kink: resistance on the way out; a valve when it differs")] = 0.0
    water_mL: Annotated[float, Q("mL", 0, 4, "condensate in the line: takes room and narrows it")] = 0.0
    warmer_C: Annotated[float, Q("C", -60, 100, "helium warmer than when it was filled")] = 0.0
    stuck: Annotated[int, Q("1", 0, 3, "gas valve: 0 obeys, 1 stuck at drive, 2 at hold, 3 at vacuum")] = 0
    cylinder: Annotated[int, Q("1", 0, 1, "0 = helium cylinder empty or shut: a fill brings nothing")] = 1
    sheathed_share: Annotated[float, Q("1", 0, 0.9, "share of the membrane that cannot unfold: in the sheath, or still wrapped")] = 0.0
    shift_cm: Annotated[float, Q("cm", -9, 9, "balloon out of its place: towards the feet, or, below 0, into the arch")] = 0.0
    sheath_wall_mm: Annotated[float, Q("mm", 0, 3, "outer diameter of the sheath beyond that of the catheter; 0 = sheathless", "assumed")] = 0.6
    full_mL: Annotated[float, Q("mL", 0, 60, "volume at which the membrane stiffens; less when wrapped in its sheath")] = 40.0
    form: Annotated[int, Q("1", 0, 2, "0 pneumatic, 1 volume source, 2 annulus")] = 0


class Gas(NamedTuple):
    """What moves in the console: drive pressure, chamber volume, helium on both sides of the catheter, flow through it, helium lost, blood in the line."""

    source: float
    chamber: float
    near: float
    far: float
    flow: float
    lost: float
    blood: float


class Line(NamedTuple):
    """Constants of the console for one step length; see `Catheter`."""

    present: float
    step_s: float
    target: float
    lag: float
    stroke: float
    tubing: float
    drive: float
    keep: float
    push: float
    keep_back: float
    push_back: float
    heat: float
    atmosphere: float
    leak: float
    hole: float


@inline
def near_pressure(gas: Gas, line: Line) -> float:
    """Pressure at the console's transducer, above atmosphere."""
    return line.heat * gas.near / (gas.chamber + line.tubing) - line.atmosphere


@inline
def diaphragm(gas: Gas, pressure: float, line: Line) -> float:
    """Chamber volume one step on: helium against drive, with a stop at either end of the stroke; implicit on the diagonal (trapezoid)."""
    beyond = max(gas.chamber - line.stroke, 0.0) - max(-gas.chamber, 0.0)
    stiffness = (pressure + line.atmosphere) / (gas.chamber + line.tubing) + (STOP if abs(beyond) > 0.0 else 0.0)
    push = line.step_s * line.drive
    return gas.chamber + push * (pressure - gas.source - STOP * beyond) / (1.0 + 0.5 * push * stiffness)


@inline
def shuttle(gas: Gas, near: float, far: float, aorta: float, line: Line) -> Gas:
    """The console one step on; `near` and `far` are the pressures at both ends of the catheter, `aorta` that around the balloon.

    Helium is conserved to rounding: what leaves through tubing or membrane is counted, and so is the blood that comes in.
    """
    back = gas.flow + 1e-6 * (near - far) < 0.0
    keep = line.keep_back if back else line.keep
    push = line.push_back if back else line.push
    flow = line.present * (keep * gas.flow + push * (near - far))
    moved = line.step_s * flow * (0.5 * (near + far) + line.atmosphere)
    leaked = line.step_s * (line.leak * max(far, 0.0) + line.hole * max(far - aorta, 0.0)) * line.atmosphere
    bled = line.step_s * line.hole * BLOOD_SHARE * max(aorta - far, 0.0)
    source = gas.source + line.lag * (line.target - gas.source)
    return Gas(source, diaphragm(gas, near, line), gas.near - moved, gas.far + moved - leaked, flow, gas.lost + leaked, gas.blood + bled)


class Made(NamedTuple):
    """One catheter of the market, and what its console knows of it: command to 10 % filled, command to 10 % left (T90)."""

    nominal_mL: float
    french: float
    length_mm: float
    line_resistance_mmHg_s_mL: float
    onset_ms: float
    empty_ms: float


# Sizes: pump.md 1.1. Resistance: the laminar annulus of pump.md 1.2 (1.5, 0.93, 0.61 mmHg s/mL for 7, 7.5, 8 Fr) times 0.5 for a lumen that lies
# off-centre (White: 0.4 when it touches the wall; assumed). Times: measured in the closed loop by benchmarks/catheters.py, which checks this table.
CATHETERS = {
    "25-7.5": Made(25.0, 7.5, 174.0, 0.48, 30.0, 80.5),
    "30-7.5": Made(30.0, 7.5, 230.0, 0.47, 32.5, 92.0),
    "34-7": Made(34.0, 7.0, 219.0, 0.66, 37.5, 129.0),
    "40-7": Made(40.0, 7.0, 258.0, 0.66, 41.0, 146.5),
    "40-7.5": Made(40.0, 7.5, 258.0, 0.47, 37.0, 116.0),
    "40-8": Made(40.0, 8.0, 262.0, 0.31, 34.0, 90.0),
    "50-8": Made(50.0, 8.0, 258.0, 0.31, 38.0, 107.0),
}
DEFAULT_CATHETER = "40-7.5"


def catheter(name: str = DEFAULT_CATHETER, **values: float) -> Catheter:
    """A catheter of the table with fields changed as given. Raises RefusalError for an unknown name or a value out of range."""
    if name not in CATHETERS:
        raise RefusalError(f"The catheter is {name!r}; it must be one of {', '.join(CATHETERS)} (mL-French).")
    made = CATHETERS[name]
    fields = {key: getattr(made, key) for key in ("nominal_mL", "french", "length_mm", "line_resistance_mmHg_s_mL")}
    return Catheter.check(Catheter(**{**fields, "full_mL": made.nominal_mL, **values}))


def no_catheter() -> Catheter:
    """Nothing in the aorta."""
    return Catheter(nominal_mL=0.0, full_mL=0.0)
