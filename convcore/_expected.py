"""The operands that a plan was made for, and the check that an array is one."""

from typing import Any, NamedTuple

from convcore._backend import Unbound
from convcore._blocks import Blocks
from convcore._dtypes import dtype_name, is_higher_kind, native
from convcore._errors import ArrayTypeError, DeviceError, DTypeError, ShapeError
from convcore._operands import backend_of, type_name
from convcore._sketch import Sketch
from convcore._weak import check_fits, is_weak, plain_array

__all__ = ["Expected", "as_expected"]


class Expected(NamedTuple):
    """An operand of a plan: what the user calls it, its role ("x", "w" or "bias"), and its kind."""

    name: str
    role: str
    kind: Sketch


def as_expected(expected: Expected, array: Any) -> Any:
    """The array, which must be of the kind expected; numbers and sequences become one."""
    name, kind = expected.name, expected.kind
    if is_weak(array):
        array = _converted(name, array, kind)
    backend = backend_of(name, array)
    if backend is not kind.backend:
        raise ArrayTypeError(
            f"{name} is of type {type_name(array)}; this plan is for {kind.backend.name}"
        )
    if tuple(array.shape) != kind.shape:
        raise ShapeError(f"{name} has shape {tuple(array.shape)}; this plan is for {kind.shape}")
    # Most libraries have one object for each dtype; NumPy makes names anew, which takes 5 us.
    same = array.dtype is kind.dtype
    if not same and dtype_name(array.dtype, name) != dtype_name(kind.dtype, name):
        raise DTypeError(f"{name} has dtype {array.dtype}; this plan is for {kind.dtype}")
    device = backend.device(array)
    bound = not isinstance(device, Unbound) and not isinstance(kind.device, Unbound)
    if bound and device != kind.device:
        raise DeviceError(f"{name} is on {device}; this plan is for device {kind.device}")
    return array


def _converted(name: str, value: Any, kind: Sketch) -> Any:
    """A number or sequence as an array of the kind expected."""
    plain = plain_array(name, value)
    own, wanted = dtype_name(plain.dtype, name), dtype_name(kind.dtype, name)
    if is_higher_kind(own, wanted):
        raise DTypeError(f"{name} holds {own} numbers; this plan is for {wanted}")
    check_fits(name, plain, wanted)
    if isinstance(kind.device, Blocks):
        return kind.backend.lend(kind.device.asarray(plain.tolist(), wanted), kind.device)
    xp = kind.backend.namespace(None)
    return xp.asarray(plain.tolist(), dtype=native(xp, wanted), device=kind.device)
