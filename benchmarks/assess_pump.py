"""What `counterpulse assess` reads right in simulated patients, where the truth is known: pump off, 1:1, 1:2, 1:3 and the four timing errors at four sites,
and what it says of the recordings. Prints the tables of docs/validation/assess.md; `--drawn` uses patients drawn over wide ranges (closure_patients.py), none
a preset, and prints by how much the balloon's wave comes later than closure at a site, beyond `SITE_ms` of recordings.assess, which comes from there.

    python benchmarks/assess_pump.py [--recordings FOLDER]
    python benchmarks/assess_pump.py --drawn 48 --seed 1
"""

import argparse
from pathlib import Path

import numpy as np

from closure_patients import LIVES, SINUS, drawn
from counterpulse.bed.beats import ejections
from counterpulse.bed.channels import Wave
from counterpulse.bed.replay import replay
from counterpulse.bed.run import clock_of, make_bed, run
from counterpulse.bed.timing import balloon_cycles
from counterpulse.body.gas import CATHETERS, DEFAULT_CATHETER, catheter
from counterpulse.cohort.preset import load, names
from counterpulse.pump.settings import Settings
from counterpulse.recordings.assess import EARLY_INFLATION_ms, LATE_INFLATION_ms, assess
from counterpulse.recordings.channels import pick
from counterpulse.recordings.open import open_recording
from counterpulse.recordings.samples import prepare
from counterpulse.signals.sample import Sample, Source

FS_HZ, SETTLE_S, KEPT_S = 250.0, 25.0, 40.0
VARIANTS = {
    "off": {"standby": 1}, "1:1": {"ratio": 1}, "1:2": {"ratio": 2}, "1:3": {"ratio": 3},
    "early inflation": {"ratio": 2, "inflation_trim_ms": -110}, "late inflation": {"ratio": 2, "inflation_trim_ms": 110},
    "early deflation": {"ratio": 2, "deflation_trim_ms": -110}, "late deflation": {"ratio": 2, "deflation_trim_ms": 120},
}  # fmt: skip
RATIO = {"off": None, "1:1": 1, "1:3": 3}
SITES = tuple(source.name.lower() for source in Source)
PLAIN = ("1:2", "1:3")  # variants that tell the offset of a site
LAG_S = (0.0, 0.02, 0.08, 0.08)  # of the site's foot behind the root, to know which beat an inflation belongs to
EARLY_ms, LATE_ms = -60.0, 20.0  # deflation, pump.md 3.6


def simulate(patient):
    """Samples and truth of every variant in one patient."""
    clock, made = clock_of(FS_HZ), CATHETERS[DEFAULT_CATHETER]
    told = []
    for part in (list(VARIANTS)[:4], list(VARIANTS)[4:]):
        settings = [Settings(line_delay_ms=made.onset_ms, empty_s=made.empty_ms / 1000, **VARIANTS[name]) for name in part for _ in range(2)]
        twins = [-1 if lane % 2 == 0 else lane - 1 for lane in range(8)]
        bed = make_bed([patient] * 8, [catheter()] * 8, settings, clock, twins)
        run(bed, clock, int(SETTLE_S * FS_HZ))
        trace = run(bed, clock, int(KEPT_S * FS_HZ), kept=True)
        for k, name in enumerate(part):
            own, twin = (Wave(trace.signals[:, lane], trace.beat[:, lane], 1 / FS_HZ) for lane in (2 * k, 2 * k + 1))
            cycles = [] if name == "off" else [(up / FS_HZ, down / FS_HZ) for up, down, _ in balloon_cycles(own.balloon_mL)]
            told.append((name, trace.samples[:, 2 * k], cycles, np.array(ejections(twin)) / FS_HZ))
    return told


def named(error_ms, early, late):
    return "early" if error_ms < early else "late" if error_ms > late else "correct"


