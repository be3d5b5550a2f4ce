"""The same patient gives the same bits: again, in any lane, on any number of threads, in slices of any length, with the compiler off, live and along its own recording."""

import hashlib
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterpulse.bed.live import Live
from counterpulse.bed.replay import replay
from counterpulse.bed.run import clock_of, make_bed, run, run_many, snapshot
from counterpulse.body.gas import catheter, no_catheter
from counterpulse.body.regulation import START_TICKS, Rest
from counterpulse.kernel import COMPILED
from counterpulse.pump.settings import Deflation, Settings
from counterpulse.signals.sample import Source
from plans import patient_of, settings_of

CLOCK = clock_of(1000.0)
RECORDS = ("beat", "monitor", "pump", "sample", "regulation", "now")


REST = Rest(known=1, map_mmHg=75.0, cvp_mmHg=10.0, loaded_mL_min=20.0, met=0.9, svo2=0.6, lactate_mmol_L=1.5)


def bed_of(names, size="40-7.5", clock=CLOCK, **console):
    """Patients with reflex, drugs, fluid and an axial pump at work from the start."""
    patients = [patient_of(name, seed=7) for name in names]
    bed = make_bed(patients, [catheter(size) for _ in names], [settings_of(size, **console) for _ in names], clock, rests=[REST for _ in names])
    bed.regulation.reflex.seen[:], bed.regulation.reflex.arterial_mmHg[:] = START_TICKS, 75.0
    bed.dose.dobutamine_ug_kg_min[:], bed.dose.fluid_mL[:] = 5.0, 50.0
    bed.support.axial_level[:] = 2.0
    bed.tone.changed[:] = 1
    return bed


def bits(bed, lane=None):
    """Everything that moves in a lane, or in all."""
    at = slice(None) if lane is None else slice(lane, lane + 1)
    parts = [np.ascontiguousarray(bed.w[:, at])] + [np.ascontiguousarray(getattr(bed, name)[at]) for name in RECORDS]
    return b"".join(part.tobytes() for part in parts)


def test_same_seed_same_bits_and_another_seed_others():
    first, again = bed_of(["af"] * 4), bed_of(["af"] * 4)
    other = make_bed([patient_of("af", seed=8)] * 4, [catheter()] * 4, [settings_of("40-7.5")] * 4, CLOCK)
    for bed in (first, again, other):
        run(bed, CLOCK, 12_000)
    assert bits(first) == bits(again)
    assert first.w.tobytes() != other.w.tobytes()


@pytest.mark.parametrize("lanes", [4, 8])
def test_alone_as_in_lanes_at_any_place(lanes):
    crowd = ("healthy", "hf-shock", "af", "aortic-regurgitation", "stiff-aorta", "rv-failure", "septal-rupture", "ami-shock")[:lanes]
    together = bed_of(crowd)
    run(together, CLOCK, 10_000)
    assert together.pump.inflations.min() > 0
    for lane, name in enumerate(crowd):
        alone = bed_of([name])
        run(alone, CLOCK, 10_000)
        assert bits(alone) == bits(together, lane), f"{name} in lane {lane} of {lanes}"


def test_one_thread_as_two():
    one, two = ([bed_of([name] * 4) for name in ("hf-shock", "af", "chronic-hf", "healthy")] for _ in range(2))
    run_many(one, CLOCK, 10_000, threads=1)
    run_many(two, CLOCK, 10_000, threads=2)
    assert [bits(bed) for bed in one] == [bits(bed) for bed in two]


@pytest.fixture(scope="module")
def settled():
    bed = bed_of(["hf-shock", "af", "healthy", "postcardiotomy"])
    run(bed, CLOCK, 10_000)
    return bed


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 700), min_size=1, max_size=12))
def test_slices_of_any_length_as_one_run(settled, lengths):
    whole, sliced = snapshot(settled), snapshot(settled)
    trace = run(whole, CLOCK, sum(lengths), kept=True)
    pieces = [run(sliced, CLOCK, length, kept=True) for length in lengths]
    assert bits(whole) == bits(sliced)
    for field in ("signals", "samples", "valve", "beat", "trigger"):
        assert getattr(trace, field).tobytes() == b"".join(getattr(piece, field).tobytes() for piece in pieces)


