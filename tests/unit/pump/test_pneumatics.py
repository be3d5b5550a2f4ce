"""Landmarks of the balloon-pressure waveform, and what they say of drive and catheter."""

import numpy as np
import pytest

from counterpulse.kernel import kernel
from counterpulse.pump.pneumatics import Gas, begin_drive, begin_vacuum, watch_empty, watch_filled

FS = 500.0
T90 = 0.12
USUAL = 12.0


@kernel
def cycle(g, filled, emptied, around):
    """One cycle: pressures from the command to drive, then from the command to vacuum."""
    begin_drive(g, T90, USUAL)
    for i in range(filled.size):
        watch_filled(g, filled[i], around, i / FS, FS)
    begin_vacuum(g, filled.size / FS)
    for i in range(emptied.size):
        watch_empty(g, emptied[i], i / FS, USUAL, FS)


def steps(*parts):
    """Pressures that stand for given times."""
    return np.concatenate([np.full(round(seconds * FS), float(mmHg)) for seconds, mmHg in parts])


GOOD = steps((0.15, 210), (0.15, 95)), steps((0.12, -130), (0.4, USUAL))


def after(cycles, filled, emptied, around=92.0):
    g = Gas()
    for _ in range(cycles + 1):  # a cycle is judged when the next begins
        cycle(g, filled, emptied, around)
    return g


def test_landmarks():
    g = after(5, *GOOD)
    assert g.baseline_mmHg == pytest.approx(USUAL, abs=0.1)
    assert g.settled == 1
    assert g.peak_mmHg == 210.0
    assert g.plateau_mmHg == pytest.approx(95.0, abs=0.5)
    assert g.undershoot_mmHg == -130.0
    assert g.width_s == pytest.approx(0.3)
    assert g.delivered_s == pytest.approx(0.15, abs=0.004)
    assert g.home_s == pytest.approx(0.12, abs=0.004)
    assert (g.silent, g.restricted, g.shut, g.high) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("filled", "emptied", "wrong"),
    [
        (steps((0.3, 13)), steps((0.5, 11)), "silent"),  # no drive
        (steps((0.15, 210), (0.15, 95)), steps((0.1, 25), (0.4, 15)), "silent"),  # no vacuum
        (steps((0.24, 230), (0.06, 95)), steps((0.25, -160), (0.3, USUAL)), "restricted"),  # a line of twice the resistance
        (steps((0.3, 245)), np.linspace(-180, -30, 250), "restricted"),  # more
        (steps((0.3, 255)), steps((0.5, -60)), "shut"),  # nothing goes in
        (steps((0.1, 210), (0.2, 250)), steps((0.1, -120), (0.4, USUAL)), "shut"),  # a balloon in its sheath: full too soon
        (steps((0.15, 210), (0.15, 95)), steps((0.12, -130), (0.4, 30)), "high"),
    ],
)
def test_what_is_wrong_is_counted(filled, emptied, wrong):
    g = after(3, filled, emptied)
    counted = {name: int(g[name]) for name in ("silent", "restricted", "shut", "high")}
    assert counted.pop(wrong) == 3
    if wrong in ("restricted", "shut"):  # one alarm
        counted |= {"restricted": 0, "shut": 0}
    assert not any(counted.values()), counted
    for _ in range(2):
        cycle(g, *GOOD, 92.0)
    assert g[wrong] == 0


def test_short_stays_accuse_nobody():
    """A fast heart: the gas is not yet delivered when it is called back."""
    g = after(5, steps((0.15, 210)), steps((0.12, -130), (0.1, USUAL)))
    assert (g.silent, g.restricted, g.shut, g.high) == (0, 0, 0, 0)


@pytest.mark.parametrize("around", [92.0, 12.0, -10.0])
def test_an_arterial_line_out_of_level_accuses_no_catheter(around):
    """The plateau lies far under its own peak: the gas has gone in, whatever the line says of the artery."""
    g = after(5, steps((0.15, 216), (0.25, 90)), steps((0.12, -130), (0.4, USUAL)), around)
    assert (g.silent, g.restricted, g.shut, g.high) == (0, 0, 0, 0)


def test_gas_goes_in_slower_against_a_high_artery():
    """Against 170 mmHg half of the drive's pressure is left: not yet delivered at twice T90 is no kink there, and is one against 90."""
    long = steps((0.24, 235)), steps((0.12, -118), (0.4, USUAL))
    assert after(5, *long, 170.0).shut == 0
    assert after(5, *long, 90.0).shut == 5


def test_pressure_without_a_command_is_seen():
    g = after(3, *GOOD)
    assert g.stuck_s == 0.0
    cycle(g, GOOD[0], steps((0.1, -120), (0.4, 95)), 92.0)
    assert 0.2 <= g.stuck_s <= 0.3


def test_no_transducer_no_baseline():
    g = after(5, *GOOD)
    for _ in range(5):
        cycle(g, GOOD[0] * np.nan, GOOD[1] * np.nan, 92.0)
    assert g.settled == 0
    for name in Gas.fields():
        assert np.isfinite(g[name])


SHORT = steps((0.07, 222)), steps((0.06, -110), (0.4, USUAL))


def short_then(cycles, filled, emptied):
    """Short stays of a catheter in order, then others."""
    g = Gas()
    for one in [SHORT] * 6 + [(filled, emptied)] * (cycles + 1):
        cycle(g, *one, 92.0)
    return g


def test_short_stays_tell_a_kink_and_a_lost_vacuum():
    kinked = short_then(3, steps((0.07, 254)), steps((0.06, -18), (0.4, USUAL)))
    assert kinked.unlike == 3
    assert kinked.silent == 0
    assert short_then(2, steps((0.07, 222)), steps((0.46, 9))).silent == 2


def test_what_is_no_kink_teaches_what_is_usual():
    assert short_then(5, *SHORT).unlike == 0
    longer = short_then(5, steps((0.1, 224)), steps((0.06, -130), (0.4, USUAL)))  # another stay, the same peak
    assert longer.unlike == 0
    assert longer.own_n > 6
    lost = short_then(5, steps((0.07, 222)), steps((0.06, -160), (0.4, -40)))  # helium goes: the baseline falls, the peak does not rise
    assert lost.unlike == 0
