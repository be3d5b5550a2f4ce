"""Scenario files: what they say is read, checked and written back; a played and a live run are the same bits; expectations can fail."""

from dataclasses import replace

import numpy as np
import pytest

from counterpulse.bed.expect import Expect
from counterpulse.bed.faults import FAULTS, default_of, moves
from counterpulse.bed.live import Input
from counterpulse.cli import answer
from counterpulse.cohort.scenario import Scenario, check_scenario, play, read_scenario, saved, scenario_names, start, watch, write_scenario
from counterpulse.refusal import RefusalError

SHORT = Scenario(
    "hf-shock",
    seconds=32.0,
    inputs=(Input(28_000, "fault.lead-off", 1.0, 0), Input(29_000, "tone.heart_rate_per_min", 120.5), Input(30_000, "fault.lead-off", 0.0)),
    expects=(
        Expect("assisted", from_s=20, to_s=28, low=0.75),
        Expect("alarm", "ecg-lost", from_s=28, within_s=1.0),
        Expect("flat", from_s=28.2, to_s=30),
        Expect("beats", "map_mmHg", from_s=1, to_s=7, low=30, high=150),
        Expect("field", "tone.heart_rate_per_min", low=120, high=121),
        Expect("alarm", "pressure-stuck", from_s=28, within_s=1.0),
    ),
)
RECORDS = ("beat", "monitor", "pump", "sample", "tone", "catheter", "settings")


def bits(bed):
    return b"".join(np.ascontiguousarray(part).tobytes() for part in (bed.w, *(getattr(bed, name) for name in RECORDS)))


@pytest.fixture(scope="module")
def played():
    return play(SHORT)


def test_every_packaged_scenario_reads_and_writes_back(tmp_path):
    for name in scenario_names():
        one = read_scenario(name)
        assert one.title, name
        assert one.expects, name
        write_scenario(tmp_path / f"{name}.toml", one)
        assert read_scenario(tmp_path / f"{name}.toml") == one


def test_a_scenario_with_everything_writes_back(tmp_path):
    full = replace(
        SHORT, name="full", seed=7, title='A "title"\nin two lines', task="do \\ it", catheter="50-8", fs_hz=250.0, site="radial", seconds=44.1,
        person={"heart_rate_per_min": 100}, hardware={"drive_mmHg": 200.0}, settings={"ratio": 2, "volume_mL": 33.3},
        inputs=(Input(3, "fault.flush", 1.0, 2), Input(7, "settings.ratio", 1)),
    )  # fmt: skip
    write_scenario(tmp_path / "full.toml", full)
    assert read_scenario(tmp_path / "full.toml") == full


def test_expectations_are_judged(played):
    states = [one.state for one in played.verdicts]
    assert states == ["met"] * 5 + ["failed"], [one.sentence for one in played.verdicts]
    assert not played.passed


def test_a_saved_live_run_reopens_to_the_same_bits(played, tmp_path):
    live = start(replace(SHORT, inputs=()))
    live.advance(28_000)
    live.change("fault.lead-off", 1.0, place=0)
    live.advance(137)
    live.change("tone.heart_rate_per_min", 120.5, at=29_000)
    live.advance(1863)
    live.change("fault.lead-off", 0.0)
    live.advance(2000)
    assert bits(live.bed) == bits(played.live.bed)
    write_scenario(tmp_path / "kept.toml", saved(replace(SHORT, inputs=()), live))
    again = play(read_scenario(tmp_path / "kept.toml"))
    assert bits(again.live.bed) == bits(live.bed)


def test_live_judges_as_afterwards(played):
    live = start(SHORT, slice_s=0.02)
    watcher = watch(SHORT, live)
    while live.sample < 32_000:
        watcher.see(live.advance(20), last=live.sample >= 32_000)
    assert watcher.verdicts == played.verdicts


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_ends_where_it_began(name):
    one = FAULTS[name]
    assert one.low <= one.typical <= one.high
    for severity in (one.low, one.typical, one.high):
        check_scenario(replace(SHORT, expects=(), inputs=(Input(0, f"fault.{name}", severity), Input(5, f"fault.{name}", 0.0))))
        assert any(value != np.ravel(default_of(field))[max(place, 0)] for field, value, place in moves(name, severity))
    assert all(value == np.ravel(default_of(field))[max(place, 0)] for field, value, place in moves(name, 0.0))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"patient": "nobody"}, "neither a preset"),
        ({"seconds": 0.5}, "1 to 86400 s"),
        ({"seed": -1}, "seed is -1"),
        ({"catheter": "60-8"}, "60-8"),
        ({"site": "ear"}, "The site is 'ear'"),
        ({"fs_hz": 100.0}, "125 to 1000 Hz"),
        ({"settings": {"volume_mL": 50.0}}, "holds 40 mL"),
        ({"person": {"heart_rate_per_min": 1000}}, "20 to 220"),
        ({"hardware": {"colour": 1}}, "no field 'colour'"),
        ({"inputs": (Input(0, "fault.gremlins", 1.0),)}, "There is no fault 'gremlins'"),
        ({"inputs": (Input(0, "fault.lead-off", 2.0),)}, "it must lie in 1 to 1, or be 0"),
        ({"inputs": (Input(0, "fault.lead-off", 1.0, 3),)}, "places 0 to 2"),
        ({"inputs": (Input(0, "monitor.carry", 1.0),)}, "There is no field"),
        ({"inputs": (Input(0, "tone.rhythm", 1.5),)}, "whole number"),
        ({"inputs": (Input(0, "tone.heart_rate_per_min", float("nan")),)}, "nan"),
        ({"inputs": (Input(999_999, "tone.rhythm", 1.0),)}, "the scenario lasts"),
        ({"expects": (Expect("miracle"),)}, "of kind 'miracle'"),
        ({"expects": (Expect("alarm", "bells", within_s=1),)}, "The expected alarm is 'bells'"),
        ({"expects": (Expect("field", "pump.colour"),)}, "no field 'pump.colour'"),
        ({"expects": (Expect("flat", from_s=5, to_s=4),)}, "must end after it begins"),
    ],
)
def test_what_cannot_be_played_is_refused(changes, says):
    with pytest.raises(RefusalError, match=says):
        check_scenario(replace(SHORT, **changes))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "names no patient"),
        ("[scenario]\npatient = 3", "must be a text"),
        ('[scenario]\npatient = "af"\nloudness = 1', "no key 'loudness'"),
        ('[scenario]\npatient = "af"\n[[input]]\nat_s = 1', "has no field"),
        ('[scenario]\npatient = "af"\n[input]\nat_s = 1', "no list of tables"),
        ('[scenario]\npatient = "af"\n[[input]]\nat_s = "now"\nfield = "x"\nvalue = 1', "must be a number"),
        ('[scenario]\npatient = "af"\n[music]', "no section 'music'"),
        ("not toml", "cannot be read as TOML"),
    ],
)
def test_a_wrong_file_gets_one_sentence(text, says, tmp_path):
    (tmp_path / "wrong.toml").write_text(text, encoding="utf-8")
    with pytest.raises(RefusalError, match=says):
        read_scenario(tmp_path / "wrong.toml")


def test_the_command_says_whether_expectations_came(tmp_path, capsys):
    write_scenario(tmp_path / "short.toml", replace(SHORT, seconds=32.0))
    assert answer(["scenario", str(tmp_path / "short.toml")]) == 1
    told = capsys.readouterr().out
    assert "failed" in told
    assert "ecg-lost" in told
    assert answer(["scenarios"]) == 0
    assert "lead-off" in capsys.readouterr().out
    assert answer(["scenario", "no-such"]) == 2
