"""Reflex, drugs, oxygen, organs and other support: directions and sizes beside published ones, identities, books that balance."""

import numpy as np
import pytest

from counterpulse.bed.live import Input, apply
from counterpulse.bed.rest import rests_of
from counterpulse.bed.run import clock_of, make_bed, run
from counterpulse.body.build import blood
from counterpulse.body.drugs import COUNT, DRUGS, Dose, dose_of
from counterpulse.body.gas import catheter, no_catheter
from counterpulse.body.oxygen import body_surface_m2
from counterpulse.body.patient import Tone
from counterpulse.body.state import AT
from counterpulse.body.support import curves
from counterpulse.pump.settings import Settings
from counterpulse.refusal import RefusalError
from physiology_drugs import EXPECTED, changes, inside
from physiology_support import means
from plans import outcome_of, patient_of, settings_of

CLOCK = clock_of(1000.0)
# A known miss, in docs/validation/physiology: esmolol does not congest.
MISSED = {("esmolol", 2)}
WORDS = ("output, %", "MAP, %", "PCWP, mmHg", "HR, %")


@pytest.fixture(scope="module")
def drugs():
    return changes()


@pytest.mark.parametrize("drug", EXPECTED)
def test_a_drug_does_what_is_published(drugs, drug):
    for i, span in enumerate(EXPECTED[drug][1:5]):
        if (drug, i) not in MISSED:
            assert inside(drugs[drug][i], span), f"{WORDS[i]}: {drugs[drug][i]:+.1f}, published {span}"


def test_every_drug_names_its_dose_its_source_and_its_certainty():
    assert len(DRUGS) == COUNT
    for k, drug in enumerate(DRUGS.values()):
        dose = Dose(**{drug["field"]: 0.125})
        assert [dose_of(dose, other) for other in range(COUNT)] == [0.125 if other == k else 0.0 for other in range(COUNT)]
    for one in [*DRUGS.values(), *curves().values()]:
        assert one["source"]
        assert one["certainty"] in ("high", "moderate", "low")


@pytest.fixture(scope="module")
def supported():
    return means()


def test_an_axial_pump_gives_its_published_flow_and_unloads(supported):
    """Impella CP: P-8 3.1 to 3.7 L/min, P-9 up to 4.3; more support, less wedge, less pulse, less oxygen for the heart, more for the body."""
    none, low, high = supported["none"], supported["axial P-4"], supported["axial P-8"]
    assert 3.1 <= high["left_pump_flow_L_min"] <= 3.8
    assert 3.5 <= supported["axial P-9"]["left_pump_flow_L_min"] <= 4.3
    for key in ("pcwp_mmHg", "mvo2_mL_min", "pulse_mmHg", "lv_volume_mL"):
        assert none[key] > low[key] > high[key], key
    for key in ("svo2", "map_mmHg", "urine_mL_kg_h"):
        assert none[key] < low[key] < high[key], key


def test_an_lvad_takes_over(supported):
    none, lvad = supported["none"], supported["LVAD 5,400"]
    assert 4.0 <= lvad["left_pump_flow_L_min"] <= 6.5
    assert lvad["pcwp_mmHg"] < 0.6 * none["pcwp_mmHg"]
    assert lvad["cvp_mmHg"] > none["cvp_mmHg"]


def test_ecmo_brings_oxygen_and_afterload(supported):
    """Flow, pressure and SvO2 up, right side emptied, left ventricle distended and congested (the known price of peripheral VA-ECMO)."""
    none, ecmo = supported["none"], supported["ECMO 2,500"]
    assert 2.0 <= ecmo["ecmo_flow_L_min"] <= 4.0
    for key in ("map_mmHg", "svo2", "pcwp_mmHg", "lv_volume_mL", "mvo2_mL_min"):
        assert ecmo[key] > none[key], key
    for key in ("cvp_mmHg", "pulse_mmHg", "lactate_settles_mmol_L"):
        assert ecmo[key] < none[key], key


def beds(patients, rests=(), hardware=no_catheter, settings=None):
    """Patients in eight lanes, the last one repeated."""
    full = [*patients, *[patients[-1]] * (8 - len(patients))]
    known = [*rests, *[rests[-1]] * (8 - len(rests))] if rests else []
    return make_bed(full, [hardware() for _ in full], [settings or Settings(standby=1)] * 8, CLOCK, rests=known)


