"""Altshock-2 as rules: goals, escalation, eligibility before and after the amendment, and its stage table against the rule (notes, section 4)."""

import pytest

from counterpulse.clinic.eligibility import PROTOCOLS, eligible
from counterpulse.clinic.goals import goals, weaning
from counterpulse.clinic.patient import read
from counterpulse.clinic.published import altshock_shares
from counterpulse.clinic.table import data
from counterpulse.refusal import RefusalError

GOOD = {"hr": 90, "map": 70, "svo2_pct": 65, "pao2": 80, "lactate": 1.5, "pcwp": 15, "inotropic_score": 5, "diuresis": 1.0, "support_h": 8}
STRICT = [("hr", 100, 99.9), ("map", 65, 65.1), ("svo2_pct", 60, 60.1), ("pao2", 60, 60.1), ("lactate", 3, 2.99), ("pcwp", 18, 17.9), ("inotropic_score", 20, 19.9), ("diuresis", 0.5, 0.51)]


@pytest.mark.parametrize(("name", "at", "inside"), STRICT)
def test_every_goal_is_a_strict_inequality(name, at, inside):
    assert goals(read(GOOD | {name: at})).more["met"] == 7
    assert goals(read(GOOD | {name: inside})).more["met"] == 8


def test_filling_goal_takes_either_measure():
    assert goals(read(GOOD | {"pcwp": 25, "e_over_e": 13.9})).more["met"] == 8
    assert goals(read({**GOOD, "pcwp": None, "e_over_e": 14})).more["goals"]["filling"]["state"] == "unknown"


@pytest.mark.parametrize(("gone", "bad", "verdict"), [(0, 0, "reached"), (3, 0, "reached"), (4, 0, "indeterminate"), (0, 3, "reached"), (0, 4, "not reached"), (2, 2, "indeterminate"), (4, 4, "not reached")])
def test_five_of_eight(gone, bad, verdict):
    worse = {"hr": 130, "map": 50, "svo2_pct": 40, "pao2": 50, "lactate": 8, "pcwp": 30, "inotropic_score": 20, "diuresis": 0.1}
    names = list(worse)
    raw = GOOD | {name: worse[name] for name in names[:bad]} | dict.fromkeys(names[len(names) - gone :] if gone else [])
    found = goals(read(raw))
    assert found.verdict == verdict
    assert found.more["escalation"]["consider"] is {"reached": False, "not reached": True, "indeterminate": None}[verdict]


@pytest.mark.parametrize(("points", "mandatory"), [(20, False), (20.1, True), (5, False)])
def test_above_twenty_escalation_is_mandatory(points, mandatory):
    assert goals(read(GOOD | {"inotropic_score": points})).more["escalation"]["mandatory"] is mandatory


def test_formula_of_the_score_is_a_switch():
    doses = {"dopamine": 5, "levosimendan": 0.2, "norepinephrine": 0.06}
    raw = {key: value for key, value in GOOD.items() if key != "inotropic_score"} | doses
    assert goals(read(raw)).more["escalation"]["mandatory"] is True
    assert goals(read(raw), "vis").more["inotropic_score"] == pytest.approx(11)
    assert goals(read(raw), "inotropic").more["inotropic_score"] == pytest.approx(5)
    with pytest.raises(RefusalError):
        goals(read(raw), "best")


@pytest.mark.parametrize("sign", [{"tapse": 17}, {"rv_failure": True}, {"papi": 0.9, "cvp": 16}])
def test_right_ventricular_failure_is_told_apart(sign):
    assert "right-ventricle" in [item["id"] for item in goals(read(GOOD | sign)).more["escalation"]["advice"]]


def test_weaning_sets_disagree_and_stay_side_by_side():
    sets = weaning(read({"map": 72, "ci_L_min_m2": 2.3, "pcwp": 15, "cvp": 10, "lactate": 1.5, "significant_inotropes": False}))["sets"]
    assert sets["onorati-2013"]["verdict"] == "not ready"
    assert sets["pv-one"]["verdict"] == "ready"
    assert sets["checklist"]["verdict"] == "undetermined"
    failing = weaning(read({"ci": 1.9, "map": 70, "lactate": 3.2}), read({"ci": 2.5, "lactate": 2.0}))["failing"]
    assert len(failing) == 3


ABSENT = dict.fromkeys(("septic_shock", "severe_pad", "postcardiotomy", "noncardiac_surgery", "ami_within_month", "myocarditis", "pulmonary_embolism", "end_stage_organ", "other_disorder", "pregnant", "aortic_dissection"), False) | {"life_expectancy_years": 5, "aortic_regurgitation": 0}
IN = {"age": 60, "hf_cs": True, "hrt_candidate": True, "lvef": 20, "cs_onset_h": 3, "consent": True, "sbp": 85, "map": 60, "lactate": 3, "alt": 30, "ph": 7.35, "drugs": 0, "devices": 0,
      "ohca": False, "svo2_pct": 55, "diuresis": 0.4} | ABSENT


