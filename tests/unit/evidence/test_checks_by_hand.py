"""Single checks on papers small enough to do by hand."""

import math

import pytest

from counterpulse.evidence.audit import audit
from counterpulse.evidence.checks.allocation import chance
from counterpulse.evidence.checks.ratios import extremes
from counterpulse.evidence.checks.sample_size import inflation, per_group
from counterpulse.evidence.checks.two_by_two import Table, rule_of
from counterpulse.evidence.paper import build, read
from counterpulse.refusal import RefusalError

ARMS = [{"id": "a", "n": 50}, {"id": "b", "n": 50}]


def paper(**parts):
    return build({"paper": {"id": "tiny"}, "arm": ARMS, **parts})


def verdicts(**parts):
    return {item.id: item.verdict for item in audit(paper(**parts)).items}


def test_rule_switches_on_the_expected_count():
    rule = rule_of("chi2 or fisher if expected < 5", yates=False)
    assert rule.picks(Table(3, 48, 1, 53)) == "fisher"
    assert rule.picks(Table(33, 48, 34, 53)) == "chi2"
    assert rule_of("chi-square with Yates correction", yates=None).picks(Table(20, 50, 10, 50)) == "chi2_yates"
    assert rule_of("", yates=None).picks(Table(1, 2, 1, 2)) is None


def test_sample_size_of_75_v_55_by_every_formula():
    ways = per_group([0.75, 0.55], (0.025, 0.8), 1)
    assert ways["unpooled"] == pytest.approx(85.36, abs=0.01)
    assert ways["pooled"] == pytest.approx(88.09, abs=0.01)
    assert ways["arcsine"] == pytest.approx(87.55, abs=0.01)
    assert ways["pooled with continuity correction"] == pytest.approx(97.84, abs=0.01)


def test_inflation_of_two_looks():
    assert inflation(2, 0.5, 0.05, 0.8) == pytest.approx(1.0078, abs=2e-4)
    assert inflation(2, 0.0, 0.05, 0.8) == pytest.approx(1.1104, abs=2e-4)


def test_block_difference():
    assert chance(5, 1, [4, 8]) == 0.0
    assert chance(1, 1, [2]) == pytest.approx(1.0)
    assert chance(4, 1, [8]) > 0


def test_extreme_orders_bracket_the_null():
    (low, se_low), (high, _) = extremes(Table(10, 50, 10, 50))
    assert low < 1 < high
    assert se_low >= math.sqrt(2 / 10) - 1e-9


def test_ratio_on_the_wrong_side():
    effect = {"id": "t.x", "measure": "HR", "events": {"a": 30, "b": 10}, "n": {"a": 50, "b": 50}, "est": "4.00", "lo": "1.95", "hi": "8.20"}
    assert verdicts(effect=[effect])["t.x/counts"] == "inconsistent"
    turned = effect | {"est": "0.25", "lo": "0.12", "hi": "0.51"}
    assert verdicts(effect=[turned])["t.x/counts"] == "reproduced"


def test_a_risk_ratio_is_recomputed():
    effect = {"id": "t.x", "measure": "RR", "events": {"a": 10, "b": 20}, "n": {"a": 50, "b": 50}, "est": "2.00", "lo": "1.04", "hi": "3.84"}
    assert verdicts(effect=[effect])["t.x/counts"] == "reproduced"
    assert verdicts(effect=[effect | {"measure": "OR"}])["t.x/counts"] == "inconsistent"


def test_no_event_in_an_arm_is_not_checkable():
    effect = {"id": "t.x", "measure": "HR", "events": {"a": 0, "b": 10}, "n": {"a": 50, "b": 50}, "est": "1.50", "lo": "0.50", "hi": "4.50"}
    assert verdicts(effect=[effect])["t.x/counts"] == "not_checkable"


def test_percentage_that_no_count_has():
    arms = [{"id": "a", "n": 7}, {"id": "b", "n": 7}]
    found = audit(build({"arm": arms, "count": [{"id": "t.x", "pct": {"a": "50"}}]}))
    assert found.items[0].verdict == "inconsistent"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"count": [{"id": "t.x", "x": {"a": 51}}]}, "51 of 50 in arm a is impossible"),
        ({"count": [{"id": "t.x", "x": {"a": -1}}]}, "must be a whole number of at least 0"),
        ({"count": [{"id": "t.x", "x": {"a": 2.5}}]}, "must be a whole number of at least 0"),
        ({"count": [{"id": "t.x", "x": {"c": 1}}]}, "names the arm 'c'"),
        ({"count": [{"id": "t.x", "x": 4}]}, "must be a table of arm = value"),
        ({"count": [{"id": "t.x", "x": {"a": 1}}, {"id": "t.x", "x": {"a": 1}}]}, "an id is given once"),
        ({"count": [{"id": "t.x", "x": {"a": 1}, "pct": {"a": "120"}}]}, "must lie in 0 to 100"),
        ({"summary": [{"id": "t.s", "stat": "mode", "values": {"a": ["1"]}}]}, "stat is 'mode'"),
        ({"summary": [{"id": "t.s", "stat": "mean_sd", "values": {"a": ["one", "2"]}}]}, "is no number"),
        ({"effect": [{"id": "t.e", "measure": "XR"}]}, "measure is 'XR'"),
        ({"claim": [{"id": "t.c", "kind": "rumour"}]}, "kind is 'rumour'"),
        ({"arm": [{"id": "a", "n": 0}, {"id": "b", "n": 3}]}, "is empty"),
        ({"arm": [{"id": "a", "n": 5}]}, "needs at least two"),
        ({"rules": {"reference_arm": "z"}}, "reference_arm is 'z'"),
    ],
)
def test_bad_papers_are_refused_with_a_sentence(change, words):
    with pytest.raises(RefusalError, match=words):
        paper(**change) if "arm" not in change else build({"paper": {}, **change})


@pytest.mark.parametrize("at", ["2024-13-01", "2024-02-30", "soon"])
def test_impossible_dates_are_refused(at):
    with pytest.raises(RefusalError, match="must be a year"):
        audit(paper(claim=[{"id": "m.d", "kind": "date", "event": "stop", "at": at}]))


def test_broken_toml_is_refused():
    with pytest.raises(RefusalError, match="not valid TOML"):
        read("[paper\n")
