"""Twenty consoles on one server, looked at by clients in another process: pace, gaps, delay. The long form is `make soak`."""

import importlib.util

import pytest

CONSOLES = 20


def load(root):
    """benchmarks/lab_load.py as a module."""
    spec = importlib.util.spec_from_file_location("lab_load", root / "benchmarks" / "lab_load.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tell(record_property, told):
    record_property(f"{CONSOLES} consoles for {told['seconds']:g} s", f"worst pace error {100 * told['pace_worst_error']:.2f} % (limit 1), sample at client p99 {told['delay_p99_ms']:.0f} ms (limit 100), "
                    f"first trace {told['first_trace_s']:.2f} s (limit 2), server {told['server_cores']:.2f} cores, load before {told['load_before']:.1f}")  # fmt: skip


def test_four_consoles_come_whole_and_at_their_pace(root, warmed, record_property):
    told = load(root).measure(4, 6.0)
    assert told["gaps"] == 0
    record_property("4 consoles for 6 s", f"worst pace error {100 * told['pace_worst_error']:.2f} %, sample at client p99 {told['delay_p99_ms']:.0f} ms, server {told['server_cores']:.2f} cores")


@pytest.mark.soak
@pytest.mark.parametrize("seconds", [30.0, 600.0])
def test_twenty_consoles_keep_real_time(root, warmed, record_property, seconds):
    told = load(root).measure(CONSOLES, seconds)
    tell(record_property, told)
    assert told["gaps"] == 0
    assert told["pace_worst_error"] < 0.01
    assert told["delay_p99_ms"] <= 100.0
