"""Contractions that vary from beat to beat: how far, that means stay, and that nothing varies unless asked for."""

import numpy as np
import pytest

from counterpulse.bed.beats import ejections
from counterpulse.bed.channels import Wave
from counterpulse.bed.run import clock_of, make_bed, run
from counterpulse.body.gas import no_catheter
from counterpulse.pump.settings import Settings
from plans import patient_of

CLOCK = clock_of(500.0)
VARIED = {"systole_variability": 0.04, "delay_variability_s": 0.004}
VARIED_AF = {"systole_variability": 0.06, "delay_variability_s": 0.006}


@pytest.fixture(scope="module")
def beats():
    """R-R, QRS to opening and QRS to closure of four patients, s; and their waves."""
    patients = [
        patient_of("hf-shock", **VARIED), patient_of("af", **VARIED_AF), patient_of("hf-shock"), patient_of("hf-shock", rr_variability=0.0, respiratory_swing_mmHg=0.0),
    ]  # fmt: skip
    bed = make_bed(patients, [no_catheter()] * 4, [Settings(standby=1)] * 4, CLOCK)
    run(bed, CLOCK, 20_000)
    trace = run(bed, CLOCK, 60_000, kept=True)
    waves = [Wave(trace.signals[:, i], trace.beat[:, i], CLOCK.sample_s) for i in range(4)]
    return [intervals(wave) for wave in waves], waves


def intervals(wave):
    qrs = np.flatnonzero(np.diff(wave.beat)) + 1
    rows = []
    for opens, closes in ejections(wave):
        k = int(np.searchsorted(qrs, opens)) - 1
        if k >= 1:
            rows.append((qrs[k] - qrs[k - 1], opens - qrs[k], closes - qrs[k]))
    return np.array(rows) * wave.sample_s


def left_after_rr(rows, column):
    """SD of what a line on the R-R before leaves, ms."""
    fit = np.polyfit(rows[:, 0], rows[:, column], 1)
    return 1000.0 * float(np.std(rows[:, column] - np.polyval(fit, rows[:, 0])))


def test_spread_of_q_to_closure_left_after_the_rr_fit(beats, record_property):
    sinus, af, calm, _ = (left_after_rr(rows, 2) for rows in beats[0])
    record_property("Q-to-closure left after the R-R fit, ms: sinus, AF, sinus without variability", f"{sinus:.1f}, {af:.1f}, {calm:.1f}")
    assert 10.0 <= sinus <= 16.0  # pump.md 3.7: 10-15
    assert 15.0 <= af <= 25.0
    assert calm < 4.0


def test_the_pre_ejection_period_varies_plausibly(beats):
    assert 3.0 <= left_after_rr(beats[0][0], 1) <= 8.0


def test_means_stay(beats):
    varied, calm = beats[1][0], beats[1][2]
    assert varied.root.mean() == pytest.approx(calm.root.mean(), rel=0.01)
    assert np.mean([c - o for _, o, c in beats[0][0]]) == pytest.approx(np.mean([c - o for _, o, c in beats[0][2]]), abs=0.003)


def test_without_it_a_heart_can_be_periodic(beats):
    assert np.ptp(beats[0][3][5:, 2]) < 1.1 * CLOCK.sample_s  # the QRS is known to a sample
