"""The plan's lock: its SHA-256 and the time, written beside the data before the arm key is opened; a changed plan is refused.

The lock holds the hashes of the plan, of the protocol as the plan names it, and of the data at the time. UTC. Does not open the arm key.
"""

import datetime as dt
import json
from pathlib import Path
from typing import Any

from counterpulse.refusal import RefusalError
from counterpulse.trial.plan import Plan
from counterpulse.whole import whole_file

NAME = "plan-lock.json"


def lock(plan: Plan, hashes: dict[str, str], path: Path, version: str) -> dict[str, Any]:
    """Write the lock if there is none, or check the one there. Gives the lock. Raises RefusalError when the plan is another than locked."""
    if path.is_file():
        return check(plan, path)
    entry = {
        "plan": plan.id,
        "plan_version": plan.version,
        "plan_sha256": plan.sha256,
        "protocol_sha256": plan.protocol_sha256 or None,
        "locked_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "data_sha256_at_lock": hashes,
        "counterpulse": version,
    }
    text = json.dumps(entry, indent=2, sort_keys=True)
    with whole_file(path) as draft:
        draft.write_text(text + "\n", "utf-8")
    return json.loads(text)


def check(plan: Plan, path: Path) -> dict[str, Any]:
    """Read a lock and compare. Raises RefusalError when it is unreadable or of another plan."""
    try:
        entry = json.loads(path.read_text("utf-8"))
        held = entry["plan_sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        raise RefusalError(f"The lock {path} cannot be read; it must hold the plan_sha256 that was recorded before the arm key was opened.") from None
    if held != plan.sha256:
        raise RefusalError(
            f"The plan changed after it was locked on {entry.get('locked_at')}: its SHA-256 is {plan.sha256[:12]}…, the lock holds {held[:12]}…; "
            f"run the locked plan, or this one with --exploratory."
        )
    return entry
