"""JSON in: units, names, drugs, devices; every refusal names the thing, its value, its unit and what is allowed."""

import math

import polars as pl
import pytest

from counterpulse.clinic.frame import prepare
from counterpulse.clinic.patient import read
from counterpulse.clinic.variables import spellings, suffix, ucum, variables
from counterpulse.refusal import RefusalError


@pytest.mark.parametrize(
    ("raw", "name", "value"),
    [
        ({"lactate": {"value": 18.016, "unit": "mg/dL"}}, "lactate_mmol_L", 2.0),
        ({"lactate_mg_dL": 18.016}, "lactate_mmol_L", 2.0),
        ({"creatinine_umol_L": 132.6}, "creatinine_mg_dL", 1.5),
        ({"glucose_mmol_L": 10.6}, "glucose_mg_dL", 191.0),
        ({"bilirubin_umol_L": 20.5}, "bilirubin_mg_dL", 1.2),
        ({"map_kPa": 12.0}, "map_mmHg", 90.0),
        ({"SBP": 90}, "sbp_mmHg", 90.0),
        ({"svo2": 0.62}, "svo2_pct", 62.0),
        ({"svo2_pct": 62}, "svo2_pct", 62.0),
        ({"platelets": {"value": 150, "unit": "10*3/uL"}}, "platelets_10_9_L", 150.0),
        ({"height": {"value": 1.75, "unit": "m"}}, "height_cm", 175.0),
    ],
)
def test_units_by_ucum(raw, name, value):
    assert read(raw).values[name] == pytest.approx(value, rel=2e-3)


def test_every_accepted_unit_converts_and_every_spelling_is_one_variable():
    for item in variables().values():
        for unit in item.accepts:
            assert math.isfinite(ucum(1.0, unit, item.unit, item.molar_g_mol)), (item.name, unit)
    assert {name for name, _, _ in spellings().values()} == set(variables())
    assert suffix("mm[Hg]") == "mmhg"


def test_every_variable_has_a_plausible_range_with_a_source():
    for item in variables().values():
        assert item.source
        assert item.certainty
        assert item.flag or item.low < item.high


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"sbp_mmHg": 900}, ["sbp_mmHg", "900", "mm[Hg]", "0 to 300"]),
        ({"lactate": {"value": 900, "unit": "mg/dL"}}, ["lactate_mmol_L", "given as 900 mg/dL", "0 to 40"]),
        ({"lactate": {"value": 2, "unit": "parsec"}}, ["parsec", "mmol/L"]),
        ({"lactate": {"value": 2, "unit": "mm[Hg]"}}, ["mm[Hg]", "mmol/L"]),
        ({"lactat_mmol_L": 2}, ["lactat_mmol_L", "did you mean", "lactate_mmol_L"]),
        ({"sbp_mmHg": "high"}, ["sbp_mmHg", "high", "number"]),
        ({"sbp_mmHg": True}, ["sbp_mmHg", "number"]),
        ({"sbp_mmHg": math.nan}, ["sbp_mmHg", "nan"]),
        ({"ohca": 1}, ["ohca", "true, false or null"]),
        ({"sbp": 90, "sbp_mmHg": 80}, ["given twice"]),
        ({"sbp": 60, "dbp": 80}, ["dbp_mmHg", "sbp_mmHg", "cannot be"]),
        ({"vasopressin_U_kg_min": 0.03}, ["vasopressin", "0.01"]),
        ({"drugs": [{"name": "unobtainium"}]}, ["unobtainium", "known are"]),
        ({"drugs": [{"name": "vasopressin", "dose": 0.03, "unit": "U/min"}]}, ["weight_kg", "vasopressin"]),
        ({"drugs": 1, "dopamine": 5, "epinephrine": 0.1}, ["drugs is 1", "2 doses"]),
        ({"drugs": [{"name": "dopamine", "dose": -1, "unit": "ug/kg/min"}]}, ["dopamine", "-1"]),
    ],
)
def test_refusals_are_one_sentence(raw, words):
    with pytest.raises(RefusalError) as refusal:
        read(raw)
    text = str(refusal.value)
    assert all(word in text for word in words), text
    assert text.endswith((".", "?"))
    assert "\n" not in text


def test_absent_is_unknown_and_null_is_unknown():
    assert "sbp_mmHg" not in read({"sbp": None}).values
    assert read({}).values == {}


def test_a_list_of_drugs_gives_doses_and_count_and_a_vasodilator_is_not_counted():
    patient = read({"weight_kg": 75, "drugs": [{"name": "Adrenaline", "dose": 0.05, "unit": "mcg/kg/min"}, {"name": "nitroprusside"}, "levosimendan"],
                    "devices": ["IABP"]})
    assert patient.values["drugs"] == 2
    assert patient.values["epinephrine_ug_kg_min"] == 0.05
    assert patient.values["dopamine_ug_kg_min"] == 0
    assert "levosimendan_ug_kg_min" not in patient.values
    assert patient.values["devices"] == 1
    assert patient.values["iabp_running"] is True
    assert any("nitroprusside" in note for note in patient.notes)


def test_mean_pressure_is_not_guessed_from_the_triangle_while_the_pump_runs():
    assert read({"sbp": 90, "dbp": 60}).values["map_mmHg"] == pytest.approx(70)
    assert "map_mmHg" not in read({"sbp": 90, "dbp": 60, "devices": ["iabp"]}).values


def test_unknown_names_that_resemble_nothing_are_reported_not_dropped_silently():
    assert any("shoe_size" in note for note in read({"shoe_size": 44}).notes)


@pytest.mark.parametrize("frame", [pl.DataFrame({"sbp_mmHg": [90.0, 999.0]}), pl.DataFrame({"ohca": ["yes"]}), pl.DataFrame({"foo": [1]})])
def test_a_frame_out_of_range_or_of_wrong_kind_is_refused(frame):
    with pytest.raises(RefusalError):
        prepare(frame)
