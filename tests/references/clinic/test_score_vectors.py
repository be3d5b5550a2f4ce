"""Test vectors and boundaries of the scores: clinical notes, sections 2, 3 and 5."""

import math

import pytest

from counterpulse.clinic.infarct import win_ratio
from counterpulse.clinic.scores import NAMES, score
from counterpulse.refusal import RefusalError


@pytest.mark.parametrize(
    ("name", "raw", "points"),
    [
        ("inotropic", {"dopamine": 5, "epinephrine": 0.05}, 10),
        ("vis", {"dopamine": 5, "epinephrine": 0.1, "milrinone": 0.5, "vasopressin": 0.0003, "norepinephrine": 0.1}, 33),
        ("vis-extended", {"dopamine": 3, "epinephrine": 0.05, "milrinone": 0.25, "levosimendan": 0.1}, 15.5),
        ("vis", {"dopamine": 3, "epinephrine": 0.05, "milrinone": 0.25, "levosimendan": 0.1}, 10.5),
        ("vis", {"weight_kg": 75, "drugs": [{"name": "vasopressin", "dose": 0.03, "unit": "U/min"}]}, 4),
        ("vis", {"weight_kg": 75, "drugs": [{"name": "vasopressin", "dose": 1.8, "unit": "U/h"}]}, 4),
        ("vis", {"drugs": [{"name": "vasopressin", "dose": 0.4, "unit": "mU/kg/min"}]}, 4),
        ("vis", {"drugs": 0}, 0),
    ],
)
def test_inotropic_scores(name, raw, points):
    assert score(name, raw).verdict == pytest.approx(points)


def test_an_unknown_dose_leaves_bounds_and_a_left_out_drug_is_named():
    found = score("vis", {"drugs": ["dopamine"]})
    assert found.verdict is None
    assert (found.best, found.worst) == (0, 50)
    assert any("levosimendan" in note for note in score("vis", {"dopamine": 3, "levosimendan": 0.1}).notes)


def test_disputed_coefficients_are_shown_and_never_added():
    found = score("vis-extended", {"dopamine": 0, "drugs": [{"name": "olprinone", "dose": 0.1, "unit": "ug/kg/min"}]})
    assert found.verdict == 0
    assert found.more["disputed"]["olprinone"]["values"] == [10, 25]


SOFA = {"pf_mmHg": 450, "respiratory_support": False, "platelets": 200, "bilirubin": 1.0, "map": 80, "drugs": 0, "gcs": 15, "creatinine": 1.0, "urine_mL_day": 1500}
SOFA_CASES = [
    ({}, 0), ({"pf_mmHg": 400}, 0), ({"pf_mmHg": 399}, 1), ({"pf_mmHg": 299}, 2), ({"pf_mmHg": 199}, 2), ({"pf_mmHg": 199, "respiratory_support": True}, 3),
    ({"pf_mmHg": 99, "respiratory_support": True}, 4), ({"platelets": 149}, 1), ({"platelets": 99}, 2), ({"platelets": 49}, 3), ({"platelets": 19}, 4), ({"platelets": 150}, 0),
    ({"bilirubin": 1.2}, 1), ({"bilirubin": 2.0}, 2), ({"bilirubin": 6.0}, 3), ({"bilirubin": 12.0}, 4), ({"map": 70}, 0), ({"map": 69}, 1), ({"gcs": 14}, 1), ({"gcs": 12}, 2),
    ({"gcs": 9}, 3), ({"gcs": 6}, 3), ({"gcs": 5}, 4), ({"creatinine": 1.2}, 1), ({"creatinine": 2.0}, 2), ({"creatinine": 3.5}, 3), ({"creatinine": 5.0}, 4),
    ({"urine_mL_day": 499}, 3), ({"urine_mL_day": 199}, 4),
]
DOSES = [({"dopamine": 5}, 2), ({"dopamine": 5.1}, 3), ({"dopamine": 15}, 3), ({"dopamine": 15.1}, 4), ({"dobutamine": 1}, 2), ({"epinephrine": 0.1}, 3), ({"epinephrine": 0.11}, 4),
         ({"norepinephrine": 0.1}, 3), ({"norepinephrine": 0.11}, 4), ({"milrinone": 0.5}, 0), ({"vasopressin": 0.0004}, 0), ({"levosimendan": 0.1}, 0)]


@pytest.mark.parametrize(("change", "points"), SOFA_CASES)
def test_sofa_boundaries(change, points):
    assert score("sofa", SOFA | change).verdict == points


