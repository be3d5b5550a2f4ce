"""Running sums and thinning."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterpulse.kernel import kernel
from counterpulse.signals.filters import boxcar, refill, samples, slide, thin, thinner, thinning
from counterpulse.signals.quality import Signal, ecg_watch, look


@kernel
def smooth(b, x):
    out = np.zeros(x.size)
    for i in range(x.size):
        out[i] = slide(b, x[i])
    return out


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.floats(-1e3, 1e3), min_size=70, max_size=200), st.integers(1, 64))
def test_boxcar_is_the_mean_of_the_last(values, length):
    x = np.array(values)
    out = smooth(boxcar(length), x)
    for i in range(length - 1, len(x)):
        assert out[i] == pytest.approx(x[i - length + 1 : i + 1].mean(), abs=1e-9)


def test_boxcar_does_not_drift():
    x = np.random.default_rng(1).standard_normal(2_000_000) * 100
    assert smooth(boxcar(20), x)[-1] == pytest.approx(x[-20:].mean(), abs=1e-8)


def test_refill_leaves_no_step():
    b = boxcar(10)
    smooth(b, np.arange(30.0))
    refill(b, 7.0)
    assert slide(b, 7.0) == 7.0


@pytest.mark.parametrize(("fs", "every"), [(125, 1), (250, 1), (360, 1), (499, 1), (500, 2), (999, 3), (1000, 4)])
def test_thinning(fs, every):
    assert thinning(fs) == every
    t = thinner(fs)
    full = [bool(thin(t, float(i))) for i in range(12)]
    assert sum(full) == 12 // every
    assert t.total == pytest.approx(np.mean(np.arange(12.0)[-every:])) or every == 5


def test_samples():
    assert samples(0.02, 250) == 5
    assert samples(1e-9, 250) == 1


@kernel
def states(w, x, off):
    out = np.zeros(x.size, np.int64)
    for i in range(x.size):
        out[i] = look(w, x[i], off[i])
    return out


def test_door_keeper():
    fs = 250.0
    rng = np.random.default_rng(3)
    x = rng.standard_normal(2000)
    off = np.zeros(2000, np.int64)
    x[200:203] = np.nan  # bridged
    x[400:500] = np.nan
    off[600:700] = 1
    x[800:900] = 5.0
    x[1000:1700] = 0.1
    seen = states(ecg_watch(fs), x, off)
    assert (seen[1:400] == Signal.GOOD).all()
    assert (seen[405:500] == Signal.MISSING).all()
    assert (seen[605:700] == Signal.MISSING).all()
    assert (seen[810:900] == Signal.RAIL).all()
    assert (seen[1505:1700] == Signal.FLAT).all()
    assert (seen[[500, 700, 900, 1700]] == Signal.GOOD).all()
