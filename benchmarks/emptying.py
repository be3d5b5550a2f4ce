"""Is the balloon empty in time: many drawn patients beside their twins, predictable beats and unexpected ones (CONTRACTS, Timing).

Usage: python benchmarks/emptying.py [BEATS] [SEED] [--keep FILE.npz]     BEATS predictable ones, 100,000 if not given

Patients are the presets in turn, each with its own draw of rate, R-R variability, breath, beat-to-beat variability and rhythm: two in five in sinus rhythm as the
preset has it, the rest with ectopics, in fibrillation or paced. Root pressure, ECG, 1:1, 500 Hz. A predictable beat is late when more than a tenth of the
balloon is filled 20 ms after the twin's aortic valve has opened. A beat that comes more than a tenth early and whose QRS finds the balloon inflated is
an unexpected one: told is when it was emptied, after its QRS, beside the catheter's own T90. Beats count from 10 s after switch-on.
"""

import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from counterpulse.bed.beats import crossings
from counterpulse.bed.channels import NAMES
from counterpulse.bed.run import clock_of, make_bed, run
from counterpulse.bed.timing import FIRST_S
from counterpulse.body.patient import Rhythm
from counterpulse.cohort.preset import load, names
from counterpulse.noise import uniform
from plans import plan_of, table

FS_HZ = 500.0
PIECE_S, PIECES = 25.0, 12
LANES = 8
TREND, SHARE = 10, 0.1  # CONTRACTS: predictable
LATE_MS, LEFT = 20.0, 0.1
KINDS = ("sinus", "sinus", "ectopics", "fibrillation", "paced")
STREAM = 900


class Drawn(NamedTuple):
    """One patient of the test."""

    preset: str
    kind: str
    fields: dict[str, float]


class Beats(NamedTuple):
    """One row a beat of one patient, times in ms; NaN where there is none."""

    rr: Any  # over the median of the ten before
    opens: Any  # twin's opening after the QRS
    emptied: Any  # of the balloon that was filled before, after the opening
    late: Any  # gas left 20 ms after the opening
    found: Any  # the QRS found the balloon inflated
    aborted: Any  # emptied after the QRS, where it was found inflated
    told: Any  # command to vacuum after the QRS, likewise
    t90: Any  # from the command to emptied


def drawn(seed: int, number: int) -> Drawn:
    """Patient `number` of a seed."""
    u = [uniform(seed, STREAM + k, number) for k in range(8)]
    preset = names()[number % len(names())]
    own = load(preset).patient
    kind = KINDS[int(u[0] * len(KINDS))]
    fields = {
        "seed": 1000 * seed + number, "heart_rate_per_min": float(own.heart_rate_per_min) * (0.85 + 0.3 * u[1]), "respiratory_rate_per_min": 8.0 + 16.0 * u[2],
        "systole_variability": 0.02 + 0.04 * u[3], "delay_variability_s": 0.002 + 0.004 * u[4],
    }  # fmt: skip
    if own.rhythm == Rhythm.SINUS:
        fields["rr_variability"] = 0.005 + 0.045 * u[5]
    if kind == "ectopics":
        fields["ectopics_per_min"] = 2.0 + 10.0 * u[6]
    if kind == "fibrillation":
        fields |= {"rhythm": Rhythm.ATRIAL_FIBRILLATION, "rr_variability": 0.1 + 0.15 * u[5]}
    if kind == "paced":
        fields["rhythm"] = Rhythm.PACED_VENTRICULAR if u[6] < 0.5 else Rhythm.PACED_SEQUENTIAL
    return Drawn(preset, kind, fields)


def ran(patients: list[Drawn], pieces: int = PIECES) -> list[Beats]:
    """Four patients, each beside its twin."""
    plans = [plan_of(one.preset, patient=one.fields) for one in patients for _ in range(2)]
    fill = LANES - len(plans)
    plans += plans[:fill]
    clock = clock_of(FS_HZ)
    twins = [k - 1 if k % 2 else -1 for k in range(LANES)]
    bed = make_bed([p.patient for p in plans], [p.catheter for p in plans], [p.settings for p in plans], clock, twins)
    gas, flow, beat, valve = [], [], [], []
    places = [NAMES.index(name) for name in ("upper_mL", "middle_mL", "lower_mL")]
    for _ in range(pieces):
        trace = run(bed, clock, round(PIECE_S * FS_HZ), kept=True)
        gas.append(trace.signals[:, ::2, places].sum(axis=2))
        flow.append(trace.signals[:, 1::2, NAMES.index("aortic")].copy())
        beat.append(trace.beat[:, ::2].copy())
        valve.append(trace.valve[:, ::2].copy())
    whole = [np.concatenate(part) for part in (gas, flow, beat, valve)]
    return [judged(*(part[:, i] for part in whole)) for i in range(len(patients))]


