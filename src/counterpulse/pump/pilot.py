"""The autopilot's memory: marks of every lead and pressure, what it has chosen, since when. Counts are samples since the start, -1 = none."""

import math
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from counterpulse.kernel import among, apart, inline
from counterpulse.pump.settings import Deflation, Trigger
from counterpulse.record import Many, Record
from counterpulse.signals.grade import LOOK_HZ, Grade, ecg_grade, grade, pressure_grade
from counterpulse.signals.sample import Sample

LEADS, CHANNELS = 3, 7
WAITING = 16  # a look every 40 ms at 125 to 250 Hz, with room to spare


class Pilot(Record):
    """Marks of three leads and four pressures, and the choice made by them."""

    lead_0: Grade
    lead_1: Grade
    lead_2: Grade
    source_0: Grade
    source_1: Grade
    source_2: Grade
    source_3: Grade
    waiting: Annotated[NDArray[np.float64], Many((CHANNELS, WAITING))] = 0.0  # pyright: ignore[reportAssignmentType]  values heard since the last look
    heard: Annotated[NDArray[np.int64], Many(CHANNELS, int)] = 0  # pyright: ignore[reportAssignmentType]
    every: int = 1  # a channel is looked at once in so many samples, each at another of them
    slot: int = 0
    active: int = 0  # 1 = has taken over the clinician's choice and goes on from there
    trigger: int = Trigger.ECG
    lead: int = 0
    source: int = 0
    deflation: int = Deflation.PREDICTIVE
    halved: int = 0  # 1 = fallen from 1:1 to 1:2
    known_leads: int = 0  # bit k: lead k has been good
    lead_at: int = 0  # changed
    source_at: int = 0
    ecg_bad_at: int = -1  # since when: no lead is usable
    ecg_good_at: int = -1
    better_at: int = -1  # another lead is clearer
    source_bad_at: int = -1
    nearer_at: int = -1  # a source nearer to the root is good
    steady_at: int = -1
    roomy_at: int = -1
    offered: int = 0
    held_s: float = 0.0  # mark to closure held in manual mode


def pilot(fs_hz: float) -> Pilot:
    """An autopilot that knows nothing yet."""
    every = max(1, int(fs_hz / LOOK_HZ + 1e-9))
    rate = fs_hz / every
    ecg, pressure = ecg_grade(rate), pressure_grade(rate)
    return Pilot(lead_0=ecg, lead_1=ecg, lead_2=ecg, source_0=pressure, source_1=pressure, source_2=pressure, source_3=pressure, every=every)


channel = among(Pilot, ("lead_0", "lead_1", "lead_2", "source_0", "source_1", "source_2", "source_3"))


@inline
def hear_channels(m: Pilot, sample: Sample) -> None:
    """One sample: the channels whose turn it is wait to be marked; a lead whose electrode is off says so by being no number."""
    m.slot += 1
    if m.slot >= m.every:
        m.slot = 0
    for k in range(m.slot, CHANNELS, m.every):
        place = 6 if k == 6 else (k >> 1) + LEADS * (k & 1)  # leads and pressures in turn
        at = m.heard[place]
        m.waiting[place, at] = (sample.ecg_mV[place] if sample.lead_off[place] == 0 else math.nan) if place < LEADS else sample.arterial_mmHg[place - LEADS]
        m.heard[place] = at + 1
        if at + 1 == WAITING:
            mark_channels(m)


@inline
def mark_channels(m: Pilot) -> None:
    """Before a look: mark what waits. Channel after channel, so that the code need be fetched once for all samples of a look."""
    for place in range(CHANNELS):
        mark_channel(m, place)


@apart
def mark_channel(m: Pilot, place: int) -> None:
    """Mark what waits of one channel."""
    one = channel(m, place)
    for at in range(m.heard[place]):
        grade(one, m.waiting[place, at], 0)
    m.heard[place] = 0


@inline
def lead_score(m: Pilot, lead: int) -> float:
    """Marks of a lead, 0 to 1."""
    if lead == 0:
        return m.lead_0.score
    return m.lead_1.score if lead == 1 else m.lead_2.score


@inline
def lead_flaw(m: Pilot, lead: int) -> int:
    """What costs a lead most (`signals.grade.Flaw`)."""
    if lead == 0:
        return m.lead_0.flaw
    return m.lead_1.flaw if lead == 1 else m.lead_2.flaw


@inline
def source_score(m: Pilot, source: int) -> float:
    """Marks of a pressure, 0 to 1."""
    if source == 0:
        return m.source_0.score
    if source == 1:
        return m.source_1.score
    return m.source_2.score if source == 2 else m.source_3.score
