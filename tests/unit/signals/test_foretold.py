"""The notch of a recording told before it comes, by what the detectors find on the way."""

import heartbeat
import numpy as np

from counterpulse.bed.foretold import notches_foretold

FS = 250.0


def test_notches_are_foretold_ahead_of_time():
    times = heartbeat.beat_times(80, 0.8, 0.05)
    told = notches_foretold(heartbeat.ecg(times, 80, FS), heartbeat.pressure(times, 80, FS), FS)
    closes = (times + heartbeat.close_s(np.diff(times, prepend=times[0] - 0.8)))[20:-1]
    found = told[np.argmin(np.abs(told[:, :1] / FS - closes), axis=0)]
    assert len(told) > 0.8 * len(times)
    late = found[:, 0] / FS - closes  # the notch is the minimum that follows closure
    assert np.std(late) < 0.012
    assert -0.005 < np.median(late) < 0.03
    assert np.median(found[:, 0] - found[:, 1]) / FS >= 0.04


def test_without_beats_nothing_is_foretold():
    quiet = np.full(5000, 80.0)
    assert len(notches_foretold(np.zeros(5000), quiet, FS)) == 0
