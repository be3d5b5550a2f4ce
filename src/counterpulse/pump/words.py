"""The console's settings by name: words for the numbers that stand for a choice, and what a table of a file may say of them. Knows no file and no option."""

from typing import Any

from counterpulse.pump.settings import Deflation, Inflation, Mode, Settings, Trigger
from counterpulse.record import sentence
from counterpulse.refusal import RefusalError
from counterpulse.signals.sample import Source

WORDS = {"mode": Mode, "trigger": Trigger, "deflation": Deflation, "inflation": Inflation, "pressure_source": Source}


def settings_in(table: Any, where: str, section: str) -> dict[str, Any]:
    """Settings from a section of a TOML file. Raises RefusalError for what is no setting, no word or number of it, or out of range."""
    if not isinstance(table, dict):
        raise RefusalError(f"{where}: {section.strip('[]')} is {table!r:.60}; it must be a section {section}.")
    for name in table:
        if name not in Settings.quantities():
            raise RefusalError(f"{where}: {section} has no setting {name[:60]!r}; the settings are {', '.join(Settings.quantities())}.")
    return {name: number(name, value, f"{where}: ") for name, value in table.items()}


def number(name: str, value: Any, where: str = "", called: str = "") -> Any:
    """A setting's word or number as a number within its range; `where` begins the sentence that refuses it, `called` is the name it gives the setting."""
    if name in WORDS and isinstance(value, str):
        word = value.strip().upper().replace("-", "_")
        if word not in WORDS[name].__members__:
            allowed = ", ".join(one.name.lower().replace("_", "-") for one in WORDS[name])
            raise RefusalError(f"{where}{called or name} is {value[:60]!r}; it must be one of {allowed}.")
        return int(WORDS[name][word])
    quantity, whole = Settings.quantities()[name], Settings.dtype[name].kind == "i"
    switch = isinstance(value, bool) and whole and (quantity.low, quantity.high) == (0, 1)
    if not switch and (isinstance(value, bool) or not isinstance(value, (int, float))):
        raise RefusalError(f"{where}The setting {name} is {value!r:.60}; it must be a {'whole ' if whole else ''}number.")
    if not quantity.low <= value <= quantity.high:
        raise RefusalError(where + sentence(f"Settings.{name}", float("inf") if abs(value) >= 1e300 else value, quantity))
    if whole and value != int(value):
        raise RefusalError(f"{where}The setting {name} is {value:g}; it must be a whole number, {quantity.low:g} to {quantity.high:g}.")
    return value
