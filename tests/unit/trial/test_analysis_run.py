"""A whole plan on a made trial: what is adjusted, compared, warned of and labelled."""

import json
import math

import numpy as np
import polars as pl
import pytest
from made_trial import PLAN, deaths, subjects, trial, write

from counterpulse.cli import answer as run
from counterpulse.stats.survival import Survival, cox
from counterpulse.trial.analysis import Way, analyse
from counterpulse.trial.endpoints import times
from counterpulse.trial.plan import build

MORE = """
[[estimand]]
id = "bridge"
endpoint = "lvad"
horizon_d = 60
summary = "subdistribution hazard ratio"
intercurrent = { death = "competing" }
[[estimand]]
id = "risk"
endpoint = "death"
horizon_d = 60
summary = "risk difference"
[[estimand]]
id = "ef"
endpoint = "ef_pct"
summary = "mean difference"
[[estimand]]
id = "wins"
endpoint = ["death", "lvad", "ef_pct"]
horizon_d = 60
summary = "win ratio"
[[estimand]]
id = "never"
endpoint = "meteorite"
horizon_d = 60
summary = "hazard ratio"
"""
EACH = "".join(f'[[analysis]]\nid = "{name}"\nestimand = "{name}"\nrole = "secondary"\n' for name in ("bridge", "risk", "ef", "wins", "never"))
ANALYSES = "".join(f'[[analysis]]\nid = "{m}"\nestimand = "death"\nmethod = "{m}"\nrole = "sensitivity"\n' for m in
                   ("log_rank", "rmst", "risk_ratio", "odds_ratio", "chi_square", "fisher", "rule_test", "rate_ratio", "gray"))


def made(folder, plan=PLAN, **change):
    held = subjects(160) | change
    rows = deaths(held)
    rng = np.random.default_rng(5)
    dead = {name for name, _, _ in rows}
    held["ef_pct"] = [None if name in dead else float(rng.normal(30, 6)) for name in held["participant"]]
    rows += [(name, "crossover", 1.0) for i, name in enumerate(held["participant"]) if held["arm_code"][i] == "B" and i % 16 == 0
             and held["last_contact_d"][i] > 1]
    rows += [(name, "lvad", 20.0) for i, name in enumerate(held["participant"]) if i % 7 == 0 and held["last_contact_d"][i] > 20]
    path, data = write(folder, held, rows, plan=plan)
    return analyse(path, data, Way(data / "arms.toml", data / "plan-lock.json"))


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return made(tmp_path_factory.mktemp("whole"), PLAN + MORE + EACH + ANALYSES + '[[subgroup]]\nvariable = "age_years"\ncuts = [60]\n')


def by_id(found, name):
    return next(one for one in found.estimates if one.id == name)


def test_every_method_answers(found):
    silent = [one.id for one in found.estimates if one.problem]
    assert silent == ["never"]
    assert "zero events" in by_id(found, "never").problem
    assert any("never has no answer" in warning for warning in found.warnings)


def test_the_primary_is_stratified_by_the_randomisation(found):
    rows = times(found.cohort, found.plan.estimands["death"], "itt")
    strata = rows.members["stratum"].to_numpy()
    fit = cox(Survival(rows.time, (rows.event == 1).astype(int), strata=strata), rows.group.astype(float))
    assert found.primary.adjusted_for == ("stratum",)
    assert found.primary.estimate == pytest.approx(float(fit.hazard_ratios[0]), rel=1e-12)
    plain = next(one for one in found.side_by_side if one.id.endswith("(unadjusted)"))
    assert plain.adjusted_for == ()
    assert plain.estimate != found.primary.estimate


def test_populations_stand_side_by_side(found):
    names = [one.id.partition("(")[2].rstrip(")") for one in found.side_by_side]
    assert names == ["as planned", "unadjusted", "per protocol", "as treated", "risk difference", "compliers"]
    assert {one.role for one in found.side_by_side[1:]} == {"exploratory"}
    treated = found.side_by_side[3]
    assert treated.arms["device"]["n"] > found.primary.arms["device"]["n"]
    assert sum(arm["n"] for arm in treated.arms.values()) == 160


def test_every_answer_says_how_it_was_made(found):
    for one in (*found.estimates, *found.side_by_side):
        if not one.problem:
            assert "population" in one.made
            assert "1 = device, 0 = control" in one.made
            assert all(arm["n"] > 0 for arm in one.arms.values())


def test_death_is_not_passed_over(found):
    assert "survivors" in " ".join(by_id(found, "ef").notes)
    one = found.truncated[0]
    assert sum(one.died.values()) == sum(1 for kind in found.cohort.events["kind"] if kind == "death")
    assert one.bounds[0] <= one.bounds_monotone[0] <= one.bounds_monotone[1] <= one.bounds[1]
    assert 0 < one.composite_win < 1


def test_competing_events_are_counted(found):
    assert by_id(found, "bridge").arms["control"]["competing"] > 0


def test_secondary_analyses_wait_for_the_primary(found):
    status = {one.id: one.status for one in found.multiplicity}
    if found.primary.p >= 0.05:
        assert all("nominal" in text for name, text in status.items() if name != "main")
    assert {"main", "bridge", "risk", "ef", "wins"} == set(status)


def test_json_has_no_nan(found):
    text = json.dumps(found.as_dict(), allow_nan=False)
    assert "meteorite" in text


