"""The PyTorch backend's answers to convcore."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, final

from convcore.plugins import (
    DTYPES,
    ArrayTypeError,
    Candidate,
    Capabilities,
    Comparison,
    ConvProblem,
    Device,
    DeviceError,
    Namespace,
    Run,
    Size,
    lend_by,
    return_to,
)

__all__ = ["TorchBackend"]


@final
class TorchBackend:
    """PyTorch's own convolutions where they are right and fast, the portable algorithms elsewhere.

    PyTorch is imported inside the methods, none of which is asked anything before a tensor exists.
    """

    name = "torch"
    array_types = ("torch.Tensor",)
    refused_types: Mapping[str, str] = {}

    @property
    def capabilities(self) -> Capabilities:
        import torch

        from convcore_torch._gaps import GAPS

        devices = ("cpu", *(f"cuda:{i}" for i in range(torch.cuda.device_count())))
        return Capabilities(
            version=torch.__version__,
            devices=(*devices, *(("mps",) if torch.backends.mps.is_available() else ())),
            dtypes=tuple(DTYPES),
            methods=("direct", "fft", "overlap_add", "native"),
            transforms=("grad", "jvp", "vmap", "compile", "export", "meta"),
            native_ranks=(1, 2, 3),
            gaps=GAPS,
        )

    @cached_property
    def _strided(self) -> Any:
        # Kept, because every call asks and an import statement takes longer than the answer.
        import torch

        return torch.strided

    def device(self, x: Any) -> Device:
        if x.layout is not self._strided:
            raise ArrayTypeError(
                f"a tensor of layout {x.layout} is none that convcore reads; allowed is "
                "torch.strided: convert it first (x.to_dense())"
            )
        place: Device = x.device
        return place

    def surely(self, compare: Comparison, a: Size, b: Size) -> bool:
        # On symbolic sizes it becomes a guard of the graph, as PyTorch's own shape checks do.
        return bool(compare(a, b))

    def namespace(self, x: Any) -> Namespace:
        from array_api_compat import torch

        return torch

    def methods(self, problem: ConvProblem, device: Device) -> tuple[Candidate, ...]:
        from convcore_torch._engines import candidates

        return candidates(problem, device)

    def lower(self, problem: ConvProblem, engine: str, device: Device) -> Run:
        from convcore_torch._engines import lower

        return lower(problem, engine, device)

    def lend(self, x: Any, device: Device) -> Any:
        import torch

        mine = x if isinstance(x, torch.Tensor) else lend_by(torch.from_dlpack, x, "PyTorch")
        if device is not None:
            return mine.to(device)
        if mine.device.type != "cpu":
            raise DeviceError(
                f"an array on {mine.device} is lent to PyTorch without a device; "
                f"say it: use(backend='torch', device='{mine.device}')"
            )
        return mine

    def give_back(self, y: Any, like: Any) -> Any:
        import torch

        return y.to(like.device) if isinstance(like, torch.Tensor) else return_to(y, like)
