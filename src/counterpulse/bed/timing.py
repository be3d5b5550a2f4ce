"""How well the balloon was timed: against a twin whose balloon stays empty (CONTRACTS, Timing). Milliseconds; late is positive."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterpulse.bed.beats import ejections
from counterpulse.bed.channels import Wave

FIRST_S = 10.0  # every beat that policy allows counts after this
BAND_MS = 20.0
NEAR_S = 0.35  # an event further than this from its reference belongs to another beat


def balloon_cycles(volume: NDArray[np.float64]) -> list[tuple[float, float, float]]:
    """Onset (10 % filled), emptied (10 % left) and peak volume of each inflation, in samples with fractions."""
    least = float(np.percentile(volume, 1))
    span = float(volume.max()) - least
    if span < 1.0:
        return []
    level = least + 0.1 * span
    over = volume > level
    ups = np.flatnonzero(~over[:-1] & over[1:])
    downs = np.flatnonzero(over[:-1] & ~over[1:])
    found = []
    for up in ups:
        later = downs[downs > up]
        if len(later):
            down = later[0]
            found.append((cross(volume, up, level), cross(volume, down, level), float(volume[up : down + 1].max())))
    return found


def cross(values: NDArray[np.float64], i: Any, level: float) -> float:
    """Where a line from sample i to the next passes a level."""
    return i + (level - values[i]) / (values[i + 1] - values[i])


def nearest(events: NDArray[np.float64], at: float, reach: float) -> float:
    """Signed distance from the nearest event, NaN when none is within reach."""
    if not len(events):
        return np.nan
    distance = at - events[int(np.argmin(np.abs(events - at)))]
    return distance if abs(distance) <= reach else np.nan


def spread(errors: NDArray[np.float64]) -> dict[str, float | None]:
    """Mean, SD, 95th percentile of the size, and the share within 20 ms."""
    errors = errors[np.isfinite(errors)]
    if not len(errors):
        return {"mean": None, "sd": None, "p95": None, "within_20_ms": None}
    return {
        "mean": float(errors.mean()),
        "sd": float(errors.std()),
        "p95": float(np.percentile(np.abs(errors), 95)),
        "within_20_ms": float((np.abs(errors) <= BAND_MS).mean()),
    }


def timing(assisted: Wave, twin: Wave, ratio: int, lock_s: float | None) -> dict[str, Any]:
    """Timing of a stretch. `ratio` = one beat in so many is allowed; a beat allowed and not assisted is a miss."""
    ms = 1000.0 * assisted.sample_s
    reach = NEAR_S / assisted.sample_s
    events = ejections(twin)
    opens, closes = np.array([a for a, _ in events]), np.array([b for _, b in events])
    inflations = balloon_cycles(assisted.balloon_mL)
    allowed = max((len(events) - 1) // ratio, 1)
    return {
        "beats": len(events),
        "assisted_share": min(len(inflations) / allowed, 1.0) if len(events) > 1 else None,
        "inflation_error_ms": spread(np.array([nearest(closes, up, reach) * ms for up, _, _ in inflations])),
        "deflation_error_ms": spread(np.array([nearest(opens, down, reach) * ms for _, down, _ in inflations])),
        "lock_s": lock_s,
    }
