"""Work as if no autocast region were around it: dtypes are what the call says (CC-PRECISION)."""

from collections.abc import Callable
from typing import Any

import torch

__all__ = ["outside_autocast"]


def outside_autocast(function: Callable[..., Any], kind: str) -> Callable[..., Any]:
    """A function that no autocast of a kind of device reaches."""
    if not torch.amp.is_autocast_available(kind):
        return function

    enabled = torch.is_autocast_enabled

    def plain(*arrays: Any) -> Any:
        if not enabled(kind):
            return function(*arrays)
        with torch.autocast(kind, enabled=False):
            return function(*arrays)

    return plain
