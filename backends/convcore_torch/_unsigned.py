"""Unsigned integers, for which PyTorch has few operations, as signed ones of the same width.

Both compute modulo 2^bits, so the bits of the sums are the same (CC-INT).
"""

from dataclasses import replace
from typing import Any

import torch

from convcore.plugins import DTYPES, ConvProblem, Run

__all__ = ["reinterpreted", "signed"]

_SIGNED = {"uint16": "int16", "uint32": "int32", "uint64": "int64"}


def signed(problem: ConvProblem) -> ConvProblem:
    """The problem on the same bits as PyTorch can compute it; the problem itself where it can."""
    dtype = _SIGNED.get(problem.dtype)
    if dtype is None:
        return problem
    half = 2 ** (DTYPES[dtype].bits - 1)
    fill = (int(problem.fill.real) + half) % (2 * half) - half
    return replace(problem, x_dtype=dtype, w_dtype=dtype, dtype=dtype, fill=fill)


def reinterpreted(problem: ConvProblem, run: Run) -> Run:
    """The run of a problem by that of its `signed` form."""
    own = getattr(torch, problem.dtype)
    same = getattr(torch, _SIGNED[problem.dtype])

    def as_signed(array: Any) -> Any:
        return None if array is None else array.to(own).view(same)

    return lambda x, w, bias: run(as_signed(x), as_signed(w), as_signed(bias)).view(own)
