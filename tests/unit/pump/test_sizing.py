"""Balloons by height and aorta."""

import json

import pytest

from counterpulse.bed.faults import moves
from counterpulse.cli import answer
from counterpulse.pump.sizing import PLACES, RULES, misplaced, size
from counterpulse.refusal import RefusalError


@pytest.mark.parametrize(("height", "getinge", "arrow"), [(150, {25}, {30}), (155, {34}, {30}), (161.9, {34}, {30}), (170, {40, 50}, {40}), (190, {50}, {50})])
def test_by_height(height, getinge, arrow):
    found = size(height)
    assert {rule.balloon_mL for rule in found.by_height if rule.maker.startswith("Getinge")} == getinge
    assert {rule.balloon_mL for rule in found.by_height if rule.maker == "Arrow"} == arrow
    assert found.agree == (len(getinge | arrow) == 1)


@pytest.mark.parametrize(("aorta", "volume"), [(20, 34), (21.9, 40), (26.29, 40), (26.3, 50)])
def test_by_aorta(aorta, volume):
    assert size(170, aorta).by_aorta_mL == volume


def test_disagreement_is_said():
    assert any("disagree at 170 cm: 40 mL, 50 mL" in line for line in size(170).sentences)
    assert any("has no balloon" in line for line in size(140).sentences)
    assert any("longer than the aorta" in line for line in size(175, 23.0).sentences)
    assert any("asks for 34 mL" in line for line in size(185, 20.0).sentences)
    assert not any("longer" in line for line in size(185, 28.0).sentences)


def test_every_row_has_its_source():
    assert all(rule.source and rule.certainty for rule in RULES)


@pytest.mark.parametrize(("height", "aorta"), [(100, None), (170, 5.0), (float("nan"), None)])
def test_out_of_range(height, aorta):
    with pytest.raises(RefusalError, match="cm"):
        size(height, aorta)


def test_places_are_faults_that_exist():
    for place in PLACES:
        field, value = misplaced(place, 0.5)
        assert moves(field.removeprefix("fault."), value)
    with pytest.raises(RefusalError, match="place"):
        misplaced("sideways", 1.0)


def test_command(capsys):
    assert answer(["size", "--height", "170", "--aorta-cm", "24", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["by_aorta_mL"] == 40
    assert not told["agree"]
    assert answer(["size", "--height", "170"]) == 0
    assert "not for patient care" in capsys.readouterr().out
    assert answer(["size", "--height", "90"]) == 2
