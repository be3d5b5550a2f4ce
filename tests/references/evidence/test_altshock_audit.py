"""The audit of Altshock-2 finds what a recomputation by hand found (JACC 2025;85:1587-1597; R 4.2.2 chisq.test and fisher.test)."""

import pytest

from counterpulse.evidence.audit import audit
from counterpulse.evidence.paper import open_paper


@pytest.fixture(scope="module")
def found():
    return audit(open_paper("altshock-2"))


@pytest.fixture(scope="module")
def by_id(found):
    return {item.id: item for item in found.items}


def kind_of(found, start):
    return {finding.kind for finding in found.findings if finding.id.startswith(start)}


def sentence(found, start):
    return next(finding.sentence + " " + finding.arithmetic for finding in found.findings if finding.id.startswith(start))


def test_thirty_p_values_split_25_1_4(found):
    assert found.tally("p_proportions") == {"reproduced": 25, "other_test": 1, "not_reproducible": 4}


def test_which_p_values_fail(found):
    rows = {item.id.partition(".")[2]: item.verdict for item in found.items if item.check == "p_proportions" and item.verdict != "reproduced"}
    assert rows == {
        "epinephrine": "not_reproducible",
        "norepinephrine": "not_reproducible",
        "bridged": "not_reproducible",
        "septic-shock": "not_reproducible",
        "renal-replacement": "other_test",
    }


def test_the_rule_and_the_ceiling_are_told(found):
    told = sentence(found, "rules.binary")
    assert "25 reproduce by chi-square without correction" in told
    assert "22 without that reading" in told
    assert "continuity correction 3" in told
    assert "stands for '>0.99'; elsewhere the paper prints >0.9" in sentence(found, "rules.top_p")


@pytest.mark.parametrize(
    ("row", "test", "value"),
    [
        ("table-3.primary", "chi2", 0.4559),
        ("table-3.vascular-complications", "fisher", 0.119),
        ("table-2.noninvasive-ventilation", "chi2", 0.32499),
        ("table-3.stroke", "fisher", 0.244),
        ("table-2.milrinone", "fisher", 0.512),
    ],
)
def test_values_equal_r(by_id, row, test, value):
    item = by_id[row]
    assert item.test == test
    assert float(item.recomputed) == pytest.approx(value, abs=5e-4)


def test_silent_changes_of_denominator_are_proposed(found):
    assert "30/34 v 30/33 (those with any-inotrope)" in sentence(found, "table-2.epinephrine")
    assert "4/52 v 8/48 (1 participant(s) missing)" in sentence(found, "table-3.septic-shock")


def test_all_fifteen_wald_p_of_figure_3(found):
    wald = [item for item in found.items if item.check == "p_wald" and item.id.startswith("figure-3")]
    assert len(wald) == 15
    assert {item.verdict for item in wald} == {"reproduced"}


def test_ratios_and_widths_fit_their_counts(found):
    assert found.tally("ratio_counts") == {"reproduced": 15}
    assert found.tally("interval_counts") == {"reproduced": 15}


def test_six_of_seven_interactions(found, by_id):
    assert found.tally("p_interaction")["reproduced"] == 6
    assert by_id["figure-3.interaction-map"].verdict == "other_test"
    assert "0.915" in by_id["figure-3.interaction-map"].arithmetic


def test_per_protocol_is_as_treated(found, by_id):
    assert "inconsistent" in kind_of(found, "results.per-protocol")
    assert "Of the 6 who changed arms 3 had the outcome" in sentence(found, "text.primary-per-protocol/moved")
    assert by_id["text.primary-per-protocol"].recomputed == "0.9421"


def test_discharge_rows(found, by_id):
    assert found.tally("p_unstated_n") == {"reproduced": 1, "other_test": 1, "not_reproducible": 8}
    assert by_id["table-2.beta-blockers"].verdict == "reproduced"
    assert by_id["table-2.ace-inhibitors"].verdict == "other_test"
    assert "range 31 to 36" in sentence(found, "survivors.denominators.soc")


@pytest.mark.parametrize(
    ("start", "kind", "words"),
    [
        ("abstract.scai/all", "inconsistent", "28 + 56 + 16 = 100 of 101"),
        ("abstract.scai-c/same", "inconsistent", "57"),
        ("abstract.scai-d/pct", "inconsistent", "cut off"),
        ("text.scai-c", "inconsistent", "two-thirds"),
        ("text.nonischemic", "inconsistent", "61.4%"),
        ("table-1.crt/pct.iabp", "inconsistent", "26.4%"),
        ("text.icd/pct", "inconsistent", "cut off"),
        ("text.swan-ganz-catheter/pct", "inconsistent", "43.6"),
        ("table-2.potassium-sparing-diuretics/pct.soc", "inconsistent", "no denominator up to 36"),
        ("table-2.sglt2-inhibitors/pct.iabp", "inconsistent", "44, more than the 43"),
        ("discussion.vascular-complications", "inconsistent", "table-3.limb-ischemia"),
        ("table-1.transfer-from/soc", "inconsistent", "46 of 48"),
        ("table-1.transfer-from/iabp", "inconsistent", "52 of 53"),
        ("text.renal-replacement", "other_test", "Fisher"),
        ("methods.stopped", "inconsistent", "futility"),
        ("methods.last-enrolment/before.stop-date", "inconsistent", "14 days after"),
        ("methods.last-enrolment/rate", "note", "2024-07-26"),
        ("methods.randomisation", "not_reproducible", "blocks of 10 or more"),
        ("methods.primary/after-success", "not_checkable", "7 participants"),
        ("methods.primary/censoring", "not_checkable", "htx or lvad"),
        ("methods.deferred-consent", "inconsistent", "consent"),
        ("map.bracket", "note", "iabp 0 of 5 with the event, soc 2 of 4"),
        ("table-3.max_inotropic_score/zeros", "inconsistent", "15 of 48"),
        ("methods.sample-size/method", "note", "Pocock"),
    ],
)
def test_listed_discrepancies(found, start, kind, words):
    hits = [f for f in found.findings if f.id.startswith(start) and f.kind == kind]
    assert any(words in f"{f.sentence} {f.arithmetic}" for f in hits), [f.sentence for f in found.findings if f.id.startswith(start)]


def test_randomisation_odds(found):
    told = sentence(found, "methods.randomisation")
    for words in ("one list, blocks [4, 6]: 0.00", "7 centre lists: 0.13", "simple randomisation: 0.69"):
        assert words in told


def test_what_is_right_stays_right(by_id):
    for row in ("abstract.bridged/pct.all", "text.antithrombotic/pct.all", "text.lvad/pct.all", "table-1.scai/soc", "text.bridged-total/iabp"):
        assert by_id[row].verdict == "reproduced"


@pytest.mark.parametrize(("slug", "row", "value"), [("van-t-hof-1999", "abstract.primary", "0.9387"), ("bcis-1-2013", "abstract.hazard-ratio/p", None)])
def test_the_other_papers(slug, row, value):
    found = audit(open_paper(slug))
    item = next(item for item in found.items if item.id == row)
    assert item.verdict == "reproduced"
    assert value is None or item.recomputed == value
    assert not found.wrong
