"""Every format opens; what is cut short is read as far as it is whole; what is wrong is told in one sentence."""

import struct

import edfio
import numpy as np
import polars as pl
import pytest

from counterpulse.recordings import physionet
from counterpulse.recordings.export import export
from counterpulse.recordings.open import open_recording
from counterpulse.refusal import RefusalError
from counterpulse.signals.sample import Sample


def rows(count=1000):
    made = Sample.many(count)
    made.ecg_mV[:, 0] = np.arange(count) % 200 / 200
    made.arterial_mmHg[:, 0] = 60 + np.arange(count) % 50
    return made


def one_sentence(text):
    assert text.endswith(".")
    assert "\n" not in text
    assert "Traceback" not in text


def test_wfdb_cut_short_is_read_as_far_as_it_is_whole(tmp_path):
    header, signal = export(rows(), 250.0, tmp_path / "cut")
    signal.write_bytes(signal.read_bytes()[:1603])
    recording = open_recording(header)
    assert recording.stopped_at_s == pytest.approx(400 / 250)
    assert [len(channel.values) for channel in recording.channels] == [400, 400]
    assert "stops being whole at 1.6 s of 4 s" in recording.notes[0]
    one_sentence(recording.notes[0])


def test_wfdb_damage_shows_in_the_checksum(tmp_path):
    header, signal = export(rows(), 250.0, tmp_path / "bad")
    raw = bytearray(signal.read_bytes())
    raw[100] ^= 0x40
    signal.write_bytes(raw)
    assert "checksum" in open_recording(header).notes[0]


def segments(folder, second_bytes):
    for name in ("seg1", "seg2"):
        export(rows(500), 250.0, folder / name)
    (folder / "whole.hea").write_text("whole/4 2 250 1250\nlayout 0\nseg1 500\n~ 250\nseg2 500\n")
    (folder / "layout.hea").write_text("layout 2 250 0\n~ 0 200(0)/mV 16 0 0 0 0 ECG1\n~ 0 1(0)/mmHg 16 0 0 0 0 ART root\n")
    file = folder / "seg2.dat"
    file.write_bytes(file.read_bytes()[:second_bytes])
    return open_recording(folder / "whole")


def test_many_segments_with_a_gap(tmp_path):
    recording = segments(tmp_path, 2000)
    values = recording.channels[0].values
    assert recording.stopped_at_s is None
    assert len(values) == 1250
    assert np.isnan(values[500:750]).all()
    assert np.array_equal(values[750:], rows(500).ecg_mV[:, 0])


def test_many_segments_cut_in_the_last(tmp_path):
    recording = segments(tmp_path, 1000)
    assert recording.stopped_at_s == pytest.approx(1000 / 250)
    assert np.array_equal(recording.channels[0].values[750:], rows(500).ecg_mV[:250, 0])


def test_many_segments_with_one_missing(tmp_path):
    segments(tmp_path, 2000)
    (tmp_path / "seg2.hea").unlink()
    recording = open_recording(tmp_path / "whole.hea")
    assert recording.stopped_at_s == pytest.approx(750 / 250)
    assert "seg2.hea" in recording.notes[0]


def test_edf_cut_short(tmp_path):
    file = export(rows(), 250.0, tmp_path / "cut", "edf")[0]
    file.write_bytes(file.read_bytes()[:-700])
    recording = open_recording(file)
    assert recording.stopped_at_s == pytest.approx(3.0)
    assert np.array_equal(recording.channels[0].values, rows().ecg_mV[:750, 0])
    file.write_bytes(file.read_bytes()[:900])
    with pytest.raises(RefusalError, match="before its first data record is whole"):
        open_recording(file)


def test_edf_discontinuous_has_gaps_of_nan(tmp_path):
    signal = edfio.EdfSignal(np.arange(500.0) % 100, 250, label="ABP", physical_dimension="mmHg", physical_range=(-300, 300))
    note = [edfio.EdfAnnotation(0.1, None, "a")]
    raw = bytearray(edfio.Edf([signal], annotations=note, data_record_duration=1.0).to_bytes())
    raw[192:197] = b"EDF+D"
    second = raw.index(b"+1\x14\x14")
    raw[second : second + 4] = b"+3\x14\x14"
    file = tmp_path / "gaps.edf"
    file.write_bytes(raw)
    values = open_recording(file).channels[0].values
    assert len(values) == 1000
    assert np.isnan(values[250:750]).all()
    assert not np.isnan(np.r_[values[:250], values[750:]]).any()


