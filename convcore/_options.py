"""Options that apply to a stretch of code: ``use()``, and what a call reads of it."""

import threading
from collections.abc import Iterator
from contextlib import ContextDecorator, contextmanager
from contextvars import ContextVar, Token
from types import TracebackType
from typing import NamedTuple, Self

from convcore._arguments import as_int, choice
from convcore._errors import OptionError

__all__ = [
    "ACCURACIES",
    "METHODS",
    "PRECISIONS",
    "Options",
    "context",
    "entered",
    "mirrored",
    "use",
]

METHODS = ("auto", "direct", "fft", "overlap_add", "native")
PRECISIONS = ("ieee", "fast")
ACCURACIES = ("componentwise", "normwise")


class Options(NamedTuple):
    """What ``use()`` may say; None means not said. A tuple, because it is part of cache keys."""

    backend: str | None = None
    device: str | None = None
    method: str | None = None
    precision: str | None = None
    accuracy: str | None = None
    threads: int | None = None

    def over(self, outer: "Options") -> "Options":
        """These options, and the outer ones where these say nothing.

        A device belongs to the backend it was said with, so an inner backend drops the outer one.
        """
        said = {name: value for name, value in self._asdict().items() if value is not None}
        merged = outer._replace(**said)
        return merged if self.backend is None else merged._replace(device=self.device)


_DEFAULT = Options()
_CONTEXT: ContextVar[Options] = ContextVar("convcore_options", default=_DEFAULT)


class _Mirror(threading.local):
    """The options of one thread, and the blocks they come from.

    A compiler that cannot trace a ContextVar can read an attribute, and guard on it.
    """

    def __init__(self) -> None:  # run once in each thread
        self.options = _DEFAULT
        self.entered: tuple[tuple[Token[Options], Options], ...] = ()


_MIRROR = _Mirror()


context = _CONTEXT.get  # bound, because every call asks
"""Options in force here."""


def mirrored() -> Options:
    """Options in force here, as a compiler can read them."""
    return _MIRROR.options


@contextmanager
def entered(options: Options) -> Iterator[None]:
    """These options and no others, for a block."""
    token = _CONTEXT.set(options)
    try:
        yield
    finally:
        _CONTEXT.reset(token)


class use(ContextDecorator):  # noqa: N801 - reads as a verb: ``with use(method="fft"):``
    """Set options for every convcore call in a block; safe in threads and async tasks.

    Parameters
    ----------
    backend : str, optional
        Name of the backend that runs the calls (see `backends`); arrays of other libraries are
        lent to it and the results given back in the caller's library.
    device : str, optional
        Device of that backend, such as ``"cuda:0"``; only together with ``backend``.
    method : {"auto", "direct", "fft", "overlap_add", "native"}, optional
    precision : {"ieee", "fast"}, optional
    accuracy : {"componentwise", "normwise"}, optional
        Weakest accuracy class that method ``"auto"`` may choose.
    threads : int, optional
        Most threads a backend may start for one call.

    Raises
    ------
    OptionError
        For a value outside these.

    Examples
    --------
    >>> with convcore.use(method="direct"):
    ...     convcore.convolve([1, 2, 3], [0, 1, 0.5])
    array([0. , 1. , 2.5, 4. , 1.5])
    """

    def __init__(
        self,
        *,
        backend: str | None = None,
        device: str | None = None,
        method: str | None = None,
        precision: str | None = None,
        accuracy: str | None = None,
        threads: int | None = None,
    ) -> None:
        if device is not None and backend is None:
            raise OptionError(
                f"device={device!r} without backend: a device belongs to a backend; "
                "say both, as use(backend='torch', device='cuda:0')"
            )
        self._said = Options(
            backend,
            device,
            choice("method", method, METHODS),
            choice("precision", precision, PRECISIONS),
            choice("accuracy", accuracy, ACCURACIES),
            None if threads is None else as_int("threads", threads, least=1),
        )
        # A stack, so that one object may be entered again inside itself.
        self._entered: list[Token[Options]] = []

    def __enter__(self) -> Self:
        outer = _CONTEXT.get()
        merged = self._said.over(outer)
        token = _CONTEXT.set(merged)
        self._entered.append(token)
        _mirror(token, merged)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        token = self._entered.pop()
        _CONTEXT.reset(token)
        _mirror(token, None)


def _mirror(token: Token[Options], options: Options | None) -> None:
    """Enter options into this thread's mirror, or take out those that were entered as token.

    Tasks of one thread leave their blocks in any order, so this is a list and not a stack.
    """
    others = tuple(entry for entry in _MIRROR.entered if entry[0] is not token)
    _MIRROR.entered = others if options is None else (*others, (token, options))
    _MIRROR.options = _MIRROR.entered[-1][1] if _MIRROR.entered else _DEFAULT
