"""A lane without a console: the heart and its circulation go on as under a console that stands by."""

import numpy as np
import pytest

from counterpulse.bed.run import clock_of, make_bed, run
from counterpulse.bed.tick import ALONE, CHANNELS, WATCHED
from counterpulse.body.gas import no_catheter
from counterpulse.cohort.preset import load
from counterpulse.pump.settings import Settings


@pytest.mark.parametrize("rhythm", [0, 1])
def test_nobody_who_watches_changes_nothing(rhythm):
    patient, clock = load("hf-shock").patient, clock_of(250.0)
    patient.rhythm, patient.rr_variability = rhythm, 0.15
    bed = make_bed([patient] * 2, [no_catheter()] * 2, [Settings(standby=1)] * 2, clock, [WATCHED, ALONE])
    trace = run(bed, clock, 3000, kept=True)
    assert np.array_equal(trace.signals[:, 0], trace.signals[:, 1])
    assert np.array_equal(trace.beat[:, 0], trace.beat[:, 1])
    assert bed.regulation[0].tobytes() == bed.regulation[1].tobytes()
    assert bed.pump[0].count == 2999
    assert bed.pump[1].count == -1
    assert np.array_equal(trace.signals[-1], bed.w[list(CHANNELS)].T)
