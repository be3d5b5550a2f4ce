"""Columns of many beats against `beat_row`, beat by beat: the same keys, the same numbers."""

import numpy as np
import pytest

from counterpulse.bed.beat_table import beat_table
from counterpulse.bed.beats import beat_row, cycles, feet, site_delay
from counterpulse.bed.channels import Wave
from counterpulse.bed.run import clock_of, make_bed, run
from counterpulse.body.gas import no_catheter
from counterpulse.cohort.preset import load
from counterpulse.pump.settings import Settings


@pytest.fixture(scope="module")
def waves():
    clock = clock_of(250.0)
    patients = [load(name).patient for name in ("hf-shock", "af", "aortic-regurgitation", "healthy")]
    bed = make_bed(patients, [no_catheter()] * 4, [Settings(standby=1)] * 4, clock)
    run(bed, clock, 500)
    trace = run(bed, clock, 3000, kept=True)
    return [(Wave(trace.signals[:, i], trace.beat[:, i], clock.sample_s), float(patients[i].lv_v0_mL)) for i in range(4)]


@pytest.mark.parametrize("site", ["root", "radial"])
@pytest.mark.parametrize("lane", range(4))
def test_columns_are_the_rows(waves, lane, site):
    wave, v0 = waves[lane]
    found = cycles(wave)
    delay = 0 if site == "root" else site_delay(getattr(wave, site), [one.opens for one in found], wave.sample_s)
    table = beat_table(wave, found, site, delay, v0)
    rows = [beat_row(wave, one, getattr(wave, site), delay, v0) for one in found if one.ends + delay <= len(wave)]
    assert len(rows) > 5
    assert set(table) == set(rows[0])
    for key in rows[0]:
        assert table[key] == pytest.approx(np.array([row[key] for row in rows]), rel=1e-9, abs=1e-9, nan_ok=True), key


def test_no_beats_give_no_columns(waves):
    wave, v0 = waves[0]
    assert beat_table(wave, [], "root", 0, v0) == {}


def test_no_single_sample_decides_end_diastolic_pressure():
    """A sample more or less of the site's delay reads the same foot."""
    fall, rise = np.linspace(60.0, 30.0, 100), np.linspace(30.0, 90.0, 40)
    site = np.concatenate([fall, rise])
    assert [float(feet(site, np.array([100 + late]), 0.004)[0]) for late in (-2, 0, 2)] == [30.0] * 3
    assert float(feet(site, np.array([len(site)]), 0.004)[0]) == pytest.approx(site[-6])
