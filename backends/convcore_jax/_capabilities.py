"""What JAX can do here, as data."""

from functools import cache

import jax

from convcore.plugins import DTYPES, Capabilities, Gap
from convcore_jax._places import names

__all__ = ["capabilities"]

_WIDE = ("int64", "uint64", "float64", "complex128")
_GAPS = (
    Gap(
        "never",
        "native: float64, complex and integers on CPUs",
        "XLA's loops for them read beyond their input, which can end the process; "
        "direct, fft and overlap_add serve them",
    ),
    Gap(
        "notyet",
        "gradients outside of jit on a mesh with explicit axes",
        "JAX refuses programs that mix explicit and automatic axes in their arguments; "
        "take the gradient inside jax.jit",
    ),
)


def capabilities() -> Capabilities:
    """The capabilities under the configuration in force."""
    return _capabilities(bool(jax.config.jax_enable_x64))


@cache
def _capabilities(wide: bool) -> Capabilities:
    return Capabilities(
        version=jax.__version__,
        devices=names(),
        dtypes=tuple(name for name in DTYPES if wide or name not in _WIDE),
        methods=("direct", "fft", "overlap_add", "native"),
        transforms=("grad", "jvp", "vmap", "jit", "export", "sharding"),
        native_ranks=(1, 2, 3),
        gaps=_GAPS,
    )
