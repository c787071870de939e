"""Products of matrices that mix channels: image by image, or of all images beside each other."""

from dataclasses import dataclass
from math import prod
from typing import Any

import jax.numpy as jnp
from jax import lax

from convcore.plugins import ConvProblem
from convcore_jax._namespace import precision, summed_in
from convcore_jax._problems import is_symbolic

__all__ = ["Mixing"]

_LEAST_SAMPLES = 16


@dataclass(frozen=True, slots=True)
class Mixing:
    """Which axes the products of a problem run over.

    Attributes
    ----------
    together : bool
        Whether all images lie beside each other in one matrix: data (g, c, n, ...). Otherwise each
        has a product of its own: data (n, g, c, ...), which nothing needs to be moved for, but
        the kernel is repeated.
    precision : str
        As problems say it.
    """

    together: bool
    precision: str

    @classmethod
    def of(cls, problem: ConvProblem, terms: int) -> "Mixing":
        """What moves less.

        Parameters
        ----------
        terms : int
            Of one sum in a product.
        """
        if is_symbolic(problem):
            return cls(True, problem.precision)
        together = problem.size("n") > 1
        samples = prod(axis.unfolded for axis in problem.axes)
        if together and samples >= _LEAST_SAMPLES:
            outs, channels = problem.size("o"), problem.size("c")
            # Matrices of few samples are slow, too, so that repeated kernels count twice.
            together = 2 * outs * terms > samples * (outs + channels)
        return cls(together, problem.precision)

    @property
    def channels(self) -> int:
        """The data's axis of channels; the axes of space are the fourth and later ones."""
        return 1 if self.together else 2

    def data(self, x: Any) -> Any:
        """(n, g, c, ...) as the products take them."""
        return jnp.moveaxis(x, 0, 2) if self.together else x

    def product(self, w: Any, x: Any, *, summed: int) -> Any:
        """Sum (g, o, c, ...) times the data over their channels and the axes after these.

        Parameters
        ----------
        summed : int
            How many axes.
        """
        sums = summed_in(x.dtype)
        by = 1 if self.together else 2
        if not self.together:
            w = jnp.broadcast_to(w, (x.shape[0], *w.shape))
        over = tuple(tuple(range(first, first + summed)) for first in (by + 1, self.channels))
        y = lax.dot_general(
            w.astype(sums),
            x.astype(sums),
            (over, (tuple(range(by)),) * 2),
            precision=precision(self.precision),
            preferred_element_type=sums,
        )
        return y.astype(x.dtype)

    def result(self, y: Any) -> Any:
        """What products made, as (n, g, o, ...)."""
        return jnp.moveaxis(y, 2, 0) if self.together else y
