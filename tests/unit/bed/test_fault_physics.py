"""Faults of gas and line as physics: each does to balloon, gas and blood what it says, and ends without a trace where it can."""

from itertools import pairwise

import numpy as np
import pytest

from counterpulse.bed.beats import rows_of
from counterpulse.bed.channels import NAMES, Wave
from counterpulse.bed.faults import moves
from counterpulse.bed.live import Input, apply
from counterpulse.bed.run import clock_of, make_bed, run, snapshot
from counterpulse.body.build import blood, helium
from counterpulse.body.gas import catheter
from counterpulse.body.state import AT
from counterpulse.cohort.preset import load
from counterpulse.pump.settings import Settings
from counterpulse.signals.sample import Source

CLOCK = clock_of(1000.0)
HF = load("hf-shock").patient
FAULTS = ("kink", "kink-valve", "leak", "rupture", "too-high", "too-low", "sheathed", "altitude")


def console():
    """A pump that goes on whatever its alarms would stop: what is looked at is the gas."""
    return Settings(volume_mL=40.0, balloon_mL=40.0, line_delay_ms=40.0, empty_s=0.1185, gas_watched=0)


@pytest.fixture(scope="module")
def settled():
    """Eight lanes of one patient at 12 s."""
    bed = make_bed([HF] * 8, [catheter()] * 8, [console()] * 8, CLOCK)
    run(bed, CLOCK, 12_000)
    return bed


@pytest.fixture(scope="module")
def struck(settled):
    """Lane by lane a fault, six seconds of it, of which the last five are kept; the last lane is sound in a second bed."""
    bed = snapshot(settled)
    severities = (4.0, 8.0, 0.02, 0.05, 6.0, 8.0, 0.5, 54.0)
    before = [(blood(bed.w, i), helium(bed.w, i)) for i in range(8)]
    for i, (name, severity) in enumerate(zip(FAULTS, severities, strict=True)):
        apply(bed, i, Input(0, f"fault.{name}", severity))
    run(bed, CLOCK, 1000)
    trace = run(bed, CLOCK, 5000, kept=True)
    return {name: Wave(trace.signals[:, i], trace.beat[:, i], 0.001) for i, name in enumerate(FAULTS)}, bed, before, trace


def baseline(trace, lane):
    """Mean pressure at the console's end just before each command to drive."""
    drives = np.flatnonzero(np.diff(trace.valve[:, lane]) > 0)
    assert len(drives) > 3
    return trace.signals[drives, lane, NAMES.index("console")].mean()


def left_over(trace, lane):
    """Least volume of the balloon from one inflation to the next beat's, median, mL; beats that the console leaves out are not counted."""
    drives = np.flatnonzero(np.diff(trace.valve[:, lane].astype(int)) > 0)
    volume = Wave(trace.signals[:, lane], trace.beat[:, lane], 0.001).balloon_mL
    pairs = [(a, b) for a, b in pairwise(drives) if b - a < 900]
    assert pairs
    return np.median([volume[a:b].min() for a, b in pairs])


@pytest.fixture(scope="module")
def sound(settled):
    bed = snapshot(settled)
    run(bed, CLOCK, 1000)
    trace = run(bed, CLOCK, 5000, kept=True)
    assert baseline(trace, 0) == pytest.approx(11.0, abs=3.0)
    return Wave(trace.signals[:, 0], trace.beat[:, 0], 0.001)


def slowest(wave, up):
    """Share of the balloon's swing that moves in the fastest 50 ms."""
    swing = np.ptp(wave.balloon_mL)
    step = np.diff(wave.balloon_mL[::50])
    return (step.max() if up else -step.min()) / swing


def test_a_kink_slows_both_ways_and_a_valve_one(struck, sound):
    waves = struck[0]
    assert slowest(waves["kink"], up=True) < 0.6 * slowest(sound, up=True)
    assert np.ptp(waves["kink"].balloon_mL) < 0.8 * np.ptp(sound.balloon_mL)
    assert slowest(waves["kink-valve"], up=True) > 0.9 * slowest(sound, up=True)
    assert left_over(struck[3], FAULTS.index("kink-valve")) > 20.0 > left_over(struck[3], FAULTS.index("altitude")) + 15.0  # what went in does not come out in time


def test_a_leak_loses_helium_and_a_rupture_bleeds(struck):
    _, bed, before, _ = struck
    leak, rupture = FAULTS.index("leak"), FAULTS.index("rupture")
    assert bed.w[AT.gas_lost, leak] > 500.0
    assert bed.w[AT.gas_blood, leak] == 0.0
    assert bed.w[AT.gas_blood, rupture] > 0.05
    assert int(bed.sample[rupture].blood) == int(bed.w[AT.gas_blood, rupture] >= bed.monitor[rupture].blood_seen_mL)
    for i in range(8):
        assert blood(bed.w, i) == pytest.approx(before[i][0], rel=1e-12)
        assert helium(bed.w, i) == pytest.approx(before[i][1], rel=1e-9)


def test_a_balloon_too_high_starves_the_arm_and_one_too_low_the_viscera(struck, sound):
    waves = struck[0]
    assert waves["too-high"].radial.mean() < 0.8 * sound.radial.mean()
    assert waves["too-low"].radial.mean() == pytest.approx(sound.radial.mean(), rel=0.1)
    assert waves["too-high"].root.mean() == pytest.approx(sound.root.mean(), rel=0.15)


