"""What backend authors import: the contract, the registration hook, and the problem's classes.

A plugin is a module with a function ``convcore_backend() -> Backend`` marked by `hookimpl`, named
by an entry point of the group ``convcore.backends``.
"""

from convcore._axis import Axis, Fold
from convcore._backend import (
    PORTABLE_METHODS,
    Accuracy,
    Backend,
    Candidate,
    Capabilities,
    Compiler,
    Gap,
    Staged,
    Unbound,
)
from convcore._blocks import Blocks
from convcore._choice import cheapest
from convcore._dispatch import clear_caches, traced_call
from convcore._dtypes import DTYPES, DTypeInfo, native
from convcore._errors import (
    ArrayTypeError,
    BackendError,
    ConvcoreError,
    DeviceError,
    DTypeError,
    MethodError,
    OptionError,
    ShapeError,
)
from convcore._lending import lend_by, return_to
from convcore._parts import run_part
from convcore._problem import ConvProblem, Layout
from convcore._registry import hookimpl, registry
from convcore._tuning import tuned
from convcore._typing import Array, Comparison, Device, DType, Namespace, Run, Size

__all__ = [
    "DTYPES",
    "PORTABLE_METHODS",
    "Accuracy",
    "Array",
    "ArrayTypeError",
    "Axis",
    "Backend",
    "BackendError",
    "Blocks",
    "Candidate",
    "Capabilities",
    "Comparison",
    "Compiler",
    "ConvProblem",
    "ConvcoreError",
    "DType",
    "DTypeError",
    "DTypeInfo",
    "Device",
    "DeviceError",
    "Fold",
    "Gap",
    "Layout",
    "MethodError",
    "Namespace",
    "OptionError",
    "Run",
    "ShapeError",
    "Size",
    "Staged",
    "Unbound",
    "cheapest",
    "clear_caches",
    "hookimpl",
    "lend_by",
    "native",
    "registry",
    "return_to",
    "run_part",
    "traced_call",
    "tuned",
]
