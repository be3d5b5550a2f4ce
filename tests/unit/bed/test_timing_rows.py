"""Timing in the closed loop against twins, on short seeded runs; the long ones are in docs/validation/timing.md."""

import pytest

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
def test_a_hundred_thousand_beats_none_predictable_emptied_late():
    beats, late, seed = 0, 0, 100
    while beats < 100_000:
        for one in ran([Case("hf-shock", patient={"seed": seed}), Case("af", patient={"seed": seed + 1})], 300.0, 500.0):
            r = row(one)
            beats, late = beats + r["beats"], late + r["late"]
        seed += 2
    assert late == 0
