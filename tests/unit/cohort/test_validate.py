"""Published effects: how a file is read, when a number is a hit, and that the simulation is what is judged."""

import json
import math

import numpy as np
import pytest
from scipy.stats import t as student

from counterpulse.body.gas import Form
from counterpulse.cli import answer
from counterpulse.cohort.baselines import Baseline, brought, shifted
from counterpulse.cohort.lanes import Look, show
from counterpulse.cohort.preset import load
from counterpulse.cohort.published import PACKAGED, Arm, judge, read_effects
from counterpulse.cohort.validate import PUMPS, Bench, Row, arms_of, numbers_of, report
from counterpulse.refusal import RefusalError
from counterpulse.report.validate_page import line

T6 = float(student.ppf(0.975, 6) / student.ppf(0.998, 6))  # 7 pairs, p = 0.004
ROW = """
[sources]
a = { name = "A paper", certainty = "abstract" }
[populations]
p = { name = "somebody", presets = ["healthy"] }
[[effect]]
id = "one"
source = "a"
population = "p"
quantity = "sv_mL"
measure = "percent"
"""


def one(tmp_path, text, base=ROW):
    file = tmp_path / "effects.toml"
    file.write_text(base + text, encoding="utf-8")
    return read_effects(file)[0]


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ('kind = "mean"\nmean = 10.0\n', 7.0, 13.0),
        ('kind = "mean"\nmean = 10.0\nsd = 5.0\nn = 25\n', 8.04, 11.96),
        ('kind = "mean"\nmean = 22.0\nn = 7\np = 0.004\n', 22.0 * (1 - T6), 22.0 * (1 + T6)),
        ('kind = "mean"\nmean = -10.0\ninterval = [-12, -1]\n', -12.0, -1.0),
        ('kind = "none"\ninterval = [-5, 5]\n', -5.0, 5.0),
        ('kind = "none"\nn = 7\nno_change_beside = { mean = 22.0, p = 0.004 }\n', -22.0 * T6, 22.0 * T6),
        ('kind = "sign"\nmean = -1.0\n', -math.inf, -0.5),
    ],
)
def test_where_a_hit_lies(tmp_path, text, low, high):
    effect = one(tmp_path, text)
    assert (effect.low, effect.high) == pytest.approx((low, high))


@pytest.mark.parametrize(("value", "verdict"), [(10.0, "hit"), (13.1, "near"), (16.1, "miss"), (-1.0, "miss"), (None, "miss"), (math.nan, "miss")])
def test_hit_near_and_miss(tmp_path, value, verdict):
    assert judge(one(tmp_path, 'kind = "mean"\nmean = 10.0\n'), value)[0] == verdict


def test_no_change_does_not_pass_for_an_effect(tmp_path):
    wide = one(tmp_path, 'kind = "mean"\nmean = 1.0\ninterval = [-5, 7]\n')
    assert judge(wide, 0.0)[0] != "hit"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('kind = "often"\nmean = 1.0\n', "must be one of mean, none, sign, order"),
        ('kind = "mean"\n', "needs a mean or an interval"),
        ('kind = "none"\ninterval = [5, -5]\n', "the lower first"),
        ('kind = "sign"\nmean = 1.0\nbaseline = "b"\n', "does not stand under"),
        ('kind = "sign"\nmean = 1.0\n[baselines.b]\nobserved = { mood = 3.0 }\n', "names 'mood'; what can be observed is"),
        ('kind = "sign"\nmean = 1.0\n[baselines.b]\ntext = "nothing printed"\n', "names no number"),
    ],
)
def test_a_row_that_does_not_fit_is_refused(tmp_path, text, named):
    with pytest.raises(RefusalError, match=named):
        one(tmp_path, text)


