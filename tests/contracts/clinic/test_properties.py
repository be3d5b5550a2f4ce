"""What every rule of the clinic keeps: monotone in severity, the same in every unit, honest about what is missing, one verdict for row and frame."""

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from counterpulse.clinic.batch import judge_frame
from counterpulse.clinic.eligibility import PROTOCOLS, eligible, eligible_frame
from counterpulse.clinic.frame import prepare
from counterpulse.clinic.goals import goals, goals_frame
from counterpulse.clinic.patient import read
from counterpulse.clinic.points import score, score_frame
from counterpulse.clinic.staging import SCHEMES, scheme_table, stage, stage_frame
from counterpulse.clinic.table import data
from counterpulse.clinic.variables import ucum, variables

QUIET = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
EDGES = {
    "sbp_mmHg": [40, 59, 60, 75, 89, 90, 100, 140], "map_mmHg": [40, 49, 50, 55, 60, 64, 65, 66, 80], "lactate_mmol_L": [1, 2, 3, 4.9, 5, 8, 10, 10.1, 15],
    "alt_U_L": [20, 200, 500, 501, 2000], "ph": [7.1, 7.2, 7.21, 7.4], "drugs": [0, 1, 2, 3], "devices": [0, 1, 2, 3], "hr_per_min": [60, 99, 100, 130],
    "ci_L_min_m2": [1.5, 2.1, 2.2, 2.6], "pcwp_mmHg": [10, 15, 16, 18, 30], "svo2_pct": [50, 60, 61, 70], "pao2_mmHg": [50, 60, 61, 90], "urine_mL_kg_h": [0.3, 0.5, 0.6],
    "urine_mL_h": [20, 30, 60], "e_over_e": [10, 14, 20], "inotropic_score": [0, 19, 20, 21], "creatinine_mg_dL": [0.9, 1.5, 2, 4, 6], "creatinine_baseline_mg_dL": [0.9, 1.0],
    "base_excess_mmol_L": [-15, -10, 0], "sbp_drop_mmHg": [0, 30, 31], "age_years": [17, 18, 60, 75, 76], "lvef_pct": [20, 30, 35, 45], "cs_onset_h": [1, 6, 7],
    "aortic_regurgitation_grade": [0, 1, 2, 3], "life_expectancy_years": [0.5, 5], "gcs": [5, 9, 13, 15], "platelets_10_9_L": [19, 50, 100, 151], "bilirubin_mg_dL": [1, 1.2, 6, 12],
    "glucose_mg_dL": [100, 191, 192], "timi_flow": [2, 3], "egfr_mL_min_173m2": [20, 45, 61], "pf_mmHg": [90, 150, 250, 400], "jeopardy_score": [4, 8, 12], "ami_days": [1, 2, 400],
    "tapse_mm": [12, 17, 18], "cvp_mmHg": [5, 12, 16],
}
STAGED = sorted({name for scheme in SCHEMES for name in scheme_table(scheme).inputs() if name in variables()})


def _value(name):
    return st.booleans() if variables()[name].flag else st.sampled_from([float(v) for v in EDGES[name]]) if name in EDGES else st.none()


def patients(names, *, missing=True):
    fields = {name: (st.none() | _value(name)) if missing else _value(name) for name in names}
    return st.fixed_dictionaries(fields).map(lambda raw: {k: v for k, v in raw.items() if v is not None})


@pytest.mark.parametrize("scheme", SCHEMES)
@QUIET
@given(raw=patients(STAGED), name=st.sampled_from([n for n in STAGED if n in EDGES or variables()[n].flag]), data_=st.data())
def test_a_worse_value_never_gives_a_better_stage(scheme, raw, name, data_):
    item = variables()[name]
    if not item.worse:
        return
    values = sorted(data_.draw(st.tuples(_value(name), _value(name))), reverse=item.worse == "low")
    better, worse = (stage(read(raw | {name: value}), scheme) for value in values)
    assert better.best <= worse.best
    assert better.worst <= worse.worst


@pytest.mark.parametrize("scheme", SCHEMES)
@QUIET
@given(raw=patients(STAGED, missing=False), gone=st.sets(st.sampled_from(STAGED), min_size=1))
def test_missing_data_never_improves_a_stage_silently(scheme, raw, gone):
    whole, less = stage(read(raw), scheme), stage(read({k: v for k, v in raw.items() if k not in gone}), scheme)
    assert less.best <= whole.verdict <= less.worst
    if less.verdict is not None and less.verdict < whole.verdict:
        assert less.missing
        assert less.more["incomplete"]
        assert any("missing" in note for note in less.notes)


@QUIET
@given(raw=patients(["sbp_mmHg", "map_mmHg", "lactate_mmol_L", "hr_per_min", "creatinine_mg_dL", "svo2_pct", "pao2_mmHg", "pcwp_mmHg"]))
def test_the_unit_changes_no_verdict(raw):
    other = {}
    for name, value in raw.items():
        item = variables()[name]
        unit = item.accepts[0]
        other[name] = {"value": ucum(value, item.unit, unit, item.molar_g_mol), "unit": unit}
    ours, theirs = read(raw | {"drugs": 1, "devices": 0}), read(other | {"drugs": 1, "devices": 0})
    assert [stage(ours, s).verdict for s in SCHEMES] == [stage(theirs, s).verdict for s in SCHEMES]
    assert goals(ours).verdict == goals(theirs).verdict
    assert goals(ours).more["goals"] == goals(theirs).more["goals"]


