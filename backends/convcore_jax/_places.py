"""Where arrays lie, as far as planning asks: the platform, the devices, the width of numbers."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jax

from convcore.plugins import Device, Unbound

__all__ = [
    "Anywhere",
    "Place",
    "Traced",
    "default_platform",
    "device_named",
    "named",
    "names",
    "place_of",
]


@dataclass(frozen=True, eq=False)
class Place:
    """A place that arrays are bound to; one object each, as it is part of cache keys.

    Attributes
    ----------
    name : str
        Such as "cpu:0".
    platform : {"cpu", "gpu", "tpu"} or other
        The family of what XLA compiles for.
    wide : bool
        Whether 64-bit numbers exist there now (jax_enable_x64).
    ids : tuple of int
        The devices.
    """

    name: str
    platform: str
    wide: bool
    ids: tuple[int, ...] = ()

    def __str__(self) -> str:
        return self.name

    @property
    def is_host(self) -> bool:
        """Whether it is one device of the host, and known."""
        return self.platform == "cpu" and len(self.ids) == 1 and not isinstance(self, Traced)

    def put(self, values: Any) -> Any:
        """An array there, for programs that run there; it binds their results to no device."""
        free = isinstance(self, Unbound)
        return jax.device_put(values, None if free else device_named(self.name))


@dataclass(frozen=True, eq=False)
class Anywhere(Place, Unbound):
    """Where uncommitted arrays are: they follow the others of their call.

    The platform is then a guess, and what is compiled for another one is chosen anew.
    """


@dataclass(frozen=True, eq=False)
class Traced(Anywhere):
    """Where tracers are: nowhere yet."""


def place_of(x: Any) -> Place:
    """The place of an array or tracer."""
    wide = bool(jax.config.jax_enable_x64)
    if isinstance(x, jax.core.Tracer):
        return _place(Traced, "traced", default_platform(), wide)
    return _found(x.sharding, x.committed, wide)


@lru_cache(maxsize=1024)
def _found(sharding: Any, committed: bool, wide: bool) -> Place:
    devices = sorted(sharding.device_set, key=lambda device: device.id)
    name = _name(devices[0])
    if len(devices) > 1:
        name += f" and {len(devices) - 1} more"
    ids = tuple(device.id for device in devices)
    kind = Place if committed else Anywhere
    return _place(kind, name, devices[0].platform, wide, ids)


@lru_cache(maxsize=1024)
def _place(
    kind: type[Place], name: str, platform: str, wide: bool, ids: tuple[int, ...] = ()
) -> Place:
    return kind(name, platform, wide, ids)


def named(device: Device) -> Place:
    """The place that a device is, or names; None names wherever the arrays are."""
    if isinstance(device, Place):
        return device
    wide = bool(jax.config.jax_enable_x64)
    if device is None:
        return _place(Anywhere, "any", default_platform(), wide)
    found = device_named(str(device))
    return _place(Place, _name(found), found.platform, wide, (found.id,))


def default_platform() -> str:
    """The platform that JAX prefers here and now."""
    default: Any = jax.config.jax_default_device
    if default is None:
        return str(jax.default_backend())
    return default if isinstance(default, str) else str(default.platform)


def names() -> tuple[str, ...]:
    """The names of this process's devices, those that JAX prefers first."""
    return tuple(_devices())


def device_named(name: str) -> Any:
    """The device of that name."""
    return _devices()[name]


@lru_cache(maxsize=1)
def _devices() -> dict[str, Any]:
    platforms = dict.fromkeys((jax.default_backend(), "cpu"))
    return {_name(d): d for platform in platforms for d in jax.local_devices(backend=platform)}


def _name(device: Any) -> str:
    platform = device.platform
    if platform == "gpu":
        platform = "rocm" if "rocm" in device.client.platform_version.lower() else "cuda"
    return f"{platform}:{device.id}"
