"""The lags of correlate's samples: formulas of sizes alone, on no library."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest

import convcore

from .marks import shows

SIZES = list(product(range(1, 7), repeat=2))
MODES = ("full", "same", "valid")


@shows("CC-LAGS-1", "CC-LAGS-2", "CC-LAGS-3", "CC-LAGS-4")
@pytest.mark.parametrize(
    ("n1", "n2", "mode", "wanted"),
    [
        (5, 4, "full", range(-3, 5)),
        (5, 4, "same", range(-2, 3)),
        (5, 3, "same", range(-1, 4)),
        (2, 5, "same", range(-2, 0)),
        (5, 4, "valid", range(2)),
        (4, 5, "valid", range(-1, 1)),
        (3, 3, "valid", range(1)),
        (1, 1, "full", range(1)),
    ],
)
def test_by_hand(n1: int, n2: int, mode: str, wanted: range) -> None:
    assert convcore.lags(n1, n2, mode) == wanted


@shows("CC-LAGS-1")
@pytest.mark.parametrize("mode", MODES)
def test_a_range_of_the_size_that_the_mode_gives(mode: str) -> None:
    for n1, n2 in SIZES:
        lags = convcore.lags(n1, n2, mode)
        assert type(lags) is range
        assert lags.step == 1
        assert len(lags) == {"full": n1 + n2 - 1, "same": n1, "valid": abs(n1 - n2) + 1}[mode]


@shows("CC-LAGS-2")
def test_full() -> None:
    """Every lag at which the operands overlap, and the default."""
    for n1, n2 in SIZES:
        overlapping = sorted({i - j for i in range(n1) for j in range(n2)})
        assert list(convcore.lags(n1, n2)) == list(convcore.lags(n1, n2, "full")) == overlapping


@shows("CC-LAGS-3")
def test_same() -> None:
    for n1, n2 in SIZES:
        assert convcore.lags(n1, n2, "same") == range(-(n2 // 2), n1 - n2 // 2)


@shows("CC-LAGS-4")
def test_valid() -> None:
    """Every lag at which the shorter operand lies wholly inside the longer."""
    for n1, n2 in SIZES:
        inside = [
            lag
            for lag in range(-n2, n1 + 1)
            if {lag + i for i in range(n2)} <= set(range(n1))
            or {i - lag for i in range(n1)} <= set(range(n2))
        ]
        assert list(convcore.lags(n1, n2, "valid")) == inside


@shows("CC-LAGS-5", "CC-ERROR-9")
@pytest.mark.parametrize("two", [2.0, 2 + 0j, Fraction(2), np.int8(2), np.float32(2)], ids=repr)
@pytest.mark.parametrize("mode", MODES)
def test_what_equals_an_integer(two: Any, mode: str) -> None:
    assert convcore.lags(two, 5, mode) == convcore.lags(2, 5, mode)
    assert convcore.lags(5, two, mode) == convcore.lags(5, 2, mode)
    assert convcore.lags(True, True, mode) == range(1)


def _sizes(wrong: Any) -> list[tuple[tuple[Any, Any], str]]:
    return [((wrong, 3), "n1"), ((3, wrong), "n2")]


@shows("CC-LAGS-5", "CC-ERROR-10")
@pytest.mark.parametrize("size", [2.5, float("nan"), float("inf"), "2", None, 2j, (2,)], ids=repr)
def test_a_size_that_is_no_integer(size: Any) -> None:
    for sizes, name in _sizes(size):
        message = _refusal(*sizes)
        assert f"{name}={size!r}" in message
        assert "integer of at least 1" in message


@shows("CC-LAGS-6")
@pytest.mark.parametrize("size", [0, -1, 0.0, False], ids=repr)
def test_a_size_below_one(size: Any) -> None:
    for sizes, name in _sizes(size):
        message = _refusal(*sizes)
        assert f"{name}={size!r}" in message
        assert "at least 1" in message


@shows("CC-LAGS-7")
@pytest.mark.parametrize("mode", ["FULL", "", "reflect", None, 1, ("full",)], ids=repr)
def test_an_unknown_mode(mode: Any) -> None:
    message = _refusal(3, 2, mode)
    assert f"mode={mode!r}" in message
    assert "'full', 'same', 'valid'" in message


def _refusal(*arguments: Any) -> str:
    with pytest.raises(convcore.OptionError) as caught:
        convcore.lags(*arguments)
    assert caught.type is convcore.OptionError
    return str(caught.value)
