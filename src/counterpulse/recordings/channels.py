"""Which channel is the ECG and which the arterial pressure: by name and unit, or as the caller says. Units become mV and mmHg.

Knows the names that monitors, PhysioNet and exports give. A site that the name does not tell is taken as radial and called an assumption.
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from counterpulse.recordings.recording import Channel, Recording
from counterpulse.refusal import RefusalError
from counterpulse.signals.sample import Source

PASCAL_PER_MMHG = 133.322387415  # BIPM, The International System of Units, 8th edition, 2006, table 8
TO_MV = {"mv": 1.0, "uv": 1e-3, "µv": 1e-3, "μv": 1e-3, "v": 1e3}
TO_MMHG = {
    "mmhg": 1.0,
    "kpa": 1000 / PASCAL_PER_MMHG,
    "hpa": 100 / PASCAL_PER_MMHG,
    "pa": 1 / PASCAL_PER_MMHG,
    "cmh2o": 98.0665 / PASCAL_PER_MMHG,  # conventional centimetre of water, the same table's method at 4 degrees C
}
ECG_NAME = re.compile(r"(?:(?:ECG|EKG|lead)[ _:-]*)?(?:ML|MCL|CM|CC)?(?:I{1,3}|aV[RLF]|V[1-9]?R?|[1-6])?\+?|E[CK]G.*", re.IGNORECASE)
ECG_ORDER = ("ecg1", "ii", "mlii", "ecg", "v5", "v", "mcl", "mcl1", "i", "iii")
ARTERIAL_NAME = re.compile(
    r"(?:^|[^a-z])(?:ABP|ART|IBP|BP|UAP|BAP|AOP|AO|AP|arterial|artery|aortic|aorta|radial|femoral)\d?(?=[^a-z]|$)", re.IGNORECASE
)
NOT_ARTERIAL = re.compile(r"PAP|CVP|ICP|LAP|RAP|PCWP|pulm|ven(?:ous)?|balloon|resp|pleth|mean|\bsys|\bdia|cuff", re.IGNORECASE)
BALLOON_NAME = re.compile(r".*balloon.*|IABP?[ _-]?(?:P|BP|pressure)?", re.IGNORECASE)
SITES = ((Source.RADIAL, "rad|brach|UAP|BAP"), (Source.FEMORAL, "fem"), (Source.LUMEN, "lumen"), (Source.ROOT, r"root|aort|\bao|central"))
FLAG_NAME = re.compile(r"lead[ _]off[ _]ecg([123])|(pacer)[ _]spike", re.IGNORECASE)


@dataclass(frozen=True)
class Picked:
    """What the pump will see: up to three ECG leads (the first is the main one), pressures by source, the balloon's pressure, flags."""

    ecg: tuple[Channel, ...]
    arterial: dict[Source, Channel]
    source: Source
    balloon: Channel | None
    flags: dict[str, Channel]
    sentences: tuple[str, ...]

    def all(self) -> list[Channel]:
        """Every channel picked."""
        return [*self.ecg, *self.arterial.values(), *([self.balloon] if self.balloon else []), *self.flags.values()]


def pick(recording: Recording, ecg: str | None = None, pressure: str | None = None, source: Source | None = None) -> Picked:
    """Choose channels; `ecg` (up to three names, separated by commas), `pressure` and `source` override what names and units tell.

    Raises RefusalError for a name that is not there, a unit that fits nothing, or a recording with neither ECG nor arterial pressure.
    """
    leads = _named(recording, ecg.split(","), TO_MV, "an ECG") if ecg else _found_ecg(recording)
    main = _named(recording, [pressure], TO_MMHG, "a pressure")[0] if pressure else _found_pressure(recording, source)
    if not leads and main is None:
        named = f"its channels are: {recording.listing()}; --ecg and --pressure choose"
        raise RefusalError(f"{recording.name} has neither an ECG nor an arterial pressure that is known by name and unit; {named}.")
    site, by_name = _site(main) if main else (Source.RADIAL, True)
    chosen = source if source is not None else site
    arterial = {chosen: main} if main else {}
    for other in _candidates(recording):
        if other is not main and _site(other)[1]:
            arterial.setdefault(_site(other)[0], other)
    assumed = main is not None and source is None and not by_name
    balloon = next((one for one in recording.channels if BALLOON_NAME.fullmatch(one.name) and _unit(one) in TO_MMHG), None)
    lines = (_ecg_sentence(leads), *_pressure_sentences(arterial, chosen, assumed))
    shown = (f"Balloon pressure: {balloon.name} ({balloon.unit}, {balloon.fs_hz:g} Hz).",) if balloon else ()
    return Picked(tuple(leads), arterial, chosen, balloon, _flags(recording), (*lines, *shown))


