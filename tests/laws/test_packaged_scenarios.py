"""Every packaged scenario shows what it expects."""

import pytest

from counterpulse.cohort.scenario import play, read_scenario, scenario_names


@pytest.mark.parametrize("name", scenario_names())
def test_a_packaged_scenario_shows_what_it_expects(name):
    played = play(read_scenario(name))
    assert played.passed, [f"{one.expect.kind} {one.expect.name}: {one.sentence}" for one in played.verdicts if one.state != "met"]
