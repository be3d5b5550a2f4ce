"""Closed forms: the exponential of the EDPVR, the gradient across a stenosis, and the decay of an arrested circulation."""

import math

import numpy as np
import pytest

from counterpulse.body.heart import KNEE, exponential
from counterpulse.body.valves import DENSITY, orifice


def test_the_exponential_is_within_a_ten_millionth():
    for x in np.linspace(-8.0, KNEE, 2001):
        assert exponential(x) == pytest.approx(math.exp(x), rel=1e-7)


def test_beyond_its_knee_the_exponential_is_a_straight_line():
    slope = math.exp(KNEE)
    for beyond in (1e-6, 0.5, 45.0):
        assert exponential(KNEE + beyond) == pytest.approx(slope * (1.0 + beyond), rel=1e-7)


@pytest.mark.parametrize("area", [0.5, 0.8, 1.5, 3.5])
@pytest.mark.parametrize("flow", [50.0, 200.0, 400.0])
def test_the_gradient_of_a_steady_stenosis_is_bernoulli_s(area, flow):
    """4 v^2 in clinical units: half rho v^2, v = flow / area (Gorlin's form without a discharge coefficient)."""
    gradient = 0.5 * DENSITY * (flow / area) ** 2
    assert gradient == pytest.approx(3.98 * (flow / area / 100.0) ** 2, rel=0.01)
    q = 1.0
    for _ in range(40_000):
        q = orifice(q, gradient, area, 5e-4)
    assert q == pytest.approx(flow, rel=1e-3)


def test_a_flow_that_starts_at_rest_grows_by_inertia():
    q = orifice(0.0, 10.0, 2.0, 5e-4)
    assert q == pytest.approx(10.0 * 5e-4 * 2.0 / (DENSITY * 1.2), rel=1e-3)
