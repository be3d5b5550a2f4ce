"""What the console must keep with every trigger: causal, slice-invariant, survives anything, constant memory, every rate, same bits plain."""

import copy
import os
import subprocess
import sys
from pathlib import Path

import heartbeat
import numpy as np
import pytest

from counterpulse.pump.control import Pump, start_pump
from counterpulse.pump.settings import Settings, Trigger
from counterpulse.refusal import RefusalError

RATES = (125.0, 250.0, 360.0, 500.0, 1000.0)
EACH = pytest.mark.parametrize("trigger", list(Trigger))
EACH_RATE = pytest.mark.parametrize("fs", RATES)


@EACH
@EACH_RATE
def test_inflates_once_a_beat_within_10_s(trigger, fs):
    times = heartbeat.beat_times(40, 0.8, 0.03)
    settings = Settings(trigger=trigger)
    pump = start_pump(settings, fs)
    valve, beats, lessons = heartbeat.along_with_lessons(settings, pump, heartbeat.bedside(times, 40, fs, trigger=trigger))
    up, _ = heartbeat.switches(valve)
    assert up[0] / fs < 10
    if trigger == Trigger.INTERNAL:
        assert np.abs(np.diff(up[1:-1]) / fs - 0.75).max() < 0.01
        return
    closing = times + heartbeat.close_s(np.diff(times, prepend=times[0] - 0.8))
    closing = closing[(closing > 10) & (closing < 39)]
    lesson = np.array([int(beats[int(at * fs)]) in lessons for at in closing])
    assert lesson.sum() <= 5  # three of the beats between the first five inflations, then one after 8 beats and one after 16 more
    expected = closing[~lesson]
    apart = np.abs((up[:, None] + 0.03 * fs) / fs - expected[None, :])
    assert apart.min(axis=0).max() < 0.04
    counted = (up / fs > 10) & (up / fs < 38.9)
    assert counted.sum() <= len(expected) + 1
    assert np.median(apart.min(axis=0)) < 0.02


@EACH
@EACH_RATE
def test_causal(trigger, fs):
    rows = heartbeat.bedside(heartbeat.beat_times(16, 0.7, 0.05), 16, fs, trigger=trigger)
    other = rows.copy()
    half = int(11.2 * fs)
    noise = np.random.default_rng(7)
    other.ecg_mV[half:] = noise.standard_normal((len(rows) - half, 3)) * 3
    other.arterial_mmHg[half:] = noise.standard_normal((len(rows) - half, 4)) * 90
    settings = Settings(trigger=trigger)
    a, _ = heartbeat.along(settings, start_pump(settings, fs), rows)
    b, _ = heartbeat.along(settings, start_pump(settings, fs), other)
    assert a[:half].max() > 0
    assert np.array_equal(a[:half], b[:half])


@EACH
@pytest.mark.parametrize("fs", [250.0, 1000.0])
def test_slices_change_nothing(trigger, fs):
    rows = heartbeat.bedside(heartbeat.beat_times(16, 0.7, 0.05), 16, fs, trigger=trigger)
    settings = Settings(trigger=trigger)
    whole = start_pump(settings, fs)
    a, _ = heartbeat.along(settings, whole, rows)
    part, b, at = start_pump(settings, fs), [], 0
    for n in (1, 3, 977, 2048, 20, len(rows)):
        part = copy.deepcopy(part)
        b.append(heartbeat.along(settings, part, rows[at : at + n])[0])
        at += n
    assert np.array_equal(a, np.concatenate(b))
    assert whole.tobytes() == part.tobytes()


@EACH
@pytest.mark.parametrize("value", [np.nan, 0.0, np.inf, -np.inf, 1e300, 5.0])
def test_nothing_living_is_survived_and_not_driven(trigger, value):
    fs = 250.0
    rows = heartbeat.bedside(heartbeat.beat_times(30, 0.8), 30, fs, trigger=trigger)
    dead = int(15 * fs)
    rows.ecg_mV[dead:] = value
    rows.arterial_mmHg[dead:] = value
    rows.balloon_mmHg[dead:] = value
    settings = Settings(trigger=trigger)
    pump = start_pump(settings, fs)
    valve, _ = heartbeat.along(settings, pump, rows)
    assert set(np.unique(valve)) <= {-1, 0, 1}
    for name in Pump.fields():
        if pump[name].dtype.names is None:
            assert np.isfinite(pump[name]).all(), name
    if trigger != Trigger.INTERNAL:
        assert (valve[dead + int(1.6 * fs) :] < 1).all()


@pytest.mark.parametrize("trigger", list(Trigger))
def test_memory_is_constant(trigger):
    settings = Settings(trigger=trigger)
    pump = start_pump(settings, 250.0)
    size = pump.nbytes
    heartbeat.along(settings, pump, heartbeat.bedside(heartbeat.beat_times(60), 60, 250.0, trigger=trigger))
    assert pump.nbytes == size <= 32768
    # Marks of seven channels, the log of 64 events, the table of alarms and the regression of closure came later; all else keeps the first bound.
    later = sum(pump[name].nbytes for name in ("pilot", "log", "alarms")) + pump.senses.closure.nbytes
    assert size - later <= 16384


def test_same_bits_compiled_and_plain():
    script = Path(__file__).parent / "short_stretch.py"
    seen = set()
    for off in ("0", "1"):
        done = subprocess.run([sys.executable, str(script)], env={**os.environ, "NUMBA_DISABLE_JIT": off}, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        seen.add(done.stdout)
    assert len(seen) == 1


@pytest.mark.parametrize("fs", [0.0, 124.9, 1000.1, float("nan")])
def test_rate_out_of_range_is_refused(fs):
    with pytest.raises(RefusalError, match="Hz"):
        start_pump(Settings(), fs)
