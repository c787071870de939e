"""Compile a table of convolutions for TPUs and for CUDA, with no such device in the machine.

``python tests/ahead_of_time/jax_table.py tpu`` needs libtpu, ``... cuda`` the CUDA plugin of JAX.
It shows that what convcore chooses for a platform compiles there, and how long that takes; that
anything computes is not shown.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

MOST_SECONDS = 60

# Before JAX is loaded: libtpu is not to look for a TPU.
os.environ.update(
    JAX_PLATFORMS="cpu",
    TPU_SKIP_MDS_QUERY="1",
    TPU_ACCELERATOR_TYPE="v5litepod-4",
    TPU_WORKER_HOSTNAMES="localhost",
    ALLOW_MULTIPLE_LIBTPU_LOAD="1",
)

import jax
import jax.numpy as jnp
from jax.experimental import topologies
from jax.sharding import SingleDeviceSharding

import convcore

# What XLA's compiler asks of an H100, in the text form of its GpuTargetConfigProto.
H100 = """
gpu_device_info {
  threads_per_block_limit: 1024
  threads_per_warp: 32
  shared_memory_per_block: 49152
  shared_memory_per_core: 233472
  threads_per_core_limit: 2048
  core_count: 132
  fpus_per_core: 128
  block_dim_limit_x: 2147483647
  block_dim_limit_y: 65535
  block_dim_limit_z: 65535
  memory_bandwidth: 3352320000000
  l2_cache_size: 52428800
  clock_rate_ghz: 1.98
  device_memory_size: 84942979072
  shared_memory_per_block_optin: 232448
  cuda_compute_capability { major: 9 minor: 0 }
  registers_per_core_limit: 65536
  registers_per_block_limit: 65536
}
platform_name: "CUDA"
dnn_version_info { major: 9 minor: 8 patch: 0 }
device_description_str: "NVIDIA H100 80GB HBM3"
"""


class Row(NamedTuple):
    """One thing to compile: what to call it, and a function of arrays of these shapes."""

    name: str
    function: Callable[..., Any]
    shapes: tuple[tuple[int, ...], ...]
    dtype: str = "float32"


def rows() -> Iterator[Row]:
    """Every kind of convolution that networks and signals have."""
    conv, transpose, convolve = convcore.conv, convcore.conv_transpose, convcore.convolve
    images = (8, 64, 56, 56), (64, 64, 3, 3)
    yield Row("conv1d", conv, ((8, 64, 1000), (64, 64, 9)))
    yield Row("conv2d", lambda x, w: conv(x, w, padding=1), images)
    yield Row("conv3d", conv, ((2, 16, 32, 32, 32), (16, 16, 3, 3, 3)))
    yield Row("4 spatial axes", conv, ((1, 4, 8, 8, 8, 8), (4, 4, 3, 3, 3, 3)))
    yield Row("dense", conv, ((64, 256), (512, 256)))
    yield Row("strided, same", lambda x, w: conv(x, w, stride=2, padding="same"), images)
    yield Row("dilated", lambda x, w: conv(x, w, dilation=2), images)
    yield Row("grouped", lambda x, w: conv(x, w, groups=8), ((8, 64, 56, 56), (64, 8, 3, 3)))
    yield Row("depthwise", lambda x, w: conv(x, w, groups=64), ((8, 64, 56, 56), (64, 1, 3, 3)))
    yield Row(
        "channels last",
        lambda x, w: conv(x, w, layout="channels_last"),
        ((8, 56, 56, 64), (3, 3, 64, 64)),
    )
    yield Row("reflected", lambda x, w: conv(x, w, padding=1, boundary="reflect"), images)
    yield Row(
        "transposed", lambda x, w: transpose(x, w, stride=2), ((2, 64, 32, 32), (64, 64, 4, 4))
    )
    yield Row("gradients", jax.grad(lambda x, w: conv(x, w, padding=1).sum(), (0, 1)), images)
    yield Row("bfloat16", conv, images, "bfloat16")
    yield Row("float16", conv, images, "float16")
    yield Row("complex64", conv, ((2, 16, 32, 32), (16, 16, 3, 3)), "complex64")
    for dtype in ("int8", "uint8", "int16", "int32"):
        yield Row(dtype, conv, ((2, 16, 32, 32), (16, 16, 3, 3)), dtype)
    yield Row("signal 100k * 31", convolve, ((100_000,), (31,)))
    yield Row("signal 100k * 1001", convolve, ((100_000,), (1001,)))
    yield Row("signal 1M * 4097", convolve, ((1_000_000,), (4097,)))
    yield Row("signal 100k * 1001, int32", convolve, ((100_000,), (1001,)), "int32")
    yield Row("by a transform", lambda x, h: convolve(x, h, method="fft"), ((4000,), (97,)))
    yield Row("by blocks", lambda x, h: convolve(x, h, method="overlap_add"), ((100_000,), (1001,)))
    yield Row("picture 512x512 * 15x15", convolve, ((512, 512), (15, 15)))
    yield Row("volume 64^3 * 5^3", convolve, ((64, 64, 64), (5, 5, 5)))


def device(platform: str, name: str) -> Any:
    """A device of a platform that is described, not there."""
    if platform == "tpu":
        return topologies.get_topology_desc(platform="tpu", topology_name=name).devices[0]
    return topologies.get_topology_desc(
        platform="cuda", topology_name="", topology="1x1x1", target_config=H100
    ).devices[0]


def compiled(row: Row, where: Any) -> tuple[float, str]:
    """The seconds that compiling took, and what went wrong."""
    place = SingleDeviceSharding(where)
    arrays = [jax.ShapeDtypeStruct(s, jnp.dtype(row.dtype), sharding=place) for s in row.shapes]
    start = time.perf_counter()
    try:
        jax.jit(row.function).trace(*arrays).lower().compile()
    except Exception as error:  # noqa: BLE001 - whatever a compiler raises is a row of the table
        return time.perf_counter() - start, f"{type(error).__name__}: {str(error)[:200]}"
    return time.perf_counter() - start, ""


def main() -> int:
    """Print the table; the exit status says whether all rows compiled in time."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("platform", choices=("tpu", "cuda"))
    parser.add_argument("-k", default="", help="only rows whose name has this in it")
    said = parser.parse_args()
    bad = 0
    for name in ("v5e:2x2", "v6e:2x2") if said.platform == "tpu" else ("H100",):
        where = device(said.platform, name)
        print(f"\n| {said.platform} {name} | dtype | seconds | fault |")
        print("| --- | --- | ---: | --- |")
        for row in rows():
            if said.k in row.name:
                seconds, fault = compiled(row, where)
                bad += bool(fault) or seconds > MOST_SECONDS
                print(f"| {row.name} | {row.dtype} | {seconds:.1f} | {fault} |", flush=True)
    print(f"\n{bad} rows failed or took more than {MOST_SECONDS} s" if bad else "\nall compiled")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
