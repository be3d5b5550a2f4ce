"""The activation curves: shape, ends, interpolation."""

import math
from itertools import pairwise

import pytest

from counterpulse.body.activation import ATRIUM, CUT, STEPS, VENTRICLE, atrium_at, double_hill, ventricle_at


@pytest.mark.parametrize(("curve", "read"), [(VENTRICLE, ventricle_at), (ATRIUM, atrium_at)])
def test_rises_once_to_one_and_falls_once_to_zero(curve, read):
    values = [read(k / 5000) for k in range(5001)]
    top = values.index(max(values))
    assert values[0] == 0.0
    assert values[-1] == 0.0
    assert max(values) == pytest.approx(1.0, abs=1e-5)
    assert all(a <= b for a, b in pairwise(values[: top + 1]))
    assert all(a >= b for a, b in pairwise(values[top:]))


def test_ventricular_peak_comes_0_30_to_0_36_s_after_its_start_at_rr_1_s():
    peak = max(range(5001), key=lambda k: ventricle_at(k / 5000)) / 5000 * VENTRICLE.length_s
    assert 0.30 <= peak <= 0.36


@pytest.mark.parametrize(("curve", "read"), [(VENTRICLE, ventricle_at), (ATRIUM, atrium_at)])
def test_table_follows_the_curve(curve, read):
    def raw(t):
        return double_hill(t, curve.rise_s, curve.fall_s, curve.rise_power, curve.fall_power)

    peak = max(raw(curve.length_s * k / 20000) for k in range(1, 20000))
    worst = max(abs(read(k / 7919) - raw(curve.length_s * k / 7919) / peak) for k in range(1, 7919))
    assert worst < 1.5 * CUT  # what was taken off the tail, and the interpolation


def test_outside_there_is_nothing():
    assert [ventricle_at(x) for x in (-1.0, 0.0, 1.0, 2.0, math.nan)][:4] == [0.0] * 4
    assert atrium_at(-0.1) == 0.0
    assert STEPS * VENTRICLE.length_s > 0
