"""What an ECG and an arterial pressure show of a balloon pump: is one running, at what ratio, and how each beat is timed.

Given nothing else: no command, no balloon pressure, no settings. The limits are those of pump.md 3.6 (assumed there), read on the wave; what was needed to
tell them apart was looked at in simulated patients at the aortic root and the radial artery (docs/validation/assess.md). Knows no file. s, ms, mmHg.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterpulse.recordings.pulses import Floats, Pulse, ejection_s, pulses
from counterpulse.signals.sample import Source

# What only a balloon does: an arterial tree that lost this share of its pressure in FALL_S would have a time constant of 0.3 s; people have 0.6 to 2 s,
# simulated patients without a pump lost at most 0.22 (aortic regurgitation at the limbs 0.34), with one at least 0.29, two deep dicrotic recordings 0.14.
EMPTIES = 0.24
# Or: a second wave higher than systole, risen by this share of the pulse. Simulated patients without a pump: second wave 5 % of the pulse below systole or
# lower in every case that rises so far; a late systolic shoulder does not rise.
SECOND_RISE = 0.15
RUNNING_SHARE = 0.2  # below 1:3 less a third of the beats unread (assumed)
IRREGULAR_SHARE = 0.4  # needed where the assisted beats follow no ratio: artefacts look like that too (assumed)
EVERY_SHARE = 0.8  # of beats assisted: 1:1
LEAST_PLAIN = 3  # unassisted beats needed to compare with
NEIGHBOURS = 16  # unassisted beats that a beat is compared with
EARLY_INFLATION_ms, LATE_INFLATION_ms = -20.0, 40.0  # pump.md 3.6
LATE_RISE_mmHg = 0.0  # BAEDP above PAEDP: late deflation (pump.md 3.5)
ONSET_SHARE, LEAST_RISE_mmHg = 0.15, 3.0  # the balloon's rise begins where the difference to an unassisted beat passes this share of its height (assumed)
DESCENT_S = 0.05  # over so long the fall at closure is taken: a root rings in it (assumed)
POPULATION_SLACK_ms = 50.0  # without an unassisted beat the end of ejection is Weissler's, with this much doubt to either side (assumed)


class Site(NamedTuple):
    """How a place of measurement shows a balloon; ms."""

    rise_ms: float  # so much later than closure, seen beside it, the balloon's wave comes: it starts nearer to lumen and leg than the valve
    doubt_ms: float  # patients differ in that by so much: an inflation is called early or late only where it is so beyond this doubt
    early_ms: float  # the steep fall so long before the next upstroke: emptied more than 60 ms before the valve opens (pump.md 3.6)
    late_ms: float  # nearer to it than this: emptied more than 20 ms into ejection
    end_tells: bool  # BAEDP above PAEDP means late (pump.md 3.5); a slow line or the leg's amplification hides it


# From 48 simulated patients drawn over wide ranges, none a preset (benchmarks/assess_pump.py --drawn 48 --seed 1): rise_ms their median (the arm's, 12 ms, is
# less than patients differ by), doubt_ms half their interquartile range, late_ms and early_ms what parts late and early from correct best; early at arm and
# leg is told badly: a wide limit stands.
SITES = {
    Source.ROOT: Site(0.0, 6.0, -98.0, -36.0, end_tells=True),
    Source.LUMEN: Site(-18.0, 7.0, -128.0, -54.0, end_tells=False),
    Source.RADIAL: Site(0.0, 16.0, -115.0, -42.0, end_tells=True),
    Source.FEMORAL: Site(-37.0, 16.0, -115.0, -54.0, end_tells=False),
}


class Verdict(StrEnum):
    """How one end of the inflation was timed."""

    CORRECT = "correct"
    EARLY = "early"
    LATE = "late"
    UNKNOWN = "not to be told"


@dataclass(frozen=True)
class Beat:
    """One beat. `paedp_mmHg` is that of the unassisted beats beside it; absent is None."""

    start_s: float
    stop_s: float
    assisted: bool
    systolic_mmHg: float
    pdp_mmHg: float | None
    end_diastolic_mmHg: float
    inflation: Verdict | None
    inflation_ms: float | None  # balloon's rise after the valve's closure; negative = early
    deflation: Verdict | None
    deflation_ms: float | None  # steepest fall before (negative) the next upstroke


@dataclass(frozen=True)
class Assessment:
    """`ratio` is 1, 2, 3 or None (irregular or no pump). `basis` names what closure was compared with: `unassisted beats` or `population`."""

    running: bool | None
    ratio: int | None
    basis: str | None
    beats: tuple[Beat, ...]
    numbers: dict[str, float | None]
    sentences: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The object of `counterpulse assess --json`; absent is None."""
        rows = [{name: getattr(beat, name) for name in Beat.__dataclass_fields__} for beat in self.beats]
        return {
            "running": self.running, "ratio": self.ratio, "basis": self.basis, "numbers": self.numbers,
            "verdicts": {"inflation": counts(self.beats, "inflation"), "deflation": counts(self.beats, "deflation")},
            "beats": rows, "sentences": list(self.sentences),
        }  # fmt: skip


