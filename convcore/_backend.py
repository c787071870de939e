"""What a backend is: a few small methods over data. Everything else the core can express itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from convcore._problem import ConvProblem
from convcore._typing import Comparison, Device, Namespace, Run, Size

__all__ = [
    "ARRAY_API",
    "PORTABLE_METHODS",
    "Accuracy",
    "Backend",
    "Candidate",
    "Capabilities",
    "Compiler",
    "Gap",
    "Staged",
    "Unbound",
]


ARRAY_API = "array_api"
"""The name by which users ask for the portable algorithms, whatever backend their arrays have."""


PORTABLE_METHODS = ("direct", "fft", "overlap_add")
"""Methods of the spec that the portable algorithms serve, the last two where there is an FFT."""


_CLASSES = ("exact", "componentwise", "normwise", "none")


class Accuracy(NamedTuple):
    """An accuracy class of the spec (CC-ACCURACY).

    Attributes
    ----------
    name : {"exact", "componentwise", "normwise", "none"}
    constant : float
        The c of a normwise bound; 0 for the others.
    """

    name: str
    constant: float = 0.0

    def __str__(self) -> str:
        return f"{self.name} (c = {self.constant:g})" if self.constant else self.name

    def keeps(self, other: "Accuracy") -> bool:
        """Whether what is of this class is of the other one as well."""
        ranks = _CLASSES.index(self.name), _CLASSES.index(other.name)
        return ranks[0] < ranks[1] or (ranks[0] == ranks[1] and self.constant <= other.constant)


class Candidate(NamedTuple):
    """One way to run a problem.

    Attributes
    ----------
    name : str
        The engine, as its backend calls it.
    method : {"direct", "fft", "overlap_add", "native", "auto"}
        The method of the spec it serves; "auto" for one that may not be asked for by name.
    accuracy : Accuracy
    seconds : float
        Predicted time.
    workspace : float
        Predicted memory beyond operands and result, in bytes.
    why : str
        What speaks for it, in a few words.
    """

    name: str
    method: str
    accuracy: Accuracy
    seconds: float
    workspace: float = 0.0
    why: str = ""


class Gap(NamedTuple):
    """Something of the spec that a backend does not do.

    Attributes
    ----------
    kind : {"notimpl", "notyet", "never"}
        The library cannot; nobody has written it; it makes no sense there.
    what : str
        A clause id, or a dtype, method or transform.
    reason : str
    """

    kind: str
    what: str
    reason: str


class Capabilities(NamedTuple):
    """What a backend can do, as data: the support table, the suite's skips and errors read it.

    `wraps` says that its arrays are made of arrays of other libraries, which it also takes beside
    its own: those of one place, as its `Backend.device` tells both, as `Blocks`.
    """

    version: str
    devices: tuple[str, ...]
    dtypes: tuple[str, ...]
    methods: tuple[str, ...]
    transforms: tuple[str, ...] = ()
    native_ranks: tuple[int, ...] = ()
    gaps: tuple[Gap, ...] = ()
    wraps: bool = False


class Unbound:
    """Base of a device whose arrays go wherever the others of their call are, as tracers do."""

    __slots__ = ()


class Compiler(NamedTuple):
    """A compiler that traces Python code, and would have to trace convcore's.

    Attributes
    ----------
    module : str
        It cannot be at work before this module is loaded.
    tracing : callable
        Gives `traced_call` in the form in which the compiler takes it as one step, without
        looking inside; or None while it is not at work.
    """

    module: str
    tracing: Callable[[], Callable[..., Any] | None]


class Backend(Protocol):
    """An array library's convolutions.

    Notes
    -----
    The laws of a backend:

    - `lower(p, c.name, d)(x, w, bias)` has shape ``p.y_shape``, dtype ``p.dtype``, x's device and
      library; it shares no memory with the operands and leaves them as they were.
    - Every candidate of `methods(p, d)` can be lowered, and keeps the accuracy it states.
    - `give_back(lend(x, d), x)` equals x, on x's device, in x's library.
    - `capabilities` may import the library, and raises with the reason where it is unavailable;
      nothing else is asked of a backend before that.
    """

    @property
    def name(self) -> str:
        """The name users pass as ``backend=``, which is that of the entry point."""

    @property
    def array_types(self) -> tuple[str, ...]:
        """Dotted names of the array classes it serves, such as ``"numpy.ndarray"``."""

    @property
    def refused_types(self) -> Mapping[str, str]:
        """Dotted names of classes it would take wrongly, each with what to do instead."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do here."""

    def device(self, x: Any) -> Device:
        """Where x lies; None where the library has only one place; an `Unbound` if anywhere.

        Raises ArrayTypeError for an array of its classes that it would misread all the same.
        """

    def surely(self, compare: Comparison, a: Size, b: Size) -> bool:
        """Whether ``compare(a, b)`` certainly holds; sizes that are symbols may leave it open.

        The comparison is made here, since a library may raise where it cannot tell.
        """

    def namespace(self, x: Any) -> Namespace:
        """The array API namespace of x; where x is None, that of the library's arrays."""

    def methods(self, problem: ConvProblem, device: Device) -> tuple[Candidate, ...]:
        """The ways to run a problem, in no particular order."""

    def lower(self, problem: ConvProblem, engine: str, device: Device) -> Run:
        """Turn a problem and the name of a candidate into ``(x, w, bias or None) -> y``."""

    def lend(self, x: Any, device: Device) -> Any:
        """An array of another library as one of this, on that device; without a copy if it can.

        Where the device is None, that is wherever the library makes its arrays. Where a user says
        a device, x may also be an array of this library, on another one.
        """

    def give_back(self, y: Any, like: Any) -> Any:
        """A result in the library and on the device of the array it came from."""


@dataclass(frozen=True, slots=True)
class Staged:
    """A run in two steps, of which the first depends on the kernel alone and can be kept."""

    prepare: Callable[[Any], Any]
    apply: Run

    def __call__(self, x: Any, w: Any, bias: Any = None) -> Any:
        return self.apply(x, self.prepare(w), bias)

    def hold(self, w: Any) -> Run:
        """The run with this kernel prepared once; its second argument is then ignored."""
        kernel = self.prepare(w)
        return lambda x, _w, bias: self.apply(x, kernel, bias)