def test_a_range_of_several_protocols_is_judged_by_their_mean(tmp_path, monkeypatch):
    cases = "cases = [{ setting = { ratio = 2 } }, { setting = { ratio = 3 }, patient = { body_kg = 90.0 } }]\n"
    effect = one(tmp_path, f'kind = "mean"\nmean = 1.0\n{cases}')
    monkeypatch.setattr(Bench, "effect", lambda _self, _name, arm, *_: arm.setting["ratio"] + len(arm.patient))
    assert Bench().simulate(effect, Form.PNEUMATIC) == 3.0
    assert arms_of([effect]) == 4


def test_a_row_that_is_not_hit_says_why(tmp_path):
    effect = one(tmp_path, 'kind = "mean"\nmean = 10.0\nwhy = "a dog"\n')
    told = [report([Row(effect, dict.fromkeys(PUMPS, 1.0), dict.fromkeys(PUMPS, verdict), dict.fromkeys(PUMPS, 0.0))])["rows"][0] for verdict in ("hit", "miss")]
    assert [row["why_not"] for row in told] == [None, "a dog"]
    assert "a dog" in line(told[1])
    assert "a dog" not in line(told[0])


def test_arteries_are_as_soft_as_the_body_is_heavy():
    patient = load("healthy").patient
    found = numbers_of(patient, {"body_kg": 2.0 * float(patient.weight_kg)})
    assert found["aortic_compliance_mL_mmHg"] == pytest.approx(2.0 * float(patient.aortic_compliance_mL_mmHg))
    assert found["weight_kg"] == 2.0 * float(patient.weight_kg)


def test_the_packaged_rows_have_sources_and_their_own_names():
    effects = read_effects(PACKAGED)
    assert len(effects) >= 75
    assert all(effect.source and effect.certainty for effect in effects)


def test_a_file_is_simulated_and_judged(tmp_path, capsys):
    file = tmp_path / "effects.toml"
    file.write_text(ROW + 'kind = "sign"\nmean = 1.0\n', encoding="utf-8")
    assert answer(["validate", "--effects", str(file), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["hit"], found["null_pump_hit"]) == (1, 0)
    assert found["rows"][0]["simulated"] > 0.5
    assert found["rows"][0]["high"] is None


def test_a_preset_is_brought_to_the_printed_state_before_the_pump():
    preset = load("chronic-hf")
    printed = Baseline("paper", {"dbp_mmHg": 55.0, "lvef_pct": 28.0}, {"dbp_mmHg": 10.0}, {"lv_v0_mL": 50.0})
    found = brought(preset, preset.patient, {"coronary_reserve": 3.0}, printed)
    seen = show(np.array([found]), Look("root", 60.0, quiet=False)).means[0]
    assert seen["dbp_mmHg"] == pytest.approx(55.0, rel=0.02)
    assert 100.0 * seen["lv_ef"] == pytest.approx(28.0, rel=0.02)
    assert (float(found.lv_v0_mL), float(found.coronary_reserve)) == (50.0, 3.0)
    assert shifted(printed, -1.0).observed == {"dbp_mmHg": 45.0, "lvef_pct": 28.0}


def test_the_first_seconds_and_single_beats():
    """Within 10 s of being switched on the pump has unloaded ejection but not yet emptied the heart; a beat cut short ejects less than its neighbours."""
    bench = Bench()
    effect = lambda arm, key: bench.effect("chronic-hf", arm, Form.PNEUMATIC, key, "percent")  # noqa: E731
    fixed = {"deflation_trim_ms": 60.0}
    assert effect(Arm(fixed, acute_s=10.0), "lv_edv_mL") > effect(Arm(fixed), "lv_edv_mL") + 1.0
    assert effect(Arm(fixed, acute_s=10.0), "sv_mL") > 3.0
    early = Arm({**fixed, "ratio": 3, "inflation_trim_ms": -100.0})
    assert effect(early, "inflated_beat_sv_mL") < -10.0
    assert effect(early, "following_beat_sv_mL") > 3.0


def test_a_file_that_is_none_is_refused(tmp_path, capsys):
    assert answer(["validate", "--effects", str(tmp_path / "nothing.toml"), "--json"]) == 2
    assert "cannot be read as a file of effects" in capsys.readouterr().err
