"""Sharded arrays on eight devices of one CPU: nothing is gathered."""

import os
import subprocess
import sys

import pytest

pytest.importorskip("jax")
pytest.importorskip("convcore_jax")

SCRIPT = """
import jax, jax.numpy as jnp, numpy as np
from jax.sharding import NamedSharding, PartitionSpec as P
import convcore

assert len(jax.devices()) == 8
kind = getattr(jax.sharding.AxisType, "{kind}")
mesh = jax.make_mesh((8,), ("i",), axis_types=(kind,))
rng = np.random.default_rng(0)

def made(*shapes):
    return [jnp.asarray(rng.standard_normal(s), jnp.float32) for s in shapes]

def on_mesh(x, w, spec):
    spread = jax.device_put(x, NamedSharding(mesh, spec))
    return spread, jax.device_put(w, NamedSharding(mesh, P()))

def check(name, function, x, w, spec):
    x, w = made(x, w)
    wanted = np.asarray(function(x, w))
    sharded, whole = on_mesh(x, w, spec)
    compiled = jax.jit(function).lower(sharded, whole).compile()
    assert "all-gather" not in compiled.as_text(), name
    for got in (compiled(sharded, whole), function(sharded, whole), function(sharded, w)):
        np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-4, err_msg=name)
        assert len(got.sharding.device_set) == 8, name

def check_gradients(name, function, x, w, spec):
    x, w = made(x, w)
    sums = jax.jit(jax.grad(lambda x, w: (function(x, w) ** 2).sum(), argnums=(0, 1)))
    wanted = sums(x, w)
    with jax.set_mesh(mesh):
        got = sums(*on_mesh(x, w, spec))
    for one, other in zip(got, wanted):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-2, err_msg=name)

conv = lambda **o: lambda x, w: convcore.conv(x, w, padding="same", **o)
batch, rows = P("i"), P(None, None, "i")
check("batch", conv(), (16, 8, 16, 16), (8, 8, 3, 3), batch)
check("space", conv(), (2, 8, 64, 16), (8, 8, 3, 3), rows)
check("grouped batch", conv(groups=4), (16, 8, 16, 16), (8, 2, 3, 3), batch)
check("grouped space", conv(groups=4), (2, 8, 64, 16), (8, 2, 3, 3), rows)
check("depthwise batch", conv(groups=8), (16, 8, 16, 16), (8, 1, 3, 3), batch)
check("depthwise space", conv(groups=8), (2, 8, 64, 16), (8, 1, 3, 3), rows)
fft = lambda x, w: convcore.convolve(x, w, "same", method="fft", axes=1)
check("fft batch", fft, (16, 4096), (1, 129), batch)
fft = lambda x, w: convcore.convolve(x, w, "same", method="fft", axes=(1, 2))
check("fft batch 2-d", fft, (16, 64, 64), (1, 9, 9), batch)
check_gradients("batch", conv(), (16, 8, 16, 16), (8, 8, 3, 3), batch)
check_gradients("grouped space", conv(groups=4), (2, 8, 64, 16), (8, 2, 3, 3), rows)
check_gradients("reflect", conv(boundary="reflect"), (2, 8, 64, 16), (8, 8, 3, 3), rows)
# 62 rows cannot be spread evenly, which a mesh of explicit axes would refuse.
uneven = jax.jit(convcore.conv)(*on_mesh(*made((2, 8, 64, 16), (8, 8, 3, 3)), rows))
assert uneven.shape == (2, 8, 62, 14)
"""


@pytest.mark.parametrize("kind", ["Auto", "Explicit"])
def test_nothing_is_gathered(kind):
    flags = "--xla_force_host_platform_device_count=8"
    env = {**os.environ, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.replace("{kind}", kind)],
        check=False,
        env=env,
        timeout=600,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
