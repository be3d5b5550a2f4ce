"""Calibration: a patient is found again from what it shows; what numbers leave open is said; contradictions are refused."""

import numpy as np
import pytest

from counterpulse.cohort.calibrate import calibrate, nearest
from counterpulse.cohort.lanes import Look, show
from counterpulse.cohort.observations import Case, Observed, check, default_sd, shown_value
from counterpulse.cohort.preset import load
from counterpulse.cohort.written import write
from counterpulse.refusal import RefusalError

PERSON = {"height_cm": 174.0, "weight_kg": 77.0, "age_years": 60.0, "haemoglobin_g_dL": 12.5}
TEN = ("sbp_mmHg", "dbp_mmHg", "map_mmHg", "cvp_mmHg", "pcwp_mmHg", "mpap_mmHg", "hr_per_min", "co_L_min", "lvef_pct", "lvedv_mL")


def case(numbers, person=PERSON, **more):
    return Case(person, tuple(Observed(name, name, value, default_sd(name, value), "test", name != "lvesv_mL") for name, value in numbers.items()), **more)


def shown_by(name, kinds=TEN):
    mean = show(np.array([load(name).patient]), Look()).means[0]
    return {kind: shown_value(Observed(kind, kind, 1.0, 1.0, ""), mean, 1.0) for kind in kinds}


@pytest.mark.parametrize("name", ["healthy", "chronic-hf", "ami-shock"])
def test_a_patient_is_found_again_from_ten_numbers(name):
    """From another failing heart, or the nearest preset for a healthy one: what is shown agrees within 1.5 % or half of the measurement's SD (the prior pulls)."""
    numbers = shown_by(name)
    found = calibrate(case(numbers, preset="hf-shock" if name != "healthy" else ""))
    for one in found.case.observed:
        assert shown_value(one, found.mean, found.case.surface_m2) == pytest.approx(one.value, rel=0.015, abs=one.sd / 2), one.name
    assert found.misses() == []
    assert "heart_rate_per_min" not in found.undetermined
    assert "pulmonary_artery_compliance_mL_mmHg" in found.undetermined
    assert found.shares["systemic_resistance_mmHg_s_mL"] < 0.3


def test_an_irregular_rhythm_is_taken_off_the_targets():
    numbers = shown_by("hf-shock")
    found = calibrate(case(numbers, preset="af"))
    assert int(found.patient.rhythm) == 1
    for kind in ("co_L_min", "pcwp_mmHg", "hr_per_min"):
        one = found.case.value(kind)
        assert shown_value(one, found.mean, None) == pytest.approx(one.value, rel=0.05), kind


def test_two_numbers_leave_the_rest_where_it_was():
    found = calibrate(case({"map_mmHg": 70.0, "hr_per_min": 105.0}, preset="hf-shock"))
    start = load("hf-shock").patient
    assert {"rv_edpvr_b_per_mL", "lv_v0_mL", "systole_s"} <= set(found.undetermined)
    assert float(found.patient.rv_edpvr_b_per_mL) == pytest.approx(float(start.rv_edpvr_b_per_mL), rel=0.02)
    assert found.mean["map_mmHg"] == pytest.approx(70.0, abs=1.0)


def test_an_index_is_compared_with_the_index():
    found = calibrate(case({"ci_L_min_m2": 2.1, "map_mmHg": 72.0, "hr_per_min": 90.0}))
    assert found.shown(found.case.value("ci_L_min_m2")) == pytest.approx(2.1, rel=0.03)


def test_the_nearest_preset_has_no_leak_and_beats_regularly():
    assert nearest(case(shown_by("hf-shock"))).name == "hf-shock"
    assert nearest(case(shown_by("healthy"))).name == "healthy"


def test_the_file_of_a_fit_loads_again_with_its_posterior(tmp_path):
    found = calibrate(case({"map_mmHg": 70.0, "cvp_mmHg": 12.0, "lvef_pct": 25.0}))
    write(found, tmp_path / "found.toml")
    back = load(str(tmp_path / "found.toml"))
    assert back.free == found.free.names
    assert np.allclose(back.log_covariance, found.covariance, rtol=1e-4, atol=1e-9)
    assert float(back.patient.lv_ees_mmHg_mL) == pytest.approx(float(found.patient.lv_ees_mmHg_mL), rel=1e-9)


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({"sbp_mmHg": 60.0, "dbp_mmHg": 80.0}, ("sbp_mmHg 60", "dbp_mmHg 80")),
        ({"map_mmHg": 15.0, "cvp_mmHg": 20.0}, ("cvp_mmHg 20", "map_mmHg 15")),
        ({"map_mmHg": 50.0, "dbp_mmHg": 60.0}, ("map_mmHg 50",)),
        ({"mpap_mmHg": 15.0, "pcwp_mmHg": 35.0}, ("pcwp_mmHg 35",)),
        ({"lvef_pct": 60.0, "lvedv_mL": 150.0, "hr_per_min": 80.0, "co_L_min": 3.0}, ("lvef_pct 60", "co_L_min 3", "7.2 L/min")),
        ({"co_L_min": 5.0, "sv_mL": 30.0, "hr_per_min": 60.0}, ("sv_mL 30",)),
        ({"co_L_min": 7.0, "ci_L_min_m2": 1.5}, ("ci_L_min_m2 1.5",)),
        ({"svo2_pct": 90.0, "co_L_min": 2.0}, ("svo2_pct 90", "haemoglobin 12.5")),
        ({"svo2_pct": 20.0, "co_L_min": 9.0}, ("svo2_pct 20",)),
        ({"lvesv_mL": 150.0}, ("[[observed]]",)),
    ],
)
def test_what_no_patient_can_show_is_refused_by_name(numbers, words):
    with pytest.raises(RefusalError) as refusal:
        check(case(numbers))
    assert all(word in str(refusal.value) for word in words), str(refusal.value)


def test_an_index_without_a_body_is_refused():
    with pytest.raises(RefusalError, match="height_cm and weight_kg"):
        check(case({"ci_L_min_m2": 2.0}, {}))


def test_lanes_left_over_change_nothing():
    """A patient shows the same alone, in company, and at another place in the block: same bits."""
    healthy, shock = load("healthy").patient, load("hf-shock").patient
    look = Look(settle_s=3.0)
    together = show(np.array([shock, healthy]), look).means
    assert show(np.array([healthy]), look).means[0] == together[1]
    assert show(np.array([shock] * 9), look).means[8] == together[0]