def in_unit(channel: Channel, table: dict[str, float]) -> NDArray[np.float64]:
    """The channel's values in mV or mmHg; values already in that unit keep their bits."""
    factor = table[_unit(channel)]
    return channel.values if factor == 1.0 else channel.values * factor


def _unit(channel: Channel) -> str:
    return channel.unit.replace(" ", "").casefold()


def _named(recording: Recording, names: list[str], table: dict[str, float], kind: str) -> list[Channel]:
    found: list[Channel] = []
    for name in names:
        channel = recording.channel(name)
        if channel is None:
            raise RefusalError(f"{recording.name} has no channel {name.strip()!r}; its channels are: {recording.listing()}.")
        if _unit(channel) not in table:
            allowed = "mV, uV, V" if table is TO_MV else "mmHg, kPa, hPa, Pa, cmH2O"
            unit = channel.unit or "no unit"
            raise RefusalError(f"Channel {channel.name} of {recording.name} is in {unit}; {kind} must be in one of {allowed}.")
        found.append(channel)
    if len(found) > 3:
        raise RefusalError(f"{len(found)} ECG channels are named ({', '.join(one.name for one in found)}); the pump takes 1 to 3.")
    return found


def _found_ecg(recording: Recording) -> list[Channel]:
    known = [one for one in recording.channels if one.name and ECG_NAME.fullmatch(one.name.strip()) and _unit(one) in TO_MV]

    def order(channel: Channel) -> int:
        bare = re.sub(r"^(ecg|ekg|lead)[ _:-]+", "", channel.name.strip().casefold())
        return ECG_ORDER.index(bare) if bare in ECG_ORDER else len(ECG_ORDER)

    return sorted(known, key=order)[:3]


def _candidates(recording: Recording) -> list[Channel]:
    return [
        one
        for one in recording.channels
        if _unit(one) in TO_MMHG and ARTERIAL_NAME.search(one.name) and not NOT_ARTERIAL.search(one.name)
    ]


def _found_pressure(recording: Recording, source: Source | None) -> Channel | None:
    """The arterial pressure whose name tells `source`, else the first; an export lists the source that the pump used first."""
    there = [one for one in _candidates(recording) if np.isfinite(one.values).any()]
    there.sort(key=lambda one: source is None or _site(one) != (source, True))
    return there[0] if there else next(iter(_candidates(recording)), None)


def _site(channel: Channel) -> tuple[Source, bool]:
    """Where the pressure is taken, and whether the name says so."""
    for site, words in SITES:
        if re.search(words, channel.name, re.IGNORECASE):
            return site, True
    return Source.RADIAL, False


def _flags(recording: Recording) -> dict[str, Channel]:
    found = ((FLAG_NAME.fullmatch(one.name.strip()), one) for one in recording.channels)
    return {("pacer_spike" if match[2] else f"lead_off_{match[1]}"): one for match, one in found if match}


def _ecg_sentence(leads: list[Channel]) -> str:
    if not leads:
        return "ECG: none in this recording."
    return f"ECG: {', '.join(f'{one.name} ({one.unit}, {one.fs_hz:g} Hz)' for one in leads)}."


def _pressure_sentences(arterial: dict[Source, Channel], chosen: Source, assumed: bool) -> list[str]:
    if chosen not in arterial:
        return ["Arterial pressure: none in this recording; the pump times by the ECG alone."]
    main = arterial[chosen]
    site = f"{chosen.name.lower()}{' (assumed: the recording does not name the site; --source tells another)' if assumed else ''}"
    lines = [f"Arterial pressure: {main.name} ({main.unit}, {main.fs_hz:g} Hz), site {site}."]
    return lines + [f"Also shown to the pump: {one.name} as {site.name.lower()} pressure." for site, one in arterial.items() if site != chosen]
