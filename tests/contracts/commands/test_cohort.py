"""`counterpulse cohort`: the same bytes in any pieces, on one process or a cluster, and after a kill; wrong input gets one sentence."""

import json
import os
import signal
import subprocess
import sys
import time

import polars as pl
import pytest

from counterpulse.cli import answer
from counterpulse.cohort.store import PATIENTS, SUMMARIES

SMALL = ["altshock-2", "-n", "12", "--seed", "3", "--workers", "1", "--json"]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cohort") / "c"
    assert answer(["cohort", "draw", *SMALL, "--out", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def ran(drawn):
    assert answer(["cohort", "run", str(drawn), "--arms", "without,with", "--piece", "8", "--workers", "1", "--json"]) == 0
    return (drawn / SUMMARIES).read_bytes()


def test_a_drawn_cohort_says_how_it_was_made(drawn):
    frame = pl.read_parquet(drawn / PATIENTS)
    assert len(frame) == 12
    assert frame["patient"].is_sorted()
    assert {"lv_ees_mmHg_mL", "shown_map_mmHg", "map_mmHg", "calibrated", "seed", "shown_svo2"} <= set(frame.columns)
    assert frame["calibrated"].mean() > 0.7
    text = (drawn / "cohort.toml").read_text()
    assert all(word in text for word in ("assumptions", "patients_sha256", "kernels", "refused", "Morici 2025"))


def test_a_run_has_a_row_a_patient_and_arm(drawn, ran):
    frame = pl.read_parquet(drawn / SUMMARIES)
    assert len(frame) == 24
    assert frame.select("patient", "arm").is_unique().all()
    wide = frame.pivot(on="arm", index="patient", values=["end_diastolic_mmHg", "co_L_min"])
    assert (wide["end_diastolic_mmHg_with"] < wide["end_diastolic_mmHg_without"]).all()
    assert frame["beat_to_beat"].is_not_null().all()


def test_without_the_pump_the_run_shows_what_was_drawn(drawn, ran):
    both = pl.read_parquet(drawn / SUMMARIES).filter(pl.col("arm") == "without").join(pl.read_parquet(drawn / PATIENTS), on="patient", suffix="_drawn")
    sure = both.filter(pl.col("calibrated") & (pl.col("rhythm") == 0))
    assert ((sure["map_mmHg"] - sure["shown_map_mmHg"]).abs() < 0.02 * sure["map_mmHg"]).all()
    assert ((sure["lv_edv_mL"] - sure["shown_lvedv_mL"]).abs() < 0.03 * sure["lv_edv_mL"]).all()


def test_pieces_do_not_matter(drawn, ran):
    assert answer(["cohort", "run", str(drawn), "--piece", "12", "--workers", "1", "--json"]) == 0
    assert (drawn / SUMMARIES).read_bytes() == ran


def test_the_seed_decides_and_nothing_else(drawn, tmp_path):
    assert answer(["cohort", "draw", *SMALL, "--out", str(tmp_path / "again")]) == 0
    assert (tmp_path / "again" / PATIENTS).read_bytes() == (drawn / PATIENTS).read_bytes()


def test_a_killed_run_goes_on_to_the_same_bytes(drawn, ran):
    """SIGKILL once the first piece is written: the next start does the rest."""
    command = [sys.executable, "-m", "counterpulse", "cohort", "run", str(drawn), "--piece", "8", "--workers", "1", "--json"]
    (drawn / SUMMARIES).unlink()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        parts: list = []
        while process.poll() is None and not parts:
            parts = list(drawn.glob(".parts-*/*.parquet"))
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
    assert parts
    kept = parts[0].stat().st_mtime_ns if parts[0].exists() else None
    assert not (drawn / SUMMARIES).exists() or kept is None
    assert answer(command[3:]) == 0
    assert (drawn / SUMMARIES).read_bytes() == ran
    assert not list(drawn.glob(".parts-*"))


def test_a_cluster_of_two_processes_gives_the_same_bytes(drawn, ran):
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        assert answer(["cohort", "run", str(drawn), "--piece", "8", "--cluster", cluster.scheduler_address, "--json"]) == 0
    assert (drawn / SUMMARIES).read_bytes() == ran


def test_the_answer_is_one_object(drawn, ran, capsys):
    assert answer(["cohort", "run", str(drawn), "--arms", "without", "--workers", "1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["certificate"]["rows"] == 12


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["draw", "nobody-9"], "nobody-9"),
        (["draw", "altshock-2", "-n", "0"], "-n is 0"),
        (["draw", "altshock-2", "--seed", "-1"], "--seed is -1"),
        (["draw", "altshock-2", "--workers", "0"], "--workers is 0"),
        (["run", "/nowhere/at/all"], "/nowhere/at/all"),
        (["run", ".", "--arms", "with,backwards"], "backwards"),
        (["run", ".", "--arms", "with,with"], "once"),
        (["run", ".", "--piece", "1"], "--piece is 1"),
        (["run", "."], "patients.parquet"),
    ],
)
def test_wrong_input_gets_one_sentence(words, sentence, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert answer(["cohort", *words]) == 2
    told = capsys.readouterr().err
    assert sentence in told or "cohort.toml" in told
    assert told.count("\n") == 1


def test_foreign_files_are_not_touched(tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("mine")
    assert answer(["cohort", "draw", *SMALL, "--out", str(tmp_path)]) == 2
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_cluster_that_does_not_answer_is_named(drawn, ran, capsys):
    pytest.importorskip("distributed")
    assert answer(["cohort", "run", str(drawn), "--arms", "with-1-2", "--cluster", "nonsense", "--json"]) == 2
    assert "nonsense" in capsys.readouterr().err
