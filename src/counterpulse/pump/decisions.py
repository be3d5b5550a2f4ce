"""What the autopilot may decide, each with its reason as a sentence, and every line of the console's log in words. Data; knows no signals."""

from enum import IntEnum

from counterpulse.pump.alarms import ALARMS, Alarm
from counterpulse.pump.log import Event, Kind
from counterpulse.signals.sample import Source


class Decision(IntEnum):
    """What was decided; the event's `value` says for what."""

    NONE = 0
    LEAD_LOST = 1
    LEAD_BETTER = 2
    SOURCE_LOST = 3
    SOURCE_BACK = 4
    ECG_UNUSABLE = 5
    ECG_BACK = 6
    IRREGULAR = 7
    REGULAR = 8
    TOO_FAST = 9
    ROOM_AGAIN = 10
    OFFER_INTERNAL = 11
    HELD = 12


SENTENCES = {
    Decision.NONE: "",
    Decision.LEAD_LOST: "ECG lead {lead} taken: the one before was lost.",
    Decision.LEAD_BETTER: "ECG lead {lead} taken: it has been clearer than the one before for five seconds.",
    Decision.SOURCE_LOST: "Pressure of {source} taken: the one before was lost.",
    Decision.SOURCE_BACK: "Pressure of {source} taken: it is nearer to the aortic root and has been good for half a minute.",
    Decision.ECG_UNUSABLE: "Pressure trigger taken: no ECG lead shows beats, the pressure does.",
    Decision.ECG_BACK: "ECG trigger taken again: a lead has been good for ten seconds.",
    Decision.IRREGULAR: "Deflation at the R wave: the rhythm is irregular, the next beat cannot be foreseen.",
    Decision.REGULAR: "Predictive deflation again: the rhythm has been regular for twenty seconds.",
    Decision.TOO_FAST: "One beat in {value} assisted: diastole is too short to fill and empty the balloon in every beat.",
    Decision.ROOM_AGAIN: "One beat in {value} assisted again: diastole has been long enough for half a minute.",
    Decision.OFFER_INTERNAL: "Neither beat nor pulse: the internal trigger may be chosen if there is no heart beat to follow. It is never chosen by itself.",
    Decision.HELD: "Timing held by hand: inflation {value} ms after the mark, moved by the trims.",
}

WORDS = {
    Kind.ACKNOWLEDGED: "Alarms acknowledged.",
    Kind.SILENCED: "Alarm sound paused for two minutes.",
    Kind.RESTARTED: "Started again by the clinician.",
}


def sentence(event: Event) -> str:
    """A line of the log in words."""
    if event.kind in (Kind.ALARM_ON, Kind.ALARM_OVER):
        about = ALARMS[Alarm(event.code)]
        return about.sentence if event.kind == Kind.ALARM_ON else f"Over: {Alarm(event.code).name.lower().replace('_', ' ')}."
    if event.kind == Kind.FILLED:
        return f"Helium filled: {event.value / 1000:.1f} mL."
    if event.kind == Kind.DECISION:
        words = SENTENCES[Decision(event.code)]
        source = Source(event.value).name.lower() if event.value in tuple(Source) else ""
        return words.format(value=event.value, lead=event.value + 1, source=source)
    return WORDS.get(event.kind, event.kind.name.capitalize())
