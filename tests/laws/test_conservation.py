"""Blood and helium over an hour with the pump on; an absent balloon."""

import numpy as np
import pytest

from counterpulse.bed.run import clock_of, make_bed, run
from counterpulse.body.build import blood, helium
from counterpulse.body.gas import Catheter, catheter, no_catheter
from counterpulse.body.state import AT
from counterpulse.pump.settings import Settings
from plans import patient_of, settings_of

CLOCK = clock_of(1000.0)
HOUR = 3_600_000
LAST_OF_BLOOD = AT.balloon_upper  # rows below are heart, vessels, valves, septum and tone
SHOWN = [AT.p_lv, AT.p_rv, AT.p_la, AT.p_ra, AT.p_root, AT.p_lumen, AT.p_radial, AT.p_femoral, AT.p_pa, AT.p_pv]


@pytest.fixture(scope="module")
def hour():
    """Four patients for an hour with the pump; the last one's balloon leaks 5 mL an hour at its mean pressure."""
    patients = [patient_of(name) for name in ("hf-shock", "af", "aortic-regurgitation", "hf-shock")]
    hardware = [catheter(), catheter(), catheter(), catheter(leak_mL_s_mmHg=2e-5)]
    bed = make_bed(patients, hardware, [settings_of("40-7.5")] * 4, CLOCK)
    before = [(blood(bed.w, i), helium(bed.w, i)) for i in range(4)]
    run(bed, CLOCK, HOUR)
    return bed, before


def test_blood_is_conserved_over_an_hour(hour, record_property):
    bed, before = hour
    assert bed.pump.inflations.min() > 3000
    worst = max(abs(blood(bed.w, i) / before[i][0] - 1.0) for i in range(4))
    record_property("blood volume, largest relative change in an hour with the pump", f"{worst:.1e}")
    assert worst < 1e-9


def test_helium_is_conserved_over_an_hour(hour, record_property):
    bed, before = hour
    worst = 0.0
    for i in range(4):
        worst = max(worst, abs(helium(bed.w, i) - before[i][1]) / before[i][1])
    record_property("helium, largest relative change in an hour with the pump, fills and leak counted", f"{worst:.1e}")
    assert worst < 1e-9
    assert bed.w[AT.gas_lost, 3] > 100.0
    assert (bed.w[AT.gas_lost, :3] == 0.0).all()


def test_a_balloon_of_0_mL_changes_nothing_bit_for_bit():
    patient = patient_of("hf-shock")
    console = settings_of("40-7.5")
    beds = [
        make_bed([patient] * 4, [hardware] * 4, [settings] * 4, CLOCK)
        for hardware, settings in ((no_catheter(), Settings(standby=1)), (Catheter(nominal_mL=0.0), console))
    ]
    without, empty = (run(bed, CLOCK, 30_000, kept=True) for bed in beds)
    assert (empty.valve == 1).any(), "the console with the absent balloon must be at work"
    assert (without.valve == -1).all()
    assert beds[0].w[:LAST_OF_BLOOD].tobytes() == beds[1].w[:LAST_OF_BLOOD].tobytes()
    assert beds[0].w[SHOWN].tobytes() == beds[1].w[SHOWN].tobytes()
    blood_side = [channel for channel in range(without.signals.shape[2]) if channel not in (10, 11)]  # gas pressures are the console's own
    assert without.signals[:, :, blood_side].tobytes() == empty.signals[:, :, blood_side].tobytes()
    assert without.samples.arterial_mmHg.tobytes() == empty.samples.arterial_mmHg.tobytes()
    assert np.array_equal(without.beat, empty.beat)
