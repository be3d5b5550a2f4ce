"""The helium books: a circuit whose baseline follows what is in it, beat by beat for hours."""

import numpy as np
import pytest

from counterpulse.kernel import kernel
from counterpulse.pump.helium import Books, adapt, bursting, fill_anew, gaining, keep_books, leaking, take_ambient, take_warmth
from counterpulse.pump.pneumatics import Gas

FS = 250.0
CIRCUIT = 68.0
BEAT_N = 200  # samples between cycles


@kernel
def pump_on(b, g, told, world):
    """A cycle each; the amount falls by `loss` and grows by what is asked for and arrives. Columns of `told`: asked, baseline, leak, burst, gain, failed."""
    ambient, warm, loss, arrives = world
    amount = (12.0 + ambient[0]) * CIRCUIT / 760.0
    g.settled = 1
    for k in range(loss.size):
        amount -= loss[k]
        g.cycles += 1
        g.baseline_mmHg = amount * (1.0 + warm[k] / 293.0) * 760.0 / CIRCUIT - ambient[k]
        take_ambient(b, ambient[k])
        take_warmth(b, 20.0 + warm[k])
        count = k * BEAT_N
        asked = keep_books(b, g, count, FS, CIRCUIT)
        amount += asked * arrives[k]
        told[k, 0], told[k, 1] = asked, g.baseline_mmHg
        told[k, 2], told[k, 3], told[k, 4], told[k, 5] = leaking(b, count, FS), bursting(b), gaining(b), b.failed


def run(hours=1.0, loss_mL_h=0.0, **changes):
    """Books, and what they told; `changes`: ambient, warm, loss, arrives as arrays by beat."""
    n = round(hours * 3600 * FS / BEAT_N)
    parts = {"ambient": np.full(n, 760.0), "warm": np.zeros(n), "loss": np.full(n, loss_mL_h * BEAT_N / FS / 3600), "arrives": np.ones(n)} | changes
    b, g, told = Books(), Gas(), np.zeros((n, 6))
    pump_on(b, g, told, (parts["ambient"], parts["warm"], parts["loss"], parts["arrives"]))
    return b, told


def first_s(told, column):
    """When it was first told, s; NaN = never."""
    at = np.flatnonzero(told[:, column])
    return at[0] * BEAT_N / FS if len(at) else np.nan


@pytest.mark.parametrize("rate", [0.0, 1.0, 2.0])
def test_diffusion_is_no_alarm_and_is_made_up_for(rate):
    b, told = run(6.0, rate)
    assert not told[:, 2:].any()
    assert np.abs(told[20:, 1] - b.target_mmHg)[told[20:, 0] == 0].mean() < 4.0
    assert b.fills == 2  # every two hours
    assert b.used_mL == pytest.approx(6 * rate, abs=3 + 2 * (CIRCUIT + 4))


@pytest.mark.parametrize("rate", [5.0, 8.0, 20.0, 60.0])
def test_a_slow_leak_is_found_before_10_mL_are_lost(rate):
    _, told = run(2.0, rate)
    assert first_s(told, 2) / 3600 * rate < 10.0
    assert not told[:, 3:].any()


@pytest.mark.parametrize("per_beat", [0.15, 0.5, 3.0])
def test_a_burst_is_found_within_few_beats(per_beat):
    loss = np.zeros(400)
    loss[100:] = per_beat
    _, told = run(400 * BEAT_N / FS / 3600, loss=loss)
    beats = first_s(told, 3) * FS / BEAT_N - 100
    assert 0 <= beats <= 3 + 5.0 / per_beat
    assert not told[:100, 2:].any()


def test_two_thousand_feet_are_corrected_without_alarm():
    """760 to 706 mmHg in four minutes (500 feet a minute)."""
    n = 1500
    ambient = np.interp(np.arange(n), [300, 600], [760.0, 706.0])
    b, told = run(n * BEAT_N / FS / 3600, ambient=ambient)
    assert not told[:, 2:].any()
    assert told[300:700, 0].min() < 0.0  # let out
    assert told[:, 1].max() < 25.0
    assert abs(told[-1, 1] - b.target_mmHg) < 5.0


def test_at_once_too():
    ambient = np.where(np.arange(800) < 300, 760.0, 706.0)
    b, told = run(800 * BEAT_N / FS / 3600, ambient=ambient)
    assert not told[:, 2:].any()
    assert abs(told[-1, 1] - b.target_mmHg) < 5.0


def test_warmth_explains_gain_but_not_all_of_it():
    warm = np.interp(np.arange(3000), [300, 2000], [0.0, 15.0])
    _, told = run(3000 * BEAT_N / FS / 3600, warm=warm)
    assert not told[:, 4].any()
    loss = np.zeros(3000)
    loss[300:2000] = -6.0 / 1700
    _, told = run(3000 * BEAT_N / FS / 3600, loss=loss)
    assert np.isfinite(first_s(told, 4))


def test_a_fill_that_does_not_arrive_fails():
    """A leak of 30 mL/h and an empty cylinder."""
    n = 3000
    _, told = run(n * BEAT_N / FS / 3600, 30.0, arrives=np.zeros(n))
    asked, failed_s = np.flatnonzero(told[:, 0]), first_s(told, 5)
    assert 0 < failed_s - asked[0] * BEAT_N / FS < 45
    assert not told[: round(failed_s * FS / BEAT_N), 3].any()


def test_the_regular_fill_fails_too_when_the_cylinder_is_shut():
    n = round(2.1 * 3600 * FS / BEAT_N)
    arrives = np.ones(n)
    b, told = run(2.1, arrives=arrives)
    assert b.fills == 1
    assert not told[:, 2:].any()
    asked = np.flatnonzero(told[:, 0])
    arrives[asked[0] + 1 :] = 0.0  # the purge goes out, the fill does not come
    _, told = run(2.1, arrives=arrives)
    assert 0 < first_s(told, 5) - asked[0] * BEAT_N / FS < 45


@kernel
def set_volume(b, g, volume):
    return adapt(b, volume), fill_anew(b, g, CIRCUIT)


def test_another_volume_is_a_fill():
    b, g = Books(), Gas()
    assert set_volume(b, g, 40.0)[0] == 0.0
    assert set_volume(b, g, 30.0)[0] == pytest.approx(-10.0 * 770 / 760)
    assert set_volume(b, g, 40.0)[0] == pytest.approx(10.0 * 770 / 760)


def test_a_restart_fills_to_the_target():
    b, g = Books(target_mmHg=12.0), Gas(rest_n=1, near_mmHg=-100.0)
    assert set_volume(b, g, 40.0)[1] == pytest.approx(112.0 * CIRCUIT / 760)
