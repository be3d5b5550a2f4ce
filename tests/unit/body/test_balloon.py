"""Balloon in a segment: membrane, blockage against the exact annulus, and a segment that runs dry."""

import math

import numpy as np
import pytest

from counterpulse.body.balloon import blockage, contact, membrane


def annulus(x):
    """Resistance of laminar flow in the annulus around a body that fills the share x of the lumen's area, over that of the open tube (White, Viscous Fluid Flow, 3-48)."""
    return 1.0 / (1.0 - x * x + 2.0 * (1.0 - x) ** 2 / math.log(x))


@pytest.mark.parametrize("x", np.linspace(0.1, 0.98, 45))
def test_blockage_is_that_of_the_annulus(x):
    assert blockage(100.0 * (1.0 - x), 100.0 * x) == pytest.approx(annulus(x), rel=0.025)


def test_an_open_segment_is_hardly_blocked():
    assert 0.5 < blockage(40.0, 0.0) < 3.0


@pytest.mark.parametrize("blood", [1.0, 1e-3, 0.0, -1.0, -40.0])
def test_a_segment_that_runs_dry_stays_finite_and_never_drives_flow(blood):
    assert math.isfinite(blockage(blood, 13.0))
    assert blockage(blood, 13.0) > 0.0
    assert blockage(blood, 13.0) >= blockage(5.0, 13.0)


def test_the_membrane_is_limp_between_wrapped_and_full():
    assert membrane(7.0, 13.3, 0.7) == 0.0
    assert membrane(14.3, 13.3, 0.7) == pytest.approx(90.0)
    assert membrane(0.5, 13.3, 0.7) == pytest.approx(-60.0)
    assert contact(8.0, 20.0) == 0.0
    assert contact(19.0, 1.0) == pytest.approx(90.0)
