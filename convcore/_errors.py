"""Every error convcore raises on purpose: one root, each also the built-in it means."""

__all__ = [
    "ArrayTypeError",
    "BackendError",
    "ConvcoreError",
    "DTypeError",
    "DeviceError",
    "MethodError",
    "OptionError",
    "ShapeError",
]


class ConvcoreError(Exception):
    """Root of every error that convcore raises on purpose."""


class ShapeError(ConvcoreError, ValueError):
    """Shapes that do not fit together, or an output that would have no samples."""


class OptionError(ConvcoreError, ValueError):
    """An option outside what it allows: a stride of 0, an unknown mode."""


class MethodError(OptionError):
    """A forced method that cannot serve this problem; the message names those that can."""


class DTypeError(ConvcoreError, TypeError):
    """A dtype the spec does not name, or a conversion it forbids."""


class ArrayTypeError(ConvcoreError, TypeError):
    """An operand that is no array, or operands of two array libraries in one call."""


class DeviceError(ConvcoreError, ValueError):
    """Operands on two devices, or a device the backend does not have."""


class BackendError(ConvcoreError, RuntimeError):
    """A backend that is unknown, unavailable, or failed while planning."""