@pytest.fixture(scope="module")
def bled():
    """A healthy patient: left alone, bled of 500 mL without and with the reflex, bled and given back; and what is seen a minute later."""
    patient = patient_of("healthy")
    rest = rests_of([patient])[0]
    bed = beds([patient] * 4, [rest] * 4)
    bed.regulation[1].rest.known = 0
    run(bed, CLOCK, 60_000)
    for lane in (1, 2, 3):
        apply(bed, lane, Input(60_000, "dose.bleeding_mL_min", 500.0))
    run(bed, CLOCK, 60_000)
    bed.dose.bleeding_mL_min[:] = 0.0
    apply(bed, 3, Input(120_000, "dose.fluid_mL", 500.0))
    apply(bed, 3, Input(120_000, "dose.fluid_mL_min", 500.0))
    run(bed, CLOCK, 120_000)
    return bed, rest


def test_the_reflex_holds_pressure_up_when_blood_is_lost(bled, record_property):
    bed, rest = bled
    felt = bed.regulation.reflex.arterial_mmHg
    falls = felt[0] - felt  # the breath is the same in all lanes
    record_property("MAP lost with 500 mL of blood, without and with the reflex, mmHg", f"{falls[1]:.1f} and {falls[2]:.1f}")
    record_property("gain of the healthy reflex, mmHg restored per mmHg lost", f"{falls[1] / falls[2] - 1.0:.1f}")
    assert abs(felt[0] - rest.map_mmHg) < 2.5
    assert 1.5 < falls[1] / falls[2] < 5.0
    assert bed.now.heart_rate_per_min[2] > bed.tone.heart_rate_per_min[2] + 2.0
    assert bed.now.systemic_resistance[2] > 1.03
    assert bed.now.venous_shift_mL[2] < -15.0
    assert bed.now.lv_contractility[2] > 1.01
    assert abs(falls[3]) < 0.5 * falls[2]


def test_blood_given_and_taken_is_booked_and_haemoglobin_follows(bled):
    bed, _ = bled
    drugs = bed.regulation.drugs
    for lane in range(8):
        volume = float(bed.patient[lane].blood_volume_mL) + float(drugs.given_mL[lane] - drugs.taken_mL[lane])
        assert blood(bed.w, lane) == pytest.approx(volume, rel=1e-10)
    assert drugs.taken_mL[2] == pytest.approx(500.0, abs=1.0)
    hb = bed.regulation.oxygen.haemoglobin_g_dL
    assert hb[2] == pytest.approx(14.0, rel=1e-12)
    left = float(bed.patient[3].blood_volume_mL) - float(drugs.taken_mL[3])
    assert hb[3] == pytest.approx(14.0 * left / (left + 500.0), rel=1e-9)


def test_at_rest_nothing_is_asked_for():
    """The patient's own state is the equilibrium of the reflex: presets show what they showed without it."""
    names = ("healthy", "chronic-hf", "hf-shock", "ami-shock", "postcardiotomy", "stiff-aorta", "rv-failure", "aortic-regurgitation")
    patients = [patient_of(name, rr_variability=0.0) for name in names]
    bed = beds(patients, rests_of(patients))
    run(bed, CLOCK, 120_000)
    assert np.abs(bed.now.heart_rate_per_min / bed.tone.heart_rate_per_min - 1.0).max() < 0.01
    assert np.abs(bed.now.systemic_resistance - 1.0).max() < 0.01
    assert np.abs(bed.regulation.oxygen.force - 1.0).max() < 0.01


def test_without_a_rest_the_tone_in_force_is_the_one_set():
    bed = beds([patient_of("hf-shock")])
    bed.tone.systemic_resistance[0] = 1.25
    run(bed, CLOCK, 2_000)
    for name in Tone.fields():
        if name != "changed":
            assert bed.now[name].tobytes() == bed.tone[name].tobytes(), name


def test_fick_holds_in_the_steady_state():
    outcome = outcome_of("hf-shock")
    mean, patient = outcome.without.mean, outcome.plan.patient
    carried = 1.34 * float(patient.haemoglobin_g_dL) * 10.0
    used = carried * mean["co_L_min"] * (0.97 - mean["svo2"])
    assert used == pytest.approx(125.0 * body_surface_m2(patient), rel=0.03)
    assert mean["vo2_mL_min"] == pytest.approx(125.0 * body_surface_m2(patient), rel=1e-9)


def test_the_pump_relieves_an_ischaemic_heart_and_rate_falls():
    """AMI shock: more of the flow aimed at arrives, force comes back, MAP and HR change as in people (pump.md 5.4, 10)."""
    outcome = outcome_of("ami-shock")
    off, on = outcome.without.mean, outcome.assisted.mean
    assert on["coronary_demand_met"] > off["coronary_demand_met"] + 0.02
    assert on["ischaemic_force"] > off["ischaemic_force"]
    assert on["mvo2_mL_min"] < off["mvo2_mL_min"]
    assert 1.0 <= 100.0 * (on["map_mmHg"] / off["map_mmHg"] - 1.0) <= 7.0
    assert -5.0 <= on["hr_per_min"] - off["hr_per_min"] <= 0.0


