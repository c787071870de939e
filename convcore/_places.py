"""Where a call runs: one library and device for all its arrays, and perhaps a borrowed engine."""

from typing import Any, NamedTuple

from convcore._backend import ARRAY_API, Backend, Unbound
from convcore._blocks import Blocks, device_beside
from convcore._errors import ArrayTypeError, DeviceError
from convcore._operands import backend_of, portable
from convcore._options import context
from convcore._registry import registry
from convcore._typing import Device, Run

__all__ = ["Place", "common_device", "find_owner", "find_place"]


class Place(NamedTuple):
    """The backend that runs a call, on which device, and whether the arrays are lent to it."""

    engine: Backend
    device: Device
    borrowed: bool

    def around(self, run: Run) -> Run:
        """The run, with arrays lent and the result given back where that is needed."""
        if not self.borrowed:
            return run
        engine, device = self.engine, self.device

        def lent(x: Any, w: Any, bias: Any) -> Any:
            mine = (None if a is None else engine.lend(a, device) for a in (x, w, bias))
            return engine.give_back(run(*mine), x)

        return lent


def find_place(
    names: tuple[str, ...], arrays: tuple[Any, ...], backend: Backend, keyword: Any
) -> Place:
    """Check that all arrays are in one place, and find out where they are to be run.

    Parameters
    ----------
    names : tuple of str
        What the user calls the arrays.
    arrays : tuple
        Arrays, sketches, or None where one was not passed.
    backend : Backend
        Of all of them (`find_owner`).
    keyword : str or None
        The call's ``backend=``.
    """
    own = common_device(names, arrays, backend)
    said = context()
    engine = _engine(said.backend if keyword is None else keyword, backend)
    # A device was said together with a backend, and is meant for no other.
    device: Any = said.device if keyword is None or engine.name == said.backend else None
    known = engine.capabilities.devices if device is not None else ()
    if device is not None and not (isinstance(device, str) and device in known):
        raise DeviceError(
            f"device={device!r} is not one of backend {engine.name!r}; allowed are "
            + (", ".join(map(repr, known)) or "no devices: its arrays lie where they were made")
        )
    if engine is backend and device is None:
        return Place(backend, own, borrowed=False)
    _check_lent(names[0], backend, engine, own)
    if device is None and str(own) in engine.capabilities.devices:
        device = str(own)  # where the arrays are, if the engine knows that device by the same name
    return Place(engine, device, borrowed=True)


def _check_lent(name: str, backend: Backend, engine: Backend, own: Device) -> None:
    """Refuse to lend what is not there yet: arrays that wrap others may be lazy."""
    if isinstance(own, Blocks):
        raise ArrayTypeError(
            f"{name} is an array of {backend.name}, made of arrays of {own}: it is not lent to "
            f"backend={engine.name!r}; allowed is backend={backend.name!r}, which runs the blocks "
            "where they are, or an array in memory: compute it first"
        )


def _engine(name: Any, backend: Backend) -> Backend:
    # A name may be anything a user passes: an array, whose == is no bool, is left to the registry.
    if name is None or (isinstance(name, str) and name == backend.name):
        return backend
    if isinstance(name, str) and name == ARRAY_API:
        return portable(backend.namespace(None))
    return registry.get(name)


def find_owner(names: tuple[str, ...], arrays: tuple[Any, ...]) -> Backend:
    """The backend that all arrays belong to.

    That is the backend of each, or one whose arrays are made of those of the others (CC-DISPATCH).

    Raises
    ------
    ArrayTypeError
        For arrays of several libraries.
    """
    present = [
        (n, a, backend_of(n, a)) for n, a in zip(names, arrays, strict=True) if a is not None
    ]
    first_name, first_array, first = present[0]
    for name, array, other in present[1:]:
        if other is first:
            continue
        outer = next((one for one in (first, other) if one.capabilities.wraps), None)
        places = [device_beside(a, outer) for a in (first_array, array)] if outer else []
        if outer is None or places[0] != places[1]:
            kinds = [
                f"{one.name} (made of {place})" if one is outer else one.name
                for one, place in zip((first, other), places or (None, None), strict=True)
            ]
            raise ArrayTypeError(
                f"{first_name} is an array of {kinds[0]} and {name} one of {kinds[1]}; "
                "allowed is one array library in a call: convert one of them"
            )
        first = outer
    return first


def common_device(names: tuple[str, ...], arrays: tuple[Any, ...], backend: Backend) -> Device:
    """The one device of all arrays.

    Raises
    ------
    DeviceError
        For arrays on several devices.
    """
    present = [(n, a) for n, a in zip(names, arrays, strict=True) if a is not None]
    devices = [(name, _device_of(name, array, backend)) for name, array in present]
    bound = [(name, device) for name, device in devices if not isinstance(device, Unbound)]
    first, home = (bound or devices)[0]
    for name, device in bound:
        if device != home:
            raise DeviceError(
                f"{first} is on device {home} and {name} on {device}; "
                "allowed is one device in a call: move one of them"
            )
    return home


def _device_of(name: str, array: Any, backend: Backend) -> Device:
    """Where an operand lies; what the backend would misread is refused by the operand's name."""
    try:
        return device_beside(array, backend)
    except ArrayTypeError as error:
        raise ArrayTypeError(f"{name} cannot be read: {error}") from error
