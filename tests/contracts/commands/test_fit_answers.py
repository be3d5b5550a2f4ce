"""`counterpulse fit` from outside: the answer's form, names and units as people write them, and one sentence for whatever is wrong."""

import json

import pytest

from counterpulse.cli import answer
from counterpulse.cli.fit.reading import case_of
from counterpulse.cohort.observations import kinds
from counterpulse.cohort.preset import load

GOOD = """
[patient]
height_cm = 174
weight_kg = 77
sex = "male"
age_years = 60
[[observed]]
name = "SBP"
value = 11.73
unit = "kPa"
[[observed]]
name = "dbp_mmHg"
value = 57
sd = 2.0
source = "chart"
[[observed]]
name = "hr"
value = 94
unit = "1/min"
[[observed]]
name = "svo2"
value = 0.58
unit = "1"
[[observed]]
name = "lv_ef"
value = 0.2
[[observed]]
name = "lvedv_mL"
value = 214
[[observed]]
name = "lvesv_mL"
value = 120
[[observed]]
name = "hb"
value = 12
"""


def test_the_answer_has_the_agreed_form(tmp_path, capsys):
    (tmp_path / "o.toml").write_text(GOOD)
    assert answer(["fit", str(tmp_path / "o.toml"), "--json", "--out", str(tmp_path / "p.toml")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"patient", "fitted", "undetermined", "seconds"} <= set(told)
    rows = {row["name"]: row for row in told["fitted"]}
    assert rows["SBP"]["simulated"] == pytest.approx(11.73, rel=0.05)
    assert rows["dbp_mmHg"]["sd"] == 2.0
    assert rows["lv_ef"]["observed"] == pytest.approx(0.2)
    assert rows["lv_ef"]["simulated"] == pytest.approx(0.2, abs=0.03)
    assert rows["lvesv_mL"]["fitted"] is False
    assert load(told["patient"]).patient.haemoglobin_g_dL == 12.0


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [("edv", 214, "lvedv_mL"), ("ef", 22, "lvef_pct"), ("esv", 160, "lvesv_mL"), ("pa_systolic", 44, "pas_mmHg"), ("mean_pa_mmHg", 31, "mpap_mmHg"), ("wedge", 24, "pcwp_mmHg"), ("RVEF", 0.3, "rvef_pct")],
)  # fmt: skip
def test_short_names_of_the_bedside_are_known(name, value, kind):
    row = {"name": name, "value": value}
    assert [one.kind for one in case_of({}, [row], "here").observed] == [kind]


@pytest.mark.parametrize("kind", kinds())
def test_every_number_that_the_table_lists_is_taken_by_its_own_name(kind):
    value = {"ci_L_min_m2": 2.0, "lvedv_mL": 200.0}.get(kind, 12.0)
    assert [one.kind for one in case_of({}, [{"name": kind, "value": value}], "here").observed] == [kind]


def test_predict_fits_observations_first(tmp_path, capsys):
    (tmp_path / "o.toml").write_text(GOOD)
    assert answer(["predict", str(tmp_path / "o.toml"), "--samples", "2", "--json", "--site", "root"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["without"]["sbp_mmHg"]["median"] == pytest.approx(88.0, rel=0.06)
    assert told["change"]["end_diastolic_mmHg"]["median"] < 0.0
    assert not list(tmp_path.glob("fit-*"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[observed]]\nname = 'sbp_mmHg'\nvalue = 60\n[[observed]]\nname = 'dbp_mmHg'\nvalue = 80\n", "sbp_mmHg 60"),
        ("[[observed]]\nname = 'sbp'\nvalue = 100\nunit = 'furlong'\n", "sbp: The unit 'furlong'"),
        ("[[observed]]\nname = 'shoe_size'\nvalue = 42\n", "shoe_size"),
        ("[[observed]]\nname = 'lactate'\nvalue = 2\n", "cannot be fitted"),
        ("[[observed]]\nname = 'sbp'\nvalue = 'high'\n", "number"),
        ("[[observed]]\nname = 'sbp'\nvalue = 100\nsd = 0\n", "above 0"),
        ("[[observed]]\nvalue = 100\n", "needs a name"),
        ("[[observed]]\nname = 'sbp'\nvalue = 100\n[[observed]]\nname = 'SBP'\nvalue = 90\n", "twice"),
        ("[patient]\nshoe = 3\n", "shoe"),
        ("[patient]\nheight_cm = 9000\n", "9000"),
        ("[patient]\nsite = 'toe'\n[[observed]]\nname='sbp'\nvalue=90\n", "toe"),
        ("[patient]\npreset = 'nobody'\n[[observed]]\nname='sbp'\nvalue=90\n", "nobody"),
        ("[patient]\n", "no [[observed]]"),
        ("[wrong]\n", "[wrong]"),
        ("observed = 3\n", "list"),
        ("[[observed\n", "not valid TOML"),
    ],
)
def test_a_wrong_file_gets_one_sentence(tmp_path, capsys, text, words):
    (tmp_path / "o.toml").write_text(text)
    assert answer(["fit", str(tmp_path / "o.toml"), "--out", str(tmp_path / "p.toml")]) == 2
    told = capsys.readouterr()
    assert words in told.err
    assert told.err.count("\n") == 1
    assert not (tmp_path / "p.toml").exists()


def test_a_file_that_is_not_there_is_named(tmp_path, capsys):
    assert answer(["fit", str(tmp_path / "none.toml")]) == 2
    assert "none.toml" in capsys.readouterr().err