@QUIET
@given(raw=patients(["hr_per_min", "map_mmHg", "svo2_pct", "pao2_mmHg", "lactate_mmol_L", "pcwp_mmHg", "e_over_e", "inotropic_score", "urine_mL_kg_h"], missing=False),
       gone=st.sets(st.sampled_from(["hr_per_min", "map_mmHg", "svo2_pct", "pcwp_mmHg", "e_over_e", "inotropic_score"])))
def test_a_goal_not_measured_is_bounded(raw, gone):
    whole, less = goals(read(raw)), goals(read({k: v for k, v in raw.items() if k not in gone}))
    assert less.verdict in (whole.verdict, "indeterminate")
    assert less.more["met"] <= whole.more["met"] <= less.more["met"] + less.more["unknown"]


def frames(names):
    return st.lists(patients(names), min_size=1, max_size=6).filter(any)


def _frame(rows, names):
    return pl.DataFrame([{name: row.get(name) for name in names} for row in rows],
                        schema={name: pl.Boolean if variables()[name].flag else pl.Float64 for name in names})


@pytest.mark.parametrize("scheme", SCHEMES)
@QUIET
@given(rows=frames(STAGED))
def test_frame_and_row_stage_alike(scheme, rows):
    out = stage_frame(_frame(rows, STAGED), scheme)
    ones = [stage(read({name: row.get(name) for name in STAGED}), scheme) for row in rows]
    assert out["stage"].to_list() == [one.verdict for one in ones]
    assert out["stage_best"].to_list() == [one.best for one in ones]
    assert out["stage_worst"].to_list() == [one.worst for one in ones]
    assert out["stage_rule"].to_list() == [one.rule for one in ones]
    assert out["stage_support_free"].to_list() == [one.more["support_free"] for one in ones]
    assert [sorted(row) for row in out["stage_missing"].to_list()] == [sorted(one.missing) for one in ones]


@QUIET
@given(rows=frames(["hr_per_min", "map_mmHg", "svo2_pct", "pao2_mmHg", "lactate_mmol_L", "pcwp_mmHg", "e_over_e", "inotropic_score", "urine_mL_kg_h"]))
def test_frame_and_row_goals_alike(rows):
    names = ["hr_per_min", "map_mmHg", "svo2_pct", "pao2_mmHg", "lactate_mmol_L", "pcwp_mmHg", "e_over_e", "inotropic_score", "urine_mL_kg_h"]
    out = goals_frame(_frame(rows, names))
    ones = [goals(read({name: row.get(name) for name in names})) for row in rows]
    assert out["goals"].to_list() == [one.verdict for one in ones]
    assert out["goals_met"].to_list() == [one.more["met"] for one in ones]
    assert out["goals_unknown"].to_list() == [one.more["unknown"] for one in ones]
    assert out["escalation_mandatory"].to_list() == [one.more["escalation"]["mandatory"] for one in ones]


def _protocol_inputs(protocol):
    from counterpulse.clinic import logic  # noqa: PLC0415

    names = {n for body in data(f"protocol-{protocol}")["criterion"] for n in logic.names(body["when"]) if n in variables()}
    return sorted(names | set(scheme_table("cswg-2022").inputs()) if protocol == "altshock-2" else names)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(picks=st.data())
def test_frame_and_row_eligibility_alike(protocol, picks):
    names = _protocol_inputs(protocol)
    rows = picks.draw(frames(names))
    out = eligible_frame(_frame(rows, names), protocol)
    ones = [eligible(read({name: row.get(name) for name in names}), protocol) for row in rows]
    assert out["eligible"].to_list() == [one.verdict for one in ones]
    assert out["eligible_open"].to_list() == [[item["id"] for item in one.more["open"]] for one in ones]


@pytest.mark.parametrize("name", ["sofa", "sofa-2", "kdigo", "cardshock", "iabp-shock-ii"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(picks=st.data())
def test_frame_and_row_scores_alike(name, picks):
    names = ["gcs", "platelets_10_9_L", "bilirubin_mg_dL", "map_mmHg", "creatinine_mg_dL", "creatinine_baseline_mg_dL", "pf_mmHg", "drugs", "devices", "age_years", "lactate_mmol_L",
             "lvef_pct", "egfr_mL_min_173m2", "glucose_mg_dL", "timi_flow", "prior_stroke", "confusion", "prior_mi_or_cabg", "acute_coronary_syndrome", "respiratory_support"]
    rows = picks.draw(frames(names))
    out = score_frame(_frame(rows, names), name)
    ones = [score(read({n: row.get(n) for n in names}), name) for row in rows]
    assert out[name].to_list() == [one.verdict for one in ones]
    assert out[f"{name}_best"].to_list() == [one.best for one in ones]
    assert out[f"{name}_worst"].to_list() == [one.worst for one in ones]


def test_a_frame_with_nan_is_a_frame_with_null():
    rows = {"sbp_mmHg": [85.0, float("nan")], "lactate_mmol_L": [float("nan"), 3.0]}
    nulls = {"sbp_mmHg": [85.0, None], "lactate_mmol_L": [None, 3.0]}
    assert judge_frame(pl.DataFrame(rows)).equals(judge_frame(pl.DataFrame(nulls)))


def test_other_columns_pass_through_in_order():
    out = judge_frame(pl.DataFrame({"participant": ["b", "a"], "sbp_mmHg": [85.0, 120.0]}))
    assert out["participant"].to_list() == ["b", "a"]
    assert prepare(pl.DataFrame({"drugs": [0]}))["vis_gaies"].to_list() == [0.0]
