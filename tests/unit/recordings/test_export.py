"""What is exported opens again to the same bits, in every format."""

import numpy as np
import pytest

from counterpulse.bed.replay import replay
from counterpulse.pump.settings import settings_for
from counterpulse.recordings.channels import pick
from counterpulse.recordings.export import FORMATS, export
from counterpulse.recordings.open import open_recording
from counterpulse.recordings.samples import prepare
from counterpulse.refusal import RefusalError
from counterpulse.signals.sample import Sample, Source


def quantised(count=1501, seed=7, lead_gain=200.0):
    rng = np.random.default_rng(seed)
    rows = Sample.many(count)
    rows.ecg_mV[:, 0] = np.rint(rng.normal(0, 1, count) * lead_gain) / lead_gain
    rows.ecg_mV[:, 1] = np.rint(rng.normal(0, 1, count) * lead_gain) / lead_gain
    rows.arterial_mmHg[:, Source.ROOT] = np.rint(rng.uniform(40, 120, count) * 16) / 16
    rows.arterial_mmHg[:, Source.RADIAL] = np.rint(rng.uniform(40, 120, count) * 10) / 10
    rows.balloon_mmHg[:] = np.rint(rng.uniform(-80, 200, count) * 8) / 8
    rows.ecg_mV += 0.0  # no negative zeros: 16-bit formats have none
    rows.balloon_mmHg += 0.0
    rows.ecg_mV[40:60, 0] = np.nan
    rows.lead_off[40:60, 0] = 1
    rows.pacer_spike[100:110:3] = 1
    return rows


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("fs_hz", [250.0, 360.0, 1000.0])
def test_same_bits_after_a_round_trip(kind, fs_hz, tmp_path):
    rows = quantised()
    settings = settings_for(Source.RADIAL)
    files = export(rows, fs_hz, tmp_path / "run", kind, settings)
    recording = open_recording(files[0])
    picked = pick(recording)
    prepared = prepare(picked)
    assert recording.stopped_at_s is None
    assert not recording.notes
    assert prepared.fs_hz == fs_hz
    assert picked.source == Source.RADIAL
    assert prepared.samples.tobytes() == rows.tobytes()


@pytest.mark.parametrize("kind", FORMATS)
def test_replay_of_an_export_gives_the_same_commands(kind, tmp_path):
    rows, settings = quantised(4000), settings_for(Source.ROOT)
    first = replay(settings, rows, 250.0)
    again = replay(settings, prepare(pick(open_recording(export(rows, 250.0, tmp_path / "run", kind)[0]))).samples, 250.0)
    assert np.array_equal(first.valve, again.valve)
    assert first.pump.tobytes() == again.pump.tobytes()


@pytest.mark.parametrize("kind", ["wfdb", "edf"])
def test_values_on_no_grid_are_refused(kind, tmp_path):
    rows = quantised()
    rows.ecg_mV[:, 1] = np.random.default_rng(1).normal(0, 1, len(rows))
    with pytest.raises(RefusalError, match="ECG2 holds values on no 16-bit grid"):
        export(rows, 250.0, tmp_path / "run", kind)
    assert not list(tmp_path.iterdir())


def test_unknown_format_and_nothing_to_write(tmp_path):
    with pytest.raises(RefusalError, match="must be one of wfdb, edf, csv, parquet"):
        export(quantised(), 250.0, tmp_path / "run", "xlsx")
    with pytest.raises(RefusalError, match="nothing to write"):
        export(Sample.many(100), 250.0, tmp_path / "run")
