"""Weaning: readiness, steps, limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpulse.pump.settings import Settings
from counterpulse.pump.weaning import LOOSE_SHARE, PROTOCOLS, Advice, By, RESTING_h, Step, floor_mL, inputs, move, plan, ready
from counterpulse.refusal import RefusalError

WELL = {"cardiac_index_L_min_m2": 2.8, "cvp_mmHg": 10.0, "lactate_mmol_L": 1.5, "map_mmHg": 75.0, "urine_mL_kg_h": 1.2}


def test_ready_by_onorati():
    assert ready(WELL).ready is True
    assert ready(WELL | {"cardiac_index_L_min_m2": 2.5}).ready is False  # over 2.5
    assert ready(WELL | {"cvp_mmHg": 12.0}).ready is True  # up to 12
    short = {name: value for name, value in WELL.items() if name != "lactate_mmol_L"}
    assert ready(short) == (None, [], ["lactate_mmol_L"])
    assert ready(short | {"map_mmHg": 60.0}).ready is False
    assert ready(WELL | {"map_mmHg": float("nan")}).missing == ["map_mmHg"]


def test_ready_by_checklist():
    told = ready({"cardiac_index_L_min_m2": 2.0, "urine_mL_h": 31.0, "heart_rate_per_min": 100.0, "ectopics_per_min": 2.0}, "checklist")
    assert told.failed == ["heart_rate_per_min is 100; it must be under 100."]
    with pytest.raises(RefusalError, match="rule"):
        ready(WELL, "mood")


def test_onorati_as_published():
    assert plan("onorati-ratio", 40.0) == [Step(0.0, 2, 40.0), Step(4.0, 3, 40.0), Step(5.0, 1, 40.0)]
    assert plan("onorati-volume", 40.0, 0.5) == [Step(float(k), 1, pytest.approx(40.0 - 4.0 * (k + 1))) for k in range(5)]


def test_the_strict_limit_stops_the_volume_sooner():
    assert min(step.volume_mL for step in plan("onorati-volume", 40.0)) == pytest.approx(40.0 * 2 / 3)
    assert floor_mL(25.0, 0.5) == 20.0
    assert floor_mL(15.0, 0.5) == 15.0


@given(protocol=st.sampled_from(list(PROTOCOLS)), full=st.floats(25.0, 50.0), share=st.floats(0.5, 0.95))
def test_never_under_the_limits(protocol, full, share):
    steps = plan(protocol, full, share)
    for step, after in zip(steps, [*steps[1:], None], strict=True):
        assert step.volume_mL >= min(share * full, full) - 1e-9
        assert step.volume_mL >= LOOSE_SHARE * full - 1e-9
        if step.ratio >= 3:
            assert after is not None
            assert after.at_h - step.at_h <= RESTING_h
    for _, field, value in inputs(steps):
        Settings.check(Settings(**{field.removeprefix("settings."): value}))


def test_inputs_are_fields_of_a_run():
    assert inputs(plan("onorati-ratio", 40.0), 60.0)[2:4] == [(60.0 + 4 * 3600.0, "settings.ratio", 3.0), (60.0 + 4 * 3600.0, "settings.volume_mL", 40.0)]


def test_moves():
    steps = plan("onorati-volume", 40.0, 0.5)
    assert move(steps, 1, WELL, WELL, 1.0)[:2] == (Advice.NEXT, steps[2])
    assert move(steps, 1, WELL, WELL | {"lactate_mmol_L": 3.0}, 1.0)[:2] == (Advice.BACK, steps[0])
    assert move(steps, 0, WELL, WELL | {"map_mmHg": 66.0}, 1.0).advice == Advice.BACK
    assert move(steps, 1, WELL, {}, 1.0).advice == Advice.HOLD
    assert move(steps, len(steps) - 1, WELL, WELL, 1.0).advice == Advice.REMOVE
    resting = plan("onorati-ratio", 40.0)
    assert resting[1].ratio == 3
    told = move(resting, 1, WELL, {}, 1.0)
    assert (told.advice, told.step.ratio) == (Advice.BACK, 1)
    assert move(resting, 1, WELL, WELL, 1.0).advice == Advice.REMOVE
    with pytest.raises(RefusalError, match="step"):
        move(steps, 9, WELL, WELL, 1.0)


@pytest.mark.parametrize(
    ("protocol", "full", "share"), [("fast", 40.0, 0.5), ("onorati-volume", 60.0, 0.5), ("onorati-volume", 40.0, 0.3), ("onorati-volume", 18.0, 0.5)]
)
def test_refused(protocol, full, share):
    with pytest.raises(RefusalError):
        plan(protocol, full, share)


def test_every_protocol_has_its_source():
    assert all(one.source and one.certainty and one.by in By for one in PROTOCOLS.values())
