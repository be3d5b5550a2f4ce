"""What crosses between bedside and console: one `Sample` in, one `Command` out. Knows neither patient nor pump.

Pressures in mmHg, ECG in mV, temperature in °C. NaN = not there.
"""

from enum import IntEnum
from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterpulse.record import Many, Record


class Source(IntEnum):
    """Where an arterial pressure is taken; the index into `Sample.arterial_mmHg`."""

    ROOT = 0  # fibre-optic sensor at the balloon's tip
    LUMEN = 1  # fluid-filled inner lumen of the balloon catheter
    RADIAL = 2
    FEMORAL = 3


class Valve(IntEnum):
    """Position of the console's gas valve."""

    VACUUM = -1
    HOLD = 0
    DRIVE = 1


class Sample(Record):
    """One instant of what a bedside monitor and the console's own transducer really give."""

    ecg_mV: Annotated[NDArray[np.float64], Many(3)] = np.nan  # pyright: ignore[reportAssignmentType]
    arterial_mmHg: Annotated[NDArray[np.float64], Many(4)] = np.nan  # pyright: ignore[reportAssignmentType]
    balloon_mmHg: float = np.nan
    lead_off: Annotated[NDArray[np.int64], Many(3, int)] = 0  # pyright: ignore[reportAssignmentType]
    pacer_spike: int = 0
    # the console's own sensors
    blood: int = 0  # 1 = the optical detector sees blood in the helium line
    ambient_mmHg: float = np.nan  # barometer
    case_C: float = np.nan  # temperature inside the case
    battery_min: float = np.nan  # minutes left on battery; NaN on mains
    docked: int = 1  # 0 = the console has left its cart


class Command(NamedTuple):
    """What the console does with the gas: valve position and helium to add at the next fill, mL at atmospheric pressure."""

    valve: int
    fill_mL: float
