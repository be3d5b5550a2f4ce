"""Morris screening over a cohort: known answers for known functions, and a small cohort that is really simulated."""

import json

import numpy as np
import polars as pl
import pytest

from counterpulse.body.patient import Patient
from counterpulse.cli import answer
from counterpulse.cohort import sensitivity
from counterpulse.cohort.preset import load
from counterpulse.cohort.sensitivity import OUTCOMES, Question, analyse, factors_of, salib
from counterpulse.refusal import RefusalError
from counterpulse.report.sensitivity_page import sensitivity_page, words

PROBLEM = {"num_vars": 2, "names": ["heart_rate_per_min", "weight_kg"], "bounds": [[60.0, 100.0], [50.0, 90.0]]}


def screened(function, trajectories=8):
    library = salib()
    points = library.sample.morris.sample(PROBLEM, trajectories, num_levels=4, seed=1)
    effects = pl.DataFrame(dict.fromkeys(OUTCOMES, function(points)))
    return analyse(library, PROBLEM, points, effects, Question(trajectories, 1))


def test_a_straight_line_gives_its_slope_over_the_range():
    found = screened(lambda x: 0.5 * x[:, 0] - 0.1 * x[:, 1])
    first, second = found["outcomes"][0]["factors"]
    assert (first["factor"], second["factor"]) == ("heart_rate_per_min", "weight_kg")
    assert first["mu"] == pytest.approx(20.0)
    assert second["mu"] == pytest.approx(-4.0)
    assert first["sigma"] == pytest.approx(0.0, abs=1e-9)


def test_trajectories_with_a_number_missing_are_counted_and_left_out():
    def holed(x):
        y = x[:, 0].copy()
        y[4] = np.nan
        return y

    found = screened(holed)
    assert (found["trajectories"], found["used"]) == (8, 7)


def test_too_few_numbers_are_refused():
    with pytest.raises(RefusalError, match="ask for more with --trajectories"):
        screened(lambda x: np.full(len(x), np.nan))


def test_only_what_varies_is_a_factor():
    rows = np.array([load("hf-shock").patient] * 9, Patient.dtype).view(np.recarray)
    rows.lv_ees_mmHg_mL = np.linspace(0.4, 1.0, 9)
    rows.systemic_resistance_mmHg_s_mL = np.linspace(0.6, 1.4, 9)
    assert list(factors_of(rows)) == [name for name in Patient.fields() if name in ("lv_ees_mmHg_mL", "systemic_resistance_mmHg_s_mL")]
    with pytest.raises(RefusalError, match="at least 2"):
        factors_of(rows[:1])


def test_a_page_and_words_name_what_matters_most():
    found = screened(lambda x: 0.5 * x[:, 0] - 0.1 * x[:, 1]) | {"cohort": "c", "patients_in_cohort": 9, "seed": 1}
    assert "↑ heart rate, 60 to 100 1/min" in words(found, None)
    assert "<svg" in sensitivity_page(found)


@pytest.mark.slow
def test_a_small_cohort_is_screened(tmp_path, monkeypatch, capsys):
    """Two parameters, four trajectories, both arms simulated."""
    cohort = tmp_path / "cohort"
    assert answer(["cohort", "draw", "altshock-2", "-n", "16", "--seed", "3", "--out", str(cohort), "--workers", "1", "--json"]) == 0
    capsys.readouterr()
    monkeypatch.setattr(sensitivity, "factors_of", lambda _: {"lv_ees_mmHg_mL": (0.5, 0.9), "aortic_compliance_mL_mmHg": (0.4, 0.8)})
    assert answer(["cohort", "sensitivity", str(cohort), "--trajectories", "4", "--workers", "1", "--out", str(tmp_path / "seen")]) == 0
    found = json.loads((tmp_path / "seen" / "sensitivity.json").read_text(encoding="utf-8"))
    assert found["runs"] == 12
    assert {row["factor"] for row in found["outcomes"][0]["factors"]} == {"lv_ees_mmHg_mL", "aortic_compliance_mL_mmHg"}


def test_a_folder_that_holds_no_cohort_is_refused(tmp_path, capsys):
    assert answer(["cohort", "sensitivity", str(tmp_path), "--json"]) == 2
    assert "holds no cohort.toml" in capsys.readouterr().err
