"""The numbers of `bed.beats.beat_row` for all beats of a stretch at once: the same keys and definitions, as columns, for thousands of patients.

Sums and extremes between beats are taken by `reduceat`; means agree with `beat_row` to rounding. mmHg, mL, s.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterpulse.bed.beats import LONG_SHARE, RV_BASE_CM2, Cycle, feet
from counterpulse.bed.channels import Wave

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Spans(NamedTuple):
    """First samples and ends of many stretches; none overlaps the next."""

    first: Ints
    end: Ints

    def reduce(self, kind: np.ufunc, values: Floats) -> Floats:
        """One result a stretch; a stretch may reach the end of the values."""
        edges = np.empty(2 * len(self.first), np.int64)
        edges[::2], edges[1::2] = self.first, self.end
        if edges[-1] == len(values):
            return kind.reduceat(values, edges[:-1])[::2]
        return kind.reduceat(values, edges)[::2]

    def sum(self, values: Floats) -> Floats:
        """Sums."""
        return self.reduce(np.add, values)

    def most(self, values: Floats) -> Floats:
        """Maxima."""
        return self.reduce(np.maximum, values)

    def least(self, values: Floats) -> Floats:
        """Minima."""
        return self.reduce(np.minimum, values)

    def length(self) -> Ints:
        """Samples in each."""
        return self.end - self.first

    def moved(self, by: int, length: int) -> "Spans":
        """The same stretches later, cut at the end of the values."""
        return Spans(np.minimum(self.first + by, length - 1), np.minimum(self.end + by, length))


def beat_table(wave: Wave, cycles: list[Cycle], site: str, delay: int, v0: float) -> dict[str, Any]:
    """Columns of every whole beat's numbers; empty without beats."""
    kept = [cycle for cycle in cycles if cycle.ends + delay <= len(wave)]
    if not kept:
        return {}
    opens, closes, ends = (np.array(part) for part in zip(*kept, strict=True))
    whole, systole, diastole = Spans(opens, ends), Spans(opens, closes), Spans(closes, ends)
    table = {**pressures(np.ascontiguousarray(getattr(wave, site)), (whole, systole, diastole), delay, wave.sample_s), **flows(wave, whole)}
    table |= ventricles(wave, whole, v0)
    root, dt = np.ascontiguousarray(wave.root), wave.sample_s
    table["tti_mmHg_s"] = systole.sum(root) * dt
    table["dpti_mmHg_s"] = diastole.sum(np.maximum(root - wave.lv, 0.0)) * dt
    table["evr"] = table["dpti_mmHg_s"] / np.maximum(table["tti_mmHg_s"], 1e-9)
    table["lvet_s"] = (closes - opens) * dt
    table["lv_edp_mmHg"] = end_diastolic(wave, opens)
    return table


def end_diastolic(wave: Wave, opens: Ints) -> Floats:
    """As `beats.end_diastolic_pressure`, for all beats: LV pressure at the last QRS before the valve opens, NaN where none lies near."""
    marks = np.append(np.flatnonzero(np.diff(wave.beat)), -1)  # the last stands for none
    last = marks[np.searchsorted(marks[:-1], opens) - 1]
    return np.where(last >= np.maximum(opens - int(0.4 / wave.sample_s), 0), wave.lv[last], np.nan)


def pressures(site: Floats, parts: tuple[Spans, Spans, Spans], delay: int, sample_s: float) -> dict[str, Any]:
    """What a monitor reads at a site."""
    whole, systole, diastole = (part.moved(delay, len(site)) for part in parts)
    return {
        "sbp_mmHg": systole.most(site),
        "dbp_mmHg": whole.least(site),
        "map_mmHg": whole.sum(site) / whole.length(),
        "augmented_peak_mmHg": diastole.most(site),
        "end_diastolic_mmHg": feet(site, whole.end, sample_s),
    }


def flows(wave: Wave, whole: Spans) -> dict[str, Any]:
    """Rate and what passes the aortic valve."""
    out = np.ascontiguousarray(wave.aortic)
    return {
        "hr_per_min": 60.0 / (whole.length() * wave.sample_s),
        "sv_mL": whole.sum(out) * wave.sample_s,
        "aortic_regurgitant_mL": whole.sum(np.maximum(-out, 0.0)) * wave.sample_s,
    }


def ventricles(wave: Wave, whole: Spans, v0: float) -> dict[str, Any]:
    """Volumes, and the left ventricle's loop."""
    pressure, volume, right = (np.ascontiguousarray(part) for part in (wave.lv, wave.lv_mL, wave.rv_mL))
    edv, least, right_most, right_least = whole.most(volume), whole.least(volume), whole.most(right), whole.least(right)
    work, esp, esv = loops(pressure, volume, whole, v0)
    return {
        "tapse_mm": LONG_SHARE * 10.0 * (right_most - right_least) / RV_BASE_CM2,
        "la_volume_mL": whole.most(np.ascontiguousarray(wave.la_mL)),
        "lv_edv_mL": edv,
        "lv_esv_mL": least,
        "lv_ef": (edv - least) / edv,
        "rv_edv_mL": right_most,
        "rv_ef": (right_most - right_least) / right_most,
        "stroke_work_mmHg_mL": work,
        "pva_mmHg_mL": work + 0.5 * esp * np.maximum(esv - v0, 0.0),
        "esp_mmHg": esp,
        "ea_mmHg_mL": esp / np.maximum(edv - least, 1e-9),
    }


def loops(pressure: Floats, volume: Floats, whole: Spans, v0: float) -> tuple[Floats, Floats, Floats]:
    """Work of each closed loop (trapezoid), and pressure and volume at the end of systole (most elastance)."""
    elastance = pressure / np.maximum(volume - v0, 1.0)
    strips = np.zeros_like(volume)
    strips[:-1] = 0.5 * (pressure[1:] + pressure[:-1]) * np.diff(volume)
    last = whole.end - 1
    shut = 0.5 * (pressure[whole.first] + pressure[last]) * (volume[whole.first] - volume[last])
    work = -(whole.sum(strips) - strips[last] + shut)
    end = np.array([first + int(np.argmax(elastance[first:stop])) for first, stop in zip(whole.first, whole.end, strict=True)])
    return work, pressure[end], volume[end]
