"""R waves of the pump along recordings that others marked. The floor under each figure is EC57's own way of counting, not a tuned one.

Reference: beat labels of MIT-BIH (Moody and Mark, IEEE EMB 20(3):45, 2001); `.qrsm` is silver (machine vote). `python benchmarks/replay_recordings.py` prints all.
"""

import json

import pytest

from counterpulse.cli import answer


@pytest.mark.parametrize(("record", "least"), [("mitdb/100", 0.99), ("mitdb/107", 0.99), ("challenge2015/abp_ecg/v334s", 0.99), ("challenge2015/abp_ecg/v133l", 0.99)])
def test_r_waves_within_150_ms(record, least, recordings, capsys, record_property):
    assert answer(["replay", str(recordings / record), "--json"]) == 0
    scores = json.loads(capsys.readouterr().out)["against"]["r"]
    assert scores["silver"] is record.startswith("challenge")
    record_property(f"{record} R 150 ms", f"Se {scores['150_ms']['se']:.4f} PPV {scores['150_ms']['ppv']:.4f}")
    assert scores["150_ms"]["se"] >= least
    assert scores["150_ms"]["ppv"] >= least
    assert scores["latency_ms"]["p50"] <= 60


def test_inflation_is_scored_where_notches_are_marked(recordings, capsys, record_property):
    assert answer(["replay", str(recordings / "challenge2015/iabp/v294s"), "--json", "--ratio", "2"]) == 0
    scores = json.loads(capsys.readouterr().out)["against"]["inflation"]
    record_property("v294s inflation within 20 ms of its own median (silver notches)", f"{scores['within_20_ms_of_median']:.3f}")
    assert scores["silver"] is True
    assert scores["error_ms"]["n"] > 100
    assert sum(scores["classes"].values()) == scores["error_ms"]["n"]
    assert "unknown monitor delay" in scores["caveat"]


def test_classes_move_with_the_clinicians_trim(recordings, capsys):
    """A trim of 60 ms later moves the mean error later by about as much: the score measures what the pump did."""
    means = []
    for trim in ("0", "60"):
        assert answer(["replay", str(recordings / "challenge2015/abp_ecg/v334s"), "--json", "--ratio", "2", "--inflation-trim-ms", trim]) == 0
        means.append(json.loads(capsys.readouterr().out)["against"]["inflation"]["error_ms"]["mean"])
    assert means[1] - means[0] == pytest.approx(60, abs=8)
