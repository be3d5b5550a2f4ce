"""Branches against the exact answer of a resistance with inertia; walls stiff enough to be out of an explicit step's reach."""

import math

import numpy as np
import pytest

from counterpulse.bed.run import clock_of, finite, make_bed, run
from counterpulse.body.gas import catheter
from counterpulse.body.state import AT, OF
from counterpulse.body.vessels import REFERENCE_MMHG, WALL_S, Curve, aortic, at_age, branch, carry, stiffer, wall_lag
from plans import outcome_of, patient_of, settings_of


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


@pytest.mark.parametrize("compliance", [0.1, 0.2, 0.3, 0.5])
@pytest.mark.parametrize("diameter", [14.0, 24.0, 45.0])
def test_a_very_stiff_aorta_with_the_pump_stays_in_the_range_of_numbers(compliance, diameter):
    """An explicit viscous wall against the balloon's small inertia had blown up below 0.4 mL/mmHg."""
    patient = patient_of("stiff-aorta", aortic_compliance_mL_mmHg=compliance, aortic_diameter_mm=diameter)
    bed = make_bed([patient] * 4, [catheter()] * 4, [settings_of("40-7.5")] * 4, clock_of(1000.0))
    trace = run(bed, clock_of(1000.0), 15_000, kept=True)
    assert finite(bed).all()
    assert np.abs(trace.signals[:, :, :10]).max() < 400.0


def bed_of(**fields):
    """A bed of four of one patient, not yet run."""
    return make_bed([patient_of("hf-shock", **fields)] * 4, [catheter()] * 4, [settings_of("40-7.5")] * 4, clock_of(1000.0))


def curve_in(w):
    """The thoracic aorta's curve as the step gets it."""
    names = ("thoracic_softest", "thoracic_per", "aorta_centre", "aorta_width", "aorta_most", "aorta_kept", "thoracic_damping")
    return Curve(*(float(w[getattr(OF, name), 0]) for name in names))


@pytest.mark.parametrize("age", [18.0, 30.0, 60.0, 88.0, 100.0])
def test_pressure_from_volume_is_the_published_curve_turned_round(age):
    """Langewouters 1984: area grows with the arctangent of pressure."""
    curve = curve_in(bed_of(age_years=age).w)
    assert (curve.centre, curve.width) == pytest.approx(at_age(age))
    for pressure in np.linspace(10.0, 170.0, 50):
        volume = curve.softest + math.atan((pressure - curve.centre) / curve.width) / (math.pi * curve.per)
        assert aortic(volume, 0.0, curve) == pytest.approx(pressure, abs=1e-5)


def test_compliance_is_the_patients_at_the_reference_pressure_and_falls_with_pressure():
    curve = curve_in(bed_of(age_years=60.0, aortic_compliance_mL_mmHg=0.5).w)

    def compliance(pressure):
        volume = curve.softest + math.atan((pressure - curve.centre) / curve.width) / (math.pi * curve.per)
        return 0.02 / (aortic(volume + 0.01, 0.0, curve) - aortic(volume - 0.01, 0.0, curve))

    whole = [compliance(p) for p in (50.0, REFERENCE_MMHG, 130.0)]
    assert whole[1] == pytest.approx(0.5 * 8.6 / (14.0 * 1.356 + 3.0 * 8.6 + 8.2 * 0.75 * 0.64), rel=1e-4)
    assert whole[0] > 2.0 * whole[1] > 3.0 * whole[2]
    assert whole[0] / whole[1] == pytest.approx(stiffer(90.0, curve.centre, curve.width) / stiffer(50.0, curve.centre, curve.width), rel=1e-3)


def test_beyond_its_ends_the_wall_goes_on_straight():
    curve = curve_in(bed_of().w)
    shares = np.linspace(-1.5, 1.5, 3001)
    pressures = np.array([aortic(curve.softest + share / curve.per, 0.0, curve) for share in shares])
    slopes = np.diff(pressures)
    assert (slopes > 0.0).all()
    assert slopes[-1] == pytest.approx(slopes.max(), rel=1e-9)
    assert slopes[-1] * curve.per / (shares[1] - shares[0]) == pytest.approx(6.0 * math.pi * curve.width * curve.per * curve.kept, rel=1e-6)


@pytest.mark.parametrize("compliance", [0.2, 1.5, 6.0])
def test_no_pressure_empties_a_soft_aorta(compliance):
    bed = bed_of(aortic_compliance_mL_mmHg=compliance)
    curve = curve_in(bed.w)
    assert aortic(0.0, 0.0, curve) < 0.0
    assert (bed.w[AT.root : AT.abdominal + 1, 0] > 0.0).all()


def test_a_trunk_that_sits_weighs_on_the_balloon_and_on_nothing_else():
    """Columns of blood drive no flow (what they give on the way down they take on the way up); the balloon does less, as in a tube (Biglino and Khir 2010)."""
    flat, sitting = (outcome_of("hf-shock", patient={"head_up_deg": angle}, seconds=15.0) for angle in (0.0, 45.0))
    for key in ("map_mmHg", "co_L_min", "cvp_mmHg"):
        assert sitting.without.mean[key] == pytest.approx(flat.without.mean[key], rel=0.03)
    falls = [o.without.mean["end_diastolic_mmHg"] - o.assisted.mean["end_diastolic_mmHg"] for o in (flat, sitting)]
    assert 0.0 < falls[1] < 0.9 * falls[0]
