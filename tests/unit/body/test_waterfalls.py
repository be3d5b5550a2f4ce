"""Vessels that close: layers of the heart's wall in systole, arterioles above the veins' pressure."""

import pytest

from counterpulse.bed.run import clock_of, make_bed, run
from counterpulse.body.coronary import CLOSING_MMHG, DEEP, SHALLOW, drive, tone_most
from counterpulse.body.gas import no_catheter
from counterpulse.body.patient import Rhythm
from counterpulse.body.state import AT
from counterpulse.pump.settings import Settings
from plans import outcome_of, patient_of


def test_deep_layers_are_shut_in_systole_and_all_are_open_in_diastole():
    assert drive(80.0, 0.0, 0.0) == pytest.approx(80.0 - CLOSING_MMHG)
    squeezed = 70.0
    assert DEEP * squeezed > 100.0
    assert drive(100.0, squeezed, 0.0) == pytest.approx((100.0 - squeezed + 100.0 - SHALLOW * squeezed) / 3.0)
    assert drive(CLOSING_MMHG, 0.0, 0.0) == 0.0
    assert drive(80.0, 0.0, 40.0) == pytest.approx(40.0)  # full veins hold back


def test_a_bed_without_reserve_neither_dilates_nor_constricts():
    assert tone_most(1.0) == 1.0
    assert tone_most(4.0) == tone_most(6.0) == 3.0
    assert 1.0 < tone_most(1.5) < tone_most(2.0) < 3.0


def test_when_the_heart_stops_arterioles_close_and_arteries_stay_above_the_veins():
    """What still leaks out of the arteries runs through the heart's own vessels, which close at 20 mmHg over the chest's pressure."""
    patients = [patient_of("healthy"), patient_of("healthy", closing_mmHg=0.0)]
    bed = make_bed([*patients, *[patients[0]] * 6], [no_catheter()] * 8, [Settings(standby=1)] * 8, clock_of(1000.0))
    run(bed, clock_of(1000.0), 20_000)
    bed.tone.rhythm[:], bed.tone.changed[:] = int(Rhythm.ASYSTOLE), 1
    run(bed, clock_of(1000.0), 30_000)
    gap = bed.w[AT.p_root, :2] - bed.w[AT.p_ra, :2]
    assert bed.w[AT.gut_bed, 0] == 0.0 < bed.w[AT.gut_bed, 1]
    assert gap[0] > 5.0 > gap[1]


def test_the_pump_feeds_a_dilated_bed_and_not_a_regulated_one():
    """Fuchs, Kern 1993: flow follows diastolic pressure where nothing regulates it; dogs with intact autoregulation: within 5 %."""
    change = {}
    for name, bed in (("healthy", {}), ("high-risk-pci", {"coronary_reserve": 1.0, "coronary_stenosis_mmHg_s_mL": 0.0})):
        outcome = outcome_of(name, patient=bed)
        off, on = (arm.mean["coronary_flow_mL_min"] for arm in (outcome.without, outcome.assisted))
        change[name] = 100.0 * (on / off - 1.0)
    assert abs(change["healthy"]) < 5.0
    assert change["high-risk-pci"] > 8.0
