"""Branches against the exact answer of a resistance with inertia; walls stiff enough to be out of an explicit step's reach."""

import math

import numpy as np
import pytest

from counterpulse.bed.run import clock_of, finite, make_bed, run
from counterpulse.body.gas import catheter
from counterpulse.body.vessels import WALL_S, branch, carry, wall_lag
from plans import patient_of, settings_of


@pytest.mark.parametrize(("resistance", "inertance"), [(1.5, 0.17), (0.05, 0.0175), (0.47, 0.001), (30.0, 0.02)])
def test_a_branch_follows_the_exact_response(resistance, inertance):
    """Flow after a step of pressure: (dp / R)(1 - exp(-R t / L)); second order, and sound where R/L is far above 2/step."""
    errors = []
    for step in (5e-4, 2.5e-4):
        made, flow, worst = branch(resistance, inertance, step), 0.0, 0.0
        for k in range(1, round(0.2 / step)):
            flow = made.keep * flow + made.push * 10.0
            exact = 10.0 / resistance * -math.expm1(-resistance / inertance * k * step)
            worst = max(worst, abs(flow - exact) * resistance / 10.0)
        assert flow == pytest.approx(exact, rel=1e-3)
        errors.append(worst)
    if resistance / inertance < 400.0:
        assert errors[0] < 2e-3
        assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.1)


def test_a_closing_vessel_only_damps():
    flow = 100.0
    for resistance in np.geomspace(0.1, 1e6, 50):
        new = carry(flow, 0.0, resistance, 0.001, 5e-4)
        assert 0.0 <= new < flow
        flow = new


def test_an_ordinary_wall_keeps_its_viscosity_and_a_very_stiff_one_has_less():
    assert wall_lag(5.4, 8000.0) == WALL_S
    assert 0.0 < wall_lag(60.0, 15000.0) < WALL_S


@pytest.mark.parametrize("compliance", [0.2, 0.3, 0.5])
@pytest.mark.parametrize("diameter", [14.0, 24.0, 45.0])
def test_a_very_stiff_aorta_with_the_pump_stays_in_the_range_of_numbers(compliance, diameter):
    """An explicit viscous wall against the balloon's small inertia had blown up below 0.4 mL/mmHg."""
    patient = patient_of("stiff-aorta", aortic_compliance_mL_mmHg=compliance, aortic_diameter_mm=diameter)
    bed = make_bed([patient] * 4, [catheter()] * 4, [settings_of("40-7.5")] * 4, clock_of(1000.0))
    trace = run(bed, clock_of(1000.0), 15_000, kept=True)
    assert finite(bed).all()
    assert np.abs(trace.signals[:, :, :10]).max() < 400.0
