"""Whether a lead shows beats at all, as a stream: between beats a lead is quiet, in ventricular fibrillation it never is. Knows no beat and no threshold.

Fed with the R-wave detector's energy. Over the last two seconds: how deep the still moments lie, and how busy the lead is on the whole, both against the
tall moments, and how sharply it bends against how far it swings. A rapid broad tachycardia is busy but still at each turn; noise is rough; fibrillation is
smooth, busy and never still (after the leakage of Kuo and Dillman 1978 and the threshold crossings of Thakor 1990 IEEE TBME 37:837; from memory).
"""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from counterpulse.kernel import inline
from counterpulse.record import Many, Record
from counterpulse.signals.filters import samples

EVERY_S = 0.04  # an energy is looked at so often: it is a mean over 80 ms
KEPT = 50  # 2 s
LOOK = 5  # energies after which the window is judged
LOWEST, HIGHEST = 5, 2  # the fifth lowest stands for the still moments, the second highest for the tall ones: a lone artefact is neither
STILL, BUSY = 0.15, 0.45  # of the tall: fibrillation lies above both (recorded: over 0.18 and 0.43 in 19 of 20 windows; rhythms with beats under 0.10 or 0.35)
STILL_AGAIN, BUSY_AGAIN = 0.12, 0.41  # under one of these there are beats again
SWING_S = 0.1  # half a wave of fibrillation at 5 Hz
ROUGH = 0.4  # bent at most so much against its swing: a wave of 3 to 8 Hz is under 0.35 by arithmetic, white noise at 0.87
SURE, SURE_AGAIN = 2, 4  # looks in a row before either is believed (assumed)


class Order(Record):
    """Energies of the last two seconds. `organised`: 0 where no beats can be told from the waves between them."""

    kept: Annotated[NDArray[np.float64], Many(KEPT)] = 0.0  # pyright: ignore[reportAssignmentType]
    low: Annotated[NDArray[np.float64], Many(LOWEST)] = 0.0  # pyright: ignore[reportAssignmentType]
    high: Annotated[NDArray[np.float64], Many(HIGHEST)] = 0.0  # pyright: ignore[reportAssignmentType]
    every_n: int = 10
    waited_n: int = 0
    swing: float = 0.0  # mean movement
    energies: int = 0
    doubts: int = 0  # looks in a row that speak against `organised`
    organised: int = 1


def order(rate_hz: float) -> Order:
    """A watcher for energies that come at `rate_hz`."""
    return Order(every_n=samples(EVERY_S, rate_hz))


@inline
def watch_order(w: Order, energy: float, swing: float) -> None:
    """Take one energy, and how far the lead has moved in the last SWING_S."""
    w.waited_n += 1
    if w.waited_n < w.every_n:
        return
    w.waited_n = 0
    w.kept[w.energies % KEPT] = energy
    w.swing += (swing - w.swing) / min(w.energies + 1, KEPT)
    w.energies += 1
    if w.energies >= KEPT and w.energies % LOOK == 0:
        judge_order(w)


@inline
def judge_order(w: Order) -> None:
    """Still moments and busy time against the tall moments."""
    mean = 0.0
    for k in range(LOWEST):
        w.low[k] = 1e9
    for k in range(HIGHEST):
        w.high[k] = -1e9
    for i in range(KEPT):
        mean += w.kept[i] / KEPT
        insert(w, w.kept[i])
    still, busy, sure = (STILL, BUSY, SURE) if w.organised != 0 else (STILL_AGAIN, BUSY_AGAIN, SURE_AGAIN)
    tall = w.high[HIGHEST - 1]
    organised = 0 if w.low[LOWEST - 1] >= still * tall and mean >= busy * tall and mean <= ROUGH * w.swing else 1
    w.doubts = w.doubts + 1 if organised != w.organised else 0
    if w.doubts >= sure:
        w.organised = organised
        w.doubts = 0


@inline
def insert(w: Order, energy: float) -> None:
    """Keep the lowest, rising, and the highest, falling."""
    at = LOWEST
    while at > 0 and energy < w.low[at - 1]:
        if at < LOWEST:
            w.low[at] = w.low[at - 1]
        at -= 1
    if at < LOWEST:
        w.low[at] = energy
    at = HIGHEST
    while at > 0 and energy > w.high[at - 1]:
        if at < HIGHEST:
            w.high[at] = w.high[at - 1]
        at -= 1
    if at < HIGHEST:
        w.high[at] = energy


@inline
def begin_order(w: Order) -> None:
    """A gap: fill the window anew; until then what was known stands."""
    w.waited_n = 0
    w.energies = 0
    w.doubts = 0