def assess(pressure: Floats, r_s: Floats, fs_hz: float, site: Source = Source.ROOT) -> Assessment:
    """Assess `pressure` (samples,) in mmHg at `fs_hz`, measured at `site`, with R waves at `r_s` (beats,), s from the first sample."""
    found = pulses(pressure, r_s, fs_hz)
    if len(found) < 4:
        return Assessment(None, None, None, (), {}, (f"{len(found)} whole pulses were found; at least 4 are needed to tell whether a pump is running.",))
    flags = np.array([emptied(one) for one in found])
    ratio = ratio_of(flags)
    if ratio is None:  # emptied late, a balloon's fall runs into the next upstroke: then its wave tells
        flags |= np.array([augmented(one) for one in found])
        ratio = ratio_of(flags)
    running = bool(ratio is not None or flags.mean() >= IRREGULAR_SHARE)
    if not running:
        flags[:] = False
    # at 1:1 the few beats that show no balloon are more likely misread than unassisted
    own = np.flatnonzero(~flags) if ratio != 1 and (~flags).sum() >= LEAST_PLAIN else np.array([], np.int64)
    basis = None if not running else "unassisted beats" if len(own) else "population"
    beats = tuple(beat_of(found, own, k, bool(flags[k]), (fs_hz, SITES[Source(site)])) for k in range(len(found)))
    return Assessment(running, ratio, basis, beats, numbers(beats, basis), sentences(running, ratio, basis, beats))


def emptied(one: Pulse) -> bool:
    """Diastolic pressure falls as only an emptying balloon lets it fall."""
    return one.fall_share >= EMPTIES


def augmented(one: Pulse) -> bool:
    """After a notch the pressure rises above systole."""
    return one.second_mmHg > one.systolic_mmHg and one.second_mmHg - one.notch_mmHg >= SECOND_RISE * one.pulse_mmHg


def ratio_of(flags: NDArray[np.bool_]) -> int | None:
    """1, 2 or 3 where most assisted beats follow one another at that distance; None with too few."""
    if flags.mean() < RUNNING_SHARE or flags.sum() < 3:
        return None
    if flags.mean() >= EVERY_SHARE:
        return 1
    steps = np.diff(np.flatnonzero(flags))
    common = int(np.bincount(steps).argmax()) if len(steps) else 0
    return common if common in (2, 3) and (steps == common).mean() >= 0.6 else None


def beat_of(found: list[Pulse], own: NDArray[np.int64], k: int, assisted: bool, place: tuple[float, Site]) -> Beat:
    """One beat beside the nearest of the unassisted ones (`own`)."""
    one = found[k]
    plain = [found[i] for i in own[np.argsort(np.abs(own - k), kind="stable")[:NEIGHBOURS]]]
    inflated, deflated = (inflation(one, plain, *place), deflation(one, plain, place[1])) if assisted else ((None, None), (None, None))
    pdp = one.second_mmHg if assisted and np.isfinite(one.second_mmHg) else None
    return Beat(one.start_s, one.stop_s, assisted, one.systolic_mmHg, pdp, one.stop_mmHg, inflated[0], inflated[1], deflated[0], deflated[1])


def inflation(one: Pulse, plain: list[Pulse], fs_hz: float, site: Site) -> tuple[Verdict, float | None]:
    """When the balloon's rise begins after the valve's closure, ms, and what that is called."""
    length = len(one.wave) / fs_hz
    if plain:
        usual = template(plain, len(one.wave))
        closure = median(closes(other.wave, length, fs_hz) for other in plain)  # not of `usual`: beats of different length smear its fall
        rise = begins(one.wave[: len(usual)] - usual, fs_hz)
        doubt = site.doubt_ms
    else:
        closure = ejection_s(length)
        rise = one.notch_s - one.start_s
        doubt = POPULATION_SLACK_ms
    if rise is None:
        return Verdict.UNKNOWN, None
    error = 1000.0 * (rise - closure) - site.rise_ms
    return (Verdict.EARLY if error < EARLY_INFLATION_ms - doubt else Verdict.LATE if error > LATE_INFLATION_ms + doubt else Verdict.CORRECT), error


