"""What R waves tell of the rhythm, whatever triggers the balloon."""

import numpy as np
import pytest

from counterpulse.kernel import kernel
from counterpulse.pump.pulse import RR_KNOWN, Pulse, regular_by_r, see_r

FS = 250.0


@kernel
def look_along(w, marks, end):
    """Look every ten samples at the last R wave that has come."""
    last = -1
    k = 0
    for count in range(0, end, 10):
        while k < marks.size and marks[k] <= count:
            last = marks[k]
            k += 1
        see_r(w, last, FS)
    return regular_by_r(w, end, FS)


def told(rr_s, after_s=0.2):
    marks = np.round(np.cumsum(rr_s) * FS).astype(np.int64)
    return look_along(Pulse(), marks, int(marks[-1] + after_s * FS))


def test_steady_beats_are_regular_once_there_are_enough():
    assert told(np.full(30, 0.8))
    assert not told(np.full(RR_KNOWN, 0.8))
    assert told(0.8 * (1 + 0.04 * np.random.default_rng(1).standard_normal(60)))


@pytest.mark.parametrize("spread", [0.15, 0.25])
def test_fibrillation_is_not(spread):
    assert not told(0.8 * (1 + spread * np.random.default_rng(2).standard_normal(60)).clip(0.5, 1.5))


def test_ectopics_and_gaps_are_not():
    assert not told(np.tile([0.8, 0.8, 0.8, 0.45, 1.15], 12))
    assert not told(np.concatenate([np.full(30, 0.8), [4.0, 0.8, 0.8]]))


def test_what_has_stopped_tells_nothing():
    assert not told(np.full(30, 0.8), after_s=1.7)
