"""convcore: one spec of convolution, any array library, the same answer on every device."""

# Imported here though unused: reached first from deep inside the package, NumPy's own import takes
# 20 ms more (measured on Python 3.11).
import numpy as _numpy  # noqa: F401, ICN001

from convcore._api_neural import conv, conv_input_grad, conv_transpose, conv_weight_grad
from convcore._api_signal import convolve, correlate
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
from convcore._options import use
from convcore._plan import Plan
from convcore._plan_call import plan
from convcore._registry import BackendInfo, backends, discover
from convcore._signal import lags

__version__ = "0.1.0"

__all__ = [
    "ArrayTypeError",
    "BackendError",
    "BackendInfo",
    "ConvcoreError",
    "DTypeError",
    "DeviceError",
    "MethodError",
    "OptionError",
    "Plan",
    "ShapeError",
    "__version__",
    "backends",
    "conv",
    "conv_input_grad",
    "conv_transpose",
    "conv_weight_grad",
    "convolve",
    "correlate",
    "lags",
    "plan",
    "use",
]

# Last, because plugins import what is above.
discover()
del discover
