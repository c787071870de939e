"""Convolutions inside ``torch.compile`` and ``torch.export``."""

import torch

from convcore.plugins import traced_call

__all__ = ["in_graph"]

# Dynamo takes the whole call as one step and never looks inside, so planning runs as it does
# eagerly, on fake tensors and perhaps symbolic sizes; what the plan calls is traced beneath.
in_graph = torch.compiler.allow_in_graph(traced_call)
