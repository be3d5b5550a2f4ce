"""The console's alarms and log as a page shows them: the pump's own list and memory in words. Knows no cause and changes nothing; times in s of the run."""

from typing import Any

from counterpulse.pump.alarms import ALARMS, Alarm
from counterpulse.pump.decisions import sentence
from counterpulse.pump.log import events


def alerts(pump: Any, fs_hz: float) -> list[dict[str, Any]]:
    """What is on now, the gravest first, of one priority in the order of the list."""
    state = pump.alarms
    on = [alarm for alarm in Alarm if alarm and int(state.raised[alarm]) >= 0]
    on.sort(key=lambda alarm: (-ALARMS[alarm].priority, alarm))
    return [_told(alarm, state, fs_hz) for alarm in on]


def _told(alarm: Alarm, state: Any, fs_hz: float) -> dict[str, Any]:
    about = ALARMS[alarm]
    return {
        "code": slug(alarm),
        "priority": about.priority.name.lower(),
        "sentence": about.sentence,
        "advice": about.advice,
        "source": about.source,
        "certainty": about.certainty,
        "since_s": int(state.raised[alarm]) / fs_hz,
        "acknowledged": bool(state.acknowledged[alarm]),
        "latched": about.latches and not state.cause[alarm],
        "stops": about.stops,
    }


def slug(alarm: Alarm) -> str:
    """An alarm's name as files and pages write it."""
    return alarm.name.lower().replace("_", "-")


def sound(pump: Any, sample: int, fs_hz: float) -> dict[str, Any]:
    """What is to be heard: the priority (none, low, medium, high), and for how long the sound is paused."""
    state = pump.alarms
    paused_s = max((int(state.silent_until) - sample) / fs_hz, 0.0)
    waiting = [ALARMS[alarm].priority for alarm in Alarm if alarm and int(state.raised[alarm]) >= 0 and not state.acknowledged[alarm]]
    return {"priority": max(waiting).name.lower() if waiting and not paused_s else "none", "paused_s": paused_s}


class Lines:
    """New lines of the pump's log."""

    def __init__(self, pump: Any) -> None:
        self.number = int(pump.log.number)

    def new(self, pump: Any, fs_hz: float) -> list[dict[str, Any]]:
        """What was written since last time; of more than the log holds, the last."""
        count = int(pump.log.number) - self.number
        self.number = int(pump.log.number)
        return [{"time_s": event.at / fs_hz, "sentence": sentence(event), "by": "pump"} for event in events(pump.log)[-count:]] if count > 0 else []
