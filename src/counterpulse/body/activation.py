"""How strongly a chamber is switched on after its electrical start: activation curves from 0 over 1 back to 0. Knows no rhythm and no pressure.

The curve is a double Hill function of time, made once in plain Python and read by linear interpolation, so that no power is taken per sample.
Time is in units of the curve's own length; `VENTRICLE.length_s` and `ATRIUM.length_s` give that length in s at an R-R interval of 1 s.

Shape: Stergiopulos 1996 Am J Physiol 270:H2050 (ventricle, exponents 1.32 and 21.9, ratio of the two time constants 1.677); Mynard 2012
Int J Numer Method Biomed Eng 28:626 (atrium, 0.110 and 0.18 of the cycle, exponents 1.32 and 13.1). Both from memory, not re-read. Time to the
ventricular peak, 0.33 s at R-R 1 s, is chosen so that electromechanical systole agrees with Weissler 1968 Circulation 37:149 (QS2).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterpulse.kernel import inline

STEPS = 1024  # table intervals; reading between them and the trimmed tail stay within 1.5e-4 of the curve
CUT = 1e-4  # the curve ends where it has fallen to this share of its peak; what is left is taken off evenly
LONGEST_RR_S = 1.5  # systole stops growing with the square root of R-R here (rate 40/min); assumed


class Hill(NamedTuple):
    """One curve: time constants in s at R-R 1 s, exponents, and the table from start to end (peak 1, both ends 0)."""

    rise_s: float
    fall_s: float
    rise_power: float
    fall_power: float
    length_s: float
    peak_s: float
    table: NDArray[np.float64]


def double_hill(t_s: float, rise_s: float, fall_s: float, rise_power: float, fall_power: float) -> float:
    """The curve before scaling, at time `t_s` after its start."""
    up = (t_s / rise_s) ** rise_power
    return up / (1.0 + up) / (1.0 + (t_s / fall_s) ** fall_power)


def curve(rise_s: float, fall_s: float, rise_power: float, fall_power: float) -> Hill:
    """Tabulate a double Hill curve: find its peak and its end, scale it to 1, let it end at exactly 0."""

    def raw(t_s: float) -> float:
        return double_hill(t_s, rise_s, fall_s, rise_power, fall_power)

    grid = [fall_s * 3.0 * k / 6000 for k in range(6001)]
    peak_s = max(grid, key=raw)
    peak = raw(peak_s)
    length_s = next(t for t in grid if t > peak_s and raw(t) < CUT * peak)
    left = raw(length_s)
    values = [max(0.0, (raw(length_s * k / STEPS) - left * k / STEPS) / (peak - left * peak_s / length_s)) for k in range(STEPS + 1)]
    top = max(values)
    return Hill(rise_s, fall_s, rise_power, fall_power, length_s, peak_s, np.array([v / top for v in values] + [0.0]))


_PEAK_S = 0.33
_SHAPE_PEAK = 0.4284  # where the curve with time constants 0.303 and 0.508 has its peak (a test finds it again)
VENTRICLE = curve(0.303 * _PEAK_S / _SHAPE_PEAK, 0.508 * _PEAK_S / _SHAPE_PEAK, 1.32, 21.9)
ATRIUM = curve(0.110, 0.18, 1.32, 13.1)

_VENTRICLE_TABLE = VENTRICLE.table
_ATRIUM_TABLE = ATRIUM.table


@inline
def ventricle_at(share: float) -> float:
    """Ventricular activation at a share (0 to 1) of its length; 0 outside."""
    if share <= 0.0 or share >= 1.0:
        return 0.0
    place = share * STEPS
    k = int(place)
    return _VENTRICLE_TABLE[k] + (place - k) * (_VENTRICLE_TABLE[k + 1] - _VENTRICLE_TABLE[k])


@inline
def atrium_at(share: float) -> float:
    """Atrial activation at a share (0 to 1) of its length; 0 outside."""
    if share <= 0.0 or share >= 1.0:
        return 0.0
    place = share * STEPS
    k = int(place)
    return _ATRIUM_TABLE[k] + (place - k) * (_ATRIUM_TABLE[k + 1] - _ATRIUM_TABLE[k])
