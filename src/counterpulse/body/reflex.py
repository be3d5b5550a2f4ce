"""The baroreflex: arterial and low-pressure receptors acting on rate, resistance, contractility and venous tone, with delays and lags.

Deviations count from the patient's own resting pressures, so that rest is its equilibrium whatever the patient; where those are not known the reflex is idle.
Form, delays and time constants: Ursino 1998 Am J Physiol 275:H1733 (from memory). Gains: for a healthy adult about 2 mmHg restored per mmHg lost, all
branches together (assumed within the 1 to 3 of open-loop studies); `Patient.baroreflex_gain` scales them: about 0.4 in heart failure, after the fall of
baroreflex sensitivity from about 10 to 3-4 ms/mmHg (Mortara 1997 Circulation 96:3450; from memory). mmHg, s; effects are natural logarithms of factors.
"""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from counterpulse.kernel import inline, kernel
from counterpulse.record import Many, Record

DELAYED = 25  # ticks of a fifth of a second that the pressure is remembered
RECEPTOR_S = 2.08  # lag of the afferent path (Ursino 1998)
VAGAL_DELAY, VAGAL_S = 1, 1.5  # ticks, s
SYMPATHETIC_DELAY = 10
HEART_S, RESISTANCE_S, FORCE_S = 2.0, 6.0, 8.0
VENOUS_DELAY, VENOUS_S = 24, 20.0
# Per mmHg below the resting mean arterial pressure, in a healthy adult (assumed; see above), and the most that any pressure can bring about.
VAGAL_PER_mmHg, HEART_PER_mmHg, RATE_MOST = 0.006, 0.005, 0.35
RESISTANCE_PER_mmHg, RESISTANCE_MOST = 0.006, 0.50
FORCE_PER_mmHg, FORCE_MOST = 0.005, 0.30
VENOUS_mL_PER_mmHg, VENOUS_MOST_mL = 6.0, 400.0
# Per mmHg below the resting right atrial pressure: resistance only (Johnson 1974 Circ Res 34:515 for the forearm; share of the whole assumed).
LOW_PRESSURE_PER_mmHg, LOW_PRESSURE_MOST = 0.012, 0.15


class Reflex(Record):
    """State of the reflex: filtered pressures, what the last five seconds asked for, and its effects."""

    arterial_mmHg: float = 0.0  # filtered mean arterial pressure
    atrial_mmHg: float = 0.0  # filtered right atrial pressure
    seen: int = 0
    fall_mmHg: Annotated[NDArray[np.float64], Many(DELAYED)]  # ring: how far below rest the pressure was
    vagal: float = 0.0
    heart: float = 0.0
    resistance: float = 0.0
    force: float = 0.0
    venous_mL: float = 0.0


@inline
def bounded(x: float, most: float) -> float:
    """The same where small, never beyond `most`."""
    return x / (1.0 + abs(x) / most)


@inline
def lag(value: float, target: float, dt_s: float, tau_s: float) -> float:
    """First order, implicit."""
    return value + (target - value) * dt_s / (tau_s + dt_s)


@kernel
def feel(reflex: Reflex, arterial_mmHg: float, atrial_mmHg: float, dt_s: float) -> None:
    """Let the receptors see a tick's mean pressures; the first tick starts them there."""
    if reflex.seen == 0:
        reflex.arterial_mmHg, reflex.atrial_mmHg = arterial_mmHg, atrial_mmHg
    reflex.arterial_mmHg = lag(reflex.arterial_mmHg, arterial_mmHg, dt_s, RECEPTOR_S)
    reflex.atrial_mmHg = lag(reflex.atrial_mmHg, atrial_mmHg, dt_s, RECEPTOR_S)
    reflex.seen += 1


@kernel
def respond(reflex: Reflex, gain: float, fall_mmHg: float, low_fall_mmHg: float, dt_s: float) -> None:
    """One tick of the effectors; `fall_mmHg` is how far the arterial, `low_fall_mmHg` how far the atrial pressure lies below rest."""
    now = reflex.seen % DELAYED
    reflex.fall_mmHg[now] = fall_mmHg
    vagal = gain * reflex.fall_mmHg[(now - VAGAL_DELAY) % DELAYED]
    heart = gain * reflex.fall_mmHg[(now - SYMPATHETIC_DELAY) % DELAYED]
    veins = gain * reflex.fall_mmHg[(now - VENOUS_DELAY) % DELAYED]
    low = bounded(gain * LOW_PRESSURE_PER_mmHg * low_fall_mmHg, LOW_PRESSURE_MOST)
    reflex.vagal = lag(reflex.vagal, bounded(VAGAL_PER_mmHg * vagal, RATE_MOST), dt_s, VAGAL_S)
    reflex.heart = lag(reflex.heart, bounded(HEART_PER_mmHg * heart, RATE_MOST), dt_s, HEART_S)
    reflex.resistance = lag(reflex.resistance, bounded(RESISTANCE_PER_mmHg * heart, RESISTANCE_MOST) + low, dt_s, RESISTANCE_S)
    reflex.force = lag(reflex.force, bounded(FORCE_PER_mmHg * heart, FORCE_MOST), dt_s, FORCE_S)
    reflex.venous_mL = lag(reflex.venous_mL, -bounded(VENOUS_mL_PER_mmHg * veins, VENOUS_MOST_mL), dt_s, VENOUS_S)