@pytest.mark.parametrize(("doses", "points"), DOSES)
def test_sofa_cardiovascular_doses_and_its_blind_spot(doses, points):
    raw = {key: value for key, value in SOFA.items() if key != "drugs"}
    assert score("sofa", raw | doses).more["items"]["cardiovascular"] == points


def test_sofa_missing_organ_is_zero_only_when_declared():
    raw = {key: value for key, value in SOFA.items() if key != "gcs"}
    assert score("sofa", raw).verdict is None
    assert (score("sofa", raw).best, score("sofa", raw).worst) == (0, 4)
    assert score("sofa", raw, missing_zero=True).verdict == 0


def test_maximum_sofa_of_a_stay():
    assert score("sofa", {"days": [SOFA, SOFA | {"gcs": 9}, SOFA | {"map": 60}]}).verdict == 3


def test_sofa_2_gives_the_pump_four_points_and_sofa_none():
    raw = {**SOFA, "devices": 1, "other_vasoactive": False, "dopamine": 0, "drugs": 0}
    assert score("sofa-2", raw).more["items"]["cardiovascular"] == 4
    assert score("sofa", raw).more["items"]["cardiovascular"] == 0


BARC = [({}, "0"), ({"bleeding_overt": True}, "1"), ({"bleeding_overt": True, "bleeding_actionable": True}, "2"), ({"bleeding_overt": True, "hb_drop_g_dL": 2.9}, "1"),
        ({"bleeding_overt": True, "hb_drop_g_dL": 3}, "3a"), ({"bleeding_overt": True, "transfusion": True}, "3a"), ({"bleeding_overt": True, "hb_drop_g_dL": 5}, "3b"),
        ({"bleeding_overt": True, "tamponade": True}, "3b"), ({"intracranial_bleed": True}, "3c"), ({"cabg_related_48h": True, "red_cell_units_48h": 5}, "4"),
        ({"cabg_related_48h": True, "chest_tube_mL_24h": 2000}, "4"), ({"cabg_related_48h": True, "red_cell_units_48h": 4}, "0"), ({"fatal_bleeding_probable": True}, "5a"),
        ({"fatal_bleeding_definite": True}, "5b")]


@pytest.mark.parametrize(("raw", "kind"), BARC)
def test_barc(raw, kind):
    assert score("barc", raw).verdict == kind


KDIGO = [({"creatinine": 1.49, "creatinine_baseline": 1.0}, 0), ({"creatinine": 1.5, "creatinine_baseline": 1.0}, 1), ({"creatinine": 1.3, "creatinine_48h_ago": 1.0}, 1),
         ({"creatinine": 2.0, "creatinine_baseline": 1.0}, 2), ({"creatinine": 3.0, "creatinine_baseline": 1.0}, 3), ({"creatinine": 4.0, "creatinine_48h_ago": 3.6}, 3),
         ({"renal_replacement": True}, 3), ({"urine_below_half_h": 6}, 1), ({"urine_below_half_h": 12}, 2), ({"urine_below_third_h": 24}, 3), ({"anuria_h": 12}, 3),
         ({"creatinine": 2.0, "creatinine_baseline": 1.0, "anuria_h": 12}, 3)]


@pytest.mark.parametrize(("raw", "points"), KDIGO)
def test_kdigo(raw, points):
    assert score("kdigo", raw).verdict == points


CARDSHOCK = {"age": 60, "confusion": False, "prior_mi_or_cabg": False, "acs": False, "lvef": 50, "lactate": 1, "egfr": 80}


@pytest.mark.parametrize(
    ("change", "points", "risk"),
    [({}, 0, "8.7"), ({"age": 75}, 0, "8.7"), ({"age": 76}, 1, "8.7"), ({"lvef": 39}, 1, "8.7"), ({"lactate": 2}, 1, "8.7"), ({"lactate": 4}, 1, "8.7"), ({"lactate": 4.1}, 2, "8.7"),
     ({"egfr": 60}, 1, "8.7"), ({"egfr": 29}, 2, "8.7"), ({"egfr": 29, "lactate": 5}, 4, "36"), ({"egfr": 29, "lactate": 5, "acs": True, "confusion": True}, 6, "77"),
     ({"age": 80, "confusion": True, "prior_mi_or_cabg": True, "acs": True, "lvef": 20, "lactate": 9, "egfr": 9}, 9, "77")],
)
def test_cardshock(change, points, risk):
    found = score("cardshock", CARDSHOCK | change)
    assert found.verdict == points
    assert found.more["risk"].startswith(risk)


SHOCK2 = {"age": 60, "prior_stroke": False, "glucose": 120, "creatinine": 1.0, "lactate": 2, "timi": 3}


