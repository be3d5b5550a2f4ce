"""Lists the presets and prints one to copy. Knows files, no simulation."""

import json
from typing import Annotated

from cyclopts import Parameter

from counterpulse.cohort.preset import find, load, names


def presets(
    name: Annotated[str | None, Parameter(help="the preset to print; without it they are listed")] = None,
    /,
    *,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help="print one JSON object and nothing else")] = False,
) -> int:
    """List the patients that come with counterpulse, or print one as TOML to copy and edit.

    Example: counterpulse presets hf-shock > my-patient.toml
    """
    if name is not None:
        preset = load(name)
        text = find(name).read_text(encoding="utf-8")
        print(json.dumps({"preset": preset.name, "title": preset.title, "about": preset.about, "toml": text}) if as_json else text)  # noqa: T201
        return 0
    found = [load(one) for one in names()]
    if as_json:
        print(json.dumps({"presets": [{"preset": one.name, "title": one.title, "about": one.about} for one in found]}))  # noqa: T201
        return 0
    width = max(len(one.name) for one in found)
    for one in found:
        print(f"{one.name:{width}s}  {one.title}")  # noqa: T201
    print("\nRun one: counterpulse run hf-shock     Copy one: counterpulse presets hf-shock > my-patient.toml")  # noqa: T201
    return 0