@pytest.mark.parametrize(
    ("change", "now", "before"),
    [
        ({}, "eligible", "eligible"), ({"age": 17}, "not eligible", "not eligible"), ({"age": 75}, "eligible", "eligible"), ({"age": 76}, "not eligible", "not eligible"),
        ({"lactate": 1, "svo2_pct": 70, "diuresis": 1}, "eligible", "not eligible"),
        ({"sbp": 95, "map": 70}, "eligible", "not eligible"), ({"sbp": 110, "map": 80, "lactate": 1}, "not eligible", "not eligible"), ({"lactate": 11}, "not eligible", "eligible"),
        ({"lvef": 35}, "not eligible", "not eligible"), ({"ami_within_month": True}, "not eligible", "not eligible"), ({"ami_within_month": None}, "undetermined", "undetermined"),
        ({"aortic_regurgitation": 2}, "not eligible", "not eligible"), ({"consent": None}, "undetermined", "undetermined"),
    ],
)
def test_eligibility_after_and_before_the_amendment(change, now, before):
    assert eligible(read(IN | change), "altshock-2").verdict == now
    assert eligible(read(IN | change), "altshock-2-original").verdict == before


@pytest.mark.parametrize("name", [key for key, value in ABSENT.items() if value is False])
def test_every_exclusion_excludes(name):
    found = eligible(read(IN | {name: True}), "altshock-2")
    assert found.verdict == "not eligible"
    assert len(found.more["reasons"]) == 1


def test_missing_stage_inputs_leave_it_open_and_say_which():
    raw = {key: value for key, value in IN.items() if key != "ph"}
    found = eligible(read(raw), "altshock-2")
    assert (found.verdict, found.missing, found.best, found.worst) == ("undetermined", ["ph"], "eligible", "not eligible")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_protocol_carries_sources_and_marks_what_is_assumed(protocol):
    body = data(f"protocol-{protocol}")
    known = data("sources")
    for item in body["criterion"]:
        assert item["source"] in known
        assert item["certainty"]
        assert item["certainty"] in ("S", "D", "M-hi") or "assumed" in item or protocol == "iabp"
    found = eligible(read({"age": 60}), protocol)
    assert found.verdict == "undetermined"
    assert found.missing


@pytest.mark.parametrize(
    ("raw", "verdict"),
    [({"aortic_regurgitation": 3}, "contraindicated"), ({"aortic_regurgitation": 2}, "contraindicated"), ({"aortic_dissection": True}, "contraindicated"),
     ({"aortic_aneurysm": True}, "disputed contraindication"), ({"severe_pad": True}, "disputed contraindication"), ({"lvot_obstruction": True}, "relative contraindication"),
     ({"mechanical_complication": True}, "indicated"), ({"ami_shock": True}, "not recommended"), ({"ami_shock": True, "mechanical_complication": True}, "indicated"), ({}, "no indication"),
     ({"myocarditis": True, "aortic_regurgitation": 3}, "contraindicated"), ({"myocarditis": True, "aortic_regurgitation": None}, "undetermined")],
)
def test_the_pump_itself(raw, verdict):
    book = data("protocol-iabp")["criterion"]
    from counterpulse.clinic import logic  # noqa: PLC0415

    calm = {name: False for item in book for name in logic.names(item["when"]) if name != "aortic_regurgitation_grade"} | {"aortic_regurgitation_grade": 0}
    given = {key if key != "aortic_regurgitation" else "aortic_regurgitation_grade": value for key, value in raw.items()}
    found = eligible(read(calm | given))
    assert found.verdict == verdict
    if verdict == "disputed contraindication":
        assert len(found.more["reasons"][0]["conflict"]) >= 2


BCIS = {"pci_planned": True, "lvef": 30, "jeopardy_score": 8, "unprotected_supply_40": False, "cardiogenic_shock": False, "ami_days": 400, "mechanical_complication": False,
        "iabp_contraindication": False, "severe_pad": False, "aortic_regurgitation": 0, "pci_planned_days": 90, "bleeding_diathesis": False}


@pytest.mark.parametrize(("change", "verdict"), [({}, "eligible"), ({"lvef": 31}, "not eligible"), ({"jeopardy_score": 6}, "not eligible"), ({"jeopardy_score": 6, "unprotected_supply_40": True}, "eligible"),
                                                 ({"ami_days": 1}, "not eligible"), ({"pci_planned_days": 28}, "not eligible"), ({"bleeding_diathesis": None}, "undetermined")])
def test_bcis_1(change, verdict):
    assert eligible(read(BCIS | change), "bcis-1").verdict == verdict


def test_the_table_of_altshock_2_against_the_rule():
    found = altshock_shares()
    whole, standard, pump = found["arms"]
    assert whole["printed"] == {"A": 0, "B": 28, "C": 57, "D": 16, "E": 0}
    assert [round(whole["printed_pct"][letter]) for letter in "BCD"] == [28, 56, 16]
    strict = standard["readings"][0]["allowed"]
    assert strict["B"][1] == pytest.approx(0.25, abs=1e-6)
    assert strict["D"][0] == pytest.approx(0.25, abs=1e-6)
    assert standard["printed"]["B"] / 48 > strict["B"][1] + 1 / 48
    assert standard["printed"]["D"] / 48 < strict["D"][0] - 1 / 48
    assert sum("standard care" in text for text in found["contradictions"]) == 3
    assert not any(text.startswith("balloon pump") for text in found["contradictions"])
    assert pump["readings"][2]["allowed"]["C"][1] == pytest.approx(1)