@pytest.mark.parametrize(
    ("change", "points", "risk"),
    [({}, 0, "23.8"), ({"age": 73}, 0, "23.8"), ({"age": 74}, 1, "23.8"), ({"glucose": 191}, 0, "23.8"), ({"glucose": 192}, 1, "23.8"), ({"creatinine": 1.5}, 0, "23.8"),
     ({"creatinine": 1.6}, 1, "23.8"), ({"lactate": 5}, 0, "23.8"), ({"lactate": 5.1}, 2, "23.8"), ({"timi": 2, "lactate": 6}, 4, "49.2"),
     ({"age": 80, "prior_stroke": True, "glucose": 300, "creatinine": 3, "lactate": 9, "timi": 0}, 9, "76.6")],
)
def test_iabp_shock_ii_score(change, points, risk):
    found = score("iabp-shock-ii", SHOCK2 | change)
    assert found.verdict == points
    assert found.more["risk"].startswith(risk)


LESION = [
    ({"lesions": []}, 0, 0), ({"lesions": [{"segment": "left-main", "stenosis_pct": 50}]}, 10, 10), ({"lesions": [{"segment": "left-main", "stenosis_pct": 49}]}, 0, 0),
    ({"dominance": "left", "lesions": [{"segment": "left-main", "stenosis_pct": 60}]}, 12, 12), ({"lesions": [{"segment": "lad-proximal", "stenosis_pct": 70}]}, 6, 6),
    ({"lesions": [{"segment": "lad-proximal", "stenosis_pct": 69}]}, 0, 0), ({"lesions": [{"segment": "lad", "stenosis_pct": 80}]}, 2, 2),
    ({"lesions": [{"segment": "rca-proximal", "stenosis_pct": 90}]}, 2, 2), ({"dominance": "left", "lesions": [{"segment": "rca-proximal", "stenosis_pct": 90}]}, 0, 0),
    ({"lesions": [{"segment": "left-main", "stenosis_pct": 90}, {"segment": "rca", "stenosis_pct": 100}]}, 12, 12),
    ({"lesions": [{"segment": "lad-proximal", "stenosis_pct": 90}], "grafts": [{"segment": "lad", "stenosis_pct": 0}]}, 0, 6),
    ({"lesions": [{"segment": "lad-proximal", "stenosis_pct": 90}], "grafts": [{"segment": "lad", "stenosis_pct": 70}]}, 6, 6),
    ({"lesions": [{"segment": "lad-proximal", "stenosis_pct": 90}, {"segment": "lad", "stenosis_pct": 90}], "grafts": [{"segment": "lad", "stenosis_pct": 0}]}, 4, 6),
]


@pytest.mark.parametrize(("raw", "bcis", "duke"), LESION)
def test_jeopardy_scores(raw, bcis, duke):
    assert score("bcis-1-js", raw).verdict == bcis
    assert score("duke", raw).verdict == duke


def test_jeopardy_bounds_and_revascularisation_index():
    assert score("bcis-1-js", {"lesions": [{"segment": "left-main", "stenosis_pct": None}]}).verdict is None
    assert score("bcis-1-js", {"lesions": [{"segment": "left-main", "stenosis_pct": None}]}).worst == 10
    found = score("bcis-1-js", {"lesions": [{"segment": "left-main", "stenosis_pct": 90}], "after": {"lesions": [{"segment": "lad", "stenosis_pct": 90}]}})
    assert found.more["revascularisation_index"] == pytest.approx((10 - 2) / 10)


def test_ldhq72_of_a_constant_activity_has_a_closed_form():
    samples = [{"time_h": t, "ldh_U_L": 300} for t in (0, 12, 24, 48, 72)]
    found = score("ldhq72", {"baseline_U_L": 200, "samples": samples})
    escaped = 0.014 * 100 * (1 - math.exp(-0.018 * 72)) / 0.018
    assert found.more["items"]["in_plasma_U_L"] == 100
    assert found.more["items"]["cleared_U_L"] == pytest.approx(0.015 * 100 * 72)
    assert found.more["items"]["outside_plasma_U_L"] == pytest.approx(escaped, rel=0.02)
    assert found.verdict == pytest.approx(100 + 108 + escaped, rel=0.01)


@pytest.mark.parametrize("samples", [[(6, 300), (12, 500)], [(6, 300), (12, 500), (24, 400), (48, 300)]])
def test_ldhq72_without_the_samples_it_needs_has_no_verdict(samples):
    found = score("ldhq72", {"baseline_U_L": 200, "samples": [{"time_h": t, "ldh_U_L": c} for t, c in samples]})
    assert found.verdict is None
    assert found.missing


