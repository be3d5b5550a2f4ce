"""Rates, variability, ectopics, pacing, arrest and compressions of the heart's clock."""

import numpy as np
import pytest
from heart_runs import Run

from counterpulse.body.patient import Rhythm

BEATING = (Rhythm.SINUS, Rhythm.ATRIAL_FIBRILLATION, Rhythm.PACED_VENTRICULAR, Rhythm.PACED_SEQUENTIAL)


@pytest.mark.parametrize("rhythm", BEATING)
@pytest.mark.parametrize("rate", [45.0, 83.0, 131.0])
def test_mean_rate_is_the_one_set(rhythm, rate):
    cv = 0.2 if rhythm == Rhythm.ATRIAL_FIBRILLATION else 0.05
    run = Run(3600, rhythm=rhythm, heart_rate_per_min=rate, rr_variability=cv)
    allowed = 0.002 + 4 * cv / np.sqrt(len(run.rr))  # four standard errors of the mean
    assert 60 / run.rr.mean() == pytest.approx(rate, rel=allowed)


@pytest.mark.parametrize(("rhythm", "cv"), [(0, 0.01), (0, 0.05), (0, 0.1), (1, 0.1), (1, 0.2), (1, 0.3)])
def test_variability_is_the_one_set(rhythm, cv):
    run = Run(7200, rhythm=rhythm, heart_rate_per_min=72, rr_variability=cv, respiratory_rate_per_min=13)
    assert run.rr.std() / run.rr.mean() == pytest.approx(cv, rel=0.04)


def test_pacemakers_and_no_variability_are_exact():
    for rhythm in (2, 3, 0):
        run = Run(120, rhythm=rhythm, heart_rate_per_min=71, rr_variability=0.0)
        assert np.ptp(run.rr) < 1e-9
        assert run.rr[0] == pytest.approx(60 / 71, abs=1e-9)


def test_sinus_rhythm_breathes_and_fibrillation_does_not():
    def power_at_breath(rhythm):
        rr = Run(3600, rhythm=rhythm, heart_rate_per_min=70, rr_variability=0.1, respiratory_rate_per_min=13).rr
        phase = 2j * np.pi * np.cumsum(rr) * 13 / 60
        return abs((np.exp(phase) * (rr - rr.mean())).mean()) / rr.std()

    assert power_at_breath(0) > 0.3
    assert power_at_breath(1) < 0.05


@pytest.mark.parametrize("rate", [10.0, 25.0])
@pytest.mark.parametrize("rhythm", BEATING)
def test_ectopics_come_as_often_as_set(rhythm, rate):
    run = Run(7200, rhythm=rhythm, heart_rate_per_min=80, rr_variability=0.03, ectopics_per_min=rate)
    early = (run.ectopic[run.beats] == 1) & (run.spike[run.beats] == 0)
    assert early.sum() / 120 == pytest.approx(rate, rel=0.08)


def test_sinus_ectopic_is_early_weak_and_fully_compensated():
    run = Run(600, heart_rate_per_min=75, rr_variability=0.0, ectopics_per_min=5, ectopic_coupling=0.55)
    rr, kind, force = run.rr_s[run.beats], run.ectopic[run.beats], run.force[run.beats]
    at = np.flatnonzero(kind[:-1] == 1)
    at = at[at > 0]
    assert len(at) > 20
    assert rr[at] == pytest.approx(0.55 * 0.8, abs=1e-9)
    assert rr[at] + rr[at + 1] == pytest.approx(2 * 0.8, abs=1e-9)
    assert (force[at] < 0.95).all()
    assert (force[at + 1] == 1.0).all()
    assert (kind[at + 1] == 0).all()


def test_earlier_ectopics_are_weaker():
    forces = []
    for coupling in (0.4, 0.6, 0.8):
        run = Run(120, heart_rate_per_min=75, rr_variability=0.0, ectopics_per_min=10, ectopic_coupling=coupling)
        forces.append(run.force[run.beats][run.ectopic[run.beats] == 1].max())
    assert forces == sorted(forces)
    assert forces[0] < forces[2] - 0.1


