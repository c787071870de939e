"""What of the spec PyTorch cannot do, each with its reason."""

from convcore.plugins import Gap

__all__ = ["GAPS"]

GAPS: tuple[Gap, ...] = (
    Gap(
        "never",
        "exception types under torch.compile(fullgraph=True)",
        "Dynamo raises an error of its own, which quotes convcore's",
    ),
    Gap(
        "never",
        "use() inside a function under torch.compile",
        "Dynamo cannot trace a context variable; enter the block around the call",
    ),
    Gap(
        "never",
        "tasks that interleave use() around compiled calls",
        "Dynamo can guard on what a thread holds, not on what a task does",
    ),
)
