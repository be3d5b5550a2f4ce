"""Landmarks of the balloon-pressure waveform and the helium books."""

import numpy as np
import pytest

from counterpulse.kernel import kernel
from counterpulse.pump.pneumatics import Gas, MOST_FILL_mL, begin_drive, begin_vacuum, keep_books, watch_empty, watch_filled

FS = 500.0


@kernel
def cycles(g, baselines, fills):
    """One cycle of 400 ms filled and 600 ms empty per baseline: overshoot 130, plateau 90, undershoot -30."""
    for k in range(baselines.size):
        begin_drive(g)
        fills[k] = keep_books(g, k * 500, 500.0, 76.0)
        for i in range(200):
            watch_filled(g, 130.0 if 30 <= i < 45 else 90.0, i / 500.0)
        begin_vacuum(g, 0.4)
        for i in range(300):
            watch_empty(g, -30.0 if 40 <= i < 60 else baselines[k], i / 500.0)


def run(baselines):
    g, fills = Gas(), np.zeros(len(baselines))
    cycles(g, np.asarray(baselines, float), fills)
    return g, fills


def test_landmarks():
    g, fills = run([12.0] * 6)
    assert g.baseline_mmHg == pytest.approx(12.0, abs=0.1)
    assert g.peak_mmHg == 130.0
    assert g.plateau_mmHg == pytest.approx(90.0)
    assert g.undershoot_mmHg == -30.0
    assert g.width_s == pytest.approx(0.4)
    assert not fills.any()


def test_leak_asks_for_helium_once_it_matters():
    """The baseline falls 0.2 mmHg a cycle: 5 mmHg of 76 mL at 760 mmHg are 0.5 mL; the smoothed loss lags a little."""
    g, fills = run([12.0] * 12 + [12.0 - 0.2 * k for k in range(60)])
    asked = np.flatnonzero(fills)
    assert 12 + 25 <= asked[0] <= 12 + 40
    assert 0.5 <= fills[asked[0]] <= MOST_FILL_mL
    assert g.filled_mL == pytest.approx(fills.sum())


def test_no_transducer_no_books():
    g, fills = run([np.nan] * 30)
    assert not fills.any()
    assert g.cycles == 30
    for name in Gas.fields():
        assert np.isfinite(g[name])
