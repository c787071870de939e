"""Reading one option: whatever equals an allowed value is that value, all else is refused.

Python's ``2 == 2.0 == True + 1`` share a hash, so a cache keyed by raw arguments cannot tell them
apart; the parsers therefore must not either (CC-ERROR).
"""

from collections.abc import Iterable, Sequence
from numbers import Complex
from typing import Any

from convcore._errors import OptionError

__all__ = ["as_int", "as_tuple", "choice", "is_single", "per_axis"]


def choice(name: str, value: Any, allowed: Sequence[str]) -> Any:
    """The value itself, which must be None (not said) or one of the allowed strings."""
    if value is None:
        return None
    if not isinstance(value, str) or value not in allowed:
        raise OptionError(
            f"{name}={value!r} is none of its names; allowed are {', '.join(map(repr, allowed))}"
        )
    return str(value)


def as_int(name: str, value: Any, least: int | None = None) -> Any:
    """The integer that value equals; symbolic integers of a tracer pass through unchanged."""
    number = _integer_equal_to(value)
    bound = "" if least is None else f" of at least {least}"
    if number is None:
        raise OptionError(f"{name}={value!r} is not an integer; allowed is an integer{bound}")
    if least is not None and number < least:
        raise OptionError(f"{name}={value!r} is too small; allowed is an integer{bound}")
    return number


def _integer_equal_to(value: Any) -> Any:
    if type(value) is int:
        return value
    if isinstance(value, str | bytes):
        return None
    if getattr(value, "shape", ()) != ():
        return None
    real: Any = value.real if isinstance(value, Complex) else value
    try:
        number = int(real)
    except (TypeError, ValueError, OverflowError):  # not a number; nan; inf
        return None
    return number if value == number else None


def is_single(value: Any) -> bool:
    """Whether an option is one value for all axes, such as a number, a string, a 0-d array."""
    if isinstance(value, str | bytes) or getattr(value, "shape", None) == ():
        return True
    return not isinstance(value, Iterable)


def as_tuple(name: str, value: Any) -> tuple[Any, ...]:
    """The entries of a sequence or array; an iterator would be spent by reading it once."""
    if not isinstance(value, Sequence) and getattr(value, "shape", None) is None:
        raise OptionError(
            f"{name}={value!r} is a {type(value).__qualname__}, which has no fixed order or can be "
            "read only once; allowed is a tuple or a list"
        )
    return tuple(value)


def per_axis(name: str, value: Any, count: int) -> tuple[Any, ...]:
    """One entry per axis: a sequence of that many, or a single value repeated.

    Parameters
    ----------
    count : int
        Number of axes.
    """
    if is_single(value):
        return (value,) * count
    entries = as_tuple(name, value)
    if len(entries) != count:
        raise OptionError(
            f"{name}={value!r} has {len(entries)} entries for {count} axes; "
            f"allowed is one value, or one for each of the {count} axes"
        )
    return entries
