"""When the aortic valve opened, from the pressure of the systole that has begun: the foot of the rise that lasts.

The steepest rise would not do: a balloon that has just emptied leaves the aorta swinging, and in a weak heart that swing rises more steeply
than ejection. But it falls back; what lasts is ejection. So: halfway up from the lowest pressure around the R wave to the highest of early
systole, then back in time while the rise is steep. In twelve simulated presets the foot lay -7 to +5 ms from the opening of the assisted valve
(medians; -15 in a paced one whose balloon empties into it). Knows a ring of pressures; no pump. Units: mmHg, s.
"""

from typing import Any

from counterpulse.kernel import inline

LOOK_S = 0.16  # after the mark: by then the rise has passed its middle
BACK_S = -0.09  # the R wave of a wide QRS may peak after the opening
SYSTOLE_S = 0.1  # from here on the highest pressure is the heart's
LEAST_mmHg = 3.0  # less is no pulse (assumed)
SPAN_S = 0.012  # over which slopes are taken
KNEE = 0.3  # of the steepest slope of the rise: where it is less steep, ejection has not begun (assumed)


@inline
def opened_s(past: Any, mask: int, now: int, step_s: float, age_s: float) -> float:
    """Opening after the mark, s, or -1 where there is none. `now` is one past the newest sample, which is `age_s` after the mark."""
    span = max(int(SPAN_S / step_s + 0.5), 1)
    n = min(int((age_s - BACK_S) / step_s), mask - span)
    systole = min(int((age_s - SYSTOLE_S) / step_s), n)
    top = past[(now - 1) & mask]
    at = 0
    low = top
    for back in range(n):
        value = past[(now - 1 - back) & mask]
        low = min(low, value)
        if back <= systole and value > top:
            top = value
            at = back
    rise = top - low
    if rise < LEAST_mmHg:
        return -1.0
    while at < n and past[(now - 1 - at) & mask] > low + 0.5 * rise:
        at += 1
    steepest = 0.0
    while at < n:
        slope = past[(now - 1 - at) & mask] - past[(now - 1 - at - span) & mask]
        if slope < KNEE * steepest:
            break
        steepest = max(steepest, slope)
        at += 1
    return age_s - (at + 0.5 * span) * step_s
