"""What a stretch of a run shows: one row a beat, and their means. Knows kept waves and the patient's V0; no pump.

A beat lasts from one opening of the aortic valve to the next, so that each diastole follows its own systole. At a site away from the root every window is
moved by the site's own delay. mmHg, mL, s, L/min, W.
"""

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterpulse.bed.channels import NAMES, Wave
from counterpulse.body.perfusion import RENAL_SHARE

POWER = 451.0  # CPO = MAP CO / 451 (Fincke 2004 JACC 44:340)
EJECTING = 1.0  # mL/s: flow that counts as ejection
FOOT_S = 0.02  # either side of the upstroke's start: end-diastolic pressure is the lowest there, so that no single sample decides it (assumed)
SHORTEST_S = 0.06  # an ejection shorter than this is a flutter of the leaflets

LONG_SHARE, RV_BASE_CM2 = 0.75, 25.0  # TAPSE: three quarters of RV ejection is longitudinal, over the RV's base (assumed: a healthy stroke gives 23 mm)
E_SLOPE_mmHg, E_LEAST_mmHg = 1.24, 1.9  # PCWP = 1.24 E/E' + 1.9 (Nagueh 1997 JACC 30:1527, read backwards)


class Cycle(NamedTuple):
    """Sample numbers of one heart beat: the valve opens, closes, and opens again."""

    opens: int
    closes: int
    ends: int


def crossings(flow: NDArray[np.float64], sample_s: float) -> list[tuple[float, float]]:
    """Opening and closure of a valve in samples (with fractions) from its flow: where ejection starts, and where flow passes zero after it."""
    out = flow > EJECTING
    starts, still = np.flatnonzero(~out[:-1] & out[1:]) + 1, np.flatnonzero(flow <= 0.0)
    places = np.searchsorted(still, starts)
    starts, stops = starts[places < len(still)], still[places[places < len(still)]]
    first = np.append(-1, stops[:-1]) != stops  # flow that falters without stopping begins no second ejection
    kept = first[: len(stops)] & ((stops - starts) * sample_s >= SHORTEST_S)
    starts, stops = starts[kept], stops[kept]
    before = flow[stops - 1]
    return list(zip(starts.astype(np.float64).tolist(), (stops - 1 + before / (before - flow[stops])).tolist(), strict=True))


def ejections(wave: Wave) -> list[tuple[float, float]]:
    """First opening and last closure of the aortic valve for each QRS that ejects: a wave that comes back may stop the flow halfway through systole.

    An ejection belongs to the QRS before its middle: a balloon that empties while the artery is low opens the valve before the QRS does.
    """
    merged: list[tuple[float, float]] = []
    last = -1
    found = crossings(wave.aortic, wave.sample_s)
    beats = wave.beat[[int(0.5 * (opens + closes)) for opens, closes in found]].tolist() if found else []
    for (opens, closes), beat in zip(found, beats, strict=True):
        if merged and beat == last:
            merged[-1] = (merged[-1][0], closes)
        else:
            merged.append((opens, closes))
        last = beat
    return merged


def cycles(wave: Wave) -> list[Cycle]:
    """Whole beats of a stretch."""
    events = ejections(wave)
    return [Cycle(int(a), round(b), int(c)) for (a, b), (c, _) in pairwise(events)]


def site_delay(pressure: NDArray[np.float64], opens: list[int], sample_s: float) -> int:
    """Samples by which the foot of the pressure wave follows the opening of the valve, median over beats; the foot is where its upstroke bends most."""
    reach = int(0.25 / sample_s)
    starts = np.array(opens, np.int64)
    whole = starts[(starts >= 2) & (starts + reach <= len(pressure))]
    bends = np.diff(pressure[whole[:, None] + np.arange(-2, reach)], 2, axis=1)
    feet = (np.argmax(bends, axis=1) - 1).tolist()
    for start in starts[(starts < 2) | (starts + reach > len(pressure))].tolist():
        piece = pressure[max(start - 2, 0) : start + reach]
        if len(piece) > 4:
            feet.append(int(np.argmax(np.diff(piece, 2))) - 1)
    return int(np.median(feet)) if feet else 0


def beat_row(wave: Wave, cycle: Cycle, site: NDArray[np.float64], delay: int, v0: float) -> dict[str, float]:
    """The numbers of one beat; keys as in CONTRACTS `run`."""
    a, b, c = cycle
    dt = wave.sample_s
    at, bt, ct = a + delay, b + delay, min(c + delay, len(site))
    lv_p, lv_v = wave.lv[a:c], wave.lv_mL[a:c]
    end = int(np.argmax(lv_p / np.maximum(lv_v - v0, 1.0)))
    esp, esv = float(lv_p[end]), float(lv_v[end])
    edv, least = float(lv_v.max()), float(lv_v.min())
    work = loop_area(lv_v, lv_p)
    tti = float(wave.root[a:b].sum() * dt)
    dpti = float(np.maximum(wave.root[b:c] - wave.lv[b:c], 0.0).sum() * dt)
    rv_v, la_v = wave.rv_mL[a:c], wave.la_mL[a:c]
    return {
        "sbp_mmHg": float(site[at:bt].max()),
        "dbp_mmHg": float(site[at:ct].min()),
        "map_mmHg": float(site[at:ct].mean()),
        "augmented_peak_mmHg": float(site[bt:ct].max()),
        "end_diastolic_mmHg": float(feet(site, np.array([ct]), dt)[0]),
        "hr_per_min": 60.0 / ((c - a) * dt),
        "sv_mL": float(wave.aortic[a:c].sum() * dt),
        "aortic_regurgitant_mL": float(np.maximum(-wave.aortic[a:c], 0.0).sum() * dt),
        "lv_edv_mL": edv,
        "lv_esv_mL": least,
        "lv_ef": (edv - least) / edv,
        "lv_edp_mmHg": end_diastolic_pressure(wave, a),
        "rv_edv_mL": float(rv_v.max()),
        "tapse_mm": LONG_SHARE * 10.0 * float(rv_v.max() - rv_v.min()) / RV_BASE_CM2,
        "la_volume_mL": float(la_v.max()),
        "rv_ef": float((rv_v.max() - rv_v.min()) / rv_v.max()),
        "stroke_work_mmHg_mL": work,
        "pva_mmHg_mL": work + 0.5 * esp * max(esv - v0, 0.0),
        "esp_mmHg": esp,
        "ea_mmHg_mL": esp / max(edv - least, 1e-9),
        "tti_mmHg_s": tti,
        "dpti_mmHg_s": dpti,
        "evr": dpti / max(tti, 1e-9),
        "lvet_s": (b - a) * dt,
    }


