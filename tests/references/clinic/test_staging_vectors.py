"""Test vectors and boundaries of SCAI-CSWG and SCAI staging: clinical notes, sections 1.1 and 1.2 (Kapur 2022, Naidu 2022, Baran 2019)."""

import pytest

from counterpulse.clinic.patient import read
from counterpulse.clinic.staging import stage

NAMES = ("sbp_mmHg", "map_mmHg", "lactate_mmol_L", "alt_U_L", "drugs", "devices", "ph", "ohca")
VECTORS = [
    ((95, 70, 1.2, 30, 0, 0), "A"),
    ((85, 60, 1.2, None, 0, 0), "B"),
    ((95, 70, 3.0, None, 0, 0), "B"),
    ((85, 60, 3.0, None, 0, 0), "C"),
    ((100, 75, 1.5, None, 1, 0), "C"),
    ((100, 75, 1.5, None, 0, 1), "C"),
    ((85, 62, 1.5, None, 1, 0), "D"),
    ((110, 80, 1.0, None, 1, 1), "D"),
    ((85, 60, 6.0, None, 0, 0), "D"),
    ((58, None, None, None, None, None), "E"),
    ((95, 70, 12, None, None, None), "E"),
    ((95, 70, 2, None, None, None, 7.20), "E"),
    ((120, 85, 7, None, 0, 0), "C"),
]
CALM = {"sbp_mmHg": 110, "map_mmHg": 80, "lactate_mmol_L": 1.0, "alt_U_L": 30, "ph": 7.4, "drugs": 0, "devices": 0, "ohca": False}
BOUNDARIES = [
    ("sbp_mmHg", 90, "A"), ("sbp_mmHg", 89.9, "B"), ("sbp_mmHg", 60, "B"), ("sbp_mmHg", 59.9, "E"),
    ("map_mmHg", 65, "A"), ("map_mmHg", 64.9, "B"), ("map_mmHg", 50, "B"), ("map_mmHg", 49.9, "E"),
    ("lactate_mmol_L", 1.99, "A"), ("lactate_mmol_L", 2, "B"), ("lactate_mmol_L", 4.99, "B"), ("lactate_mmol_L", 5, "C"),
    ("lactate_mmol_L", 10, "C"), ("lactate_mmol_L", 10.01, "E"),
    ("alt_U_L", 199, "A"), ("alt_U_L", 200, "B"), ("alt_U_L", 500, "B"), ("alt_U_L", 501, "C"),
    ("ph", 7.2, "E"), ("ph", 7.21, "A"), ("drugs", 1, "C"), ("drugs", 2, "D"), ("drugs", 3, "E"), ("devices", 2, "D"), ("devices", 3, "E"), ("ohca", True, "E"),
]


@pytest.mark.parametrize(("values", "letter"), VECTORS)
def test_vector(values, letter):
    assert stage(read({k: v for k, v in zip(NAMES, values, strict=False) if v is not None})).verdict == letter


@pytest.mark.parametrize(("name", "value", "letter"), BOUNDARIES)
def test_boundary(name, value, letter):
    found = stage(read(CALM | {name: value}))
    assert found.verdict == letter
    assert found.best == found.worst == letter
    assert found.missing == []


def test_the_gap_of_the_published_table_is_named():
    found = stage(read(CALM | {"lactate_mmol_L": 7}))
    assert found.rule == "outside-published-table"
    assert any("no row" in note for note in found.notes)


