"""Matching is one to one, within the tolerance, and finds as many pairs as there can be among separated beats."""

import importlib
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpulse.recordings.score import detection, match, percentiles_ms, spread_ms

times = st.lists(st.integers(0, 4000), max_size=40, unique=True).map(lambda ms: np.sort(np.array(ms, float)) / 1000)


@given(mine=times, theirs=times, tolerance=st.sampled_from([0.02, 0.15]))
def test_pairs_are_lawful(mine, theirs, tolerance):
    pairs = match(mine, theirs, tolerance)
    assert len(set(pairs.mark.tolist())) == len(pairs.mark)
    assert len(set(pairs.reference.tolist())) == len(pairs.reference)
    assert np.all(np.abs(mine[pairs.mark] - theirs[pairs.reference]) <= tolerance)


@given(shift=st.integers(-149, 149), kept=st.lists(st.booleans(), min_size=1, max_size=30))
def test_separated_beats_all_match(shift, kept):
    theirs = np.arange(len(kept)) * 0.8
    mine = theirs[np.array(kept)] + shift / 1000
    counts = detection(mine, theirs, 0.15)
    assert (counts["tp"], counts["fp"], counts["fn"]) == (sum(kept), 0, len(kept) - sum(kept))


def test_agrees_with_wfdb():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        processing = importlib.import_module("wfdb.processing")
    rng = np.random.default_rng(3)
    theirs = np.cumsum(rng.integers(200, 400, 300))
    mine = np.sort(np.concatenate([theirs[rng.random(300) < 0.9] + np.int64(17), rng.integers(0, theirs[-1], 20)]))
    peer = processing.compare_annotations(theirs, mine, 54)
    ours = detection(mine / 360, theirs / 360, 54 / 360)
    assert (ours["tp"], ours["fp"], ours["fn"]) == (peer.tp, peer.fp, peer.fn)


def test_numbers_by_hand():
    spread = spread_ms(np.array([0.010, -0.010, 0.030]))
    assert spread["mean"] == pytest.approx(10.0)
    assert spread["sd"] == pytest.approx(20.0)
    assert spread["within_20_ms"] == pytest.approx(2 / 3)
    assert spread_ms(np.empty(0))["mean"] is None
    assert detection(np.empty(0), np.empty(0), 0.1)["se"] is None
    assert percentiles_ms(np.array([0.02] * 5))["p50"] == pytest.approx(20.0)
