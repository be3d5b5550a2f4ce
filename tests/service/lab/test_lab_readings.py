"""What the monitor tells of a beat whose balloon is still filled from the beat before as it begins (deflation at or after the R wave), or is emptied at once."""

from types import SimpleNamespace

import numpy as np
import pytest

from counterpulse.service.readings import Readings
from counterpulse.service.tracks import Piece
from counterpulse.signals.sample import Sample, Valve

FS_HZ, BEAT = 500.0, 400
SETTINGS = SimpleNamespace(line_delay_ms=0.0)


def a_beat():
    """Pressure, mmHg, of one beat of 0.8 s: falling until 0.1 s, systole 96 at 0.3 s, notch 80 at 0.4 s, augmentation 118 at 0.5 s, back to 60."""
    return np.interp(np.arange(BEAT), (0, 50, 150, 200, 250, 399), (90.0, 60.0, 96.0, 80.0, 118.0, 92.0))


def read(pressure, filled):
    """The beats told of eight like these."""
    readings = Readings(FS_HZ, np.zeros(1, Sample.dtype).view(np.recarray))
    valve = np.where(filled, Valve.DRIVE, Valve.VACUUM).astype(np.int8)
    for number in range(8):
        samples = np.zeros(BEAT, Sample.dtype).view(np.recarray)
        samples.arterial_mmHg[:] = pressure[:, None]
        mark = number * BEAT
        pump = SimpleNamespace(r_at=mark, beat_number=number, beat_at=mark, choice=SimpleNamespace(pressure_source=0))
        readings.follow(Piece(mark, samples, valve, np.zeros(BEAT, np.int8)), pump, SETTINGS)
    rows = [row for row in readings.beats if row.after_assisted]
    assert len(rows) >= 4
    return rows


def test_systole_is_sought_until_the_inflation_of_its_own_beat():
    at = np.arange(BEAT)
    for row in read(a_beat(), (at < 30) | (at >= 195)):
        assert (row.assisted, row.systolic_mmHg, row.augmented_peak_mmHg, row.end_diastolic_mmHg) == (True, *(pytest.approx(one, abs=0.5) for one in (96, 118, 60)))
        assert row.marks["systole"] == pytest.approx(row.mark + 150, abs=2)


def test_an_inflation_broken_off_is_no_systole():
    """A premature beat ends it after 60 ms: its peak is augmentation, and the fall behind it is not where it began."""
    pressure = np.interp(np.arange(BEAT), (0, 50, 150, 200, 215, 235, 399), (90.0, 60.0, 96.0, 80.0, 112.0, 70.0, 92.0))
    at = np.arange(BEAT)
    for row in read(pressure, (at >= 195) & (at < 225)):
        assert (row.systolic_mmHg, row.augmented_peak_mmHg) == (pytest.approx(96, abs=0.5), pytest.approx(112, abs=0.5))
