"""Our leapfrog against an adaptive solver of another kind on the same equations.

The slope is the step itself at a length of 0.1 us, where every implicit denominator has become 1: what is compared is the scheme, not the equations.
scipy's LSODA, rtol 1e-8. The start is a settled state; flows there are 0.25 ms old, so the first beat is left out.
"""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from counterpulse.bed.run import clock_of, make_bed, run
from counterpulse.body import build
from counterpulse.body.gas import no_catheter
from counterpulse.body.lanes import stepper
from counterpulse.body.rhythm import advance
from counterpulse.body.state import AT, OF
from counterpulse.cohort.preset import changed, load
from counterpulse.pump.settings import Settings

TINY_S = 1e-7
MOVING = OF.step_s
SECONDS = 1.8


class Slope:
    """dy/dt of one patient along a recorded activation."""

    def __init__(self, bed, clock):
        self.w = bed.w.copy()
        build.refresh(self.w, 0, bed.patient[0], bed.tone[0], TINY_S)
        build.balloon_rows(self.w, 0, bed.catheter[0], 0.0, TINY_S)
        self.w[OF.atrial_step], self.w[OF.ventricular_step], self.w[OF.gas_lag] = 0.0, 0.0, 0.0
        beat = bed.beat.copy()[0]
        rows = [(bed.w[AT.atrial, 0], bed.w[AT.ventricular, 0], beat.intrathoracic_mmHg)]
        for _ in range(int(SECONDS * 1000) + 2):
            advance(bed.patient[0], bed.tone[0], beat, clock.sample_s)
            rows.append((beat.atrial, beat.ventricular, beat.intrathoracic_mmHg))
        self.rows, self.one = np.array(rows), stepper(1)

    def __call__(self, t, y):
        self.show(t, y)
        new = self.w[:MOVING, 0] - y
        new[AT.atrial] = new[AT.ventricular] = 0.0
        new[AT.p_lv :] = 0.0
        return new / TINY_S

    def show(self, t, y):
        """Move a copy of the state by the tiny step; afterwards its pressures are those of `y`."""
        self.w[:MOVING, 0] = y
        k = min(int(t * 1000.0), len(self.rows) - 2)
        part = t * 1000.0 - k
        self.w[AT.atrial, 0], self.w[AT.ventricular, 0] = self.rows[k, :2] + part * (self.rows[k + 1, :2] - self.rows[k, :2])
        self.w[OF.intrathoracic, 0] = self.rows[k + 1, 2]
        self.one(self.w, 1)
        return self.w[:, 0]


@pytest.mark.parametrize("name", ["healthy", "hf-shock"])
def test_leapfrog_agrees_with_lsoda(name, record_property):
    patient = changed(load(name).patient, {"rr_variability": 0.0})
    clock = clock_of(1000.0)
    bed = make_bed([patient], [no_catheter()], [Settings(standby=1)], clock)
    run(bed, clock, 30_000)
    slope = Slope(bed, clock)
    start = bed.w[:MOVING, 0].copy()
    times = np.arange(0.0, SECONDS, 0.001)
    done = solve_ivp(slope, (0.0, SECONDS), start, method="LSODA", t_eval=times, rtol=1e-8, atol=1e-8, max_step=0.001)
    assert done.success
    ours = run(bed, clock, len(times), kept=True).signals[:, 0]
    theirs = np.array([slope.show(t, y)[[AT.p_root, AT.p_radial, AT.p_lv, AT.p_pa, AT.p_ra, AT.p_pv]] for t, y in zip(done.t, done.y.T, strict=True)])
    late = times > 0.9
    for column, (label, channel) in enumerate({"root": 0, "radial": 2, "lv": 4, "pa": 8, "ra": 7, "pv": 9}.items()):
        # what our run keeps for a sample is the pressure half a millisecond into it
        a, b = ours[late, channel], np.interp(times[late] + 0.0005, times, theirs[:, column])
        mean, worst = abs(a.mean() / b.mean() - 1.0), np.abs(a - b)[:-1].max() / np.ptp(b)
        record_property(f"{name} {label}: mean off by", f"{100 * mean:.4f} %, worst sample by {100 * worst:.3f} % of the swing")
        assert mean < 0.001, label
        assert abs(a.max() - b.max()) < 0.005 * abs(b.max()), label
        assert abs(a.min() - b.min()) < 0.005 * np.ptp(b), label
        assert worst < 0.02, label  # at the notch, whose flank is 2 mmHg a millisecond
