"""The four timing errors at 1:2: what each does to the root pressure, and to stroke volume and work at 1:1, beside what was measured in people.

Usage: python benchmarks/timing_errors.py
"""

import sys

import numpy as np

from plans import outcome_of, table

TRIMS = {
    "correct": {},
    "early inflation": {"inflation_trim_ms": -110.0},
    "late inflation": {"inflation_trim_ms": 110.0},
    "early deflation": {"deflation_trim_ms": -110.0},
    "late deflation": {"deflation_trim_ms": 120.0},
}
MEASURED = {  # pump.md 0 item 3 and 3.5: Schreuder 2005 (15 patients, low EF), Kern 1999 (43 patients)
    "correct": "SV +14 % (Schreuder)",
    "early inflation": "SV -20 % (Schreuder)",
    "late inflation": "less augmentation (taught)",
    "early deflation": "less DPTI and unloading (taught)",
    "late deflation": "SV +18 %, SW +16 % (Schreuder); MAP and DPTI up (Kern)",
}


def notch(wave, cycle) -> float:
    """Depth of the dip around the valve's closure below the systole before it and the rise after it, mmHg; 0 when the pressure never turns."""
    ms = round(0.001 / wave.sample_s)
    piece = wave.root[cycle.opens : cycle.closes + 120 * ms]
    at = cycle.closes - cycle.opens
    low = max(at - 30 * ms, 1) + int(np.argmin(piece[max(at - 30 * ms, 1) : at + 60 * ms]))
    return float(min(piece[:low].max(), piece[low:].max()) - piece[low])


def bottom_slope(wave, cycle) -> float:
    """Mean slope of the root pressure over the last 60 ms before the valve opens, mmHg/s: steep when the balloon has just emptied, flat or rising in the U of an early deflation."""
    back = round(0.06 / wave.sample_s)
    return float(wave.root[cycle.ends - 1] - wave.root[cycle.ends - 1 - back]) / 0.06


def signature(outcome) -> dict[str, float]:
    """Means over beats of a 1:2 run, read at the root: assisted and unassisted beats side by side. mmHg, ms."""
    wave, cycles = outcome.assisted.wave, outcome.assisted.cycles[: len(outcome.assisted.rows)]
    filled = [wave.balloon_mL[c.opens : c.ends].max() > 15.0 and wave.balloon_mL[c.closes : c.ends].max() > 15.0 for c in cycles]
    found: dict[str, list[float]] = {key: [] for key in ("notch", "own_notch", "psp", "apsp", "pdp", "paedp", "baedp", "bottom", "lvet", "own_lvet")}
    for i in range(1, len(cycles)):
        c, before = cycles[i], filled[i - 1]
        root = wave.root
        if filled[i]:
            found["notch"].append(notch(wave, c))
            found["pdp"].append(float(root[c.closes : c.ends].max()))
            found["baedp"].append(float(root[c.ends - 1]))
            found["bottom"].append(bottom_slope(wave, c))
            found["lvet"].append((c.closes - c.opens) * wave.sample_s * 1000.0)
            if not before:
                found["psp"].append(float(root[c.opens : c.opens + max((c.closes - c.opens) * 2 // 3, 1)].max()))
        else:
            found["own_notch"].append(notch(wave, c))
            found["paedp"].append(float(root[c.ends - 1]))
            found["own_lvet"].append((c.closes - c.opens) * wave.sample_s * 1000.0)
            if before:
                found["apsp"].append(float(root[c.opens : c.closes].max()))
    return {key: float(np.mean(values)) if values else float("nan") for key, values in found.items()}


def runs(name):
    """Every error on a patient: signature at 1:2 and outcome at 1:1."""
    return {error: (signature(outcome_of(name, console={"ratio": 2, **trims}, seconds=40.0)), outcome_of(name, console=trims)) for error, trims in TRIMS.items()}


def changes(outcome, reference, keys):
    """Changes against a reference arm, %."""
    return [100.0 * (outcome.assisted.mean[key] / reference[key] - 1.0) for key in keys]


def main() -> int:
    """Print both tables for two patients."""
    for name in ("hf-shock", "chronic-hf"):
        found = runs(name)
        head = [f"{name}, 1:2", "notch", "PSP", "PDP", "PAEDP", "BAEDP", "last 60 ms, mmHg/s", "APSP", "LVET assisted / own, ms"]
        rows = [
            [error, f"{s['notch']:.1f}", *(f"{s[key]:.1f}" for key in ("psp", "pdp", "paedp", "baedp", "bottom", "apsp")), f"{s['lvet']:.0f} / {s['own_lvet']:.0f}"]
            for error, (s, _) in found.items()
        ]
        print("\n" + table(head, rows))
        keys = ("sv_mL", "stroke_work_mmHg_mL", "map_mmHg", "pva_mmHg_mL", "dpti_mmHg_s", "tti_mmHg_s")
        rows = []
        for error, (_, outcome) in found.items():
            off = [f"{value:+.1f}" for value in changes(outcome, outcome.without.mean, keys)]
            correct = [f"{value:+.1f}" for value in changes(outcome, found["correct"][1].assisted.mean, keys[:2])]
            timing = [f"{outcome.timing[k]['mean']:+.0f}" for k in ("inflation_error_ms", "deflation_error_ms")]
            rows.append([error, *timing, *off, *correct, MEASURED[error]])
        print("\n" + table([f"{name}, 1:1 against off, %", "inflation, ms", "deflation, ms", "SV", "SW", "MAP", "PVA", "DPTI", "TTI", "SV vs correct", "SW vs correct", "in people"], rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
