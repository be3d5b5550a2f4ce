"""Without the pump: the healthy adult in the normal ranges, the shock patient at the medians of Altshock-2, the pulse's way to the wrist, energy."""

import numpy as np
import pytest

from plans import outcome_of
from presets_table import HEALTHY, MEDIANS, delays


@pytest.fixture(scope="module")
def healthy():
    return outcome_of("healthy")


@pytest.fixture(scope="module")
def shock():
    return outcome_of("hf-shock")


@pytest.mark.parametrize("key", HEALTHY)
def test_the_healthy_adult_lies_in_the_normal_range(healthy, key):
    low, high = HEALTHY[key]
    assert low <= healthy.without.mean[key] <= high


@pytest.mark.parametrize("key", MEDIANS)
def test_the_shock_patient_is_the_median_of_altshock_2(shock, key):
    """Morici 2025 JACC 85:1587, Table 1, medians weighted by n over both arms, as printed."""
    assert shock.without.mean[key] == pytest.approx(MEDIANS[key], rel=0.10)


def test_the_pulse_reaches_the_wrist_in_60_to_120_ms(healthy, record_property):
    radial, femoral = delays(healthy.without)
    record_property("pulse delay, healthy, root to radial and femoral, ms", f"{radial:.0f} and {femoral:.0f}")
    assert 60.0 <= radial <= 120.0
    assert 20.0 <= femoral <= 120.0


@pytest.mark.parametrize("name", ["healthy", "hf-shock"])
def test_loop_work_is_the_energy_that_leaves_less_what_enters(name, record_property):
    """Area of the pressure-volume loop against the integral of LV pressure times outflow less inflow, over the same whole beats."""
    arm = outcome_of(name).without
    wave, span = arm.wave, slice(arm.cycles[0].opens, arm.cycles[len(arm.rows) - 1].ends)
    energy = float(np.sum(wave.lv[span] * (wave.aortic[span] - wave.mitral[span])) * wave.sample_s)
    loops = sum(row["stroke_work_mmHg_mL"] for row in arm.rows)
    record_property(f"loop area over energy balance, {name}", f"{loops / energy:.4f}")
    assert loops == pytest.approx(energy, rel=0.02)