def test_csv_with_a_unit_row_and_a_cut_last_line(tmp_path):
    file = tmp_path / "a.csv"
    lines = ["'Elapsed time','II','ABP'", "'seconds','mV','mmHg'"] + [f"{k / 250:.3f},{k % 9 / 10},{60 + k % 40}" for k in range(500)]
    file.write_text("\n".join(lines) + "\n2.000,0.1")
    recording = open_recording(file)
    assert [(channel.name, channel.unit, channel.fs_hz) for channel in recording.channels] == [("II", "mV", 250.0), ("ABP", "mmHg", 250.0)]
    assert recording.stopped_at_s == pytest.approx(2.0)
    assert "has 2 of 3 columns" in recording.notes[0]


def test_csv_with_a_word_stops_there_and_names_the_line(tmp_path):
    file = tmp_path / "a.csv"
    body = [f"{k / 200},{k},{'oops' if k == 300 else 70}" for k in range(600)]
    file.write_text("\n".join(["time_s,ECG_mV,ABP (mmHg)", *body]))
    recording = open_recording(file)
    assert recording.stopped_at_s == pytest.approx(1.5)
    assert "line 302, column ABP (mmHg), holds 'oops'" in recording.notes[0]


def test_csv_gaps_in_time_semicolons_and_decimal_commas(tmp_path):
    file = tmp_path / "a.csv"
    body = [f"{k / 250:.3f};{k % 7},5;70".replace(".", ",") for k in [*range(300), *range(400, 600)]]
    file.write_text("\n".join(["time (s);II [mV];ABP [mmHg]", *body]))
    recording = open_recording(file)
    values = recording.channels[0].values
    assert len(values) == 600
    assert np.isnan(values[300:400]).all()
    assert values[1] == 1.5
    assert "100 samples are missing" in recording.notes[0]


def test_csv_slower_channel_keeps_its_own_rate(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("time_s,II_mV,ABP_mmHg\n" + "\n".join(f"{k / 500},{k % 5},{70 + k % 3 if k % 4 == 0 else ''}" for k in range(1000)))
    ecg, pressure = open_recording(file).channels
    assert (ecg.fs_hz, pressure.fs_hz) == (500.0, 125.0)
    assert np.isfinite(pressure.values).all()


def test_parquet_without_rate_needs_one(tmp_path):
    file = tmp_path / "a.parquet"
    pl.DataFrame({"II_mV": np.arange(500.0), "ABP_kPa": np.arange(500.0)}).write_parquet(file)
    with pytest.raises(RefusalError, match="--fs"):
        open_recording(file)
    assert open_recording(file, 250.0).channels[1].unit == "kPa"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.xyz", b"1", "these are: WFDB"),
        ("a.csv", b"", "cannot be read"),
        ("a.csv", b"time_s,II\n0,a\n1,b\n", "holds no channel"),
        ("a.csv", b"time_s,II\n0,1\n0.004,1\n0.2,1\n0.204,1\n0.306,4\n", "evenly"),
        ("a.parquet", b"PAR1 nothing", "Parquet"),
        ("a.edf", b"0       nothing", "EDF"),
        ("a.hea", b"\xff\xfe broken", "header"),
        ("a.hea", b"a 1 250 100\na.dat 16 200 16 0 0 0 0 II\n", "a.dat is missing"),
        ("a.dat", struct.pack("<4h", 1, 2, 3, 4), "no header"),
    ],
)
def test_wrong_files_get_one_sentence(name, content, words, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RefusalError, match=words) as refused:
        open_recording(tmp_path / name)
    one_sentence(str(refused.value))


def test_a_missing_file_lists_what_is_there(tmp_path):
    export(rows(), 250.0, tmp_path / "here")
    with pytest.raises(RefusalError, match="holds here"):
        open_recording(tmp_path / "gone")
    with pytest.raises(RefusalError, match="is a folder"):
        open_recording(tmp_path)


def test_physionet_names(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    asked = []

    class Offline:
        @staticmethod
        def rdrecord(record, **how):
            asked.append((record, how["pn_dir"]))
            raise OSError("no network")

    monkeypatch.setattr(physionet.wfdb_file, "wfdb", lambda: Offline)
    with pytest.raises(RefusalError, match="PhysioNet did not give"):
        open_recording("mimic3wdb/1.0/30/3000063")
    assert asked == [("3000063", "mimic3wdb/1.0/30")]
    (tmp_path / "mitdb").mkdir()
    with pytest.raises(RefusalError, match="holds no recording"):
        open_recording("mitdb/100")
