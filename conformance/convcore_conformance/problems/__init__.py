"""Random valid calls of every operation, as hypothesis strategies that yield `Call`."""

from ._neural import neural_calls
from ._signal import signal_calls

__all__ = ["neural_calls", "signal_calls"]
