"""Pooling windows: means, drift, and the control variate of an irregular rhythm on made-up beats whose truth is known."""

import numpy as np
import pytest

from counterpulse.cohort.pool import BATCH, Pool, batch_error, halves, settled


def pool_of(sv, rr):
    made = Pool("root", 10.0, 0)
    made.columns = [{"sv_mL": sv, "map_mmHg": 70.0 + 0.0 * sv, "hr_per_min": 60.0 / rr}]
    made.means, made.seconds, made.contractions = [{"cvp_mmHg": 8.0}], [float(rr.sum())], len(rr)
    return made


def test_known_clock_takes_the_chance_of_rr_out():
    """Stroke volume follows the interval before it: the adjusted mean of many short runs spreads several times less than the plain one."""
    rng = np.random.default_rng(1)
    plain, adjusted, told = [], [], []
    for _ in range(200):
        rr = 0.6 * np.exp(0.19 * rng.standard_normal(400) - 0.5 * 0.19**2)
        sv = 40.0 + 50.0 * (np.roll(rr, 1) - 0.6) + rng.standard_normal(400)
        numbers, error = pool_of(sv, rr).means_of(0.6)
        plain.append(sv.mean())
        adjusted.append(numbers["sv_mL"])
        told.append(error)
    assert np.std(adjusted) < 0.5 * np.std(plain)
    assert np.mean(adjusted) == pytest.approx(40.0, abs=0.02)
    assert np.mean(told) == pytest.approx(np.std(adjusted) / 40.0, rel=0.35)


def test_few_beats_are_never_sure():
    rr = np.full(BATCH * 3, 0.6)
    assert pool_of(40.0 + 0.0 * rr, rr).means_of(0.6)[1] == float("inf")


def test_a_regular_rhythm_keeps_its_plain_means():
    rr = np.full(64, 0.75)
    numbers, error = pool_of(np.linspace(39.0, 41.0, 64), rr).means_of(None)
    assert numbers["sv_mL"] == pytest.approx(40.0)
    assert numbers["cvp_mmHg"] == 8.0
    assert error > 0.0


def test_drift_is_told_from_noise():
    noise = np.random.default_rng(2).standard_normal(100)
    assert settled(pool_of(40.0 + noise, np.full(100, 0.6)))
    assert not settled(pool_of(40.0 + 0.1 * noise + np.linspace(0, 4, 100), np.full(100, 0.6)))
    assert halves(np.array([1.0]))[0] == float("inf")
    assert batch_error(np.ones(5)) == float("inf")
