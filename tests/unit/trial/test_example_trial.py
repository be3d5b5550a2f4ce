"""The example runs as a newcomer would run it, says that it is synthetic, and is what its script makes."""

import json
import runpy
import shutil
from pathlib import Path

import polars as pl
import pytest

from counterpulse.cli import answer

EXAMPLE = Path(__file__).parents[3] / "examples" / "analysis"


@pytest.fixture
def copied(tmp_path):
    shutil.copytree(EXAMPLE, tmp_path / "example", ignore=shutil.ignore_patterns("plan-lock.json"))
    return tmp_path / "example"


def test_the_example_answers_every_question(copied, capsys):
    assert answer(["analyse", str(copied / "PLAN.toml"), str(copied / "data"), "--json", "--no-report"]) == 0
    out = json.loads(capsys.readouterr().out)
    assert [one["id"] for one in out["estimates"] if one["problem"]] == []
    assert out["flow"]["screened"] == out["flow"]["randomised"] + sum(out["flow"]["excluded"].values())
    assert {one["measure"] for one in out["estimates"]} >= {"hazard ratio", "risk difference", "win ratio", "subdistribution hazard ratio"}


def test_the_example_is_labelled_synthetic():
    for name in ("README.md", "make_data.py", "PLAN.toml"):
        assert "synthetic" in (EXAMPLE / name).read_text("utf-8").lower()


def test_the_script_makes_the_data(copied):
    shutil.rmtree(copied / "data")
    runpy.run_path(str(copied / "make_data.py"), run_name="__main__")
    for name in ("subjects", "events", "screening"):
        assert pl.read_parquet(copied / "data" / f"{name}.parquet").equals(pl.read_parquet(EXAMPLE / "data" / f"{name}.parquet"))
