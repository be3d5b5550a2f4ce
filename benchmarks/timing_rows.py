"""What the timing benchmarks share: patients whose beats vary, run in the closed loop beside their twins, and one row of figures for each.

Counts every beat from 10 s after switch-on. Errors in ms, late positive (CONTRACTS, Timing).
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from counterpulse.bed.beats import ejections
from counterpulse.bed.channels import Wave
from counterpulse.bed.run import clock_of, make_bed, run
from counterpulse.bed.timing import FIRST_S, balloon_cycles
from counterpulse.body.monitor import adjust
from counterpulse.body.patient import Rhythm
from counterpulse.cohort.preset import load
from plans import plan_of

VARIED = {"systole_variability": 0.04, "delay_variability_s": 0.004}  # left after the R-R fit: 10-15 ms in sinus rhythm
VARIED_AF = {"systole_variability": 0.06, "delay_variability_s": 0.006}  # 15-25 ms
NEAR_MS = 250.0
PREDICTABLE = 0.10


@dataclass
class Case:
    """One patient, console and bedside."""

    preset: str
    patient: dict = field(default_factory=dict)
    console: dict = field(default_factory=dict)
    monitor: list[tuple[str, float, int | None]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """For tables."""
        return self.preset + "".join(f" {key}={value:g}" for key, value in {**self.patient, **self.console}.items())


def plan(case: Case) -> Any:
    """Patient, catheter and settings; beats vary unless the case says otherwise."""
    rhythm = case.patient.get("rhythm", int(load(case.preset).patient.rhythm))
    varied = VARIED_AF if rhythm == Rhythm.ATRIAL_FIBRILLATION else VARIED
    return plan_of(case.preset, patient={**varied, **case.patient}, console=case.console)


@dataclass
class Ran:
    """A case that has run: the wave of its lane and of its twin, from switch-on, and when the console first drove."""

    case: Case
    wave: Wave
    twin: Wave
    valve: Any
    pump: Any
    settings: Any


def ran(cases: list[Case], seconds: float, fs_hz: float = 1000.0) -> list[Ran]:
    """Two cases side by side, each with its twin, until all are done."""
    clock, out = clock_of(fs_hz), []
    for first in range(0, len(cases), 2):
        pair = (cases[first : first + 2] * 2)[:2]
        plans = [plan(case) for case in pair]
        both = lambda key: [getattr(one, key) for one in plans for _ in range(2)]  # noqa: E731
        bed = make_bed(both("patient"), both("catheter"), both("settings"), clock, [-1, 0, -1, 2])
        for i, case in enumerate(pair):
            for name, value, place in case.monitor:
                adjust(bed.monitor[2 * i], name, value, place)
        trace = run(bed, clock, round(seconds * fs_hz), kept=True)
        wave = lambda lane: Wave(trace.signals[:, lane], trace.beat[:, lane], 1.0 / fs_hz)  # noqa: E731
        out += [
            Ran(case, wave(2 * i), wave(2 * i + 1), trace.valve[:, 2 * i], bed.pump[2 * i].copy(), plans[i].settings)
            for i, case in enumerate(cases[first : first + 2])
        ]
    return out


def events(one: Ran) -> dict[str, Any]:
    """Times (ms since switch-on) of the twin's QRS, openings and closures, R-R of each, and of the balloon's onsets and emptyings."""
    ms = 1000.0 * one.twin.sample_s
    ejected = np.array(ejections(one.twin)) * ms
    qrs = (np.flatnonzero(np.diff(one.twin.beat)) + 1) * ms
    cycles = np.array(balloon_cycles(one.wave.balloon_mL)).reshape(-1, 3)
    return {"qrs": qrs, "opens": ejected[:, 0], "closes": ejected[:, 1], "ups": cycles[:, 0] * ms, "downs": cycles[:, 1] * ms}


def apart(times: Any, marks: Any) -> Any:
    """Each time less the nearest mark, NaN beyond reach."""
    if not len(marks) or not len(times):
        return np.full(len(times), np.nan)
    i = np.clip(np.searchsorted(marks, times), 1, len(marks) - 1)
    near = np.where(np.abs(times - marks[i - 1]) < np.abs(times - marks[i]), i - 1, i)
    away = times - marks[near]
    return np.where(np.abs(away) <= NEAR_MS, away, np.nan)


def predictable(qrs: Any) -> Any:
    """For every QRS: its R-R lies within 10 % of the median of the ten before (CONTRACTS)."""
    rr = np.diff(qrs)
    good = np.zeros(len(qrs), bool)
    for k in range(10, len(rr)):
        good[k + 1] = abs(rr[k] - np.median(rr[k - 10 : k])) <= PREDICTABLE * np.median(rr[k - 10 : k])
    return good


def row(one: Ran, first_s: float = FIRST_S) -> dict[str, float]:
    """The figures of one run."""
    e = events(one)
    first = 1000.0 * first_s
    ups, downs, closes = (e[key][e[key] >= first] for key in ("ups", "downs", "closes"))
    ups, downs = ups[ups < closes[-1] + 60.0], downs[downs < e["opens"][-1]]
    inflation, emptied = apart(ups, e["closes"]), apart(downs, e["opens"])
    there = np.isfinite(inflation)
    ratio = int(one.settings.ratio)
    into = late_into(e, downs)
    return {
        "beats": len(closes),
        "assisted": min(len(np.unique(np.searchsorted(e["qrs"], ups))) * ratio / max(len(closes), 1), 1.0),
        "mean": float(np.mean(inflation[there])) if there.any() else np.nan,
        "sd": float(np.std(inflation[there])) if there.any() else np.nan,
        "within": float(np.mean(np.abs(inflation[there]) <= 20.0)) if there.any() else np.nan,
        "empty_mean": float(np.nanmean(emptied)) if len(emptied) else np.nan,
        "empty_sd": float(np.nanstd(emptied)) if len(emptied) else np.nan,
        "late": int(np.sum(into["predictable"] > 20.0)),
        "abort_ms": float(np.max(into["unexpected"], initial=-np.inf)),
        "lock_s": float(np.flatnonzero(one.valve > 0)[0] * one.wave.sample_s) if (one.valve > 0).any() else np.nan,
    }


def late_into(e: dict[str, Any], downs: Any) -> dict[str, Any]:
    """Emptyings of predictable beats after the valve's opening, and, of beats that came more than 10 % early, after their QRS (only when still filled then), ms."""
    good = predictable(e["qrs"])
    k = np.searchsorted(e["qrs"], e["opens"], side="right") - 1  # QRS of each opening
    expected, unexpected = [], []
    for opens, q in zip(e["opens"], k, strict=True):
        if q < 11:
            continue
        near = downs[np.abs(downs - opens) < NEAR_MS]
        if good[q]:
            expected.extend(near[-1:] - opens)
        elif early(e["qrs"], q) and len(e["ups"][e["ups"] < e["qrs"][q]]):
            begun = e["ups"][e["ups"] < e["qrs"][q]][-1]
            down = e["downs"][e["downs"] > begun][:1]
            unexpected.extend(down[down > e["qrs"][q]] - e["qrs"][q])
    return {"predictable": np.array(expected), "unexpected": np.array(unexpected)}


def early(qrs: Any, q: int) -> bool:
    """The beat came more than 10 % before the median of the ten before says."""
    rr = np.diff(qrs[q - 11 : q + 1])
    return bool(rr[-1] < (1.0 - PREDICTABLE) * np.median(rr[:-1]))


HEAD = ["case", "beats", "assisted %", "inflation ms", "within 20 ms %", "emptied ms", "> 20 ms into ejection", "unexpected beat: emptied ms after QRS", "lock s"]


def cells(name: str, r: dict[str, float]) -> list[str]:
    """One line of the table."""
    late = f"{r['abort_ms']:.0f}" if np.isfinite(r["abort_ms"]) else "-"
    return [
        name, f"{r['beats']}", f"{100 * r['assisted']:.2f}", f"{r['mean']:+.1f} ± {r['sd']:.1f}", f"{100 * r['within']:.2f}",
        f"{r['empty_mean']:+.0f} ± {r['empty_sd']:.0f}", f"{r['late']}", late, f"{r['lock_s']:.1f}",
    ]  # fmt: skip
