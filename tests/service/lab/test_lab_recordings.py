"""A recording played with the pump along it: the same answers as `counterpulse replay`, its name kept to the folder."""

import numpy as np
import pytest

from counterpulse.bed.replay import replay
from counterpulse.recordings.export import export
from counterpulse.refusal import RefusalError
from counterpulse.service.opening import open_console
from counterpulse.service.recording_mode import Playing, listed
from counterpulse.signals.sample import Sample


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with 40 s of a simulated bedside in it, as a file of samples."""
    place = tmp_path_factory.mktemp("recordings")
    console = open_console({"preset": "hf-shock"})
    rows = np.concatenate([console.source.advance(500).samples for _ in range(40)])
    export(rows.view(np.recarray), 500.0, place / "run", "wfdb")
    (place / "notes.txt").write_text("not a recording")
    return place


def test_the_pump_answers_as_along_a_whole_recording(folder):
    playing = Playing(folder, "run.hea")
    valve, sizes = [], [12, 250, 1, 37]
    k = 0
    while playing.left:
        valve.append(playing.advance(sizes[k % 4]).valve)
        k += 1
    again = replay(Playing(folder, "run.hea").settings, playing.rows, playing.fs_hz)
    assert np.array_equal(np.concatenate(valve), again.valve)
    assert int(playing.pump.beat_number) == int(again.pump.beat_number) > 20


def test_only_names_of_the_folder_open(folder):
    assert [one["recording"] for one in listed(folder)] == ["run.hea"]
    assert listed(folder)[0]["seconds"] == 40.0
    for name in ("../run.hea", "/etc/passwd", "notes.txt", "run", ""):
        with pytest.raises(RefusalError, match="no recording"):
            open_console({"recording": name}, folder)


def test_only_the_pump_can_be_changed_along_it_and_it_ends_paused(folder):
    console = open_console({"recording": "run.hea", "speed": 20}, folder)
    hello = console.hello(steers=True)
    assert {one["group"] for one in hello["fields"]} == {"pump"}
    assert hello["recording"]["seconds"] == 40.0
    assert not [one for one in hello["channels"] if one["group"] == "physiology"]
    now = console.until
    for k in range(400):
        console.turn(now + 0.024 * k)
    assert console.paused
    assert console.source.left < console.run.every
    assert console.run.report.readings.numerics()["map_mmHg"] == pytest.approx(78, abs=12)
    assert console.run.report.pump()["inflations"] > 20


def test_a_real_recording_plays(recordings):
    name = "challenge2015/iabp/v294s.hea"
    console = open_console({"recording": name}, recordings)
    rows = sum(len(console.run.advance(console.run.every * 5)[2][0]) for _ in range(1500))
    assert rows * console.run.every == console.source.sample
    assert int(console.source.pump.inflations) > 3
    told = console.run.report.pump()
    assert (told["source"], told["delay_ms"] > 0) == ("radial", True)
    assert Sample.dtype == console.source.rows.dtype