def test_p_waves_where_they_belong():
    assert Run(20, rhythm=0).p_age[5000:].max() < 1.2
    assert Run(20, rhythm=3).p_age[5000:].max() < 1.2
    assert Run(20, rhythm=1).p_age.min() > 900
    sinus = Run(20, rhythm=0, pr_interval_s=0.18)
    assert sinus.p_age[sinus.beats] == pytest.approx(0.18, abs=0.0011)


def test_spikes():
    ventricular = Run(60, rhythm=2)
    assert (ventricular.spike[ventricular.beats] == 1).all()
    assert ventricular.spike.sum() == ventricular.number[-1]
    sequential = Run(60, rhythm=3)
    assert sequential.spike.sum() == pytest.approx(2 * sequential.number[-1], abs=1)
    assert Run(60, rhythm=0).spike.sum() == 0


@pytest.mark.parametrize("rhythm", [Rhythm.VENTRICULAR_FIBRILLATION, Rhythm.ASYSTOLE])
def test_arrest_has_no_beats_and_compressions_come_at_the_set_rate(rhythm):
    run = Run(60, rhythm=rhythm, ectopics_per_min=20, respiratory_rate_per_min=0, tone={"compressions_per_min": 110.0, "compression_mmHg": 60.0})
    pushes = (np.diff((run.intrathoracic > 26).astype(int)) == 1).sum()
    assert run.number[-1] == 0
    assert run.ventricular.max() <= (0.03 if rhythm == Rhythm.VENTRICULAR_FIBRILLATION else 0.0)
    assert pushes == 110
    assert run.intrathoracic.max() == pytest.approx(-4 + 60, abs=0.1)
    assert (run.intrathoracic - -4).mean() == pytest.approx(60 / np.pi, rel=0.01)


def test_breath_has_the_set_size_rate_and_mean():
    run = Run(60, respiratory_rate_per_min=15, respiratory_swing_mmHg=4, intrathoracic_mmHg=-5)
    assert np.ptp(run.intrathoracic) == pytest.approx(4, rel=0.01)
    assert run.intrathoracic.mean() == pytest.approx(-5, abs=0.01)
    assert (np.diff(np.sign(run.intrathoracic + 5)) < 0).sum() in (14, 15, 16)


def test_a_new_rate_and_a_new_rhythm_hold_from_the_next_beat():
    run = Run(10.0, heart_rate_per_min=60, rr_variability=0.0)
    run.tone.heart_rate_per_min = 120
    assert run.go(10.0).rr[2:] == pytest.approx(0.5, abs=1e-9)
    run.tone.rhythm = Rhythm.VENTRICULAR_FIBRILLATION
    before = run.beat.number
    run.go(5.0)
    assert run.beat.number - before == 1
    run.tone.rhythm = Rhythm.SINUS
    assert run.go(10.0).rr[3:] == pytest.approx(0.5, abs=1e-9)


@pytest.mark.parametrize("fs_hz", [125.0, 250.0, 500.0])
def test_beats_do_not_depend_on_the_sampling_rate(fs_hz):
    fine, coarse = Run(300, ectopics_per_min=5), Run(300, fs_hz=fs_hz, ectopics_per_min=5)
    n = min(len(fine.rr), len(coarse.rr))
    assert n > 300
    assert np.abs(np.cumsum(fine.rr[:n]) - np.cumsum(coarse.rr[:n])).max() < 0.5  # the breath is read at the sample, nothing else differs


def test_no_drift_over_an_hour():
    run = Run(3600, heart_rate_per_min=73, rr_variability=0.0)
    assert run.beat.number == pytest.approx(3600 * 73 / 60, abs=1.01)
    assert run.beat.sample == 3_600_000