@pytest.mark.parametrize(
    ("name", "value", "patient", "letter"),
    [
        ("e_count", 4, {"drugs": 3}, "D"), ("e_count", 4, {"drugs": 4}, "E"), ("e_join", "and", {"drugs": 3}, "D"), ("e_join", "and", {"drugs": 3, "devices": 3}, "E"),
        ("lactate_severe_closed", "true", {"lactate_mmol_L": 10}, "E"), ("low_closed", "true", {"sbp_mmHg": 90}, "B"), ("lactate_mild_open", "true", {"lactate_mmol_L": 2}, "A"),
        ("alt_moderate_closed", "true", {"alt_U_L": 500}, "C"), ("e_by_arrest", "false", {"ohca": True}, "A"), ("low_sbp", "100", {"sbp_mmHg": 95}, "B"),
    ],
)
def test_every_disputed_boundary_is_a_parameter(name, value, patient, letter):
    assert stage(read(CALM | patient), parameters={name: value}).verdict == letter


SCAI = {"sbp_mmHg": 110, "map_mmHg": 80, "hr_per_min": 80, "lactate_mmol_L": 1.0, "ph": 7.4, "drugs": 0, "devices": 0}
SCAI_CASES = [
    ({}, "A", "A"), ({"hr_per_min": 100}, "B", "B"), ({"hr_per_min": 99}, "A", "A"), ({"sbp_mmHg": 89}, "B", "B"), ({"map_mmHg": 59}, "B", "B"), ({"sbp_drop_mmHg": 31}, "B", "B"),
    ({"sbp_drop_mmHg": 30}, "A", "A"), ({"lactate_mmol_L": 2}, "C", "C"), ({"urine_mL_h": 29}, "C", "C"), ({"urine_mL_h": 30}, "A", "A"), ({"cold_clammy": True}, "C", "C"),
    ({"ci_L_min_m2": 2.1, "pcwp_mmHg": 16}, "C", "C"), ({"ci_L_min_m2": 2.1, "pcwp_mmHg": 15}, "A", "C"), ({"co_L_min": 3.0, "map_mmHg": 80}, "A", "C"),
    ({"creatinine_mg_dL": 1.5, "creatinine_baseline_mg_dL": 1.0}, "C", "A"), ({"creatinine_mg_dL": 2.0, "creatinine_baseline_mg_dL": 1.0}, "C", "C"),
    ({"lactate_mmol_L": 3, "escalating_support": True}, "D", "D"), ({"lactate_mmol_L": 3, "lactate_rising": True}, "D", "D"),
    ({"lactate_mmol_L": 5}, "C", "E"), ({"lactate_mmol_L": 7.9}, "C", "E"), ({"lactate_mmol_L": 8}, "E", "E"), ({"ph": 7.2}, "E", "E"), ({"base_excess_mmol_L": -10.5}, "E", "A"),
    ({"cpr_ongoing": True}, "E", "E"), ({"drugs": 1}, "C", "C"),
]


@pytest.mark.parametrize(("patient", "in_2022", "in_2019"), SCAI_CASES)
def test_scai_2022_and_2019(patient, in_2022, in_2019):
    assert stage(read(SCAI | patient), "scai-2022").verdict == in_2022
    assert stage(read(SCAI | patient), "scai-2019").verdict == in_2019


def test_arrest_modifier_differs_by_year():
    brief = SCAI | {"cardiac_arrest": True, "gcs": 15, "arrest_coma": False}
    assert stage(read(brief), "scai-2019").more["modifier"]["written"] == "A_A"
    assert stage(read(brief), "scai-2022").more["modifier"]["written"] == "A"
    assert stage(read(SCAI | {"cardiac_arrest": True, "gcs": 8, "lactate_mmol_L": 3}), "scai-2022").more["modifier"]["written"] == "C_A"


def test_support_free_stage_takes_the_pump_out():
    on_pump = stage(read({**CALM, "devices": 1, "sbp_mmHg": 85}))
    assert (on_pump.verdict, on_pump.more["support_free"]) == ("D", "B")


def test_nothing_known_is_no_stage_and_unknown_scheme_is_refused():
    assert stage(read({})).verdict is None
    assert (stage(read({})).best, stage(read({})).worst) == ("A", "E")
    with pytest.raises(ValueError, match="cswg-2099"):
        stage(read({}), "cswg-2099")
