"""convcore on JAX's arrays beside XLA's own best call: ``python benchmarks/bench_jax.py``.

The peer is the faster of the two layouts of a jitted ``lax.conv_general_dilated``, the turning of
the operands included in the second. convcore is called as users call it, outside ``jit``. XLA's
first layout is timed twice, to show what a ratio on this machine is worth.
"""

from collections.abc import Callable
from functools import partial
from math import exp, log
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from _timing import interleaved
from jax import lax

import convcore

Case = tuple[str, dict[str, Callable[[], Any]]]
FIRST = {1: ("NCH", "OIH", "NCH"), 2: ("NCHW", "OIHW", "NCHW"), 3: ("NCDHW", "OIDHW", "NCDHW")}
LAST = {2: ("NHWC", "HWIO", "NHWC"), 3: ("NDHWC", "DHWIO", "NDHWC")}


def array(shape: tuple[int, ...]) -> Any:
    """An array of normal numbers."""
    return jnp.asarray(np.random.default_rng(sum(shape)).standard_normal(shape, np.float32))


@partial(jax.jit, static_argnames=("stride", "padding", "dilation", "groups", "last"))
def xla(
    x: Any, w: Any, stride: int, padding: int, dilation: int, groups: int, *, last: bool
) -> Any:
    """XLA's convolution of (n, c, *space) data, in one of the two layouts."""
    spatial = x.ndim - 2
    there = (0, *range(2, x.ndim), 1)
    if last:
        x, w = x.transpose(there), w.transpose(*range(2, w.ndim), 1, 0)
    y = lax.conv_general_dilated(
        x,
        w,
        (stride,) * spatial,
        [(padding, padding)] * spatial,
        rhs_dilation=(dilation,) * spatial,
        dimension_numbers=(LAST if last else FIRST)[spatial],
        feature_group_count=groups,
        precision=lax.Precision.HIGHEST,
    )
    return y.transpose(0, y.ndim - 1, *range(1, y.ndim - 1)) if last else y


def layer(name: str, x: tuple[int, ...], w: tuple[int, ...], **said: int) -> Case:
    """A neural layer on (n, c, *space)."""
    a, b = array(x), array(w)
    own = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, **said}
    calls = {
        "own": lambda: xla(a, b, **own, last=False).block_until_ready(),
        "ours": lambda: convcore.conv(a, b, **said).block_until_ready(),
    }
    if len(x) > 3:
        calls["last"] = lambda: xla(a, b, **own, last=True).block_until_ready()
    return name, calls


def signal(name: str, x: tuple[int, ...], h: tuple[int, ...]) -> Case:
    """A full convolution, by jax.numpy's or jax.scipy's own function."""
    a, b = array(x), array(h)
    own = jax.jit(jnp.convolve) if len(x) == 1 else jax.jit(jax.scipy.signal.convolve)
    return name, {
        "own": lambda: own(a, b).block_until_ready(),
        "ours": lambda: convcore.convolve(a, b).block_until_ready(),
    }


def cases() -> list[Case]:
    """Everything that takes XLA more than 50 us."""
    return [
        layer("3x3, 64 to 64, batch 8", (8, 64, 56, 56), (64, 64, 3, 3), padding=1),
        layer("3x3, 512 to 512, 7x7", (8, 512, 7, 7), (512, 512, 3, 3), padding=1),
        layer("1x1, 256 to 64", (8, 256, 56, 56), (64, 256, 1, 1)),
        layer("7x7 stem, stride 2", (8, 3, 224, 224), (64, 3, 7, 7), stride=2, padding=3),
        layer("depthwise 3x3", (8, 64, 56, 56), (64, 1, 3, 3), padding=1, groups=64),
        layer("grouped 3x3", (8, 128, 28, 28), (128, 4, 3, 3), padding=1, groups=32),
        layer("dilated 3x3", (4, 64, 56, 56), (64, 64, 3, 3), padding=2, dilation=2),
        layer("conv1d 9", (8, 64, 1000), (64, 64, 9), padding=4),
        layer("conv3d 3x3x3", (2, 16, 32, 32, 32), (16, 16, 3, 3, 3), padding=1),
        layer("small 3x3", (1, 16, 14, 14), (16, 16, 3, 3), padding=1),
        signal("1000 * 31", (1000,), (31,)),
        signal("10k * 101", (10_000,), (101,)),
        signal("100k * 31", (100_000,), (31,)),
        signal("100k * 1000", (100_000,), (1000,)),
        signal("512x512 * 3x3", (512, 512), (3, 3)),
        signal("512x512 * 15x15", (512, 512), (15, 15)),
        signal("64^3 * 5^3", (64, 64, 64), (5, 5, 5)),
    ]


def main() -> None:
    print(f"JAX {jax.__version__} on {jax.devices()[0]}\n")
    print("| case | XLA (ms) | channels last (ms) | convcore (ms) | to the best | again |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    ratios = []
    for name, calls in cases():
        calls["again"] = calls["own"]
        took = {key: 1e3 * value for key, value in interleaved(calls, rounds=15).items()}
        ratios.append(took["ours"] / min(took["own"], took.get("last", took["own"])))
        last = f"{took['last']:.3f}" if "last" in took else ""
        print(
            f"| {name} | {took['own']:.3f} | {last} | {took['ours']:.3f} | {ratios[-1]:.2f} "
            f"| {took['again'] / took['own']:.2f} |",
            flush=True,
        )
    print(f"\ngeometric mean {exp(sum(map(log, ratios)) / len(ratios)):.2f}")


if __name__ == "__main__":
    main()