def judged(gas: Any, flow: Any, beat: Any, valve: Any) -> Beats:
    """Every beat from ten seconds on that the twin ejects."""
    ms = 1000.0 / FS_HZ
    qrs = np.flatnonzero(np.diff(beat)) + 1
    least = np.percentile(gas, 1)
    level = least + LEFT * (np.percentile(gas, 99.5) - least)
    downs = np.flatnonzero((gas[:-1] > level) & (gas[1:] <= level)) + 1
    told = np.flatnonzero((valve[:-1] > 0) & (valve[1:] <= 0)) + 1
    opened = np.array([a for a, _ in crossings(flow, 1.0 / FS_HZ)])
    rows = []
    for k in range(TREND + 1, len(qrs) - 1):
        out = opened[(opened >= qrs[k] - 0.03 * FS_HZ) & (opened < qrs[k + 1] - 0.03 * FS_HZ)]
        if qrs[k] < FIRST_S * FS_HZ or not len(out) or out[0] + 0.3 * FS_HZ >= len(gas):
            continue
        opens, rr = out[0], np.diff(qrs[k - TREND - 1 : k + 1])
        before, after = downs[downs < opens + 0.25 * FS_HZ], downs[downs > qrs[k]]
        last = before[-1] if len(before) and before[-1] > qrs[k - 1] + 0.15 * FS_HZ else np.nan
        command = told[told <= last][-1] if np.isfinite(last) and (told <= last).any() else np.nan
        found = bool(gas[qrs[k]] > level) and bool(valve[qrs[k]] > 0)
        vacuum = told[told > qrs[k]]
        rows.append((
            rr[-1] / np.median(rr[:-1]), (opens - qrs[k]) * ms, (last - opens) * ms, gas[int(opens + LATE_MS / ms)] > level, found,
            (after[0] - qrs[k]) * ms if found and len(after) else np.nan, (vacuum[0] - qrs[k]) * ms if found and len(vacuum) else np.nan, (last - command) * ms,
        ))  # fmt: skip
    return Beats(*np.array(rows, float).reshape(-1, len(Beats._fields)).T)


def predictable(b: Beats) -> Any:
    """R-R within 10 % of the median of the last ten."""
    return np.abs(b.rr - 1.0) <= SHARE


def unexpected(b: Beats) -> Any:
    """More than 10 % early, and the balloon told to be filled at the QRS."""
    return (b.rr < 1.0 - SHARE) & (b.found > 0)


def many(seed: int, beats: int) -> Iterator[tuple[Drawn, Beats]]:
    """Patients until so many predictable beats have been seen."""
    seen, number = 0, 0
    while seen < beats:
        block = [drawn(seed, number + i) for i in range(LANES // 2)]
        for one, rows in zip(block, ran(block), strict=True):
            seen += int(predictable(rows).sum())
            yield one, rows
        number += len(block)


def line(name: str, rows: list[tuple[Drawn, Beats]]) -> list[str]:
    """One line of the table."""
    b = Beats(*(np.concatenate(part) for part in zip(*(rows for _, rows in rows), strict=True)))
    good, early = predictable(b), unexpected(b)
    emptied, abort = b.emptied[good], b.aborted[early]
    t90 = np.array([1000.0 * float(plan_of(one.preset).settings.empty_s) for one, _ in rows]).mean()
    span = lambda v, form: "-" if not len(v) else form(v)  # noqa: E731
    return [
        name, f"{good.sum()}", f"{int(b.late[good].sum())}", span(emptied, lambda v: f"{np.nanmean(v):+.0f} ± {np.nanstd(v):.0f}"),
        span(emptied, lambda v: f"{100 * np.mean((v >= -60) & (v <= 20)):.0f}"), f"{early.sum()}", f"{t90:.0f}",
        span(abort, lambda v: f"{np.nanmedian(v):.0f} / {np.nanpercentile(v, 95):.0f} / {np.nanmax(v):.0f}"),
        span(abort, lambda v: f"{100 * np.mean(v <= t90 + 60):.1f} / {100 * np.mean(v <= t90 + 40):.1f}"),
    ]  # fmt: skip


HEAD = [
    "patients", "predictable beats", "> 20 ms into ejection", "emptied ms", "-60 to +20 ms, %", "unexpected, inflated", "T90 ms",
    "emptied ms after QRS: median / 95 % / most", "within T90 + 60 / + 40 ms, %",
]  # fmt: skip


def main() -> int:
    """Print a table by preset and by rhythm; exit 1 if a predictable beat was emptied late."""
    words = [word for word in sys.argv[1:] if not word.startswith("-")]
    keep = sys.argv[sys.argv.index("--keep") + 1] if "--keep" in sys.argv else None
    numbers = [int(word) for word in words if word != keep]
    rows = list(many(numbers[1] if len(numbers) > 1 else 1, numbers[0] if numbers else 100_000))
    if keep:
        np.savez(keep, **{f"{k}": np.array(b) for k, (_, b) in enumerate(rows)}, who=np.array([f"{d.preset} {d.kind} {d.fields}" for d, _ in rows]))
    by = lambda key: {name: [one for one in rows if key(one[0]) == name] for name in sorted({key(one[0]) for one in rows})}  # noqa: E731
    lines = [line(name, part) for group in (by(lambda one: one.preset), by(lambda one: one.kind)) for name, part in group.items()]
    print(table(HEAD, [*lines, line("all", rows)]))
    return int(any(b.late[predictable(b)].any() for _, b in rows))


if __name__ == "__main__":
    sys.exit(main())