INTERPRETED = """
import hashlib, pickle, sys
import numpy as np
from pathlib import Path
from counterpulse.bed.run import clock_of, run
from counterpulse.bed.tick import Bed
from counterpulse.body.regulation import START_TICKS, Rest
from counterpulse.kernel import COMPILED

bed = Bed(*pickle.loads(Path(sys.argv[1]).read_bytes()))
trace = run(bed, clock_of(1000.0), int(sys.argv[2]), kept=True)
parts = [bed.w, bed.beat, bed.monitor, bed.pump, bed.sample, bed.regulation, bed.now, trace.signals, trace.samples, trace.valve]
print(COMPILED, hashlib.sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in parts)).hexdigest())
"""


def test_interpreted_as_compiled(settled, tmp_path):
    start = bed_of(["af"])
    run(start, CLOCK, 20_000)
    (tmp_path / "bed").write_bytes(pickle.dumps(tuple(np.array(part, copy=True, subok=True) for part in start)))
    trace = run(start, CLOCK, 1000, kept=True)
    assert (trace.valve == 1).any()
    assert (trace.valve == -1).any()
    parts = [start.w, start.beat, start.monitor, start.pump, start.sample, start.regulation, start.now, trace.signals, trace.samples, trace.valve]
    here = hashlib.sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in parts)).hexdigest()
    command = [sys.executable, "-c", INTERPRETED, str(tmp_path / "bed"), "1000"]
    other = subprocess.run(command, env={**os.environ, "NUMBA_DISABLE_JIT": "1" if COMPILED else "0"}, capture_output=True, text=True, check=False)
    assert other.returncode == 0, other.stderr
    assert other.stdout.split() == [str(not COMPILED), here]


@pytest.mark.parametrize(
    ("name", "fs_hz", "console"),
    [
        ("hf-shock", 1000.0, {}),
        ("hf-shock", 250.0, {}),
        ("hf-shock", 1000.0, {"deflation": Deflation.R_WAVE, "ratio": 2}),
        ("af", 1000.0, {"deflation": Deflation.R_WAVE}),
        ("af", 250.0, {"pressure_source": Source.RADIAL, "source_delay_ms": 175.0}),
        ("chronic-hf", 250.0, {"trigger": 1}),
    ],
)
def test_replay_of_a_run_gives_its_own_commands(name, fs_hz, console):
    clock = clock_of(fs_hz)
    bed = bed_of([name] * 4, clock=clock, **console)
    trace = run(bed, clock, round(30 * fs_hz), kept=True)
    again = replay(bed.settings[0], trace.samples[:, 0].copy(), fs_hz)
    assert (trace.valve[:, 0] == 1).any()
    assert again.valve.tobytes() == np.ascontiguousarray(trace.valve[:, 0]).tobytes()
    assert np.array(again.pump).tobytes() == np.array(bed.pump[0]).tobytes()


def test_live_as_one_run(settled):
    whole, lived = snapshot(settled), snapshot(settled)
    trace = run(whole, CLOCK, 3000, kept=True)
    live = Live(lived, CLOCK, slice_s=0.02, now=lambda: 0.0, sleep=lambda _: None)
    pieces = [piece for _, some in zip(range(150), live.slices(), strict=False) for piece in some]
    assert bits(whole) == bits(lived)
    assert trace.signals.tobytes() == b"".join(piece.signals.tobytes() for piece in pieces)


def test_live_inputs_reproduce_the_run(settled):
    first, again = snapshot(settled), snapshot(settled)
    lived = Live(first, CLOCK)
    lived.advance(700)
    lived.change("tone.systemic_resistance", 1.4, lane=1)
    lived.change("settings.ratio", 2, lane=0, at=1503)
    lived.advance(1300)
    told = Live(again, CLOCK)
    for lane, change in lived.inputs:
        told.change(change.field, change.value, lane, change.place, change.sample)
    for _ in range(20):
        told.advance(100)
    assert bits(first) == bits(again)
    assert not np.array_equal(first.w, settled.w)


def test_a_console_standing_by_is_no_console():
    patient = patient_of("hf-shock")
    bed = make_bed([patient] * 4, [no_catheter()] * 4, [Settings(standby=1), Settings(standby=1, ratio=2), Settings(volume_mL=0.0), Settings(standby=1)], CLOCK)
    run(bed, CLOCK, 10_000)
    assert len({bed.w[:, lane].tobytes() for lane in range(4)}) == 1
