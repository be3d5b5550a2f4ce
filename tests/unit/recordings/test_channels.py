"""Channels are picked by name and unit, or as told; units become mV and mmHg; rates are made one, causally."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpulse.recordings.channels import pick
from counterpulse.recordings.recording import Channel, Recording
from counterpulse.recordings.samples import prepare
from counterpulse.refusal import RefusalError
from counterpulse.signals.sample import Source

ECGS = ["I", "II", "III", "aVR", "AVF", "V", "V1", "V5", "MCL1", "MLII", "ECG", "ECG II", "EKG1", "ECG1", "lead V2"]
PRESSURES = ["ABP", "ART", "ABP1", "ART radial", "AOP", "UAP", "IBP", "P-ART", "Arterial pressure", "BP", "radial", "femoral pressure", "Aortic", "ABP-1"]
OTHERS = [("PAP", "mmHg"), ("CVP", "mmHg"), ("ICP", "mmHg"), ("PLETH", "NU"), ("RESP", "mV"), ("SpO2", "%"), ("RAP", "mmHg"), ("P", "mmHg"), ("venous pressure", "mmHg")]


def channel(name, unit, fs_hz=250.0, values=None):
    return Channel(name, unit, fs_hz, np.arange(4 * fs_hz) if values is None else np.asarray(values, float))


def recording(*channels):
    return Recording("r", "r", channels)


@given(ecg=st.sampled_from(ECGS), pressure=st.sampled_from(PRESSURES), others=st.permutations(OTHERS), place=st.integers(0, 9), swap=st.booleans())
def test_ecg_and_arterial_pressure_are_found_among_others(ecg, pressure, others, place, swap):
    row = [channel(name, unit) for name, unit in others]
    pair = [channel(ecg, "mV"), channel(pressure, "mmHg")]
    for one in reversed(pair) if swap else pair:
        row.insert(place, one)
    picked = pick(recording(*row))
    assert [one.name for one in picked.ecg] == [ecg]
    assert [one.name for one in picked.arterial.values()] == [pressure]
    assert ecg in picked.sentences[0]
    assert pressure in picked.sentences[1]


@given(names=st.lists(st.sampled_from(ECGS), unique=True, min_size=1, max_size=6))
def test_at_most_three_leads_and_ii_first(names):
    picked = pick(recording(*(channel(name, "mV") for name in names)))
    assert len(picked.ecg) == min(3, len(names))
    if "II" in names and "ECG1" not in names:
        assert picked.ecg[0].name in ("II", "ECG II")


@pytest.mark.parametrize(("unit", "factor"), [("mV", 1.0), ("uV", 1e-3), ("µV", 1e-3), ("V", 1e3)])
def test_ecg_units(unit, factor):
    rows = prepare(pick(recording(channel("II", unit, values=np.full(500, 3.0))))).samples
    assert rows.ecg_mV[7, 0] == 3.0 * factor


@pytest.mark.parametrize(("unit", "value", "mmHg"), [("mmHg", 90, 90), ("kPa", 12, 90.007), ("cmH2O", 100, 73.556), ("hPa", 120, 90.007), ("Pa", 12000, 90.007)])
def test_pressure_units(unit, value, mmHg):
    rows = prepare(pick(recording(channel("II", "mV"), channel("ABP", unit, values=np.full(1000, value))))).samples
    assert rows.arterial_mmHg[5, Source.RADIAL] == pytest.approx(mmHg, abs=1e-3)


def test_sites_by_name_and_by_word():
    picked = pick(recording(channel("II", "mV"), channel("ART femoral", "mmHg"), channel("AOP", "mmHg")))
    assert picked.source == Source.FEMORAL
    assert {source: one.name for source, one in picked.arterial.items()} == {Source.FEMORAL: "ART femoral", Source.ROOT: "AOP"}
    assert "assumed" not in picked.sentences[1]
    assert pick(recording(channel("ART femoral", "mmHg"), channel("AOP", "mmHg")), source=Source.ROOT).arterial[Source.ROOT].name == "AOP"
    assert "assumed" in pick(recording(channel("ABP", "mmHg"))).sentences[1]


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"ecg": "V9"}, "no channel 'V9'; its channels are: II .mV, 250 Hz., ABP"),
        ({"ecg": "ABP"}, "ABP of r is in mmHg; an ECG must be in one of mV, uV, V"),
        ({"pressure": "II"}, "II of r is in mV; a pressure must be in one of mmHg, kPa"),
        ({"pressure": "x"}, "no channel 'x'"),
        ({"ecg": "II,II,II,II"}, "4 ECG channels"),
    ],
)
def test_what_cannot_be_picked_is_named(how, words):
    with pytest.raises(RefusalError, match=words):
        pick(recording(channel("II", "mV"), channel("ABP", "mmHg")), **how)


def test_nothing_known():
    with pytest.raises(RefusalError, match=r"neither an ECG nor an arterial pressure.*PLETH .NU, 250 Hz"):
        pick(recording(channel("PLETH", "NU"), channel("II", "mmHg")))


def test_nan_stays_nan_and_the_bits_stay():
    values = np.array([0.1, np.nan, 0.3] * 200)
    rows = prepare(pick(recording(channel("II", "mV", values=values)))).samples
    assert np.array_equal(rows.ecg_mV[:, 0], values, equal_nan=True)


@given(every=st.sampled_from([2, 4]), seed=st.integers(0, 99), cut=st.integers(50, 400))
def test_a_slower_pressure_never_shows_the_future(every, seed, cut):
    values = np.random.default_rng(seed).normal(80, 10, 200)
    changed = values.copy()
    changed[cut // every + 1 :] += 50
    made = [prepare(pick(recording(channel("II", "mV", 125.0 * every), channel("ABP", "mmHg", 125.0, one)))) for one in (values, changed)]
    first, second = (one.samples.arterial_mmHg[:, Source.RADIAL] for one in made)
    assert np.array_equal(first[: cut + 1], second[: cut + 1])
    assert "8 ms late" in made[0].sentences[0]


def test_faster_than_the_pump_is_averaged_and_told():
    made = prepare(pick(recording(channel("II", "mV", 5000.0, np.arange(5000.0)))))
    assert made.fs_hz == 1000.0
    assert made.samples.ecg_mV[0, 0] == 2.0
    assert "mean of every 5 samples" in made.sentences[0]


@pytest.mark.parametrize(
    ("channels", "words"),
    [
        ([channel("II", "mV", 100.0)], "II at 100 Hz.*125 to 1000 Hz"),
        ([channel("II", "mV", 250.0), channel("ABP", "mmHg", 25.0)], "ABP comes at 25 Hz"),
    ],
)
def test_rates_that_do_not_fit(channels, words):
    with pytest.raises(RefusalError, match=words):
        prepare(pick(recording(*channels)))


def test_spans():
    picked = pick(recording(channel("II", "mV")))
    part = prepare(picked, 1.0, 2.0)
    assert (part.start_s, len(part.samples), part.samples.ecg_mV[0, 0]) == (1.0, 250, 250.0)
    with pytest.raises(RefusalError, match="--from is 9 s"):
        prepare(picked, 9.0)
    with pytest.raises(RefusalError, match="--to is 1 s"):
        prepare(picked, 2.0, 1.0)
