"""Frames a second and the delay from sample to screen, measured in the page (gauge.js). Recorded, not asserted: they are the machine's as much as ours.

What is asserted holds on any machine: every sample is drawn once, in order, and nothing is drawn anew while nothing changes.
"""

import time

import pytest


def watched(page, seconds):
    page.wait("__lab.monitor.gauge.frames > 60", 60)
    paints = page.see("(__lab.reset(), __lab.monitor.paints)")
    head = page.see("__lab.monitor.head")
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(min(5, max(0.1, until - time.monotonic())))
        page.see("1")
    told = page.see("({...__lab.report(), head: __lab.monitor.head, paints: __lab.monitor.paints, drops: __lab.link.drops, late_ms: __lab.state.late_ms})")
    return told | {"swept": told["head"] - head, "painted": told["paints"] - paints}


def keep(record_property, told, name):
    record_property(f"lab: frames drawn a second, {name}", round(told["frames_per_s"], 1))
    record_property(f"lab: sample to screen, ms, p50 / p99 / max, {name}", " / ".join(f"{told[key]:.0f}" for key in ("delay_p50_ms", "delay_p99_ms", "delay_max_ms")))
    record_property(f"lab: frames later than 34 ms of {told['frames']}, {name}", told["over_34_ms"])


def test_frames_and_delay(page_of, record_property):
    told = watched(page_of(), 30)
    keep(record_property, told, "30 s")
    assert told["drops"] == 0
    assert told["painted"] <= 2
    assert told["samples"] > 0


@pytest.mark.soak
def test_frames_and_delay_for_ten_minutes(page_of, record_property):
    told = watched(page_of(), 600)
    keep(record_property, told, "10 min")
    assert told["drops"] == 0
    assert told["swept"] > 0.95 * 600 * 250
