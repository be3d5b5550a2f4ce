"""Timing over rate, pre-ejection period, ECG noise, site of the pressure and rhythm, one at a time, and rate against pre-ejection period (CONTRACTS, Timing).

Usage: python benchmarks/timing_sweep.py [SECONDS]     110 s each if not given; counted from 10 s after switch-on, late sources from 60 s

Each cell is three patients (hf-shock, high-risk-pci, rv-failure) beside their twins, their beats together; root pressure, sinus rhythm and no noise unless the cell says otherwise. The
pre-ejection period is set by the electromechanical delay, from what each patient's is without a change (QRS onset to opening without a pump). Noise
is white, with the power of a QRS, (peak to peak)^2 / 8, less 15, 7 or 3 dB, on the lead that triggers (as in detector_noise.py). A cell is RED under 95 % of inflations
within 20 ms. `sd within patients` is about each patient's own mean. Late: predictable beats emptied more than 20 ms into ejection.
"""

import sys
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from counterpulse.bed.channels import Wave
from counterpulse.bed.run import clock_of, make_bed, run
from counterpulse.body.monitor import adjust
from counterpulse.body.patient import Rhythm
from counterpulse.pump.settings import SOURCE_DELAY_ms
from counterpulse.signals.sample import Source
from plans import plan_of, table
from timing_rows import VARIED, VARIED_AF, Case, Ran, apart, events, late_into

PATIENTS = ("hf-shock", "high-risk-pci", "rv-failure")
FS_HZ, LANES = 500.0, 8
RATES, PEPS_MS, DECIBELS = (40, 60, 80, 100, 120, 150), (60, 80, 100, 120, 140), (15, 7, 3)
GRID_PEPS_MS = (60, 100, 140)
GOAL = 95.0


@dataclass
class Cell:
    """One cell of the sweep."""

    name: str
    patient: dict[str, float] = field(default_factory=dict)
    console: dict[str, float] = field(default_factory=dict)
    pep_ms: float | None = None
    decibels: float | None = None
    first_s: float = 10.0


def cells() -> list[Cell]:
    """One factor at a time, then rate by pre-ejection period."""
    sources = [Cell(f"{source.name.lower()}, delay not known", console={"pressure_source": int(source), "source_delay_ms": SOURCE_DELAY_ms[source]}, first_s=60.0) for source in Source if source]
    rhythms = [
        Cell("fibrillation, R-R variation 0.2", {"rhythm": Rhythm.ATRIAL_FIBRILLATION, "rr_variability": 0.2, **VARIED_AF}), Cell("10 ectopics/min", {"ectopics_per_min": 10.0}),
        Cell("paced, ventricle", {"rhythm": Rhythm.PACED_VENTRICULAR}), Cell("paced, atrium and ventricle", {"rhythm": Rhythm.PACED_SEQUENTIAL}), Cell("R-R variation 0.06", {"rr_variability": 0.06}),
    ]  # fmt: skip
    return [
        Cell("as they are"), *(Cell(f"{rate}/min", {"heart_rate_per_min": rate}) for rate in RATES), *(Cell(f"pre-ejection period {pep} ms", pep_ms=pep) for pep in PEPS_MS),
        *(Cell(f"noise {db} dB", decibels=db) for db in DECIBELS), *sources, *rhythms,
        *(Cell(f"{rate}/min, {pep} ms", {"heart_rate_per_min": rate}, pep_ms=pep) for rate in RATES for pep in GRID_PEPS_MS),
    ]  # fmt: skip


def kept(trace: Any, lane: int) -> Wave:
    """The wave of a lane."""
    return Wave(trace.signals[:, lane], trace.beat[:, lane], 1.0 / FS_HZ)


def native() -> dict[str, tuple[float, float]]:
    """Pre-ejection period (ms) and height of the QRS (mV) of each patient as it is, without the pump."""
    plans = [plan_of(name, console={"standby": 1}) for name in PATIENTS]
    plans += [plans[0]] * (LANES - len(plans))
    bed = make_bed([p.patient for p in plans], [p.catheter for p in plans], [p.settings for p in plans], clock_of(FS_HZ))
    trace = run(bed, clock_of(FS_HZ), round(20 * FS_HZ), kept=True)
    found = {}
    for lane, name in enumerate(PATIENTS):
        e = events(Ran(Case(name), kept(trace, lane), kept(trace, lane), None, None, None))
        pep = [e["opens"][e["opens"] > q][0] - q for q in e["qrs"][3:-3]]
        lead = trace.samples[:, lane]["ecg_mV"][:, 0]
        found[name] = (float(np.median(pep)), float(np.ptp(lead[round(5 * FS_HZ) :])))
    return found


