"""`fit --recording` and `predict --recording` on real recordings: within 3 mmHg on a steady stretch, and a sentence where there is none."""

import json

import pytest

from counterpulse.cli import answer


@pytest.mark.parametrize("name", ["v319l", "v813l"])
def test_a_steady_stretch_is_fitted_within_3_mmHg(recordings, tmp_path, capsys, name):
    path = recordings / "challenge2015" / "abp_ecg" / name
    assert answer(["fit", "--recording", str(path), "--from", "10", "--to", "60", "--out", str(tmp_path / "p.toml"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["rms_mmHg"] < 3.0
    assert {"patient", "fitted", "undetermined", "seconds", "line"} <= set(told)
    assert "rv_ees_mmHg_mL" in told["undetermined"]


def test_a_prediction_holds_for_the_rest(recordings, capsys):
    path = recordings / "challenge2015" / "abp_ecg" / "v319l"
    assert answer(["predict", "--recording", str(path), "--from", "10", "--to", "60", "--samples", "4", "--preset", "healthy", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["rest"]["rms_mmHg"] < 6.0
    assert told["change"]["end_diastolic_mmHg"]["median"] < 0.0
    assert told["change"]["map_mmHg"]["low"] <= told["change"]["map_mmHg"]["high"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["fit"], "--recording"),
        (["predict"], "--recording"),
        (["fit", "--recording", "{abp}/v405l", "--from", "10", "--to", "60"], "whole beats"),
        (["fit", "--recording", "{iabp}/v294s", "--from", "10", "--to", "60"], "unassisted"),
        (["fit", "--recording", "{abp}/v319l", "--from", "60", "--to", "10"], "--to is 10"),
        (["predict", "--recording", "{abp}/v319l", "--samples", "0"], "--samples is 0"),
        (["predict", "{presets}"], "posterior"),
    ],
)
def test_wrong_input_gets_one_sentence(recordings, root, capsys, words, sentence):
    places = {
        "abp": recordings / "challenge2015" / "abp_ecg",
        "iabp": recordings / "challenge2015" / "iabp",
        "presets": root / "src" / "counterpulse" / "cohort" / "presets" / "hf-shock.toml",
    }
    assert answer([word.format(**places) for word in words]) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert told.count("\n") == 1
