"""The numbers recomputed in the clinical notes, sections 4.1 and 12, from counts alone. Sources: the trials named in each row."""

import math

import pytest
from scipy.stats import norm

ROWS = [  # events and patients, active first; RR, low, high as published or derived
    ("IABP-SHOCK II 30 d", 119, 300, 123, 298, 0.961, 0.791, 1.167),
    ("IABP-SHOCK II 12 mo", 155, 299, 152, 296, 1.010, 0.864, 1.180),
    ("IABP-SHOCK II 6 y", 197, 297, 197, 294, 0.990, 0.883, 1.109),
    ("BCIS-1 51 mo", 42, 151, 58, 150, 0.719, 0.519, 0.997),
    ("van 't Hof", 31, 118, 31, 120, 1.017, 0.663, 1.560),
    ("ECLS-SHOCK", 100, 209, 102, 208, 0.976, 0.800, 1.189),
    ("DanGer", 82, 179, 103, 176, 0.783, 0.640, 0.958),
    ("Altshock-2 failures", 10, 53, 12, 48, 0.755, 0.359, 1.586),
    ("Altshock-2 bleeding", 9, 53, 4, 48, 2.04, 0.67, 6.19),
]
ODDS = [("BCIS-1 MACCE", 23, 151, 24, 150, 0.943, 0.506, 1.758), ("BCIS-1 6 mo", 7, 151, 11, 149, 0.610, 0.230, 1.618), ("Altshock-2 failures", 10, 53, 12, 48, 0.698, 0.270, 1.802)]


def _interval(log, se):
    return tuple(math.exp(log + sign * 1.959964 * se) for sign in (0, -1, 1))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_risk_ratio(row):
    name, a, n, b, m, rr, low, high = row
    found = _interval(math.log((a / n) / (b / m)), math.sqrt(1 / a - 1 / n + 1 / b - 1 / m))
    assert found == pytest.approx((rr, low, high), abs=0.006), name


@pytest.mark.parametrize("row", ODDS, ids=lambda row: row[0])
def test_odds_ratio(row):
    name, a, n, b, m, odds, low, high = row
    found = _interval(math.log(a * (m - b) / (b * (n - a))), math.sqrt(1 / a + 1 / (n - a) + 1 / b + 1 / (m - b)))
    assert found == pytest.approx((odds, low, high), abs=0.002), name


def test_altshock_design_and_interim():
    p1, p0, z = 0.75, 0.55, norm.ppf(0.975)
    mean = (p1 + p0) / 2
    n = (z * math.sqrt(2 * mean * (1 - mean)) + norm.ppf(0.8) * math.sqrt(p1 * (1 - p1) + p0 * (1 - p0))) ** 2 / (p1 - p0) ** 2
    assert n == pytest.approx(88.09, abs=0.01)
    assert n / 4 * (1 + math.sqrt(1 + 4 / (n * abs(p1 - p0)))) ** 2 == pytest.approx(97.84, abs=0.01)
    assert math.log(0.75) / math.log(0.55) == pytest.approx(0.48, abs=0.002)
    rate1, rate0 = 43 / 53, 36 / 48
    pooled = 79 / 101
    seen = (rate1 - rate0) / math.sqrt(pooled * (1 - pooled) * (1 / 53 + 1 / 48))
    assert seen == pytest.approx(0.746, abs=0.002)
    assert 2 * norm.sf(seen) == pytest.approx(0.456, abs=0.001)
    t = 101 / 200

    def conditional(drift):
        return norm.sf((1.977 - seen * math.sqrt(t) - drift * (1 - t)) / math.sqrt(1 - t))

    assert conditional(seen / math.sqrt(t)) == pytest.approx(0.094, abs=0.003)
    assert conditional(0.0) == pytest.approx(0.020, abs=0.001)


def test_crisp_ami_and_risk_difference():
    assert pytest.approx((1.9, 5.1), abs=0.05) == (100 * 3 / 161, 100 * 9 / 176)
    assert pytest.approx(-6.1, abs=0.05) == 100 * (10 / 53 - 12 / 48)
