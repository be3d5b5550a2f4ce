"""Closure told by the fall of aortic flow: flow from pressure by a windkessel, a threshold learned from the patient."""

import heartbeat
import numpy as np

from counterpulse.kernel import kernel
from counterpulse.signals.flow import FIRST_SHARE, Flow, begin_flow, follow_flow, forget_flow, teach_flow

FS = 250.0
AHEAD_S = 0.03


@kernel
def along(f, pressure, base, beats, said):
    marks, closes = beats
    told, when = said
    beat = -1
    taught = 1
    for i in range(pressure.size):
        if beat + 1 < marks.size and i >= marks[beat + 1] * FS:
            beat += 1
            begin_flow(f, base[beat], AHEAD_S)
            taught = 0
        if beat < 0:
            continue
        age = i / FS - marks[beat]
        follow_flow(f, pressure[i], age, 1.0 / FS)
        if f.fresh != 0 and f.crossed != 0:
            told[beat] = f.closes_s
            when[beat] = age
        if taught == 0 and age > closes[beat] + 0.1:
            teach_flow(f, closes[beat])
            taught = 1


def run(spread, seed=4):
    """A heart whose R-R varies while the caller expects the mean closure; errors in s, and how long before closure it was told."""
    marks = heartbeat.beat_times(60, 0.8, spread, seed)
    closes = heartbeat.close_s(np.diff(marks, prepend=marks[0] - 0.8))
    told, when = np.full(marks.size, np.nan), np.full(marks.size, np.nan)
    f = Flow()
    along(f, heartbeat.pressure(marks, 60, FS), np.full(marks.size, closes.mean()), (marks, closes), (told, when))
    return f, (told - closes)[10:-1], (closes - when)[10:-1]


def test_closure_is_told_ahead_of_time_and_better_than_its_mean():
    f, error, ahead = run(0.12)
    assert f.lessons > 30
    assert f.share != FIRST_SHARE
    there = np.isfinite(error)
    assert there.mean() > 0.9
    assert np.nanstd(error) < 0.006  # the mean would leave 0.12 of the spread of R-R, 11 ms
    assert abs(np.nanmean(error)) < 0.006
    assert np.nanmin(ahead) > AHEAD_S - 0.012


@kernel
def forget(f):
    forget_flow(f)
    return f.lessons


def test_another_source_is_learned_afresh():
    f, _, _ = run(0.05)
    assert forget(f) == 0
    assert f.share == FIRST_SHARE
