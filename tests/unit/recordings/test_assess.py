"""What a pressure shows of a pump, in simulated patients whose truth is known."""

import numpy as np
import pytest

from counterpulse.bed.replay import replay
from counterpulse.bed.run import clock_of, make_bed, run
from counterpulse.body.gas import CATHETERS, DEFAULT_CATHETER, catheter
from counterpulse.cohort.preset import load
from counterpulse.pump.settings import Settings
from counterpulse.recordings.assess import Verdict, assess
from counterpulse.signals.sample import Sample, Source

FS_HZ = 250.0
MADE = CATHETERS[DEFAULT_CATHETER]
ASKED = ({"standby": 1}, {"ratio": 1}, {"ratio": 2}, {"ratio": 2, "inflation_trim_ms": 110}, {"ratio": 2, "deflation_trim_ms": -110},
         {"ratio": 2, "deflation_trim_ms": 120})


@pytest.fixture(scope="module")
def seen():
    """hf-shock: samples of six consoles, 30 s after 25 s."""
    clock = clock_of(FS_HZ)
    settings = [Settings(line_delay_ms=MADE.onset_ms, empty_s=MADE.empty_ms / 1000, **values) for values in ASKED]
    bed = make_bed([load("hf-shock").patient] * 6, [catheter()] * 6, settings, clock)
    run(bed, clock, int(25 * FS_HZ))
    return run(bed, clock, int(30 * FS_HZ), kept=True).samples


def told(samples, lane, site=0):
    rows = Sample.many(len(samples))
    rows.ecg_mV[:] = samples["ecg_mV"][:, lane]
    r_s = replay(Settings(standby=1), rows, FS_HZ).beats.mark_at / FS_HZ
    return assess(np.array(samples["arterial_mmHg"][:, lane, site]), r_s, FS_HZ, Source(site))


@pytest.mark.parametrize("site", [0, 2])
@pytest.mark.parametrize(("lane", "running", "ratio"), [(0, False, None), (1, True, 1), (2, True, 2)])
def test_a_pump_and_its_ratio_are_seen(seen, lane, running, ratio, site):
    found = told(seen, lane, site)
    assert (found.running, found.ratio) == (running, ratio)


def test_good_timing_is_called_correct_and_the_numbers_have_their_order(seen):
    found = told(seen, 2)
    verdicts = [beat.inflation for beat in found.beats if beat.assisted]
    assert verdicts.count(Verdict.CORRECT) >= 0.9 * len(verdicts)
    n = found.numbers
    assert n["pdp_mmHg"] > n["unassisted_systolic_mmHg"] > n["assisted_systolic_mmHg"]
    assert n["baedp_mmHg"] < n["paedp_mmHg"]
    assert found.basis == "unassisted beats"


def test_late_inflation_and_early_deflation_are_named(seen):
    late, early = told(seen, 3), told(seen, 4)
    assert sum(beat.inflation == Verdict.LATE for beat in late.beats) >= 10
    assert sum(beat.deflation == Verdict.EARLY for beat in early.beats) >= 10


@pytest.mark.parametrize("site", [Source.LUMEN, Source.FEMORAL])
def test_good_inflation_is_called_correct_where_the_balloons_wave_comes_first(seen, site):
    verdicts = [beat.inflation for beat in told(seen, 2, site).beats if beat.assisted]
    assert verdicts.count(Verdict.CORRECT) >= 0.75 * len(verdicts) > 10


@pytest.mark.parametrize("site", [Source.ROOT, Source.LUMEN, Source.RADIAL])
def test_a_balloon_emptied_late_is_seen_though_its_fall_is_lost_in_the_upstroke(seen, site):
    found = told(seen, 5, site)
    assert (found.running, found.ratio) == (True, 2)
    verdicts = [beat.deflation for beat in found.beats if beat.assisted]
    assert verdicts.count(Verdict.LATE) >= 0.75 * len(verdicts) > 10


def test_at_one_to_one_nothing_stands_for_an_unassisted_beat(seen):
    found = told(seen, 1)
    assert found.basis == "population"
    assert found.numbers["paedp_mmHg"] is None


@pytest.mark.parametrize("pressure", [np.full(2500, np.nan), np.full(2500, 80.0), np.zeros(10)])
def test_what_is_no_pressure_is_not_assessed(pressure):
    found = assess(pressure, np.arange(0.5, len(pressure) / FS_HZ, 0.8), FS_HZ)
    assert found.running is None
    assert "at least 4" in found.sentences[0]


def test_a_gap_costs_only_the_beats_in_it(seen):
    pressure = np.array(seen["arterial_mmHg"][:, 2, 0])
    rows = Sample.many(len(pressure))
    rows.ecg_mV[:] = seen["ecg_mV"][:, 2]
    r_s = replay(Settings(standby=1), rows, FS_HZ).beats.mark_at / FS_HZ
    whole = assess(pressure, r_s, FS_HZ)
    pressure[2000:2500] = np.nan
    part = assess(pressure, r_s, FS_HZ)
    assert part.ratio == 2
    assert len(whole.beats) - 8 <= len(part.beats) < len(whole.beats)
