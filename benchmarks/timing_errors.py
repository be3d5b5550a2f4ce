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


def notch(wave, cycle, native: int) -> float:
    """Depth of the dip where the valve would close by itself (`native` samples after it opens), below the systole before and the rise after, mmHg."""
    ms = round(0.001 / wave.sample_s)
    piece = wave.root[cycle.opens : cycle.opens + native + 120 * ms]
    first = max(native - 30 * ms, 1)
    low = first + int(np.argmin(piece[first : native + 60 * ms]))
    return float(min(piece[:low].max(), piece[low:].max()) - piece[low])


def dip(wave, cycle) -> float:
    """Largest rise of the root pressure after the balloon has begun to empty, up to 60 ms before the valve opens, mmHg: the U of an early deflation."""
    filled = wave.balloon_mL[cycle.closes : cycle.ends]
    start = cycle.closes + int(np.flatnonzero(filled > 0.9 * filled.max())[-1])
    tail = wave.root[start : cycle.ends - round(0.06 / wave.sample_s)]
    return float((tail - np.minimum.accumulate(tail)).max()) if len(tail) else 0.0


def signature(outcome) -> dict[str, float]:
    """Means over beats of a 1:2 run, read at the root: assisted and unassisted beats side by side. mmHg, ms."""
    wave, cycles = outcome.assisted.wave, outcome.assisted.cycles[: len(outcome.assisted.rows)]
    filled = [wave.balloon_mL[c.opens : c.ends].max() > 15.0 and wave.balloon_mL[c.closes : c.ends].max() > 15.0 for c in cycles]
    found: dict[str, list[float]] = {key: [] for key in ("notch", "own_notch", "psp", "apsp", "pdp", "paedp", "baedp", "dip", "lvet", "own_lvet")}
    native = round(float(np.median([c.closes - c.opens for c, f in zip(cycles, filled, strict=True) if not f])))
    early = lambda c: float(wave.root[c.opens : c.opens + native * 2 // 3].max())  # noqa: E731  before any inflation
    for i in range(1, len(cycles)):
        c, before = cycles[i], filled[i - 1]
        root = wave.root
        if filled[i]:
            found["notch"].append(notch(wave, c, native))
            found["pdp"].append(float(root[c.closes : c.ends].max()))
            found["baedp"].append(float(root[c.ends - 1]))
            found["dip"].append(dip(wave, c))
            found["lvet"].append((c.closes - c.opens) * wave.sample_s * 1000.0)
            if not before:
                found["psp"].append(early(c))
        else:
            found["own_notch"].append(notch(wave, c, native))
            found["paedp"].append(float(root[c.ends - 1]))
            found["own_lvet"].append((c.closes - c.opens) * wave.sample_s * 1000.0)
            if before:
                found["apsp"].append(early(c))
    return {key: float(np.mean(values)) if values else float("nan") for key, values in found.items()}


def runs(name):
    """Every error on a patient: signature at 1:2 and outcome at 1:1."""
    # beats of one and the same state are compared: no reflex in the signature
    halved = lambda trims: outcome_of(name, console={"ratio": 2, **trims}, seconds=40.0, regulated=False)  # noqa: E731
    return {error: (signature(halved(trims)), outcome_of(name, console=trims)) for error, trims in TRIMS.items()}


def changes(outcome, reference, keys):
    """Changes against a reference arm, %."""
    return [100.0 * (outcome.assisted.mean[key] / reference[key] - 1.0) for key in keys]


def main() -> int:
    """Print both tables for two patients."""
    for name in ("hf-shock", "chronic-hf"):
        found = runs(name)
        head = [f"{name}, 1:2", "notch", "PSP", "PDP", "PAEDP", "BAEDP", "U, mmHg", "APSP", "LVET assisted / own, ms"]
        rows = [
            [error, f"{s['notch']:.1f}", *(f"{s[key]:.1f}" for key in ("psp", "pdp", "paedp", "baedp", "dip", "apsp")), f"{s['lvet']:.0f} / {s['own_lvet']:.0f}"]
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