def feet(site: NDArray[np.float64], ends: NDArray[np.int64], sample_s: float) -> NDArray[np.float64]:
    """Pressure at the foot of each upstroke, mmHg: the lowest within `FOOT_S` of the sample before each of `ends`."""
    reach = round(FOOT_S / sample_s)
    near = np.clip(ends[:, None] - 1 + np.arange(-reach, reach + 1), 0, len(site) - 1)
    return site[near].min(axis=1)


def loop_area(volume: NDArray[np.float64], pressure: NDArray[np.float64]) -> float:
    """Work of a closed pressure-volume loop, mmHg mL (trapezoid); positive when the chamber does work on the blood."""
    v, p = np.append(volume, volume[0]), np.append(pressure, pressure[0])
    return -float(np.sum(0.5 * (p[1:] + p[:-1]) * np.diff(v)))


def end_diastolic_pressure(wave: Wave, opens: int) -> float:
    """LV pressure at the last QRS before the valve opens, at most 0.4 s back."""
    start = max(opens - int(0.4 / wave.sample_s), 0)
    marks = start + np.flatnonzero(np.diff(wave.beat[start : opens + 1]))
    return float(wave.lv[marks[-1]]) if len(marks) else float("nan")


MEANS = {"cvp_mmHg": "ra", "pcwp_mmHg": "pv", "mean_pa_mmHg": "pa"}


def rows_of(wave: Wave, site: str, v0: float, delay: int | None = None) -> tuple[list[Cycle], list[dict[str, float]]]:
    """Every whole beat of a stretch and its numbers at a site; the delay of the site is found from the stretch unless given."""
    found = cycles(wave)
    pressure = getattr(wave, site)
    if delay is None:
        delay = 0 if site == "root" else site_delay(pressure, [cycle.opens for cycle in found], wave.sample_s)
    return found, [beat_row(wave, cycle, pressure, delay, v0) for cycle in found if cycle.ends + delay <= len(wave)]


def mean_there(values: list[float]) -> float:
    """Mean of those that are there, NaN where none is."""
    there = [value for value in values if np.isfinite(value)]
    return float(np.mean(there)) if there else float("nan")


def summarise(wave: Wave, rows: list[dict[str, float]], span: tuple[int, int]) -> dict[str, float | None]:
    """Means over beats, and of the slow signals over whole beats; None where nothing could be measured."""
    if not rows:
        return {}
    return with_slow(wave, {key: mean_there([row[key] for row in rows]) for key in rows[0]}, len(rows), span)


def with_slow(wave: Wave, means: dict[str, float], beats: int, span: tuple[int, int]) -> dict[str, float | None]:
    """Means over so many beats, and with them those of the slow signals over the beats' stretch."""
    start, stop = span
    mean: dict[str, Any] = dict(means)
    minutes = (stop - start) * wave.sample_s / 60.0
    mean["hr_per_min"] = beats / minutes
    mean["co_L_min"] = mean["sv_mL"] * mean["hr_per_min"] / 1000.0
    slow: dict[str, float] = dict(zip(NAMES, wave.signals[start:stop].mean(axis=0).tolist(), strict=True))
    mean |= {key: slow[name] for key, name in MEANS.items()}
    mean["coronary_flow_mL_min"] = 60.0 * slow["coronary"]
    mean["limb_flow_mL_min"] = 60.0 * slow["foot"]
    mean["arm_flow_mL_min"] = 60.0 * slow["hand"]
    mean["renal_flow_mL_min"] = RENAL_SHARE * 60.0 * slow["gut"]
    mean["splanchnic_flow_mL_min"] = (1.0 - RENAL_SHARE) * 60.0 * slow["gut"]
    mean["left_pump_flow_L_min"] = 0.06 * slow["left_pump"]
    mean["ecmo_flow_L_min"] = 0.06 * slow["bypass"]
    mean["e_over_e_prime"] = max(mean["pcwp_mmHg"] - E_LEAST_mmHg, 0.0) / E_SLOPE_mmHg
    mean["cpo_W"] = mean["map_mmHg"] * mean["co_L_min"] / POWER
    return {key: value if np.isfinite(value) else None for key, value in mean.items()}
