"""What of the spec PyTorch cannot do, each with its reason."""

from convcore.plugins import Gap

__all__ = ["GAPS"]

GAPS: tuple[Gap, ...] = ()