def compare(name, samples, cycles, valve, site):
    """Counts of one stretch: beats, right, assisted and seen, inflation right, deflation right, inflation errors, ratio right."""
    rows = Sample.many(len(samples))
    rows.ecg_mV[:] = samples["ecg_mV"]
    r_s = replay(Settings(standby=1), rows, FS_HZ).beats.mark_at / FS_HZ
    found = assess(samples["arterial_mmHg"][:, site], r_s, FS_HZ, Source(site))
    ups = np.array([up for up, _ in cycles]) + LAG_S[site]
    beats, right, seen, inflation, deflation, errors = 0, 0, 0, 0, 0, []
    for beat in found.beats:
        inside = np.flatnonzero((ups > beat.start_s) & (ups < beat.stop_s)) if len(ups) else []
        beats += 1
        right += (len(inside) > 0) == beat.assisted
        if not len(inside) or not beat.assisted:
            continue
        up, down = cycles[inside[0]]
        truth = 1000 * (up - valve[np.argmin(np.abs(valve[:, 1] - up)), 1]), 1000 * (down - valve[np.argmin(np.abs(valve[:, 0] - down)), 0])
        seen += 1
        inflation += beat.inflation == named(truth[0], EARLY_INFLATION_ms, LATE_INFLATION_ms)
        deflation += beat.deflation == named(truth[1], EARLY_ms, LATE_ms)
        errors += [] if beat.inflation_ms is None else [beat.inflation_ms - truth[0]]
    return beats, right, seen, inflation, deflation, errors, found.ratio == RATIO.get(name, 2)


def share(part, whole):
    return f"{100 * part / whole:5.1f}" if whole else "    -"


def living(told):
    """Whether the pressure without the pump is one that people live with."""
    pressure = told[0][1]["arterial_mmHg"][:, Source.ROOT]
    low, high = np.percentile(pressure, (1, 99))
    return bool(np.isfinite(pressure).all() and LIVES["systolic"][0] < high < LIVES["systolic"][1] and low > LIVES["least_diastolic"] and high - low > LIVES["least_pulse"])


def people(count, seed):
    """So many living patients in sinus rhythm, drawn."""
    found, number = [], 0
    while len(found) < count:
        one = drawn(seed, number)
        number += 1
        told = simulate(one.patient) if one.kind == SINUS else None
        if told is not None and living(told):
            found.append(told)
    return found


def table(everything):
    """Prints the table; returns the errors of inflation at PLAIN of every site."""
    offsets = {}
    print("| site | pump | beats read right, % | ratio right | inflation verdict right, % | deflation verdict right, % | inflation, median error (IQR), ms |")
    print("|---|---|---|---|---|---|---|")
    for site, called in enumerate(SITES):
        for k, name in enumerate(VARIANTS):
            counts = [compare(*told[k], site) for told in everything]
            beats, right, seen, inflation, deflation = (sum(one[i] for one in counts) for i in range(5))
            errors = np.concatenate([one[5] for one in counts]) if seen else np.array([])
            middle = f"{np.median(errors):+.0f} ({np.percentile(errors, 25):+.0f} to {np.percentile(errors, 75):+.0f})" if len(errors) else "-"
            ratios = f"{sum(one[6] for one in counts)} of {len(counts)}"
            print(f"| {called} | {name} | {share(right, beats)} | {ratios} | {share(inflation, seen)} | {share(deflation, seen)} | {middle} |")
            if name in PLAIN:
                offsets.setdefault(called, []).extend(np.median(one[5]) for one in counts if one[5])
    return offsets


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--drawn", type=int, default=0, help="patients to draw instead of the presets")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--recordings", type=Path, default=Path("../shared/recordings/challenge2015"))
    asked = parser.parse_args()
    if asked.drawn:
        for site, medians in table(people(asked.drawn, asked.seed)).items():
            low, middle, high = np.percentile(medians, (25, 50, 75))
            print(f"{site}: error of a patient's median at {' and '.join(PLAIN)}: {middle:+.1f} ms, quartiles {low:+.1f} to {high:+.1f}, n = {len(medians)}")
        return
    table([simulate(load(preset).patient) for preset in names()])
    for file in sorted(asked.recordings.rglob("*.hea")):
        picked = pick(open_recording(file))
        prepared = prepare(picked)
        r_s = replay(Settings(standby=1), prepared.samples, prepared.fs_hz).beats.mark_at / prepared.fs_hz
        found = assess(prepared.samples.arterial_mmHg[:, int(picked.source)], r_s, prepared.fs_hz, picked.source)
        print(f"{file.parent.name}/{file.stem}: {' '.join(found.sentences)}")


if __name__ == "__main__":
    main()
