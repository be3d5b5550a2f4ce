"""The form of what browser and server say on the WebSocket: docs/architecture/lab.md. Knows messages; not what they do.

A malformed message raises RefusalError with one sentence. Numbers that are not there are null, never NaN.
"""

import json
import math
import struct
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterpulse.refusal import RefusalError

LONGEST = 4096  # bytes of a message
NUMBERED = {"speed": (0.1, 20.0), "silence": (0.0, 120.0), "answer": (0.0, 99.0)}  # 120 s: usual longest audio pause (pump.md 9, M)
PLAIN = ("pause", "resume", "fill", "explain", "restart")
DOINGS = (*PLAIN, *NUMBERED, "acknowledge", "physiology")


class Set(NamedTuple):
    """A field is to have a value."""

    field: str
    value: float
    place: int = -1


class Do(NamedTuple):
    """Something is to be done."""

    what: str
    value: Any = None


class Ack(NamedTuple):
    """A browser has drawn up to this sample."""

    sample: float


def read_message(text: str | bytes | None) -> Set | Do | Ack:
    """A message from a browser. Raises RefusalError for whatever is wrong with it."""
    if not isinstance(text, str):
        raise RefusalError("A message must be text; this one is binary.")
    if len(text) > LONGEST:
        raise RefusalError(f"The message is {len(text)} characters long; it may have {LONGEST}.")
    try:
        message = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise RefusalError("The message is not valid JSON.") from None
    if not isinstance(message, dict):
        raise RefusalError("A message must be a JSON object.")
    kind = message.pop("type", None)
    if kind == "set":
        return _set(message)
    if kind == "do":
        return _do(message)
    if kind == "ack":
        _only(message, ("sample",), "ack")
        return Ack(number(message.get("sample"), "sample"))
    raise RefusalError(f"The message's type is {shortened(kind)}; it must be one of set, do, ack.")


def _no_number(name: str) -> float:
    raise ValueError(name)


def shortened(value: Any) -> str:
    """Something of the user's for a sentence."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def number(value: Any, name: str) -> float:
    """A finite number. Raises RefusalError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e15:
        raise RefusalError(f"{name} is {shortened(value)}; it must be a number.")
    return float(value)


def _only(message: dict[str, Any], known: tuple[str, ...], kind: str) -> None:
    for name in message:
        if name not in known:
            raise RefusalError(f"A message of type {kind} has no part {shortened(name)}; it has {', '.join(known)}.")


def _set(message: dict[str, Any]) -> Set:
    _only(message, ("field", "value", "place"), "set")
    field = message.get("field")
    if not isinstance(field, str):
        raise RefusalError(f"field is {shortened(field)}; it must be text such as 'settings.ratio'.")
    place = number(message.get("place", -1), "place")
    if place != int(place) or not -1 <= place < 1000:
        raise RefusalError(f"place is {place:g}; it must be a whole number from -1 (a field of one number) on.")
    return Set(field, number(message.get("value"), "value"), int(place))


def _do(message: dict[str, Any]) -> Do:
    _only(message, ("what", "value"), "do")
    what, value = message.get("what"), message.get("value")
    if what not in DOINGS:
        raise RefusalError(f"what is {shortened(what)}; it must be one of {', '.join(DOINGS)}.")
    if what in NUMBERED:
        low, high = NUMBERED[what]
        if not low <= number(value, what) <= high:
            raise RefusalError(f"{what} is {value:g}; it must lie in {low:g} to {high:g}.")
    elif what == "physiology" and not isinstance(value, bool):
        raise RefusalError(f"physiology is {shortened(value)}; it must be true or false.")
    elif what == "acknowledge" and not (value is None or (isinstance(value, str) and len(value) <= 80)):
        raise RefusalError(f"acknowledge names {shortened(value)}; it must be an alarm's code, or null for all.")
    elif what in PLAIN and value is not None:
        raise RefusalError(f"{what} takes no value.")
    return Do(what, value)


def clean(value: Any) -> Any:
    """Numbers as JSON holds them: numpy's become Python's, NaN and infinities null."""
    if isinstance(value, dict):
        return {key: clean(inside) for key, inside in value.items()}
    if isinstance(value, list | tuple):
        return [clean(inside) for inside in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def text_of(message: dict[str, Any]) -> str:
    """A message to browsers."""
    return json.dumps(clean(message), allow_nan=False, separators=(",", ":"))


def frame(first: int, drawn: NDArray[np.float32], channels: int) -> bytes:
    """A binary frame: number of the first sample, samples, channels, then the first `channels` rows of float32, little endian."""
    return struct.pack("<dII", float(first), drawn.shape[1], channels) + np.ascontiguousarray(drawn[:channels], "<f4").tobytes()
