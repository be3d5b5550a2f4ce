"""Catheters in the closed loop: onset and T90 beside the console's table, and the balloon-pressure waveform with what disturbs it.

Usage: python benchmarks/catheters.py      exit 1 when a time is more than 3 ms from the table or T90 leaves 80 to 150 ms
"""

import sys

import numpy as np

from counterpulse.bed.timing import balloon_cycles
from counterpulse.body.gas import CATHETERS
from plans import outcome_of, table

WITHIN_MS = 3.0
T90_MS = (80.0, 150.0)  # issue; pump.md 1.2
UNWATCHED, SETTLE_S, KEPT_S = {"gas_watched": 0}, 15.0, 15.0  # a console that watches its gas stops within seconds of most of these
FAULTS = {
    "as delivered": {},
    "leak": {"leak_mL_s_mmHg": 0.002},
    "kink": {"line_resistance_mmHg_s_mL": 1.9},
    "overfill": {"baseline_mmHg": 30.0},
    "wrapped": {"full_mL": 20.0},
    "altitude": {"atmosphere_mmHg": 570.0},
    "rupture": {"leak_mL_s_mmHg": 0.1},
}


def commands(valve):
    """Samples at which the console turned to drive and to vacuum."""
    return np.flatnonzero((valve[1:] > 0) & (valve[:-1] <= 0)) + 1, np.flatnonzero((valve[1:] < 0) & (valve[:-1] >= 0)) + 1


def times_of(outcome):
    """Onset and T90: medians over inflations from the command to 10 % filled and 10 % left, ms."""
    drive, vacuum = commands(outcome.trace.valve[:, 1])
    onsets, empties = [], []
    for up, down, _ in balloon_cycles(outcome.assisted.wave.balloon_mL):
        first, last = drive[drive <= up], vacuum[vacuum <= down]
        if len(first) and len(last):
            onsets.append((up - first[-1]) * outcome.clock.sample_s * 1000.0)
            empties.append((down - last[-1]) * outcome.clock.sample_s * 1000.0)
    return float(np.median(onsets)), float(np.median(empties))


def waveform(outcome):
    """Landmarks of the console-side balloon pressure, medians over cycles (pump.md 1.3). mmHg, ms, mL."""
    wave, ms = outcome.assisted.wave, outcome.clock.sample_s * 1000.0
    drive, vacuum = commands(outcome.trace.valve[:, 1])
    found = {key: [] for key in ("baseline", "overshoot", "overshoot_ms", "plateau", "plateau_over_aorta", "undershoot", "undershoot_ms", "filled", "rise_ms", "width_ms", "slope")}
    for up in drive[:-1]:
        down = vacuum[vacuum > up][0]
        after = drive[drive > down]
        if not len(after):
            break
        p, aorta = wave.console[up : after[0]], wave.lumen[up : after[0]]
        n = down - up
        plateau = float(np.median(p[max(n - 30, 0) : n]))
        baseline = float(wave.console[up - 1])
        top = float(p[: int(n * 0.9)].max())
        above = p[: int(n * 0.9)] > plateau + 0.1 * max(top - plateau, 1.0)
        low = float(p[n:].min())
        found["baseline"].append(baseline)
        found["overshoot"].append(top - plateau)
        found["overshoot_ms"].append(above.sum() * ms)
        found["plateau"].append(plateau)
        found["plateau_over_aorta"].append(plateau - float(np.median(aorta[max(n - 30, 0) : n])))
        found["undershoot"].append(low - baseline)
        found["undershoot_ms"].append((p[n:] < baseline + 0.1 * min(low - baseline, -1.0)).sum() * ms)
        found["filled"].append(float(wave.balloon_mL[up : after[0]].max()))
        found["rise_ms"].append(float(np.argmax(p > baseline + 0.5 * (plateau - baseline))) * ms)
        half = baseline + 0.5 * (plateau - baseline)
        found["width_ms"].append((p > half).sum() * ms)
        found["slope"].append(float(-np.diff(p[n:]).min()) / outcome.clock.sample_s)
    return {key: float(np.median(values)) if values else float("nan") for key, values in found.items()}


def baselines(outcome):
    """Console pressure just before each inflation, mmHg: falls beat by beat with a leak."""
    drive, _ = commands(outcome.trace.valve[:, 1])
    return outcome.assisted.wave.console[drive - 1]


def main() -> int:
    """Print both tables; 1 when the catheters' table does not hold."""
    bad, rows = 0, []
    for size, made in CATHETERS.items():
        onset, empty = times_of(outcome_of("hf-shock", size=size))
        sound = abs(onset - made.onset_ms) <= WITHIN_MS and abs(empty - made.empty_ms) <= WITHIN_MS and T90_MS[0] <= empty <= T90_MS[1]
        bad += not sound
        rows.append([size, f"{onset:.1f}", f"{made.onset_ms:.1f}", f"{empty:.1f}", f"{made.empty_ms:.1f}", "yes" if sound else "NO"])
    print(table(["catheter", "onset, ms", "table", "T90, ms", "table", f"within {WITHIN_MS:g} ms and 80-150"], rows))
    rows = []
    for fault, hardware in FAULTS.items():
        outcome = outcome_of("hf-shock", hardware=hardware, console=UNWATCHED, settle_s=SETTLE_S, seconds=KEPT_S)
        w, (_, empty), base = waveform(outcome), times_of(outcome), baselines(outcome)
        rows.append([fault, *(f"{w[key]:.0f}" for key in ("baseline", "overshoot", "overshoot_ms", "plateau", "plateau_over_aorta", "undershoot", "undershoot_ms", "filled", "slope")), f"{empty:.0f}", f"{np.median(np.diff(base)):+.2f}"])
    print("\n" + table(["hf-shock, 40-7.5", "baseline", "overshoot", "ms", "plateau", "over aorta", "undershoot", "ms", "filled, mL", "fall, mmHg/s", "T90, ms", "baseline per beat (median)"], rows))
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
