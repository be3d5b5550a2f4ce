"""The samples of a closed-loop run, exported and opened again, give the run's own commands in every format."""

import json

import numpy as np
import pytest

from counterpulse.bed.run import clock_of, make_bed, run
from counterpulse.body.gas import Catheter
from counterpulse.body.patient import Patient
from counterpulse.cli import answer
from counterpulse.pump.settings import settings_for
from counterpulse.recordings.export import FORMATS, export
from counterpulse.signals.sample import Source

FS_HZ = 250.0


@pytest.fixture(scope="module")
def closed_loop():
    clock, settings = clock_of(FS_HZ), settings_for(Source.ROOT)
    bed = make_bed([Patient()] * 4, [Catheter()] * 4, [settings] * 4, clock)
    trace = run(bed, clock, round(20 * FS_HZ), kept=True)
    return settings, trace.samples[:, 0].copy(), np.ascontiguousarray(trace.valve[:, 0])


@pytest.mark.parametrize("kind", FORMATS)
def test_replay_of_the_export_is_the_run(kind, closed_loop, tmp_path, capsys):
    settings, samples, valve = closed_loop
    file = export(samples, FS_HZ, tmp_path / "run", kind, settings)[0]
    assert answer(["replay", str(file), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    drives = np.flatnonzero(np.diff((valve == 1).astype(int)) == 1) + 1
    told = [beat["inflate_s"] for beat in report["beats"] if beat["inflate_s"] is not None]
    assert len(drives) > 5
    assert np.array_equal(np.rint(np.array(told) * FS_HZ).astype(int), drives)
    assert "Settings were read from run.settings.toml." in report["notes"]
    assert report["channels"]["arterial"]["root"] == "ART root"
