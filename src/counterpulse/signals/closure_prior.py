"""What a population knows of closure before a patient has taught anything: the table `data/closure.toml` as arrays. Knows how it is laid out, not what it says.

First index: source (root, lumen, radial, femoral). Terms: FEATURES in their own scale, the same times time, the same times time squared. Units: s.
"""

import tomllib
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

FEATURES = 13  # rise, six stretches, height, steepness, foot, R-R, the R-R before, what the caller adds
TERMS = 3 * FEATURES
DIRECTIONS = 6  # in which patients differ, beside their offset
KNOWN = 1 + DIRECTIONS

_TABLE: dict[str, Any] = tomllib.loads((resources.files("counterpulse.signals") / "data" / "closure.toml").read_text(encoding="utf-8"))
_SOURCES = ("root", "lumen", "radial", "femoral")


def _of(key: str, *shape: int) -> NDArray[np.float64]:
    return np.array([_TABLE[source][key] for source in _SOURCES], np.float64).reshape(len(_SOURCES), *shape)


SCALE = _of("scale", FEATURES)  # SD of a feature's distance from its usual course
MEAN = 0.001 * _of("mean_ms", TERMS)
WAYS = 0.001 * _of("ways_ms", DIRECTIONS, TERMS)  # one SD along each direction
NOISE = 0.001 * _of("noise_ms", 2)  # SD of what a row leaves at the horizon, and how much more it is TIME_UNIT before it
