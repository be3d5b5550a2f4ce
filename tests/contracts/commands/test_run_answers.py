"""What `counterpulse run` answers: the contract's keys, hearts that do not beat, and a result folder that runs again."""

import json
from pathlib import Path
from typing import Any

import pytest

from counterpulse.cli import answer

KEYS = (
    "sbp_mmHg", "dbp_mmHg", "map_mmHg", "augmented_peak_mmHg", "end_diastolic_mmHg", "assisted_systolic_mmHg", "cvp_mmHg", "pcwp_mmHg",
    "mean_pa_mmHg", "hr_per_min", "co_L_min", "sv_mL", "lv_ef", "lv_edv_mL", "lv_esv_mL", "rv_ef", "stroke_work_mmHg_mL", "pva_mmHg_mL",
    "ea_mmHg_mL", "tti_mmHg_s", "dpti_mmHg_s", "evr", "coronary_flow_mL_min", "cpo_W", "svo2", "limb_flow_mL_min",
)  # fmt: skip
TOP = {"preset", "seed", "site", "without", "with", "change", "timing", "certificate", "faults", "version"}


def refuse(word: str) -> None:
    """No NaN or infinity in JSON."""
    raise AssertionError(word)


def told(capsys: pytest.CaptureFixture[str], *options: str) -> Any:
    """The JSON object of a short run."""
    assert answer(["run", "hf-shock", "--json", "--seconds", "5", "--no-certify", *options]) == 0
    return json.loads(capsys.readouterr().out, parse_constant=refuse)


def test_every_key_of_the_contract_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    """At 1:2 the systole after an inflation is lower than the mean of all."""
    report = told(capsys, "--ratio", "2")
    assert report.keys() >= TOP
    assert report["certificate"].keys() >= {"beat_to_beat", "step_halving"}
    for arm in ("without", "with", "change"):
        assert report[arm].keys() >= set(KEYS)
    assert report["without"]["assisted_systolic_mmHg"] is None
    assert report["with"]["assisted_systolic_mmHg"] < report["with"]["sbp_mmHg"]
    assert report["remarks"] == []


@pytest.mark.parametrize(("rhythm", "word"), [("4", "ventricular fibrillation"), ("5", "asystole")])
def test_a_heart_that_does_not_beat_is_said_to(rhythm: str, word: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Null numbers under every key, no share of assisted beats, and a sentence."""
    report = told(capsys, "--rhythm", rhythm, "--site", "radial")
    assert all(report[arm][key] is None for arm in ("without", "with", "change") for key in KEYS)
    assert report["timing"]["assisted_share"] is None
    assert word in report["remarks"][0]


def test_no_certificate_for_what_was_not_measured(capsys: pytest.CaptureFixture[str]) -> None:
    """A heart without beats has no convergence to report."""
    assert answer(["run", "hf-shock", "--rhythm", "5", "--json", "--seconds", "5"]) == 0
    certificate = json.loads(capsys.readouterr().out)["certificate"]
    assert certificate["step_halving"] is None


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--trigger", "internal"], "internal trigger"),
        (["--standby", "1"], "told not to drive"),
        (["--volume-mL", "0"], "told not to drive"),
        (["--blood-volume-mL", "1500"], "nobody lives with that"),
        (["--heart-rate-per-min", "20"], "--seconds"),
    ],
)
def test_what_a_reader_must_know_comes_first(options: list[str], word: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Remarks for runs whose numbers mislead by themselves."""
    assert word in told(capsys, *options)["remarks"][0]


def test_the_patient_that_ran_runs_again_to_the_same_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """patient.toml carries the catheter and the pump's settings too, and what to try next names a file that is there."""
    first, second = tmp_path / "first", tmp_path / "second"
    short = ["--seconds", "5", "--no-certify"]
    assert answer(["run", "hf-shock", "--catheter", "34-7", "--ratio", "2", "--weight-kg", "90", *short, "--out", str(first)]) == 0
    assert answer(["run", str(first / "patient.toml"), *short, "--out", str(second)]) == 0
    assert f"counterpulse run {second / 'patient.toml'} --ratio 2" in capsys.readouterr().out
    reports = [json.loads((folder / "run.json").read_text(encoding="utf-8")) for folder in (first, second)]
    assert reports[0]["with"] == reports[1]["with"]