def test_less_coronary_flow_takes_force_and_its_return_gives_it_back():
    patient = patient_of("high-risk-pci")
    rest = rests_of([patient])[0]
    bed = beds([patient] * 2, [rest] * 2)
    run(bed, CLOCK, 60_000)
    bed.patient[1].coronary_stenosis_mmHg_s_mL += 25.0
    bed.tone[1].changed = 1
    run(bed, CLOCK, 60_000)
    assert bed.regulation[1].oxygen.force < 0.97
    bed.patient[1].coronary_stenosis_mmHg_s_mL -= 25.0
    bed.tone[1].changed = 1
    run(bed, CLOCK, 120_000)
    assert bed.regulation[1].oxygen.force == pytest.approx(1.0, abs=0.02)


def test_a_sheath_in_a_narrow_artery_starves_the_leg():
    """An 8.5 mm femoral artery hardly notices, a diseased one of 3.6 mm does."""
    flow = {}
    for diameter in (8.5, 3.6):
        bed = beds([patient_of("hf-shock", femoral_diameter_mm=diameter)], hardware=catheter)
        run(bed, CLOCK, 30_000)
        flow[diameter] = float(bed.regulation[0].perfusion.sheath_share)
    assert flow[8.5] > 0.48
    assert flow[3.6] < 0.35


def test_peep_and_pushed_breaths_take_preload():
    bed = beds([patient_of("healthy")] * 2)
    bed.tone[1].peep_cmH2O, bed.tone[1].ventilated, bed.tone[1].changed = 15.0, 1, 1
    run(bed, CLOCK, 60_000)
    before = bed.w[AT.total_systemic].copy()
    run(bed, CLOCK, 20_000)
    output = bed.w[AT.total_systemic] - before
    assert output[1] < 0.97 * output[0]


def test_a_shock_ends_fibrillation():
    bed = beds([patient_of("healthy")])
    bed.tone[0].rhythm, bed.tone[0].changed = 4, 1
    run(bed, CLOCK, 10_000)
    still = int(bed.beat[0].number)
    apply(bed, 0, Input(10_000, "tone.shock", 1))
    run(bed, CLOCK, 10_000)
    assert bed.beat[0].number > still + 5
    assert bed.tone[0].shock == 0


def test_a_dissection_and_an_aneurysm_change_what_the_balloon_meets():
    """A wide aneurysm swallows the augmentation; a true lumen of a fifth has no room for the balloon, which then hinders instead of unloading; one of a third some."""
    changes = ({}, {"thoracic_aneurysm_mm": 55.0}, {"true_lumen_share": 0.3}, {"true_lumen_share": 0.2})
    plain, wide, third, split = (outcome_of("chronic-hf", patient=fields) for fields in changes)
    for outcome in (wide, third, split):
        assert outcome.faults == []
        assert outcome.assisted.mean["augmented_peak_mmHg"] < plain.assisted.mean["augmented_peak_mmHg"] - 3.0
    fall = lambda outcome: outcome.without.mean["end_diastolic_mmHg"] - outcome.assisted.mean["end_diastolic_mmHg"]  # noqa: E731
    assert fall(plain) > 5.0
    assert fall(third) < fall(plain) - 3.0
    assert fall(split) < 2.0
    assert split.assisted.mean["sv_mL"] < split.without.mean["sv_mL"]


def test_a_twin_is_regulated_as_its_original():
    patient = patient_of("hf-shock")
    rest = rests_of([patient])[0]
    bed = make_bed([patient] * 8, [catheter()] * 8, [settings_of("40-7.5")] * 8, CLOCK, [-1, 0] * 1 + [-1] * 6, [rest] * 8)
    run(bed, CLOCK, 60_000)
    assert bed.now.heart_rate_per_min[0] < bed.tone.heart_rate_per_min[0] - 0.5
    assert bed.now.heart_rate_per_min[1] == pytest.approx(float(bed.now.heart_rate_per_min[0]), rel=0.003)
    assert bed.beat[0].number == bed.beat[1].number


def test_inputs_out_of_range_are_refused():
    bed = beds([patient_of("healthy")])
    with pytest.raises(RefusalError, match=r"Dose\.dobutamine"):
        apply(bed, 0, Input(0, "dose.dobutamine_ug_kg_min", 100.0))
    with pytest.raises(RefusalError, match=r"Support\.axial_level"):
        apply(bed, 0, Input(0, "support.axial_level", 12.0))
