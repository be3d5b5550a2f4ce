"""The patient's fields as options of a command line, each with its unit and range from the record itself."""

import dataclasses
from typing import Annotated, Any, get_type_hints

from cyclopts import Parameter

from counterpulse.body.patient import Patient
from counterpulse.cli.replay.options import whole_number

_HINTS = get_type_hints(Patient)


def _field(name: str) -> tuple[str, Any, Any]:
    q = Patient.quantities()[name]
    unit = "" if q.unit == "1" else f" {q.unit}"
    note = Parameter(name="--" + name.replace("_", "-"), help=f"{q.meaning}; {q.low:g} to {q.high:g}{unit}", show_default=False)
    if _HINTS[name] is int:
        note = Parameter.combine(note, Parameter(converter=whole_number))
    return name, Annotated[_HINTS[name] | None, note], None


PatientOptions: Any = dataclasses.make_dataclass(
    "PatientOptions", [_field(name) for name in Patient.quantities()],
    kw_only=True, namespace={"__module__": __name__},  # cyclopts does not look into classes of the module `types`
)  # fmt: skip


def given_fields(options: Any) -> dict[str, float]:
    """The patient's fields that were given."""
    values = {field.name: getattr(options, field.name) for field in dataclasses.fields(options)} if options is not None else {}
    return {name: value for name, value in values.items() if value is not None}