def test_strata_can_be_planned_away(tmp_path):
    found = made(tmp_path, PLAN.replace('role = "primary"', 'role = "primary"\nstrata = []'))
    assert found.primary.adjusted_for == ()


def test_crossing_hazards_are_said(tmp_path):
    held = subjects(300)
    rows = []
    for i, name in enumerate(held["participant"]):
        at = (2 + 0.05 * i if held["arm_code"][i] == "A" else 40 + 0.05 * i) if i % 3 else None
        if at is not None and at < 60:
            held["last_contact_d"][i] = at
            rows.append((name, "death", at))
    path, data = write(tmp_path, held, rows)
    found = analyse(path, data, Way(data / "arms.toml", data / "lock.json"))
    assert any("Hazards are not proportional" in note for note in found.primary.notes)
    assert any("not proportional" in warning for warning in found.warnings)


def test_events_at_day_zero_are_said(tmp_path):
    held = subjects()
    held["last_contact_d"][3] = 0.0
    path, data = write(tmp_path, held, [("p3", "death", 0.0), ("p5", "death", 9.0), ("p6", "death", 9.0)] )
    found = analyse(path, data, Way(data / "arms.toml", data / "lock.json"))
    assert any("at day 0" in warning for warning in found.warnings)
    assert sum(arm["events"] for arm in found.primary.arms.values()) == 3


def test_an_arm_without_events_has_a_p_but_no_ratio(tmp_path):
    held = subjects()
    rows = [(name, "death", 10.0 + i / 10) for i, name in enumerate(held["participant"]) if held["arm_code"][i] == "B" and i % 8 == 0]
    path, data = write(tmp_path, held, rows)
    found = analyse(path, data, Way(data / "arms.toml", data / "lock.json"))
    assert math.isnan(found.primary.estimate)
    assert 0 < found.primary.p < 1
    assert any("no event in arm device" in note for note in found.primary.notes)
    assert found.as_dict()["estimates"][0]["estimate"] is None


def test_a_one_sided_test_looks_where_the_plan_says(tmp_path):
    text = PLAN.replace('role = "primary"', 'role = "primary"\nsided = 1\ndirection = "lower"')
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one, two = made(tmp_path / "one", text).primary, made(tmp_path / "two").primary
    assert one.p == pytest.approx(two.p / 2 if two.estimate < 1 else 1 - two.p / 2)


def test_the_report_is_whole_and_needs_nothing_else(tmp_path, capsys):
    screening = pl.DataFrame({"participant": ["x", "y"], "reason": ["sepsis", None]})
    plan, data = trial(tmp_path, screening=screening, plan=PLAN + '[[subgroup]]\nvariable = "age_years"\ncuts = [60]\n')
    out = tmp_path / "report"
    assert run(["analyse", str(plan), str(data), "--out", str(out)]) == 0
    assert "Research and education only" in capsys.readouterr().out
    page = (out / "index.html").read_text("utf-8")
    assert "http" not in page.replace("http://www.w3.org", "")
    assert "<script" not in page
    for words in ("CONSORT 2025", "Table 1", "Table 2", "Kaplan-Meier", "Table 3. Safety", "locked plan", "How each number was made"):
        assert words in page
    for name in ("flow", "kaplan-meier", "cumulative-incidence", "populations", "subgroups"):
        assert (out / f"{name}.pdf").read_bytes().startswith(b"%PDF")
        assert (out / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert "<svg" in (out / f"{name}.svg").read_text("utf-8")


STRATEGY = {
    "treatment_policy": (60.0, 0),
    "composite": (20.0, 1),
    "hypothetical": (20.0, 0),
    "while_on_treatment": (20.0, 0),
    "competing": (20.0, 2),
    "success": (60.0, 0),
}


@pytest.mark.parametrize("how", STRATEGY)
def test_intercurrent_events_follow_their_strategy(tmp_path, how):
    held = subjects()
    path, data = write(tmp_path, held, [("p2", "lvad", 20.0), ("p3", "death", 30.0), ("p4", "death", 30.0)],
                       plan=PLAN.replace('summary = "hazard ratio"', f'summary = "hazard ratio"\nintercurrent = {{ lvad = "{how}" }}'))
    found = analyse(path, data, Way(data / "arms.toml", data / "lock.json"))
    rows = times(found.cohort, found.plan.estimands["death"], "itt")
    place = rows.members["participant"].to_list().index("p2")
    assert (float(rows.time[place]), int(rows.event[place])) == STRATEGY[how]


def test_an_intercurrent_event_after_the_event_changes_nothing(tmp_path):
    held = subjects()
    held["last_contact_d"][2] = 30.0
    path, data = write(tmp_path, held, [("p2", "death", 30.0), ("p2", "lvad", 30.0), ("p3", "death", 30.0)],
                       plan=PLAN.replace('summary = "hazard ratio"', 'summary = "hazard ratio"\nintercurrent = { lvad = "competing" }'))
    found = analyse(path, data, Way(data / "arms.toml", data / "lock.json"))
    assert sum(arm["events"] for arm in found.primary.arms.values()) == 2


def test_a_plan_without_a_population_is_itt():
    raw = {"plan": {"id": "a", "version": "1", "reference_arm": "c"}, "analysis": [{"id": "x", "estimand": "e", "role": "primary"}],
           "estimand": [{"id": "e", "endpoint": "death", "summary": "hazard ratio", "horizon_d": 5}]}
    assert build(raw, "").estimands["e"].population == "itt"
