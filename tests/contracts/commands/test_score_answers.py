"""`counterpulse score`: a folder of made recordings with known beats, peers in the same run, refusals in one sentence."""

import json
from importlib.util import find_spec

import heartbeat
import numpy as np
import pytest
import wfdb

from counterpulse.cli import answer


@pytest.fixture
def folder(tmp_path):
    """Two records at 250 Hz: one of 40 s with reference marks, one with a pressure and silver marks."""
    for name, ending, seed in (("first", "atr", 1), ("second", "qrsm", 2)):
        times = heartbeat.beat_times(40, 0.8, 0.05, seed)
        signals = np.column_stack([heartbeat.ecg(times, 40, 250.0), heartbeat.pressure(times, 40, 250.0)])
        wfdb.wrsamp(name, fs=250, units=["mV", "mmHg"], sig_name=["II", "ABP"], p_signal=signals, fmt=["16", "16"], write_dir=str(tmp_path))
        at = (times * 250 + 0.5).astype(int)
        wfdb.wrann(name, ending, at, symbol=["N"] * len(at), write_dir=str(tmp_path))
    return tmp_path


def told(capsys, arguments, code=0):
    assert answer(arguments) == code
    seen = capsys.readouterr()
    return seen.out, seen.err


def test_ours_finds_every_beat_and_says_how(folder, capsys):
    out, _ = told(capsys, ["score", str(folder), "--json", "--no-peers"])
    found = json.loads(out)
    ours = found["detectors"]["counterpulse"]
    assert [one["name"] for one in found["records"]] == ["first", "second"]
    assert all(one["scored_from_s"] == 10.0 for one in found["records"])
    assert ours["causal"] is True
    for kind, silver in (("r", False), ("r_silver", True), ("onset", True)):
        row = ours[kind]
        assert row["silver"] is silver
        assert row["se"] == row["ppv"] == row["f1_150_ms"] == 1.0
        assert row["f1_20_ms"] > 0.9
    assert 0 < ours["r"]["latency_ms"]["p50"] <= ours["r"]["latency_ms"]["p95"] < 60
    assert ours["notch"] is None
    assert ours["seconds_per_hour"] < 10
    assert set(found["skipped"]) >= {"wfdb gqrs", "sleepecg"}


@pytest.mark.skipif(find_spec("wfdb") is None, reason="wfdb is not here")
def test_peers_run_beside_ours_and_the_absent_are_named(folder, capsys, monkeypatch):
    from counterpulse.recordings import peers  # noqa: PLC0415

    kept = (peers.PEERS[0], peers.Peer("nobody's", "no_such_module_here", "r", peers.PEERS[0].call))
    monkeypatch.setattr(peers, "PEERS", kept)
    out, _ = told(capsys, ["score", str(folder), "--json"])
    found = json.loads(out)
    gqrs = found["detectors"]["wfdb gqrs"]
    assert (gqrs["causal"], gqrs["onset"], gqrs["notch"]) == (False, None, None)
    assert gqrs["r"]["se"] > 0.9
    assert gqrs["r"]["latency_ms"]["beats"] + gqrs["r"]["latency_ms"]["never"] == 3
    assert found["skipped"] == ["nobody's"]


def test_a_table_without_json(folder, capsys):
    out, _ = told(capsys, ["score", str(folder), "--no-peers"])
    assert "counterpulse" in out
    assert "100.00" in out
    assert "not reviewed by a clinician" in out


@pytest.mark.parametrize("what", ["missing", "empty", "file", "unmarked"])
def test_refuses_in_one_sentence(folder, tmp_path_factory, capsys, what):
    place = tmp_path_factory.mktemp("none")
    if what == "missing":
        place = place / "nowhere"
    elif what == "file":
        place = folder / "first.hea"
    elif what == "unmarked":
        for ending in ("hea", "dat"):
            (place / f"first.{ending}").write_bytes((folder / f"first.{ending}").read_bytes())
    out, err = told(capsys, ["score", str(place)], code=2)
    assert out == ""
    assert err.count("\n") == 1
    assert str(place) in err


def test_a_broken_record_is_told_and_the_others_scored(folder, capsys):
    (folder / "first.dat").write_bytes(b"")
    out, _ = told(capsys, ["score", str(folder), "--json", "--no-peers"])
    found = json.loads(out)
    assert len(found["records"]) + len(found["not_read"]) == 2
    assert "second" in [one["name"] for one in found["records"]]
