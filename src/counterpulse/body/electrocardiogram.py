"""The shape of the electrocardiogram in three leads: tables of P, QRS, T made once in plain Python. Knows nothing of when a beat comes.

mV and s. Each wave is a sum of Gaussians, the form of McSharry 2003 IEEE Trans Biomed Eng 50:289; heights, widths and places are our own
(assumed; within usual adult amplitudes). Leads: II, V5, aVL. Rows are equally spaced in time, columns are leads; a wave begins and ends at 0.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# The three leads are II, V5 and aVL.
ROWS = 256  # table intervals per wave


class Bump(NamedTuple):
    """One Gaussian: centre and SD in s, height in mV in each lead."""

    at_s: float
    sd_s: float
    mV: tuple[float, float, float]


P_S = 0.14  # length of the P table after P onset
QRS_S = 0.20  # length of the QRS table after QRS onset: a ventricle is refractory as long
T_S = 0.60  # length of the T table after QRS onset at R-R 1 s; stretches with the square root of R-R

P = (Bump(0.045, 0.016, (0.10, 0.05, 0.03)), Bump(0.070, 0.016, (0.08, 0.05, 0.04)))
NARROW = (
    Bump(0.018, 0.006, (-0.08, -0.12, -0.05)),
    Bump(0.042, 0.0095, (1.20, 1.45, 0.45)),
    Bump(0.066, 0.008, (-0.22, -0.30, -0.04)),
)
WIDE = (
    Bump(0.050, 0.018, (0.55, -0.70, 0.75)),
    Bump(0.095, 0.024, (1.25, -1.10, 0.50)),
    Bump(0.150, 0.018, (-0.25, 0.45, 0.10)),
)
NARROW_T = (Bump(0.290, 0.045, (0.22, 0.24, 0.07)), Bump(0.335, 0.032, (0.14, 0.18, 0.04)))
WIDE_T = (Bump(0.320, 0.060, (-0.50, 0.55, -0.32)),)


def wave(bumps: tuple[Bump, ...], length_s: float) -> NDArray[np.float64]:
    """Sample bumps on (ROWS + 2, 3); the ends are drawn to 0 by a taper over the first and last twentieth."""
    rows = [[0.0, 0.0, 0.0] for _ in range(ROWS + 2)]
    for k in range(ROWS + 1):
        edge = min(k, ROWS - k) / (0.05 * ROWS)
        taper = 1.0 if edge >= 1.0 else edge * edge * (3.0 - 2.0 * edge)
        for lead in range(3):
            t = length_s * k / ROWS
            rows[k][lead] = taper * sum(b.mV[lead] * math.exp(-0.5 * ((t - b.at_s) / b.sd_s) ** 2) for b in bumps)
    return np.array(rows)


P_TABLE = wave(P, P_S)
QRS_TABLES = np.stack([wave(NARROW, QRS_S), wave(WIDE, QRS_S)])
T_TABLES = np.stack([wave(NARROW_T, T_S), wave(WIDE_T, T_S)])

F_WAVE_mV = np.array([0.08, 0.05, 0.03])  # fibrillating atria, half of peak to peak
VF_WAVE_mV = np.array([0.45, 0.50, 0.30])  # fibrillating ventricles, coarse
SPIKE_SHARE = np.array([1.0, 0.7, 0.5])  # pacing spike in each lead, share of the set height
WANDER_SHARE = np.array([1.0, 0.7, 0.5])  # baseline wander with the breath
COMPRESSION_SHARE = np.array([1.0, 0.8, -0.6])  # what a chest compression does to the baseline
