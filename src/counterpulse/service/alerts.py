"""The console's alarms as a page shows them. Reads the pump's memory alone; times in s of the run."""

from typing import Any

from counterpulse.pump.control import SENTENCES, Fault

GRAVE = (Fault.NO_TRIGGER, Fault.ECG_IN_INTERNAL)  # high priority: pump.md 1.5


def alerts(pump: Any, fs_hz: float) -> list[dict[str, Any]]:
    """What holds now, the gravest first."""
    fault = Fault(int(pump.fault))
    if fault == Fault.NONE:
        return []
    return [
        {
            "code": fault.name,
            "priority": "high" if fault in GRAVE else "medium",
            "sentence": SENTENCES[fault],
            "advice": "",
            "since_s": float(pump.fault_at) / fs_hz,
            "acknowledged": False,
            "latched": False,
        }
    ]
