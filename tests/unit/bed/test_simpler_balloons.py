"""The published simpler balloons, which have no gas for a console to watch, are driven beat by beat all the same."""

import pytest

from counterpulse.bed.run import clock_of, make_bed, run
from counterpulse.body.gas import Form, catheter
from counterpulse.cohort.preset import load
from counterpulse.pump.settings import Settings


@pytest.mark.parametrize("form", [Form.SOURCE, Form.ANNULUS])
def test_a_balloon_without_gas_is_inflated(form):
    clock = clock_of(250.0)
    bed = make_bed([load("hf-shock").patient], [catheter(form=form)], [Settings()], clock)
    run(bed, clock, 5000)
    kept = run(bed, clock, 2500, kept=True)
    filled = kept.signals[:, 0, 18:21].sum(axis=1)
    assert filled.max() > 20.0
    assert int(bed.pump[0].inflations) > 10
