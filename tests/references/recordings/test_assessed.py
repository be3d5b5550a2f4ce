"""Pumps in real pressures, by the shape that the recordings' README describes. No header says that a pump ran: two records with a deep dicrotic wave are the test."""

import json

import pytest

from counterpulse.cli import answer


@pytest.mark.parametrize(
    ("record", "running", "ratio"),
    [("iabp/v294s", True, 1), ("iabp/v295l", True, 1), ("abp_ecg/v133l", False, None), ("abp_ecg/v813l", False, None), ("abp_ecg/v334s", False, None), ("abp_ecg/v318s", False, None)],
)
def test_a_running_pump_is_told_from_a_dicrotic_wave(record, running, ratio, recordings, capsys):
    assert answer(["assess", str(recordings / "challenge2015" / record), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["running"], found["ratio"]) == (running, ratio)


def test_the_report_is_written_whole(recordings, tmp_path, capsys):
    assert answer(["assess", str(recordings / "challenge2015/iabp/v294s"), "--from", "30", "--to", "90", "--out", str(tmp_path / "seen")]) == 0
    assert "1:1" in capsys.readouterr().out
    assert "Assessment of v294s" in (tmp_path / "seen" / "report.html").read_text(encoding="utf-8")


def test_a_recording_without_a_pressure_is_refused(recordings, capsys):
    assert answer(["assess", str(recordings / "mitdb/100"), "--json"]) == 2
    assert "needs an ECG and an arterial pressure" in capsys.readouterr().err