def test_a_sheathed_balloon_augments_less(struck, sound):
    peaks = [np.mean([row["augmented_peak_mmHg"] for row in rows_of(wave, "root", float(HF.lv_v0_mL))[1]]) for wave in (struck[0]["sheathed"], sound)]
    assert peaks[0] < peaks[1] - 4.0
    assert struck[0]["sheathed"].balloon_mL.max() < 0.8 * sound.balloon_mL.max()


def test_height_raises_the_baseline(struck):
    """A fixed mass of helium in the same room: the gauge rises by what the air has lost."""
    assert baseline(struck[3], FAULTS.index("altitude")) == pytest.approx(11.0 + 54.0, abs=8.0)


def test_what_sticks_does_not_obey_and_an_empty_cylinder_gives_nothing(settled):
    bed = snapshot(settled)
    for lane, (name, severity) in enumerate((("valve-stuck", 1.0), ("valve-stuck", 3.0), ("no-drive", 1.0), ("gas-warm", 30.0))):
        apply(bed, lane, Input(0, f"fault.{name}", severity))
    trace = run(bed, CLOCK, 4000, kept=True)
    gas = [Wave(trace.signals[:, i], trace.beat[:, i], 0.001).balloon_mL[2000:] for i in range(5)]
    assert gas[0].min() > 30.0
    assert gas[1].max() < 5.0
    assert gas[2].max() < 10.0
    assert baseline(trace, 3) - baseline(trace, 4) > 40.0  # 771 mmHg * 30 / 310, less what the limp balloon takes up


def shown(settled, name, severity, place=-1, samples=4000):
    """Samples of a lane with a fault beside those of the same lane without; in standby, since a console that times by what it sees would make two patients of them."""
    bed = snapshot(settled)
    bed.settings.standby[:] = 1
    apply(bed, 0, Input(0, f"fault.{name}", severity, place))
    trace = run(bed, CLOCK, samples, kept=True)
    return trace.samples[:, 0], trace.samples[:, 1]


def test_packets_that_never_come_leave_the_last_value(settled):
    lossy, whole = shown(settled, "dropped", 0.5)
    blocks = (lossy["ecg_mV"][:, 0].reshape(-1, 40)[1:-1] == lossy["ecg_mV"][:, 0].reshape(-1, 40)[1:-1, :1]).all(axis=1)
    assert 0.3 < blocks.mean() < 0.7
    assert (lossy["ecg_mV"][:, 0] == whole["ecg_mV"][:, 0]).mean() > 0.3


def test_samples_that_are_no_numbers_come_as_often_as_asked(settled):
    lossy, _ = shown(settled, "missing", 0.2)
    assert np.isnan(lossy["ecg_mV"][:, 0]).mean() == pytest.approx(0.2, abs=0.03)
    assert (np.isnan(lossy["ecg_mV"][:, 0]) == np.isnan(lossy["arterial_mmHg"][:, 2])).all()


def test_pressures_come_late_by_what_is_set_and_later_with_a_slow_clock(settled):
    late, whole = shown(settled, "late-pressures", 80.0)
    assert (late["arterial_mmHg"][400:, Source.ROOT] == whole["arterial_mmHg"][320:-80, Source.ROOT]).all()
    drifted, whole = shown(settled, "clock-drift", 5000.0)
    behind = [int(np.argmin([np.abs(drifted["arterial_mmHg"][at : at + 600, 0] - whole["arterial_mmHg"][at - lag : at + 600 - lag, 0]).sum() for lag in range(40)])) for at in (1000, 3000)]
    assert behind[0] == pytest.approx(6, abs=2)  # 5 ms a second
    assert behind[1] == pytest.approx(16, abs=2)


def test_impulses_hit_everything_at_once(settled):
    hit, whole = shown(settled, "spikes", 600.0)
    struck = np.abs(hit["arterial_mmHg"][:, 0] - whole["arterial_mmHg"][:, 0]) > 50.0
    assert 20 < struck.sum() < 70  # 600 a minute for 4 s
    assert (np.abs(hit["ecg_mV"][:, 1] - whole["ecg_mV"][:, 1])[struck] > 1.0).all()


def test_the_console_s_own_sensors_are_shown(settled):
    bed = snapshot(settled)
    for name, severity in (("hot", 70.0), ("on-battery", 20.0), ("undocked", 1.0)):
        apply(bed, 0, Input(0, f"fault.{name}", severity))
    run(bed, CLOCK, 3000)
    assert bed.sample[0].case_C == 70.0
    assert bed.sample[0].battery_min == pytest.approx(20.0 - 3.0 / 60.0, abs=1e-6)
    assert bed.sample[0].docked == 0
    assert np.isnan(bed.sample[1].battery_min)


def test_no_fault_moves_what_differs_between_catheters():
    """The end of a fault writes defaults: a field that the table of catheters sets would be lost."""
    own = {"nominal_mL", "french", "length_mm", "line_resistance_mmHg_s_mL", "full_mL"}
    moved = {field.partition(".")[2] for name in FAULTS for field, _, _ in moves(name, 0.0)}
    assert not moved & own
