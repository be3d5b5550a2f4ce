"""Every line that the console's log can show reads as a sentence: the pump's own events, and every change of a field or fault in words."""

import re
from types import SimpleNamespace

import pytest

from counterpulse.bed.faults import FAULTS
from counterpulse.bed.live import CHECKS
from counterpulse.pump.alarms import ALARMS, Alarm
from counterpulse.pump.decisions import Decision, sentence
from counterpulse.pump.log import Event, Kind
from counterpulse.pump.lookout import CLASHES
from counterpulse.service.controls import controls, words

BED = SimpleNamespace(**{record: check.__self__.many(3) for record, check in CHECKS.items()})
VALUES = {Decision.LEAD_LOST: (0, 1, 2), Decision.LEAD_BETTER: (0, 1, 2), Decision.SOURCE_LOST: (0, 1, 2, 3), Decision.SOURCE_BACK: (0, 1, 2, 3)}


def is_sentence(text):
    """A capital first, one full stop last, no doubled or stray punctuation, no place left empty."""
    return (
        bool(text)
        and text[0] == text[0].upper()
        and text.endswith(".")
        and not re.search(r"[.,:;]\s*[.,:;]|\s[.,:;]|\s\s|[{}_]|\bnan\b|\binf\b|\bPressure of taken", text)
    )


@pytest.mark.parametrize("text", ["Ratio 1:: 2.", "Volume: 40 mL", "volume: 40 mL.", "Pressure of  taken.", "Over: .", "Leak: over..", "Lead {lead} taken."])
def test_what_is_no_sentence_is_found(text):
    assert not is_sentence(text)


def test_what_the_pump_logs():
    events = [Event(0, kind, Alarm.NO_TRIGGER, 0) for kind in Kind if kind not in (Kind.NONE, Kind.DECISION)]
    events += [Event(0, kind, alarm, 0) for alarm in Alarm if alarm for kind in (Kind.ALARM_ON, Kind.ALARM_OVER)]
    events += [Event(0, Kind.DECISION, one, value) for one in Decision if one for value in VALUES.get(one, (1, 2, 350))]
    told = [sentence(event) for event in events]
    told += [about.advice for alarm, about in ALARMS.items() if alarm] + list(CLASHES[1:])
    assert [text for text in told if not is_sentence(text)] == []
    assert sentence(Event(0, Kind.FILLED, 1, 1500)) == "Helium filled: 1.5 mL."
    assert sentence(Event(0, Kind.DECISION, Decision.HELD, 310)) == "Timing held by hand: inflation 310 ms after the mark, moved by the trims."


def test_what_a_change_is_called():
    told = {}
    for one in controls():
        for value in {one.quantity.low, one.quantity.high, max(one.quantity.low, min(1.0, one.quantity.high))}:
            told[one.field, one.place, value] = words(BED, one.field, value, one.place)
            if one.quantity.unit not in ("1", "") and not one.whole:
                assert f" {one.quantity.unit}." in told[one.field, one.place, value], one.field
    for name, one in FAULTS.items():
        told |= {(f"fault.{name}", -1, value): words(BED, f"fault.{name}", value, -1) for value in (0.0, one.low, one.typical, one.high)}
    assert [text for text in told.values() if not is_sentence(text)] == []
    assert words(BED, "settings.ratio", 2.0, -1) == "Ratio 1:2."
