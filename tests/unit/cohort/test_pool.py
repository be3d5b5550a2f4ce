"""Pooling windows: means, drift, and the control variates of an irregular rhythm on made-up beats whose truth is known."""

import numpy as np
import pytest

from counterpulse.body.patient import Patient, Rhythm, resting_tone
from counterpulse.body.rhythm import advance, start_beat
from counterpulse.cohort.chance import LEAST, terms
from counterpulse.cohort.pool import BATCH, Pool, batch_error, halves, settled
from counterpulse.noise import normal


def pool_of(sv, rr, seed=None, number=None):
    made = Pool("root", 10.0, seed, 0)
    made.columns = [{"sv_mL": sv, "map_mmHg": 70.0 + 0.0 * sv, "hr_per_min": 60.0 / rr, "cycle_s": rr}]
    made.means, made.seconds = [{"cvp_mmHg": 8.0}], [float(rr.sum())]
    made.numbers = [(number, int(number[-1]) + 1)] if number is not None else []
    return made


def fibrillating(seed, beats, missing=False):
    """Beats whose stroke volume follows the draws before them, with noise that remembers; without the beats that eject nothing, if asked for."""
    z = np.array([normal(seed, 101, k) for k in range(beats + 20)])  # QRS number n is followed by interval n - 1
    number = np.arange(20, 20 + beats)
    rng = np.random.default_rng(seed)
    noise = np.convolve(rng.standard_normal(beats + 1), [1.0, 0.5], "valid")
    sv = 40.0 + 6.0 * z[number - 2] - 2.0 * (z[number - 2] ** 2 - 1.0) + 2.0 * z[number - 3] + noise
    rr = 0.6 * np.exp(0.19 * z[number - 1] - 0.5 * 0.19**2)
    ejects = z[number - 2] > -1.9 if missing else np.ones(beats, bool)
    return sv[ejects], rr[ejects], number[ejects]


def test_draws_known_to_the_clock_take_chance_out():
    """The mean of many short runs spreads several times less than the plain one, about the truth, and by as much as is told."""
    plain, found, told = [], [], []
    for seed in range(1, 121):
        sv, rr, number = fibrillating(seed, 150)
        pool = pool_of(sv, rr, seed, number)
        plain.append(sv.mean())
        found.append(pool.means_of()["sv_mL"])
        told.append(pool.error())
    assert np.std(found) < 0.4 * np.std(plain)
    assert np.mean(found) == pytest.approx(40.0, abs=0.05)
    assert np.mean(told) == pytest.approx(np.std(found) / 40.0, rel=0.3)


def test_contractions_that_eject_nothing_bias_no_mean():
    """Who ejects has by choice longer intervals before it: the mean over those that eject is kept, the chance in it is not."""
    truth = np.mean([fibrillating(seed, 2000, missing=True)[0].mean() for seed in range(500, 520)])
    found = [pool_of(*fibrillating(seed, 300, missing=True)[:2], seed, fibrillating(seed, 300, missing=True)[2]).means_of()["sv_mL"] for seed in range(1, 60)]
    assert np.mean(found) == pytest.approx(truth, abs=0.08)


def test_terms_have_the_mean_and_spread_they_are_said_to_have():
    known = terms(7, np.arange(30, 8030))
    assert np.abs(known[:, 1:].mean(axis=0)).max() < 0.05
    assert np.linalg.cond(known.T @ known) < 5.0


def test_an_interval_in_fibrillation_is_made_from_the_draw_of_its_number():
    patient = Patient(seed=11, rhythm=Rhythm.ATRIAL_FIBRILLATION, rr_variability=0.2, heart_rate_per_min=90.0)
    tone, beat = resting_tone(patient), start_beat(patient)
    marks, number = [], 0
    for sample in range(12_000):
        advance(patient, tone, beat, 0.004)
        if beat.number != number:
            number = int(beat.number)
            marks.append((sample + 1) * 0.004 - float(beat.qrs_age_s))
    drawn = [normal(11, 101, k) for k in range(len(marks) - 1)]
    assert np.corrcoef(np.log(np.diff(marks)), drawn)[0, 1] > 0.9999


def test_few_beats_are_never_sure():
    sv, rr, number = fibrillating(3, LEAST - 1)
    assert pool_of(sv, rr, 3, number).error() == float("inf")


def test_a_regular_rhythm_keeps_its_plain_means():
    rr = np.full(64, 0.75)
    pool = pool_of(np.linspace(39.0, 41.0, 64), rr)
    assert pool.means_of()["sv_mL"] == pytest.approx(40.0)
    assert pool.means_of()["cvp_mmHg"] == 8.0
    assert pool.error() > 0.0


def test_drift_is_told_from_noise():
    noise = np.random.default_rng(2).standard_normal(100)
    assert settled(pool_of(40.0 + noise, np.full(100, 0.6)))
    assert not settled(pool_of(40.0 + 0.1 * noise + np.linspace(0, 4, 100), np.full(100, 0.6)))
    assert halves(np.array([[1.0]]))[0] == float("inf")
    assert batch_error(np.ones(BATCH - 3)) == float("inf")
