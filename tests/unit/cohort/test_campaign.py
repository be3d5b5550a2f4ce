"""The campaign: the same cases for ever, in lanes as alone, and checks that can fail."""

from dataclasses import replace

import numpy as np
import pytest

from counterpulse.bed.live import Input
from counterpulse.bed.safety import CHECKS, Course, unsafe
from counterpulse.cohort.campaign import Case, Happening, draw_case, inputs_of, run_block
from counterpulse.cohort.scenario import Scenario, check_scenario, start
from counterpulse.pump.alarms import Alarm


def test_a_case_is_the_same_for_ever_and_can_be_played():
    first, again, other = draw_case(1, 7), draw_case(1, 7), draw_case(2, 7)
    assert first == again != other
    for number in range(200):
        case = draw_case(3, number)
        assert 1 <= len(case.happenings) <= 3
        check_scenario(case.scenario)


@pytest.fixture(scope="module")
def ridden():
    """A minute of a sound patient at 250 Hz, with the course that was kept."""
    live = start(Scenario("healthy", seconds=30.0, fs_hz=250.0))
    course = Course(live.bed, live.clock.sample_s)
    for _ in range(300):
        course.see(live.advance(25))
    return course


def test_a_sound_run_is_safe(ridden):
    assert unsafe(ridden) == {}
    assert len(ridden.whole("drive")) == 7500
    assert ridden.whole("drive").any()


def broken(course, **changes):
    """Names of the checks that a course with every slice changed breaks."""
    return set(unsafe(replace(course, slices=[one._replace(**changes) for one in course.slices])))


def test_every_check_can_fail(ridden):
    size = len(ridden.slices[0].drive)
    on = {"drive": np.ones(size, bool)}
    assert {"stay", "systole"} <= broken(ridden, **on)
    assert "rest" in broken(ridden, rest=True)
    assert "blind" in broken(ridden, unseen=np.ones(size, bool))
    assert "empty" in broken(ridden, rest=True)
    assert "ejection" in broken(ridden, filled=np.ones(size, np.float32))
    assert "finite" in set(unsafe(replace(ridden, sound=False)))
    for name, field in (("blood", "blood_mL"), ("helium", "helium_mmHg_mL")):
        moved = replace(ridden)
        setattr(moved, field, getattr(ridden, field) * 1.001)
        assert set(unsafe(moved)) == {name}
    assert set(CHECKS) == {"stay", "systole", "rest", "blind", "empty", "ejection", "finite", "blood", "helium"}
    assert broken(ridden, filled=np.ones(size, np.float32), rest=True) - broken(ridden, rest=True) <= {"ejection", "empty"}


def case_of(number, happening, **fields):
    plain = Scenario("hf-shock", seconds=60.0, fs_hz=250.0, person={"heart_rate_per_min": 90.0}, settings={"trigger": 0, "ecg_lead": 0, "pressure_source": 0})
    return Case(number, replace(plain, inputs=inputs_of([happening], 250.0), **fields), (happening,))


def test_a_fault_is_answered_missed_or_false():
    """Undocking is answered; a lead that falls off unannounced is a false alarm; a fault that did not happen is missed."""
    real = case_of(0, Happening("undocked", 1.0, 20.0, 60.0))
    secret = replace(case_of(1, Happening("undocked", 1.0, 20.0, 60.0)), scenario=replace(real.scenario, inputs=(Input(5000, "fault.lead-off", 1.0, 0),)))
    answered, both = run_block([real, secret])
    assert answered.passed
    assert [name for name, *_ in answered.answered] == ["undocked"]
    assert both.missed == ["undocked 1"]
    assert any(text.startswith(Alarm.ECG_LOST.name.lower().replace("_", "-")) for text in both.false)




@pytest.mark.parametrize("number", [2776, 7644])
def test_under_lasting_cautery_a_resting_balloon_is_told_of(number):
    """Beats come and go in the noise, and with them other causes, none for long enough to be an alarm: the rest of the balloon is one."""
    case = draw_case(20261121, number)
    assert "cautery" in {one.name for one in case.happenings}
    (judged,) = run_block([case])
    assert judged.missed == []


@pytest.mark.parametrize(
    "number",
    [
        279,  # a wide QRS whose mark jumped from its peak to the corner where it begins: a rhythm called irregular
        3358,  # a kink behind a stiff aorta: every stay too short to tell by delivery
        363,  # no vacuum in a fast heart: every stay under 0.1 s
        1448,  # a lead off while the pressure triggers
        8076,  # a diastole called short before the opening was known
    ],
)
def test_what_the_gas_the_lead_and_the_opening_tell(number):
    (judged,) = run_block([draw_case(20261121, number)])
    assert judged.passed, (judged.missed, judged.false)
