"""Every real recording opens, runs through the console from end to end and gives a report that is whole; none raises."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from counterpulse.cli import answer

FOLDER = Path(os.environ.get("COUNTERPULSE_RECORDINGS") or Path(__file__).parents[4] / "shared" / "recordings")
RECORDS = sorted(str(file.relative_to(FOLDER).with_suffix("")) for file in FOLDER.rglob("*.hea")) or ["(none)"]
LONG = 60.0


@pytest.mark.parametrize("record", RECORDS)
def test_opens_and_replays(record, recordings, capsys):
    assert answer(["replay", str(recordings / record), "--json"]) == 0
    told = capsys.readouterr()
    report = json.loads(told.out)
    assert not told.err
    assert report["stopped_at_s"] is None
    assert set(report) >= {"record", "channels", "beats", "against", "stopped_at_s"}
    for beat in report["beats"]:
        assert set(beat) >= {"r_s", "inflate_s", "deflate_s", "ratio", "verdict"}
        assert beat["verdict"] in ("assisted", "not assisted", "aborted", "no trigger", "early", "correct", "late")
        if beat["inflate_s"] is not None and beat["deflate_s"] is not None:
            assert beat["inflate_s"] < beat["deflate_s"]
    stops = [beat["deflate_s"] for beat in report["beats"] if beat["deflate_s"] is not None]
    starts = [beat["inflate_s"] for beat in report["beats"] if beat["deflate_s"] is not None]
    assert np.all(np.array(starts[1:]) > np.array(stops[:-1])), "a new inflation waits until the last has been let out"


def test_a_part_of_a_recording_keeps_the_recordings_clock(recordings, capsys):
    path = str(recordings / "challenge2015" / "abp_ecg" / "v334s")
    assert answer(["replay", path, "--json", "--from", "100", "--to", "130"]) == 0
    report = json.loads(capsys.readouterr().out)
    times = [beat["r_s"] for beat in report["beats"]]
    assert (report["from_s"], report["to_s"]) == (100.0, 130.0)
    assert times
    assert 100 <= min(times) <= max(times) <= 130


def test_a_truncated_real_recording_says_where_it_stopped(recordings, tmp_path, capsys):
    source = recordings / "challenge2015" / "iabp"
    (tmp_path / "v294s.hea").write_bytes((source / "v294s.hea").read_bytes())
    (tmp_path / "v294s.mat").write_bytes((source / "v294s.mat").read_bytes()[:200_001])
    assert answer(["replay", str(tmp_path / "v294s"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["stopped_at_s"] == pytest.approx((200_001 - 24) // 8 / 250)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--ecg", "V9"], "no channel 'V9'; its channels are: II"),
        (["--pressure", "RESP"], "RESP of v294s is in NU; a pressure must be in one of mmHg"),
        (["--source", "brachial"], "--source is 'brachial'; it must be one of root, lumen, radial, femoral."),
        (["--ratio", "7"], "Settings.ratio is 7; it must lie in 1 to 3."),
        (["--inflation-trim-ms", "500"], "Settings.inflation_trim_ms is 500 ms; it must lie in -120 to 120 ms."),
        (["--from", "900"], "--from is 900 s; it must lie in 0 to 300 s"),
        (["--ecg-lead", "2"], "the ECG trigger reads lead 2"),
    ],
)
def test_bad_input_gets_one_sentence(options, words, recordings, capsys):
    assert answer(["replay", str(recordings / "challenge2015" / "iabp" / "v294s"), *options]) == 2
    told = capsys.readouterr()
    assert words in told.err
    assert told.err.count("\n") == 1
    assert not told.out


def test_the_folder_is_whole_and_nothing_is_left_over(recordings, tmp_path, capsys):
    out = tmp_path / "result"
    assert answer(["replay", str(recordings / "mimicdb" / "041s"), "--out", str(out), "--trigger", "pressure", "--source", "femoral"]) == 0
    assert {file.name for file in out.iterdir()} >= {"report.html", "replay.json", "beats.csv"}
    assert [file.name for file in tmp_path.iterdir()] == ["result"]
    html = (out / "report.html").read_text()
    assert "unknown" in html
    assert "not for patient care" in html
    assert "http" not in html.split("<script>", maxsplit=1)[0]
    assert "straight line, 8 ms late" in capsys.readouterr().out
