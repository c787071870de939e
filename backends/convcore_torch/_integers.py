"""Products of matrices of integers on CUDA, where PyTorch has none: exact sums in float64."""

from typing import Any

from convcore.algorithms import Limbs

__all__ = ["matmul_exact"]

_BITS = 16
# Digits are at most 2^15, and up to four products of them are added for each term: 2^53 holds all.
_MOST_TERMS = 2**21


def matmul_exact(a: Any, b: Any, xp: Any) -> Any:
    """The product modulo the width of its integers, whatever the order of its sums."""
    pairs = zip(a.split(_MOST_TERMS, -1), b.split(_MOST_TERMS, -2), strict=True)
    first, *others = (_few_terms(*pair, xp) for pair in pairs)
    return sum(others, first)


def _few_terms(a: Any, b: Any, xp: Any) -> Any:
    bits = 8 * a.dtype.itemsize
    limbs = Limbs(min(bits, _BITS), -(-bits // _BITS))
    left, right = limbs.split(a, xp), limbs.split(b, xp)
    # Products of higher digits are multiples of the modulus.
    sums = [sum(left[i] @ right[k - i] for i in range(k + 1)) for k in range(limbs.count)]
    return limbs.join(sums, str(a.dtype).removeprefix("torch."), xp)
