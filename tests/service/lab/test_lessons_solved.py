"""Every lesson's file is valid, its right action fulfils it, and doing nothing does not; nothing is given away beforehand."""

import pytest

from counterpulse.bed.live import Input
from counterpulse.refusal import RefusalError
from counterpulse.service.lesson import GROUPS, listed, names, read_lesson
from counterpulse.service.opening import showing
from counterpulse.service.protocol import Do

WANTED = {
    "early-inflation", "late-inflation", "early-deflation", "late-deflation", "atrial-fibrillation", "ectopy", "lead-off", "kink", "leak", "wrong-size", "aortic-regurgitation",
    "weaning-by-ratio", "weaning-by-volume", "fibrillation-and-compressions", "transducer-zero", "transducer-level", "blood-in-line", "undocking", "limb-ischaemia",
}  # fmt: skip
LOOKS = 250  # samples between two looks
AFTERWARDS_S = 40.0


def go(run, seconds):
    """Let a lesson pass, looked at twice a second; True as soon as it is done."""
    for _ in range(round(seconds * run.fs_hz / LOOKS)):
        run.advance(LOOKS)
        run.report.lesson_news()
        if run.report.lesson.done:
            return True
    return False


def act(run, step):
    go(run, step["after_s"])
    if "answer" in step:
        run.report.do(Do("answer", step["answer"]))
    elif "do" in step:
        run.report.do(Do(step["do"]))
    else:
        run.source.change(Input(run.source.sample, step["field"], step["value"], step.get("place", -1)))


def test_all_that_was_asked_for_is_there():
    assert set(names()) >= WANTED
    assert [one["group"] for one in listed()] == sorted((one["group"] for one in listed()), key=GROUPS.index)


@pytest.mark.parametrize("name", sorted(WANTED))
def test_a_lesson_says_what_it_rests_on(name):
    lesson = read_lesson(name)
    assert lesson.task
    assert lesson.explanation
    assert lesson.sources
    assert lesson.steps
    assert sum(choice.right for choice in lesson.choices) == 1
    assert lesson.checks or lesson.choices


@pytest.mark.parametrize("name", sorted(WANTED))
def test_the_right_action_fulfils_it(name):
    run = showing(read_lesson(name))
    assert run.report.lesson_told()["explanation"] is None
    for step in run.report.lesson.lesson.steps:
        act(run, step)
    assert go(run, AFTERWARDS_S), run.report.lesson.told()["checks"]
    assert run.report.lesson_told()["explanation"]


@pytest.mark.parametrize("name", sorted(WANTED))
def test_doing_nothing_does_not(name):
    run = showing(read_lesson(name))
    assert not go(run, 35.0)
    assert not all(run.report.lesson.met), "something must be left to do"


def test_an_answer_that_is_none_is_refused():
    run = showing(read_lesson("kink"))
    with pytest.raises(RefusalError, match="one of 0 to 3"):
        run.report.do(Do("answer", 9.0))
    with pytest.raises(RefusalError, match="no lesson"):
        read_lesson("../kink")


def test_the_leg_behind_the_sheath_starves_whatever_the_pump_does():
    run = showing(read_lesson("limb-ischaemia"))
    flows = []
    for ratio, standby in ((1, 0), (3, 0), (3, 1)):
        run.source.change(Input(run.source.sample, "settings.ratio", ratio))
        run.source.change(Input(run.source.sample, "settings.standby", standby))
        go(run, 15.0)
        told = run.report.numerics()
        flows.append(told["sheathed_leg_flow_mL_min"] / told["other_leg_flow_mL_min"])
        assert 0.3 < told["svo2"] < 0.9
        assert told["lactate_mmol_L"] > 0
        assert told["urine_mL_kg_h"] > 0
    assert max(flows) < 0.5
    assert max(flows) - min(flows) < 0.02
    spared = showing(read_lesson("weaning-by-ratio"))
    go(spared, 15.0)
    told = spared.report.numerics()
    assert told["sheathed_leg_flow_mL_min"] > 0.9 * told["other_leg_flow_mL_min"]
