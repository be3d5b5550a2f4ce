"""Named state that a kernel may change: fields listed once, in Python, in arrays and in machine code.

`class Pump(Record): t_s: float = 0.0` gives `Pump()` (one row), `Pump.many(n)` (n rows) and `Pump.dtype`. A row is a numpy record;
compiled code reads and writes its fields in place. A row is a reference: `copy.deepcopy` makes a snapshot, `.tobytes()` a checkpoint.

A field may carry its unit, range and source: `heart_rate_per_min: Annotated[float, Q("1/min", 30, 220, "Hall 2020")] = 72.0`.
`check` refuses what lies outside; the command line, forms and the documentation read the same annotation.
"""

from typing import Annotated, Any, ClassVar, NamedTuple, Self, dataclass_transform, get_args, get_origin, get_type_hints

import numpy as np

from counterpulse.refusal import RefusalError


class Q(NamedTuple):
    """A quantity: unit, allowed range, what it means and where the number comes from."""

    unit: str
    low: float
    high: float
    meaning: str = ""
    source: str = ""


class Many(NamedTuple):
    """A field that holds an array of numbers: `rr_s: Annotated[NDArray[np.float64], Many(8)]`."""

    shape: int | tuple[int, ...]
    kind: type = float


def _layout(kind: Any) -> tuple[Any, ...]:
    if get_origin(kind) is Annotated:
        base, *notes = get_args(kind)
        for note in notes:
            if isinstance(note, Many):
                return (note.kind, note.shape)
        return _layout(base)
    return (getattr(kind, "dtype", kind),)


@dataclass_transform(kw_only_default=True)
class Record:
    """Base of every record: subclass it and list the fields with their defaults."""

    dtype: ClassVar[np.dtype[Any]]
    defaults: ClassVar[Any]

    def __init_subclass__(cls) -> None:
        """Read the annotations once and lay the fields out."""
        hints = {name: kind for name, kind in get_type_hints(cls, include_extras=True).items() if name not in Record.__annotations__}
        cls.dtype = np.dtype([(name, *_layout(kind)) for name, kind in hints.items()], align=True)
        cls.defaults = np.zeros(1, cls.dtype)
        for name, kind in hints.items():
            cls.defaults[name] = getattr(cls, name) if hasattr(cls, name) else getattr(kind, "defaults", 0)

    def __new__(cls, **values: Any) -> Self:
        """Make one row."""
        return cls.many(1, **values)[0]

    @classmethod
    def many(cls, n: int, **values: Any) -> Any:
        """Make `n` rows; a value is one number for all or `n` of them. Raises TypeError for a name that is no field."""
        rows = np.repeat(cls.defaults, n).view(np.recarray)
        for name, value in values.items():
            if name not in cls.fields():
                raise TypeError(f"{cls.__name__} has no field {name!r}; its fields are {', '.join(cls.fields())}")
            rows[name] = value
        return rows

    @classmethod
    def fields(cls) -> tuple[str, ...]:
        """Names of the fields, in order."""
        return cls.dtype.names or ()

    @classmethod
    def quantities(cls) -> dict[str, Q]:
        """Unit, range, meaning and source of every field that carries them."""
        return quantities(cls)

    @classmethod
    def check(cls, rows: Any) -> Any:
        """Return `rows` if every annotated field lies in its range, else raise RefusalError with the first that does not."""
        for name, q in cls.quantities().items():
            values = np.atleast_1d(rows[name])
            bad = ~((values >= q.low) & (values <= q.high))
            if bad.any():
                first = np.argwhere(bad)[0]
                where = f" (row {first[0]}, {int(bad.sum())} in all)" if len(values) > 1 else ""
                raise RefusalError(sentence(f"{cls.__name__}.{name}", values[tuple(first)], q, where))
        return rows


def quantities(kind: type) -> dict[str, Q]:
    """Field name to quantity for any class whose annotations carry `Q`: records and NamedTuples alike."""
    hints = get_type_hints(kind, include_extras=True)
    return {name: note for name, hint in hints.items() for note in getattr(hint, "__metadata__", ()) if isinstance(note, Q)}


def sentence(name: str, value: Any, q: Q, where: str = "") -> str:
    """The one form of a range error."""
    unit = f" {q.unit}" if q.unit not in ("", "1") else ""
    return f"{name} is {value:.10g}{unit}{where}; it must lie in {q.low:.10g} to {q.high:.10g}{unit}."
