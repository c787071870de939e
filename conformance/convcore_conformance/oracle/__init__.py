"""The definition of convcore's six operations, as loops over exact arithmetic.

Nothing here imports convcore, a backend or an array library: an operand is a `Tensor` of Python
numbers and a result is a `Tensor` of `Element`, one exact sum each. Read in this order:

- ``_axis``: which samples meet along one axis, for every operation (the definitions themselves);
- ``_contract``: the sum over all axes, channels included;
- ``_signal`` and ``_neural``: from a caller's spelling to the two above;
- ``_padding``, ``_layout``: the spellings; ``_numbers``, ``_tensor``: the arithmetic.
"""

from ._contract import Element, Result
from ._neural import conv, conv_input_grad, conv_transpose, conv_weight_grad
from ._numbers import Complex, Real, Scalar, sqrt_up, wrapped
from ._signal import convolve, correlate
from ._tensor import Tensor

__all__ = [
    "Complex",
    "Element",
    "Real",
    "Result",
    "Scalar",
    "Tensor",
    "conv",
    "conv_input_grad",
    "conv_transpose",
    "conv_weight_grad",
    "convolve",
    "correlate",
    "sqrt_up",
    "wrapped",
]
