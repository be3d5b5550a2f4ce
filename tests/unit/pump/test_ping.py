"""How late a line shows the aorta, learned from the balloon's own wave."""

import numpy as np
import pytest

from counterpulse.kernel import kernel
from counterpulse.pump.ping import learn_ping
from counterpulse.pump.timing import PINGS_KNOWN, Expectation, learn_delay


@kernel
def hear(e, away):
    for i in range(away.size):
        learn_ping(e, away[i])
    return e.delay_s


@kernel
def upstroke(e, seen):
    learn_delay(e, seen, 0.1, 2)
    return e.delay_s


def test_delay_is_the_mean_of_the_pings_and_strange_ones_hardly_move_it():
    e = Expectation()
    hear(e, np.full(30, -0.05))
    assert e.delay_s == pytest.approx(-0.05)
    hear(e, np.array([0.2]))
    assert abs(e.delay_s + 0.05) < 0.002


def test_few_pings_do_not_count_and_upstrokes_no_longer_do_after_them():
    e = Expectation()
    hear(e, np.full(PINGS_KNOWN - 1, -0.05))
    assert e.delay_s == 0.0
    hear(e, np.full(1, -0.05))
    known = e.delay_s
    upstroke(e, 0.3)
    assert e.delay_s == known


def test_what_was_seen_of_closure_stays_where_the_source_showed_it():
    e = Expectation(close_n=5, close_mean_s=0.3)
    hear(e, np.full(PINGS_KNOWN, -0.04))
    assert e.close_mean_s + e.delay_s == pytest.approx(0.3)
