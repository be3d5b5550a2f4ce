"""The page of an assessment: the pressure with what each beat shows of a pump, the numbers, and a row a beat.

Knows words and pictures; every number comes from `recordings.assess`.
"""

from collections.abc import Sequence

import numpy as np

from counterpulse.recordings.assess import Assessment, Beat, Verdict
from counterpulse.recordings.channels import Picked
from counterpulse.recordings.samples import Prepared
from counterpulse.report import tables, waves
from counterpulse.report.page import page, sentences
from counterpulse.report.tables import number

LIMITS = (
    "Read on the wave alone: no command, no balloon pressure. The limits are those of this project's classifier, not a standard; in simulated patients "
    "deflation was told rightly more often than inflation, and inflation at 1:1 is compared with a population's ejection time."
)
NUMBERS = (
    ("hr_per_min", "heart rate, 1/min"),
    ("pdp_mmHg", "peak diastolic pressure, augmented (PDP), mmHg"),
    ("unassisted_systolic_mmHg", "systole after an unassisted beat (PSP), mmHg"),
    ("assisted_systolic_mmHg", "systole after an assisted beat (APSP), mmHg"),
    ("paedp_mmHg", "end-diastolic pressure of unassisted beats (PAEDP), mmHg"),
    ("baedp_mmHg", "end-diastolic pressure of assisted beats (BAEDP), mmHg"),
    ("inflation_ms", "balloon's rise after closure of the valve, ms"),
    ("deflation_ms", "steepest fall before the next upstroke, ms"),
)


def assess_page(name: str, picked: Picked, prepared: Prepared, found: Assessment) -> str:
    """The whole page as text."""
    rows = [(label, number(found.numbers.get(key), 1)) for key, label in NUMBERS]
    beats = [beat_row(beat, prepared.start_s) for beat in found.beats]
    head = ("from, s", "assisted", "systole, mmHg", "PDP, mmHg", "end-diastole, mmHg", "inflation", "ms", "deflation", "ms")
    parts = [
        ("What is to be seen", sentences(found.sentences)),
        ("Pressure", waves.section(picture(picked, prepared, found.beats))),
        ("Numbers (medians)", tables.listing(("", ""), rows)),
        (f"Beats ({len(beats)})", tables.listing(head, beats)),
        ("Notes", sentences((LIMITS, *picked.sentences, *prepared.sentences))),
    ]
    return page(f"Assessment of {name}", "Is a balloon pump running in this pressure, at what ratio, and how is it timed?", parts)


def picture(picked: Picked, prepared: Prepared, beats: Sequence[Beat]) -> waves.Waves:
    """The pressure, with a mark over each beat: assisted and well timed, assisted and not, not assisted."""
    at = lambda kept: np.array([beat.start_s + prepared.start_s for beat in beats if kept(beat)])  # noqa: E731
    dots = (
        waves.Dots("assisted, timing correct", at(lambda beat: beat.assisted and well_timed(beat)), "inflate", "triangle-up", at=0.97),
        waves.Dots("assisted, timing not correct", at(lambda beat: beat.assisted and not well_timed(beat)), "deflate", "triangle-down", at=0.97),
        waves.Dots("not assisted", at(lambda beat: not beat.assisted), "reference", "circle-open", at=0.97),
    )
    channel = picked.arterial[picked.source]
    line = waves.Line(channel.name, prepared.samples.arterial_mmHg[:, int(picked.source)], prepared.fs_hz, "pressure", prepared.start_s, marked=False)
    return waves.Waves([waves.Panel(channel.name, "mmHg", [line], dots, 1.2)], np.empty((0, 2)), 8.0, prepared.start_s)


def well_timed(beat: Beat) -> bool:
    """Neither end early or late."""
    return not {beat.inflation, beat.deflation} & {Verdict.EARLY, Verdict.LATE}


def beat_row(beat: Beat, start_s: float) -> tuple[str, ...]:
    """One row of the table."""
    plain = (number(beat.start_s + start_s, 2), "yes" if beat.assisted else "no", number(beat.systolic_mmHg, 0), number(beat.pdp_mmHg, 0))
    ends = (beat.inflation or "", number(beat.inflation_ms, 0, signed=True), beat.deflation or "", number(beat.deflation_ms, 0, signed=True))
    return (*plain, number(beat.end_diastolic_mmHg, 0), *ends)
