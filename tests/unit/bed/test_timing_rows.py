"""Timing in the closed loop against twins, on short seeded runs; the long ones are in docs/validation/timing.md."""

import numpy as np
import pytest

import emptying
from timing_rows import Case, ran, row


@pytest.fixture(scope="module")
def rows():
    return {one.case.preset: row(one, 40.0) for one in ran([Case("hf-shock"), Case("af")], 130.0, 500.0)}


def test_sinus_rhythm_is_inflated_at_the_closure(rows, record_property):
    r = rows["hf-shock"]
    record_property("hf-shock at 500 Hz: inflation error, ms; within 20 ms", f"{r['mean']:+.1f} ± {r['sd']:.1f}; {r['within']:.3f}")
    assert r["within"] >= 0.9
    assert abs(r["mean"]) <= 10.0
    assert r["sd"] <= 10.0
    assert r["assisted"] >= 0.96
    assert r["lock_s"] <= 10.0


def test_no_predictable_beat_is_emptied_late(rows):
    assert all(r["late"] == 0 for r in rows.values())


@pytest.mark.soak
def test_a_hundred_thousand_predictable_beats_none_emptied_late():
    """Presets, rates, breaths and rhythms drawn: sinus, ectopics, fibrillation, paced (`benchmarks/emptying.py`)."""
    beats, late = 0, []
    for one, rows in emptying.many(1, 100_000):
        good = emptying.predictable(rows)
        beats += int(good.sum())
        late += [one] * int(rows.late[good].sum())
    assert beats >= 100_000
    assert not late


def test_drawn_patients_in_every_rhythm_are_emptied_in_time():
    """The first patient of each kind, 75 s."""
    patients = [next(one for one in (emptying.drawn(1, k) for k in range(60)) if one.kind == kind) for kind in ("sinus", "ectopics", "fibrillation", "paced")]
    found = emptying.ran(patients, pieces=3)
    assert sum(int(emptying.predictable(one).sum()) for one in found) > 150
    assert not any(one.late[emptying.predictable(one)].any() for one in found)
    for one in found:
        early = one.aborted[emptying.unexpected(one)]
        assert not len(early) or np.median(early) <= 118.0 + 60.0
