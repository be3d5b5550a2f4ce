"""Data that cannot be get one sentence and exit code 2, never a number."""

import json
import random
import tomllib

import pytest
from made_trial import PLAN, deaths, subjects, trial, write

from counterpulse.cli import answer as run
from counterpulse.refusal import RefusalError
from counterpulse.trial import analysis
from counterpulse.trial.participants import open_data
from counterpulse.trial.plan import build


def sentence(plan, data, capsys):
    code = run(["analyse", str(plan), str(data), "--json", "--no-report"])
    held = capsys.readouterr()
    assert code == 2, held.out[:200]
    assert held.out == ""
    assert held.err.count("\n") == 1
    return held.err


CHANGES = {
    "empty arm": ({"arm_code": ["A"] * 80}, "Arm control is empty"),
    "unknown code": ({"arm_code": ["A", "Z"] * 40}, "'Z' is not in the arm key"),
    "twice": ({"participant": ["p1"] * 80}, "more than once"),
    "negative": ({"last_contact_d": [-3.0] + [60.0] * 79}, "must lie in 0 to"),
    "absent follow-up": ({"last_contact_d": [None] + [60.0] * 79}, "is missing"),
    "pressure in kPa": ({"map_mmHg": [9000.0] * 80}, "its unit is probably not the one named"),
    "fraction as percent": ({"lvef_pct": [0.2, 0.3] * 40}, "they are fractions"),
    "age in days": ({"age_years": [22000.0] * 80}, "its unit is probably not the one named"),
    "not a flag": ({"itt": ["yes"] * 80}, "true or false"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_subjects(tmp_path, capsys, name):
    change, words = CHANGES[name]
    plan, data = write(tmp_path, subjects() | change, [("p1", "death", 10.0)] if name != "twice" else [])
    assert words in sentence(plan, data, capsys)


ROWS = {
    "stranger": ([("nobody", "death", 3)], "who is not in subjects.parquet"),
    "before": ([("p1", "death", -2)], "must lie in 0 to"),
    "after last contact": ([("p1", "death", 99)], "after the last contact"),
    "two deaths": ([("p1", "death", 3), ("p1", "death", 5)], "2 deaths"),
    "after death": ([("p1", "death", 3), ("p1", "stroke", 5)], "after death at 3 days"),
    "zero events": ([("p1", "stroke", 5)], "zero events"),
}


@pytest.mark.parametrize("name", ROWS)
def test_events(tmp_path, capsys, name):
    rows, words = ROWS[name]
    plan, data = write(tmp_path, subjects(), rows)
    assert words in sentence(plan, data, capsys)


def test_all_censored(tmp_path, capsys):
    plan, data = write(tmp_path, subjects(), [("p1", "death", 50)], plan=PLAN.replace("horizon_d = 60", "horizon_d = 30"))
    assert "all censored" in sentence(plan, data, capsys)


def test_an_empty_population(tmp_path, capsys):
    held = subjects()
    held["per_protocol"] = [code == "A" for code in held["arm_code"]]
    plan, data = write(tmp_path, held, deaths(held), plan=PLAN.replace('"itt"', '"per_protocol"'))
    assert "Arm control is empty in the per protocol population" in sentence(plan, data, capsys)


def test_no_data(tmp_path, capsys):
    plan, data = trial(tmp_path)
    (data / "events.parquet").unlink()
    assert "events.parquet does not exist" in sentence(plan, data, capsys)
    (data / "subjects.parquet").write_bytes(b"not parquet")
    assert "cannot be read as Parquet" in sentence(plan, data, capsys)


def test_an_unknown_subgroup(tmp_path, capsys):
    plan, data = trial(tmp_path, plan=PLAN + '[[subgroup]]\nvariable = "shoe_size"\n')
    assert "no such column" in sentence(plan, data, capsys)


def test_an_unknown_reference_arm(tmp_path, capsys):
    plan, data = trial(tmp_path, key='A = "device"\nB = "usual"\n')
    assert "reference_arm is 'control'" in sentence(plan, data, capsys)


def test_a_key_in_a_table_is_read(tmp_path, capsys):
    plan, data = trial(tmp_path, key='[arms]\nA = "device"\nB = "control"\n')
    assert run(["analyse", str(plan), str(data), "--json", "--no-report"]) == 0
    assert capsys.readouterr().err == ""


WEIRD = [None, "", 0, -1, "abc", [], {}, "12.5", 1e9, True, ["x"], 5, 0.3, "death", "itt", ["death"], {"death": "competing"}, "win ratio", "ancova"]


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_plan_is_refused_or_run(tmp_path, seed):
    rng = random.Random(seed)  # noqa: S311
    refused = []
    _, data = trial(tmp_path, n=40)
    key = {"A": "device", "B": "control"}
    for _ in range(12):
        raw = tomllib.loads(PLAN + '[[subgroup]]\nvariable = "age_years"\ncuts = [60]\n')
        row = rng.choice([raw["plan"], *raw["estimand"], *raw["analysis"], *raw["subgroup"]])
        name = rng.choice(["intercurrent", "strata", "missing", "sided", "seed", *row])
        row[name] = rng.choice(WEIRD)
        try:
            json.dumps(analysis.run(build(raw, "0" * 64), open_data(data), key, ({}, "locked plan")).as_dict(), allow_nan=False)
        except RefusalError as refusal:
            refused.append(str(refusal))
    assert refused
    assert [text for text in refused if "\n" in text] == []
