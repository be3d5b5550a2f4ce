"""A run saved as a scenario gives the same bits again: in another console, and played without one."""

import tomllib
from pathlib import Path

import numpy as np
import pytest

from counterpulse.bed.compare import WITH
from counterpulse.bed.live import Input
from counterpulse.cohort.scenario import check_scenario, parse_scenario, play
from counterpulse.refusal import RefusalError
from counterpulse.service.opening import open_console

CHANGES = (("settings.ratio", 2, -1), ("tone.rhythm", 1, -1), ("fault.lead-off", 1, 0), ("settings.inflation_trim_ms", -40.0, -1), ("fault.lead-off", 0, 0), ("tone.systemic_resistance", 0.7, -1))


def followed(console, samples, size):
    """What the bedside saw, and the truth with the pump, of so many samples in slices of one size."""
    rows, truth = [], []
    while samples > 0:
        piece = console.source.advance(min(size, samples))
        samples -= len(piece)
        rows.append(piece.samples.copy())
        truth.append(piece.truth[:, WITH].copy())
    return np.concatenate(rows), np.concatenate(truth)


@pytest.fixture(scope="module")
def saved():
    """A run with changes along it: its file, what was seen from the opening on, and from which sample."""
    console = open_console({"preset": "hf-shock", "seed": 7})
    start = console.source.sample
    parts = []
    for k, change in enumerate(CHANGES):
        parts.append(followed(console, 700 + 12 * k, 12))
        console.source.change(Input(console.source.sample, *change))
    parts.append(followed(console, 1500, 12))
    return console.scenario(), [np.concatenate(one) for one in zip(*parts, strict=True)], start


def test_the_file_holds_inputs_and_seed_and_no_samples(saved):
    text, _, start = saved
    document = tomllib.loads(text)
    assert document["scenario"]["seed"] == 7
    assert [one["field"] for one in document["input"]] == [field for field, _, _ in CHANGES]
    assert document["input"][0]["at_s"] == (start + 700) / 500.0
    assert len(text) < 2000


def test_reopened_it_gives_the_same_bits(saved):
    text, (rows, truth), start = saved
    console = open_console({"scenario": text})
    assert console.source.sample == start
    again, true = followed(console, len(rows), 250)
    assert again.tobytes() == rows.tobytes()
    assert true.tobytes() == truth.tobytes()


def test_played_without_a_console_it_gives_the_same_bits(saved):
    text, (rows, _), start = saved
    kept = []
    play(check_scenario(parse_scenario(tomllib.loads(text), Path("x"))), hear=lambda pieces: kept.extend(piece.samples[:, 0].copy() for piece in pieces))
    assert np.concatenate(kept)[start:].tobytes() == rows.tobytes()


def test_opened_at_its_end_it_goes_on_from_there(saved):
    text, (rows, _), start = saved
    console = open_console({"scenario": text, "at": "end"})
    assert console.source.sample == start + len(rows)
    assert console.source.settings.ratio == 2
    assert tomllib.loads(console.scenario())["input"] == tomllib.loads(text)["input"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "exactly one"),
        ({"preset": "../../etc/passwd"}, "no preset"),
        ({"preset": "hf-shock", "fs_hz": 300}, "250, 500"),
        ({"preset": "hf-shock", "catheter": "99-9"}, "catheter"),
        ({"preset": "hf-shock", "site": "wrist"}, "one of root"),
        ({"preset": "hf-shock", "seed": 1.5}, "whole"),
        ({"preset": "hf-shock", "what": 1}, "A console has no"),
        ({"preset": 7}, "must be text"),
        ({"scenario": "["}, "not valid TOML"),
        ({"scenario": '[scenario]\npatient = "/etc/hostname"'}, "no preset"),
        ({"scenario": '[scenario]\npatient = "hf-shock"\n[[input]]\nat_s = 1.0\nfield = "settings.ratio"\nvalue = 9.0'}, "1 to 3"),
        ({"scenario": '[scenario]\npatient = "hf-shock"\nseconds = 80000.0', "at": "end"}, "14400"),
        ({"scenario": '[scenario]\npatient = "hf-shock"', "at": "middle"}, "start or end"),
        ({"lesson": "no-such-lesson"}, "no lesson"),
        ({"recording": "x"}, "--recordings"),
    ],
)
def test_what_cannot_be_opened_is_refused_in_a_sentence(body, words):
    with pytest.raises(RefusalError, match=words) as refusal:
        open_console(body)
    assert str(refusal.value).endswith(".")
