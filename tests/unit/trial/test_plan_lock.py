"""The plan is locked before the arm key is opened, and a changed plan is refused."""

import json

import pytest
from made_trial import PLAN, trial

from counterpulse.cli import answer as run
from counterpulse.refusal import RefusalError
from counterpulse.trial.plan import build, open_plan


def analyse(plan, data, *more):
    return run(["analyse", str(plan), str(data), "--json", "--no-report", *more])


def test_the_lock_holds_the_hash_and_the_time(tmp_path, capsys):
    plan, data = trial(tmp_path)
    assert analyse(plan, data) == 0
    out = json.loads(capsys.readouterr().out)
    lock = json.loads((data / "plan-lock.json").read_text())
    assert lock["plan_sha256"] == out["plan"]["sha256"] == open_plan(plan).sha256
    assert lock["locked_at"].endswith("+00:00")
    assert lock["data_sha256_at_lock"].keys() == {"subjects.parquet", "events.parquet"}


def test_the_lock_is_written_before_the_key_is_read(tmp_path, capsys):
    plan, data = trial(tmp_path)
    (data / "arms.toml").unlink()
    assert analyse(plan, data) == 2
    assert "arm key" in capsys.readouterr().err
    assert (data / "plan-lock.json").is_file()


def test_a_changed_plan_is_refused(tmp_path, capsys):
    plan, data = trial(tmp_path)
    assert analyse(plan, data) == 0
    capsys.readouterr()
    plan.write_text(PLAN.replace("horizon_d = 60", "horizon_d = 30"), "utf-8")
    assert analyse(plan, data) == 2
    error = capsys.readouterr().err
    assert "changed after it was locked" in error
    assert error.count("\n") == 1


def test_even_a_comment_counts_as_a_change(tmp_path, capsys):
    plan, data = trial(tmp_path)
    assert analyse(plan, data) == 0
    plan.write_text(PLAN + "# a thought\n", "utf-8")
    assert analyse(plan, data) == 2
    assert capsys.readouterr().err


def test_the_same_plan_runs_again_with_the_same_numbers(tmp_path, capsys):
    plan, data = trial(tmp_path)
    assert analyse(plan, data) == 0
    first = capsys.readouterr().out
    assert analyse(plan, data) == 0
    assert capsys.readouterr().out == first


def test_another_plan_is_exploratory_throughout(tmp_path, capsys):
    plan, data = trial(tmp_path)
    assert analyse(plan, data) == 0
    capsys.readouterr()
    other = tmp_path / "OTHER.toml"
    other.write_text(PLAN.replace("horizon_d = 60", "horizon_d = 30"), "utf-8")
    assert analyse(other, data, "--exploratory") == 0
    out = json.loads(capsys.readouterr().out)
    assert out["plan"]["label"].startswith("exploratory")
    assert {one["role"] for one in out["estimates"]} == {"exploratory"}


def test_a_rehearsal_opens_no_key_and_writes_no_lock(tmp_path, capsys):
    plan, data = trial(tmp_path)
    (data / "arms.toml").unlink()
    assert analyse(plan, data, "--rehearse", "4") == 0
    assert "rehearsal" in json.loads(capsys.readouterr().out)["plan"]["label"]
    assert not (data / "plan-lock.json").exists()


def test_a_broken_lock_is_refused(tmp_path, capsys):
    plan, data = trial(tmp_path)
    (data / "plan-lock.json").write_text("{}", "utf-8")
    assert analyse(plan, data) == 2
    assert "cannot be read" in capsys.readouterr().err


PIECES = {
    "plan": {"id": "a", "version": "1", "reference_arm": "c"},
    "estimand": [{"id": "e", "endpoint": "death", "summary": "hazard ratio", "horizon_d": 60}],
    "analysis": [{"id": "x", "estimand": "e", "role": "primary"}],
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"plan": {"id": "a"}}, "version is missing"),
        ({"analysis": []}, "names no"),
        ({"analysis": [{"id": "x", "estimand": "e", "role": "secondary"}]}, "0 analyses with role primary"),
        ({"analysis": [{"id": "x", "estimand": "z", "role": "primary"}]}, "estimand is 'z'"),
        ({"analysis": [{"id": "x", "estimand": "e", "role": "primary", "method": "magic"}]}, "method is 'magic'"),
        ({"analysis": [{"id": "x", "estimand": "e", "role": "primary", "level": 95}]}, "level is 95"),
        ({"analysis": [{"id": "x", "estimand": "e", "role": "primary", "ties": "random"}]}, "ties is 'random'"),
        ({"analysis": [{"id": "x", "estimand": "e", "role": "primary", "sided": 1}]}, "needs direction"),
        ({"estimand": [{"id": "e", "endpoint": "death", "summary": "guess"}]}, "summary is 'guess'"),
        ({"estimand": [{"id": "e", "endpoint": "death", "summary": "hazard ratio", "horizon_d": -1}]}, "horizon_d is -1"),
        ({"estimand": [{"id": "e", "endpoint": "death", "summary": "hazard ratio", "population": "all"}]}, "population is 'all'"),
        ({"estimand": [{"id": "e", "endpoint": "death", "summary": "hazard ratio", "intercurrent": {"x": "ignore"}}]}, "intercurrent x is 'ignore'"),
        ({"subgroup": [{"variable": "age", "cuts": [2, 1]}]}, "rising order"),
        ({"subgroup": [{"cuts": [2]}]}, "has no variable"),
    ],
)
def test_what_a_plan_may_not_say(change, words):
    with pytest.raises(RefusalError, match=words):
        build(PIECES | change, "0" * 64)


def test_words_of_the_standard_are_understood():
    plan = build(PIECES | {"estimand": [{"id": "e", "endpoint": "death_or_lvad", "summary": "hazard ratio", "horizon_d": 60,
                                         "population": "intention-to-treat", "intercurrent": {"crossover": "treatment policy"}}]}, "0" * 64)
    estimand = plan.estimands["e"]
    assert estimand.kinds == ("death", "lvad")
    assert estimand.population == "itt"
    assert estimand.intercurrent == {"crossover": "treatment_policy"}
