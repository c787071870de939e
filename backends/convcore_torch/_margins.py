"""Padding as PyTorch takes it: equal at both ends and never negative, and the rest beforehand."""

from typing import Any, NamedTuple

__all__ = ["Margins", "amounts", "margins"]


class Margins(NamedTuple):
    """What both ends of one axis have in common, and what either has beyond that."""

    both: Any
    low: Any
    high: Any


def margins(low: Any, high: Any) -> Margins:
    """Split the padding of one axis."""
    both = max(min(low, high), 0)
    return Margins(both, low - both, high - both)


def amounts(ends: list[Margins]) -> list[Any] | None:
    """What ``torch.nn.functional.pad`` is to add beforehand, last axis first; None for nothing."""
    rest = [amount for end in reversed(ends) for amount in (end.low, end.high)]
    return rest if any(amount != 0 for amount in rest) else None
