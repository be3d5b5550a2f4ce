"""The numbers of `bed.beats.beat_row` for all beats of a stretch at once: the same keys and definitions, as columns, for thousands of patients.

One pass over the samples takes every sum and extreme; means agree with `beat_row` to rounding. mmHg, mL, s.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterpulse.bed.beats import FOOT_S, LONG_SHARE, RV_BASE_CM2, Cycle
from counterpulse.bed.channels import Wave
from counterpulse.kernel import inline, kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SITE = ("sbp_mmHg", "dbp_mmHg", "map_mmHg", "augmented_peak_mmHg", "end_diastolic_mmHg")  # what a monitor reads at a site
OUTFLOW = ("sv", "back", "tti", "dpti")  # sums of samples
CHAMBERS = ("lv_edv_mL", "lv_esv_mL", "rv_edv_mL", "rv_esv_mL", "la_volume_mL", "stroke_work_mmHg_mL", "esp_mmHg", "esv")


def beat_table(wave: Wave, cycles: list[Cycle], site: str, delay: int, v0: float) -> dict[str, Any]:
    """Columns of every whole beat's numbers; empty without beats."""
    kept = [cycle for cycle in cycles if cycle.ends + delay <= len(wave)]
    if not kept:
        return {}
    opens, closes, ends = beats = np.array(kept, np.int64).T.copy()
    dt = wave.sample_s
    root, lv, lv_mL, rv_mL, la_mL = (np.ascontiguousarray(part) for part in (wave.root, wave.lv, wave.lv_mL, wave.rv_mL, wave.la_mL))
    read, sums, told = np.empty((len(SITE), len(kept))), np.empty((len(OUTFLOW), len(kept))), np.empty((len(CHAMBERS), len(kept)))
    take_site(np.ascontiguousarray(getattr(wave, site)), beats, delay, round(FOOT_S / dt), read)
    take_outflow(np.ascontiguousarray(wave.aortic), root, lv, beats, sums)
    take_chambers(lv_mL, rv_mL, la_mL, beats, told)
    take_work(lv, lv_mL, beats, v0, told)
    sums *= dt
    out, most = dict(zip(OUTFLOW, sums, strict=True)), dict(zip(CHAMBERS, told, strict=True))
    edv, esv, right = most["lv_edv_mL"], most.pop("esv"), most["rv_edv_mL"] - most.pop("rv_esv_mL")
    stroke = edv - most["lv_esv_mL"]
    return {
        **dict(zip(SITE, read, strict=True)),
        **most,
        "hr_per_min": 60.0 / ((ends - opens) * dt),
        "sv_mL": out["sv"],
        "aortic_regurgitant_mL": out["back"],
        "tapse_mm": LONG_SHARE * 10.0 * right / RV_BASE_CM2,
        "lv_ef": stroke / edv,
        "rv_ef": right / most["rv_edv_mL"],
        "pva_mmHg_mL": most["stroke_work_mmHg_mL"] + 0.5 * most["esp_mmHg"] * np.maximum(esv - v0, 0.0),
        "ea_mmHg_mL": most["esp_mmHg"] / np.maximum(stroke, 1e-9),
        "tti_mmHg_s": out["tti"],
        "dpti_mmHg_s": out["dpti"],
        "evr": out["dpti"] / np.maximum(out["tti"], 1e-9),
        "lvet_s": (closes - opens) * dt,
        "lv_edp_mmHg": end_diastolic(wave, opens),
    }


def end_diastolic(wave: Wave, opens: Ints) -> Floats:
    """As `beats.end_diastolic_pressure`, for all beats: LV pressure at the last QRS before the valve opens, NaN where none lies near."""
    marks = np.append(np.flatnonzero(np.diff(wave.beat)), -1)  # the last stands for none
    last = marks[np.searchsorted(marks[:-1], opens) - 1]
    return np.where(last >= np.maximum(opens - int(0.4 / wave.sample_s), 0), wave.lv[last], np.nan)


@inline
def extremes(values: Floats, first: int, end: int) -> tuple[float, float, float]:
    """Least, most and sum of a stretch."""
    least = most = values[first]
    total = 0.0
    for k in range(first, end):
        value = values[k]
        least = min(least, value)
        most = max(most, value)
        total += value
    return least, most, total


@kernel
def take_site(values: Floats, beats: Ints, delay: int, reach: int, out: Floats) -> None:
    """What a monitor reads, `delay` samples after the root; end-diastole is the lowest within `reach` of a beat's last sample."""
    size = values.shape[0]
    for b in range(beats.shape[1]):
        opens, closes = min(beats[0, b] + delay, size - 1), min(beats[1, b] + delay, size - 1)
        ends = min(beats[2, b] + delay, size)
        least, _, total = extremes(values, opens, ends)
        out[0, b] = extremes(values, opens, closes)[1]
        out[1, b] = least
        out[2, b] = total / (ends - opens)
        out[3, b] = extremes(values, closes, ends)[1]
        out[4, b] = extremes(values, max(ends - 1 - reach, 0), min(ends + reach, size))[0]


@kernel
def take_outflow(aortic: Floats, root: Floats, lv: Floats, beats: Ints, out: Floats) -> None:
    """Sums over each beat: what passes the valve, what leaks back, root pressure in systole, root over ventricle in diastole."""
    for b in range(beats.shape[1]):
        opens, closes, ends = beats[0, b], beats[1, b], beats[2, b]
        passed = leaked = pressed = perfused = 0.0
        for k in range(opens, ends):
            passed += aortic[k]
            leaked += max(-aortic[k], 0.0)
            if k < closes:
                pressed += root[k]
            else:
                perfused += max(root[k] - lv[k], 0.0)
        out[0, b] = passed
        out[1, b] = leaked
        out[2, b] = pressed
        out[3, b] = perfused


@kernel
def take_chambers(lv_mL: Floats, rv_mL: Floats, la_mL: Floats, beats: Ints, out: Floats) -> None:
    """Volumes of each beat."""
    for b in range(beats.shape[1]):
        opens, ends = beats[0, b], beats[2, b]
        out[1, b], out[0, b], _ = extremes(lv_mL, opens, ends)
        out[3, b], out[2, b], _ = extremes(rv_mL, opens, ends)
        out[4, b] = extremes(la_mL, opens, ends)[1]


@kernel
def take_work(lv: Floats, lv_mL: Floats, beats: Ints, v0: float, out: Floats) -> None:
    """Work of each beat's closed loop (trapezoid), and pressure and volume at the end of systole (most elastance)."""
    for b in range(beats.shape[1]):
        opens, ends = beats[0, b], beats[2, b]
        work = 0.5 * (lv[ends - 1] + lv[opens]) * (lv_mL[ends - 1] - lv_mL[opens])
        end, most = opens, -1e300
        for k in range(opens, ends):
            elastance = lv[k] / max(lv_mL[k] - v0, 1.0)
            if elastance > most:
                end, most = k, elastance
            if k + 1 < ends:
                work -= 0.5 * (lv[k] + lv[k + 1]) * (lv_mL[k + 1] - lv_mL[k])
        out[5, b] = work
        out[6, b] = lv[end]
        out[7, b] = lv_mL[end]
