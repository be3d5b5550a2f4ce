"""Scores marks against annotations: one-to-one matching within a tolerance, as beat-by-beat comparison in ANSI/AAMI EC57:2012 does.

Knows times in s only; neither pump nor file. Absent is None, never NaN.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Matched(NamedTuple):
    """Index pairs (mark, reference) that belong together; each mark and each reference at most once."""

    mark: NDArray[np.int64]
    reference: NDArray[np.int64]


def match(marks_s: NDArray[np.float64], reference_s: NDArray[np.float64], tolerance_s: float) -> Matched:
    """Pair two rising lists of times one to one, nearest first among neighbours, none farther apart than the tolerance."""
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < len(marks_s) and j < len(reference_s):
        gap = marks_s[i] - reference_s[j]
        if gap < -tolerance_s:
            i += 1
        elif gap > tolerance_s:
            j += 1
        elif i + 1 < len(marks_s) and abs(marks_s[i + 1] - reference_s[j]) < abs(gap):
            i += 1  # the next mark lies nearer to this reference
        elif j + 1 < len(reference_s) and abs(marks_s[i] - reference_s[j + 1]) < abs(gap):
            j += 1
        else:
            pairs.append((i, j))
            i, j = i + 1, j + 1
    found = np.array(pairs, np.int64).reshape(-1, 2)
    return Matched(found[:, 0], found[:, 1])


def detection(marks_s: NDArray[np.float64], reference_s: NDArray[np.float64], tolerance_s: float) -> dict[str, Any]:
    """Sensitivity, positive predictive value and F1 with the counts they come from."""
    hits = len(match(marks_s, reference_s, tolerance_s).mark)
    se, ppv = _share(hits, len(reference_s)), _share(hits, len(marks_s))
    f1 = _share(2 * hits, len(marks_s) + len(reference_s))
    return {"se": se, "ppv": ppv, "f1": f1, "tp": hits, "fp": len(marks_s) - hits, "fn": len(reference_s) - hits}


def spread_ms(errors_s: NDArray[np.float64]) -> dict[str, Any]:
    """Mean, standard deviation (n - 1), 95th percentile of the size and share within 20 ms, of errors in s; numbers in ms."""
    if len(errors_s) == 0:
        return {"n": 0, "mean": None, "sd": None, "p95": None, "within_20_ms": None}
    ms = 1000 * errors_s
    sd = float(np.std(ms, ddof=1)) if len(ms) > 1 else None
    within = float(np.mean(np.abs(ms) <= 20 + 1e-9))
    return {"n": len(ms), "mean": float(np.mean(ms)), "sd": sd, "p95": float(np.percentile(np.abs(ms), 95)), "within_20_ms": within}


def percentiles_ms(delays_s: NDArray[np.float64]) -> dict[str, Any]:
    """Median and 95th percentile in ms."""
    if len(delays_s) == 0:
        return {"n": 0, "p50": None, "p95": None}
    p50, p95 = np.percentile(1000 * delays_s, [50, 95])
    return {"n": len(delays_s), "p50": float(p50), "p95": float(p95)}


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
