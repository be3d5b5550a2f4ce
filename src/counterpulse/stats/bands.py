"""Intervals of a probability between 0 and 1 on five scales, as R's survfit(conf.type = ). Knows no times."""

import numpy as np
from numpy.typing import NDArray

from counterpulse.stats.distributions import z_of

Floats = NDArray[np.float64]
SCALES = ("log-log", "log", "plain", "logit", "arcsin")


def band(chance: Floats, std_err: Floats, scale: str, level: float) -> tuple[Floats, Floats]:
    """Lower and upper limits of survival; `std_err` is that of the probability itself.

    At 0 there are none; at 1 they are 1 on the plain and log scales and absent on the others, as in R.
    """
    z = z_of(level)
    with np.errstate(all="ignore"):
        if scale == "plain":
            lower, upper = chance - z * std_err, chance + z * std_err
        elif scale == "log":
            reach = np.exp(z * std_err / chance)
            lower, upper = chance / reach, chance * reach
        elif scale == "log-log":
            middle, reach = np.log(-np.log(chance)), z * std_err / (chance * np.log(chance))
            lower, upper = np.exp(-np.exp(middle - reach)), np.exp(-np.exp(middle + reach))
        elif scale == "logit":
            middle, reach = np.log(chance / (1 - chance)), z * std_err / (chance * (1 - chance))
            lower, upper = 1 / (1 + np.exp(reach - middle)), 1 / (1 + np.exp(-reach - middle))
        else:
            middle, reach = np.arcsin(np.sqrt(chance)), z * std_err / (2 * np.sqrt(chance * (1 - chance)))
            lower = np.sin(np.maximum(0.0, middle - reach)) ** 2
            upper = np.sin(np.minimum(np.pi / 2, middle + reach)) ** 2
    if scale not in ("plain", "log"):
        chance = np.where(chance >= 1, 0.0, chance)
    certain = std_err == 0
    lower = np.where(chance <= 0, np.nan, np.where(certain, chance, np.clip(lower, 0.0, 1.0)))
    upper = np.where(chance <= 0, np.nan, np.where(certain, chance, np.clip(upper, 0.0, 1.0)))
    return lower, upper
