"""With the pump: signs and the ranges of pump.md 10 that the model meets; what it misses stands in docs/validation/effects.md."""

import pytest

from counterpulse.cohort.validate import PRESCRIBED_ONSET_ms
from effects import ISCHAEMIC, NORMAL, compliance_effects, effects_of, ratio_effects
from plans import FORMS, outcome_of

HEART_FAILURE = ("hf-shock", "chronic-hf", "ami-shock", "high-risk-pci")
SIGNS = {"sv": 1, "co": 1, "pva": -1, "ea": -1, "lv_edp": -1, "augmentation": 1, "aedp": -1, "sbp": -1, "dpti": 1, "tti": -1, "pcwp": -1, "evr": 1}


@pytest.fixture(scope="module")
def found():
    return {name: effects_of(outcome_of(name)) for name in (*HEART_FAILURE, "healthy", "aortic-regurgitation")}


@pytest.mark.parametrize("name", HEART_FAILURE)
def test_every_sign_is_that_of_the_measured_effect(found, name):
    for key, sign in SIGNS.items():
        assert found[name][key] * sign > 0.0, f"{key} is {found[name][key]:+.2f}"


@pytest.mark.parametrize("key", ["sv", "pva", "lv_edp", "co"])
def test_heart_failure_shock_lies_in_the_range(found, key):
    _, low, high = ISCHAEMIC[key]
    assert low <= found["hf-shock"][key] <= high


@pytest.mark.parametrize("key", NORMAL)
def test_a_healthy_heart_hardly_changes(found, key):
    _, low, high = NORMAL[key]
    assert low <= found["healthy"][key] <= high


def test_a_leaking_aortic_valve_leaks_more(found):
    """The pump drives blood back through the valve: more leaks, none of the gain in forward flow that a failing heart with a sound valve has."""
    leaking, sound = found["aortic-regurgitation"], found["chronic-hf"]
    assert leaking["regurgitated_off"] > 30.0
    assert leaking["regurgitated"] > 1.0
    assert leaking["sv"] < 0.4 * sound["sv"]
    assert abs(sound["regurgitated"]) < 0.5


def test_half_and_a_third_of_the_beats_have_half_and_a_third_of_the_effect():
    by_ratio = ratio_effects("hf-shock")
    for key in ("sv", "map", "dpti"):
        assert by_ratio[2][key] / by_ratio[1][key] == pytest.approx(1 / 2, abs=0.1)
        assert by_ratio[3][key] / by_ratio[1][key] == pytest.approx(1 / 3, abs=0.1)


def test_a_softer_aorta_is_augmented_less():
    by_factor = compliance_effects("hf-shock")
    assert by_factor[2.0]["augmentation"] < 0.8 * by_factor[1.0]["augmentation"]


def test_the_prescribed_volume_unloads_more_than_the_gas_line_lets_it():
    """pump.md 0 item 6: a balloon modelled as a plain volume source over-unloads."""
    knows = {"pneumatic": {}, "source": {"line_delay_ms": PRESCRIBED_ONSET_ms}}  # each console knows how soon its balloon answers
    pneumatic, source = (effects_of(outcome_of("hf-shock", hardware={"form": FORMS[form]}, console=known)) for form, known in knows.items())
    assert source["sv"] > pneumatic["sv"]
    assert source["augmentation"] > pneumatic["augmentation"]