def template(plain: list[Pulse], length: int) -> Floats:
    """The usual unassisted beat, foot to at most `length` samples."""
    shortest = min(length, *(len(one.wave) for one in plain))
    return np.median([one.wave[:shortest] for one in plain], axis=0)


def closes(wave: Floats, length_s: float, fs_hz: float) -> float:
    """Foot to closure of the valve, s: the steepest descent around the expected end of ejection."""
    expected = ejection_s(length_s)
    low, high = int(0.6 * expected * fs_hz), min(int(1.35 * expected * fs_hz), len(wave) - 1)
    half = max(round(0.5 * DESCENT_S * fs_hz), 1)
    middle = np.arange(max(low, half), min(high, len(wave) - half))
    return float(middle[np.argmin(wave[middle + half] - wave[middle - half])]) / fs_hz


def begins(wave: Floats, fs_hz: float, after_s: float = 0.1) -> float | None:
    """Foot to where `wave` leaves its level towards its highest point after `after_s`, s; None where it hardly rises."""
    first = int(after_s * fs_hz)
    top = first + int(np.argmax(wave[first:]))
    level = float(np.median(wave[int(0.5 * first) : first + 1]))
    height = float(wave[top]) - level
    low = np.flatnonzero(wave[:top] - level <= ONSET_SHARE * height)
    return int(low[-1] + 1) / fs_hz if height > LEAST_RISE_mmHg and len(low) else None


def deflation(one: Pulse, plain: list[Pulse], site: Site) -> tuple[Verdict, float]:
    """When the pressure falls most steeply before the next upstroke, ms, and what that is called."""
    falls = 1000.0 * (one.fall_s - one.stop_s)
    above = bool(plain) and site.end_tells and one.stop_mmHg - median(other.stop_mmHg for other in plain) > LATE_RISE_mmHg
    late = above or falls > site.late_ms
    return (Verdict.EARLY if falls < site.early_ms else Verdict.LATE if late else Verdict.CORRECT), falls


def counts(beats: tuple[Beat, ...], name: str) -> dict[str, int]:
    """How often each verdict was given."""
    given = [getattr(beat, name) for beat in beats if getattr(beat, name) is not None]
    return {verdict.value: given.count(verdict) for verdict in Verdict}


def middle(values: Sequence[float | None]) -> float | None:
    """Median of those that are there."""
    there = [value for value in values if value is not None]
    return float(median(there)) if there else None


def numbers(beats: tuple[Beat, ...], basis: str | None) -> dict[str, float | None]:
    """Medians over the stretch, by the names of pump.md 3.1; where every beat is assisted nothing stands for an unassisted one."""
    apart = basis != "population"
    pairs = list(pairwise(beats))
    after = [b.systolic_mmHg for a, b in pairs if a.assisted and abs(a.stop_s - b.start_s) < 0.01]
    plain = [b.systolic_mmHg for a, b in pairs if not a.assisted and abs(a.stop_s - b.start_s) < 0.01]
    return {
        "beats": float(len(beats)),
        "assisted_share": float(np.mean([beat.assisted for beat in beats])) if beats else None,
        "hr_per_min": 60.0 / float(median(beat.stop_s - beat.start_s for beat in beats)),
        "pdp_mmHg": middle([beat.pdp_mmHg for beat in beats]),
        "baedp_mmHg": middle([beat.end_diastolic_mmHg for beat in beats if beat.assisted]),
        "paedp_mmHg": middle([beat.end_diastolic_mmHg for beat in beats if apart and not beat.assisted]),
        "assisted_systolic_mmHg": middle(after),
        "unassisted_systolic_mmHg": middle(plain) if apart else None,
        "inflation_ms": middle([beat.inflation_ms for beat in beats]),
        "deflation_ms": middle([beat.deflation_ms for beat in beats]),
    }


def sentences(running: bool, ratio: int | None, basis: str | None, beats: tuple[Beat, ...]) -> tuple[str, ...]:
    """What a reader should know, one thing a sentence."""
    if not running:
        return ("No balloon pump is to be seen in the pressure.",)
    share = np.mean([beat.assisted for beat in beats])
    said = [f"A balloon pump is running, {f'1:{ratio}' if ratio else 'at no regular ratio'}: {100 * share:.0f} % of {len(beats)} beats show it."]
    for name, word in (("inflation", "Inflation"), ("deflation", "Deflation")):
        told = counts(beats, name)
        said.append(f"{word}: {', '.join(f'{n} {verdict}' for verdict, n in told.items() if n)}.")
    if basis == "population":
        said.append("No unassisted beat is there to compare with: closure is Weissler's for the rate, and PAEDP is not known. Look again at 1:2.")
    return tuple(said)