def runs(todo: list[Cell], seconds: float) -> dict[str, list[Ran]]:
    """Every cell's patients, four at a time beside their twins."""
    own, clock = native(), clock_of(FS_HZ)
    jobs = [(cell, name) for cell in todo for name in PATIENTS]
    out: dict[str, list[Ran]] = {cell.name: [] for cell in todo}
    for first in range(0, len(jobs), LANES // 2):
        block = jobs[first : first + LANES // 2]
        full = block + [block[0]] * (LANES // 2 - len(block))
        plans = []
        for cell, name in full:
            fields = {**VARIED, **cell.patient, "seed": 77}
            if cell.pep_ms is not None:
                base = float(plan_of(name).patient.electromechanical_delay_s)
                fields["electromechanical_delay_s"] = max(base + 0.001 * (cell.pep_ms - own[name][0]), 0.0)
            plans += [plan_of(name, patient=fields, console=cell.console)] * 2
        bed = make_bed([p.patient for p in plans], [p.catheter for p in plans], [p.settings for p in plans], clock, [k - 1 if k % 2 else -1 for k in range(LANES)])
        for i, (cell, name) in enumerate(full):
            if cell.decibels is not None:
                adjust(bed.monitor[2 * i], "noise_mV", own[name][1] / np.sqrt(8.0 * 10.0 ** (cell.decibels / 10.0)), 0)
        trace = run(bed, clock, round(seconds * FS_HZ), kept=True)
        for i, (cell, name) in enumerate(block):
            out[cell.name].append(Ran(Case(name), slim(trace, 2 * i), slim(trace, 2 * i + 1), None, None, plans[2 * i].settings))
    return out


def slim(trace: Any, lane: int) -> Any:
    """Only what the figures need, so that all cells fit in memory."""
    wave = kept(trace, lane)
    return SimpleNamespace(aortic=wave.aortic.astype(np.float32), balloon_mL=wave.balloon_mL.astype(np.float32), beat=wave.beat.astype(np.int32), sample_s=wave.sample_s)


def figures(some: list[Ran], first_s: float) -> dict[str, Any]:
    """The figures of a cell over its patients."""
    errors, within_sd, emptied, late, beats, assisted, peps = [], [], [], 0, 0, 0, []
    for one in some:
        e = events(one)
        if len(e["closes"]) < 3:
            continue
        first = 1000.0 * first_s
        ups, downs, closes = (e[key][e[key] >= first] for key in ("ups", "downs", "closes"))
        ups = ups[ups < closes[-1] + 60.0]
        error = apart(ups, e["closes"])
        error = error[np.isfinite(error)]
        errors.append(error)
        within_sd.append(error - error.mean() if len(error) else error)
        gone = apart(downs[downs < e["opens"][-1]], e["opens"])
        emptied.append(gone[np.isfinite(gone)])
        late += int(np.sum(late_into(e, downs)["predictable"] > 20.0))
        beats += len(closes)
        assisted += min(len(np.unique(np.searchsorted(e["qrs"], ups))) * int(one.settings.ratio), len(closes))
        k = np.searchsorted(e["qrs"], e["opens"], side="right") - 1
        peps.append(np.median((e["opens"] - e["qrs"][k])[k >= 0]))
    error, gone = np.concatenate(errors), np.concatenate(emptied)
    return {
        "pep": float(np.mean(peps)), "beats": beats, "assisted": 100.0 * assisted / max(beats, 1), "mean": float(error.mean()) if len(error) else np.nan,
        "sd": float(np.concatenate(within_sd).std()) if len(error) else np.nan, "within": 100.0 * float(np.mean(np.abs(error) <= 20.0)) if len(error) else 0.0,
        "emptied": float(gone.mean()) if len(gone) else np.nan, "late": late,
    }  # fmt: skip


def main() -> int:
    """Print the cells as a list and the grid as a table; exit 1 if a cell at 7 dB or better is red."""
    numbers = [float(word) for word in sys.argv[1:] if not word.startswith("-")]
    todo = cells()
    found = {cell.name: figures(some, cell.first_s) for cell, some in zip(todo, runs(todo, numbers[0] if numbers else 110.0).values(), strict=True)}
    red = lambda f: f["within"] < GOAL  # noqa: E731
    single = [cell.name for cell in todo if ", " not in cell.name or not cell.name[0].isdigit()]
    rows = [
        [name, f"{f['pep']:.0f}", f"{f['beats']}", f"{f['assisted']:.1f}", f"{f['mean']:+.1f} ± {f['sd']:.1f}", f"{f['within']:.1f}{' RED' if red(f) else ''}", f"{f['emptied']:+.0f}", f"{f['late']}"]
        for name in single for f in [found[name]]
    ]  # fmt: skip
    print(table(["cell", "PEP ms", "beats", "assisted %", "inflation ms, sd within patients", "within 20 ms %", "emptied ms", "late"], rows))
    grid = [[f"{rate}/min", *(f"{f['within']:.1f}{' RED' if red(f) else ''} ({f['assisted']:.0f})" for pep in GRID_PEPS_MS for f in [found[f"{rate}/min, {pep} ms"]])] for rate in RATES]
    print("\nWithin 20 ms, % (assisted, %), rate by pre-ejection period:\n\n" + table(["rate", *(f"{pep} ms" for pep in GRID_PEPS_MS)], grid))
    bad = [cell.name for cell in todo if red(found[cell.name]) and (cell.decibels is None or cell.decibels >= 7)]
    print(f"\n{len(bad)} of {len(todo)} cells are red: {'; '.join(bad)}")
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
