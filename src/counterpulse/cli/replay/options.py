"""The pump's settings as options of a command line: one for each field of `Settings`, with its unit and range from the record itself.

Knows names and words, no numbers of its own. An option that is not given leaves the setting as it is.
"""

import dataclasses
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

from cyclopts import Parameter

from counterpulse.pump.settings import Settings, SOURCE_DELAY_ms
from counterpulse.pump.words import WORDS, number, settings_in
from counterpulse.record import Q
from counterpulse.refusal import RefusalError
from counterpulse.signals.sample import Source

NAMED = {"pressure_source": "--source"}


def whole_number(_: Any, tokens: Sequence[Any]) -> int:
    """A whole number from a command line's word: 1.5 is refused, not rounded. Raises ValueError."""
    text = tokens[0].value.strip()
    if not re.fullmatch(r"[+-]?\d{1,40}(\.0*)?", text):
        raise ValueError(f'"{text[:40]}" is not a whole number')
    return int(text.split(".", maxsplit=1)[0])


def _field(name: str, hint: Any, quantity: Q) -> tuple[str, Any, Any]:
    kind = get_args(hint)[0]
    if name in WORDS:
        allowed, kind = ", ".join(word.name.lower().replace("_", "-") for word in WORDS[name]), str
        text = f"{name.replace('_', ' ')}: {allowed}"
    else:
        unit = "" if quantity.unit == "1" else f" {quantity.unit}"
        text = f"{quantity.meaning or name.replace('_', ' ')}; {quantity.low:g} to {quantity.high:g}{unit}"
    default = Settings.defaults[name][0]
    shown = WORDS[name](int(default)).name.lower().replace("_", "-") if name in WORDS else f"{default:g}"
    flag = NAMED.get(name, "--" + name.replace("_", "-"))
    note = Parameter(name=flag, help=f"{text} (default {shown})" if name != "source_delay_ms" else text, show_default=False)
    if kind is int:
        note = Parameter.combine(note, Parameter(converter=whole_number))
    return name, Annotated[kind | None, note], None


_HINTS = get_type_hints(Settings, include_extras=True)
SettingOptions: Any = dataclasses.make_dataclass(
    "SettingOptions", [_field(name, _HINTS[name], quantity) for name, quantity in Settings.quantities().items()],
    kw_only=True, namespace={"__module__": __name__},  # cyclopts does not look into classes of the module `types`
)  # fmt: skip


def given(options: Any) -> dict[str, Any]:
    """The settings that were given, words turned into numbers. Raises RefusalError for a word that is none."""
    values = {field.name: getattr(options, field.name) for field in dataclasses.fields(options)} if options is not None else {}
    return {name: number(name, value, called=NAMED.get(name, "--" + name)) for name, value in values.items() if value is not None}


def read_settings(file: Path) -> dict[str, Any]:
    """Settings from a TOML file (`[settings]` or at the top). Raises RefusalError for a field that is none."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as problem:
        raise RefusalError(f"The settings file {file} cannot be read ({problem}).") from None
    return settings_in(table.get("settings", table), f"{file}", "[settings]")


def settings_from(values: dict[str, Any], source: Source) -> Settings:
    """Settings with `source` and its assumed delay unless `values` say otherwise. Raises RefusalError for a value out of range."""
    start = {"pressure_source": int(source), "source_delay_ms": SOURCE_DELAY_ms[source]}
    return Settings.check(Settings(**{**start, **values}))