def test_weighted_unsatisfactory_outcome_is_labelled_ours_and_takes_the_worst_event():
    found = score("unsatisfactory", {"events": ["reinfarction", "stroke"]})
    assert found.verdict == 0.8
    assert "not Braunwald" in found.rule
    assert score("unsatisfactory", {"events": []}).verdict == 0
    assert score("unsatisfactory", {"events": None}).verdict is None
    assert win_ratio([["stroke"], []], [["death"], []]) == {"wins": 2, "losses": 1, "ties": 1, "win_ratio": 2.0}


def test_weights_may_come_with_the_request_and_are_labelled():
    ours = {"death": 1.0, "haemorrhagic-stroke": 0.9, "stroke": 0.2, "ef-below-30": 0.6, "reinfarction": 0.5, "heart-failure": 0.4, "pulmonary-oedema": 0.3}
    found = score("unsatisfactory", {"events": ["stroke"], "weights": ours})
    assert found.verdict == 0.2
    assert "given with the request" in found.rule
    assert found.more["sensitivity"]["project"] == 0.8
    for wrong in ({"death": 1.0}, ours | {"stroke": 2}, "equal"):
        with pytest.raises(RefusalError):
            score("unsatisfactory", {"events": ["stroke"], "weights": wrong})


@pytest.mark.parametrize("name", NAMES)
def test_every_score_names_source_and_says_what_it_lacks(name):
    raw = {"baseline_U_L": 100, "samples": []} if name == "ldhq72" else {"sbp": 90, "dbp": 60} if name == "haemodynamics" else {}
    found = score(name, raw).as_json()
    assert found["sources"]
    assert found["missing"]


@pytest.mark.parametrize(("name", "raw"), [("nope", {}), ("bcis-1-js", {"lesions": [{"segment": "aorta", "stenosis_pct": 3}]}), ("unsatisfactory", {"events": ["cough"]}),
                                           ("bcis-1-js", {"lesions": [{"segment": "lad", "stenosis_pct": 130}]}), ("ldhq72", {})])
def test_bad_input_is_refused(name, raw):
    with pytest.raises(RefusalError):
        score(name, raw)


BED = {"sbp": 90, "dbp": 60, "hr": 95, "cvp": 14, "pas": 50, "pad": 26, "pcwp": 25, "co": 3.7, "height": 175, "weight": 78, "mitral_e_cm_s": 90, "e_septal_cm_s": 5, "e_lateral_cm_s": 7,
       "hb": 12, "sao2_pct": 98, "svo2_pct": 58, "vo2": 230, "pao2": 80, "fio2": 0.4, "lvedv": 214, "lvesv": 177}
NUMBERS = {
    "map_mmHg": 70, "mpap_mmHg": 34, "proportional_pulse_pressure": 1 / 3, "bsa_m2": math.sqrt(175 * 78 / 3600), "bsa_dubois_m2": 0.007184 * 78**0.425 * 175**0.725,
    "ci_L_min_m2": 3.7 / math.sqrt(175 * 78 / 3600), "sv_mL": 3700 / 95, "fick_co_L_min": 230 / (13.4 * 12 * 0.40), "svr_dyn_s_cm5": 80 * 56 / 3.7, "pvr_WU": 9 / 3.7, "tpg_mmHg": 9,
    "dpg_mmHg": 1, "cpo_W": 70 * 3.7 / 451, "cpo_rap_corrected_W": 56 * 3.7 / 451, "papi": 24 / 14, "rap_pcwp": 14 / 25, "api": 30 / 25, "coronary_perfusion_pressure_mmHg": 35,
    "e_over_e": 15, "pf_mmHg": 200, "lvef_pct": 100 * 37 / 214, "lvcpi_W_m2": 3.7 / math.sqrt(175 * 78 / 3600) * 70 / 451, "pa_compliance_mL_mmHg": 3700 / 95 / 24, "ea_mmHg_mL": 81 / (3700 / 95),
}


@pytest.mark.parametrize(("name", "value"), NUMBERS.items())
def test_derived_haemodynamics(name, value):
    assert score("haemodynamics", BED).more["numbers"][name]["value"] == pytest.approx(value)


def test_papi_is_guarded_and_the_triangle_is_not_used_on_the_pump():
    assert "papi" not in score("haemodynamics", BED | {"cvp": 0.5}).more["numbers"]
    assert "map_mmHg" not in score("haemodynamics", BED | {"iabp": True}).more["numbers"]
    assert "coronary_perfusion_pressure_mmHg" not in score("haemodynamics", BED | {"iabp": True}).more["numbers"]
