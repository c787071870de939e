"""Compile a table of convolutions for an accelerator, with no device at hand.

``python tests/ahead_of_time/jax_table.py --platform tpu`` needs libtpu, ``--platform cuda`` the
CUDA plugin of JAX. A row that does not compile, or takes longer than a minute, is a failure.
"""

import argparse
import os
import sys
import time

TOPOLOGIES = {"tpu": ("v5e:2x2", "v6e:2x2"), "cuda": ("1x1x1",)}
# Before JAX is imported: no TPU is looked for, and two processes may hold libtpu at once.
SETTINGS = {
    "JAX_PLATFORMS": "cpu",
    "TPU_SKIP_MDS_QUERY": "1",
    "TPU_ACCELERATOR_TYPE": "v5litepod-4",
    "TPU_WORKER_HOSTNAMES": "localhost",
    "ALLOW_MULTIPLE_LIBTPU_LOAD": "1",
}
# What XLA needs to know of an H100: NVIDIA's published figures.
H100 = """
gpu_device_info {
  threads_per_block_limit: 1024
  threads_per_warp: 32
  shared_memory_per_block: 49152
  shared_memory_per_core: 233472
  shared_memory_per_block_optin: 232448
  threads_per_core_limit: 2048
  core_count: 132
  fpus_per_core: 128
  block_dim_limit_x: 2147483647
  block_dim_limit_y: 65535
  block_dim_limit_z: 65535
  registers_per_core_limit: 65536
  registers_per_block_limit: 65536
  memory_bandwidth: 3352320000000
  l2_cache_size: 52428800
  clock_rate_ghz: 1.98
  device_memory_size: 84942979072
  cuda_compute_capability { major: 9 }
}
platform_name: "CUDA"
dnn_version_info { major: 9 minor: 10 }
device_description_str: "NVIDIA H100 80GB HBM3"
"""


def main():
    options = parsed()
    os.environ.update(SETTINGS)
    from jax_rows import ROWS

    names = options.topology or TOPOLOGIES[options.platform]
    rows = [row for row in ROWS if options.only in row[0]]
    failures = []
    print("| topology | convolution | compiled in (s) | |\n| --- | --- | ---: | --- |", flush=True)
    for topology in names:
        device = first_device(options.platform, topology)
        for name, *row in rows:
            seconds, fault = compiled(device, *row)
            if not fault and seconds > options.limit:
                fault = f"longer than {options.limit:g} s"
            print(f"| {topology} | {name} | {seconds:.1f} | {fault} |", flush=True)
            failures += [name] * bool(fault)
    print(f"\n{len(rows) * len(names)} rows, {len(failures)} failures", flush=True)
    sys.exit(bool(failures))


def parsed():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--platform", choices=TOPOLOGIES, required=True)
    parser.add_argument("--topology", action="append", help="a TPU's topology; v5e and v6e")
    parser.add_argument("--only", default="", help="rows whose name holds this")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds a row may take")
    return parser.parse_args()


def first_device(platform, topology):
    """A device of a topology that need not exist."""
    from jax.experimental import topologies

    if platform == "tpu":
        described = topologies.get_topology_desc(platform=platform, topology_name=topology)
    else:
        described = topologies.get_topology_desc(
            platform=platform, topology_name="", topology=topology, target_config=H100
        )
    return described.devices[0]


def compiled(device, function, x_shape, w_shape, dtype):
    """Seconds that compiling took, and what went wrong."""
    import jax

    place = jax.sharding.SingleDeviceSharding(device)
    start = time.perf_counter()
    try:
        with jax.enable_x64(dtype.endswith("64")):
            x, w = (jax.ShapeDtypeStruct(s, dtype, sharding=place) for s in (x_shape, w_shape))
            jax.jit(function).trace(x, w).lower().compile()
    # Whatever a compiler raises is the row's result.
    except Exception as error:  # noqa: BLE001
        text = str(error).replace("\n", " ").replace("|", " ")
        return time.perf_counter() - start, f"{type(error).__name__}: {text[:160]}"
    return time.perf_counter() - start, ""


if __name__ == "__main__":
    main()
