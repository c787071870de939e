"""Wrong uses of what is no operation: plans, options in force, lags."""

from typing import Any, NamedTuple

import array_api_strict as strict
import numpy as np
from bad_calls import X1, X2, W, X

import convcore
from convcore import (
    ArrayTypeError,
    BackendError,
    ConvcoreError,
    DeviceError,
    DTypeError,
    OptionError,
    ShapeError,
)


class BadUse(NamedTuple):
    """A wrong use: what it is, what it calls, and how it must be refused."""

    id: str
    call: Any
    error: type[ConvcoreError]
    says: tuple[str, ...]

    def __repr__(self) -> str:
        return self.id


def _use(error: type[ConvcoreError], *says: str, **options: Any) -> BadUse:
    id_ = ", ".join(f"{name}={value!r}" for name, value in options.items())
    return BadUse(f"use({id_})", lambda: convcore.use(**options), error, says)


def _within(error: type[ConvcoreError], *says: str, **options: Any) -> BadUse:
    def call() -> Any:
        with convcore.use(**options):
            return convcore.convolve(X1, X2)

    id_ = ", ".join(f"{name}={value!r}" for name, value in options.items())
    return BadUse(f"within use({id_})", call, error, says)


def _lags(*args: Any, says: tuple[str, ...]) -> BadUse:
    return BadUse(f"lags{args}", lambda: convcore.lags(*args), OptionError, says)


def _plan(id_: str, error: type[ConvcoreError], *says: str, call: Any) -> BadUse:
    return BadUse(f"plan {id_}", call, error, says)


PLAN = convcore.plan("convolve", X1, X2)
CONV = convcore.plan("conv", X, W, np.ones(4))
HELD = PLAN.prepare(X2)

OPTIONS_IN_FORCE = [
    _use(OptionError, "device='cpu'", "backend", "both", device="cpu"),
    *(_use(OptionError, "method", "'auto'", "'native'", method=v) for v in ("FFT", "", 1, [])),
    *(_use(OptionError, "precision", "'ieee'", "'fast'", precision=v) for v in ("tf32", True)),
    *(_use(OptionError, "accuracy", "'normwise'", accuracy=v) for v in ("exact", "none", 0)),
    *(_use(OptionError, "threads", "at least 1", threads=v) for v in (0, -1, 1.5, "2", (1,))),
    _within(BackendError, "'nope'", "numpy", backend="nope"),
    _within(BackendError, "3", "numpy", backend=3),
    _within(BackendError, "['numpy']", "numpy", backend=["numpy"]),
    _within(DeviceError, "'tpu'", "'numpy'", "'cpu'", backend="numpy", device="tpu"),
    _within(DeviceError, "0", "'numpy'", "'cpu'", backend="numpy", device=0),
    _within(DeviceError, "['cpu']", "'numpy'", "'cpu'", backend="numpy", device=["cpu"]),
    _within(OptionError, "native", "'direct'", method="native"),
]

LAGS = [
    _lags(0, 3, says=("n1", "at least 1")),
    _lags(3, -1, says=("n2", "at least 1")),
    _lags(2.5, 3, says=("n1=2.5", "integer")),
    _lags("3", 3, says=("n1='3'", "integer")),
    _lags(3, None, says=("n2=None", "integer")),
    _lags(3, 3, None, says=("mode=None", "'full'", "'same'", "'valid'")),
    _lags(3, 3, "SAME", says=("mode='SAME'", "'full'", "'same'", "'valid'")),
    _lags(3, 3, ["same"], says=("mode=['same']", "'full'", "'same'", "'valid'")),
]

PLANS = [
    *(
        _plan(f"of {op!r}", OptionError, "op=", "convolve", "conv_weight_grad", call=call)
        for op, call in {
            "nothing": lambda: convcore.plan("nothing", X1, X2),
            "": lambda: convcore.plan("", X1, X2),
            3: lambda: convcore.plan(3, X1, X2),
            None: lambda: convcore.plan(None, X1, X2),
            "a list": lambda: convcore.plan(["convolve"], X1, X2),
            "np.convolve": lambda: convcore.plan(np.convolve, X1, X2),
            "lags": lambda: convcore.plan(convcore.lags, 3, 3),
        }.items()
    ),
    _plan("of text", ArrayTypeError, "x1", "str", call=lambda: convcore.plan("convolve", "a", X2)),
    _plan(
        "of bool pair",
        DTypeError,
        "x1",
        "bool",
        call=lambda: convcore.plan("convolve", ((3,), bool), X2),
    ),
    _plan(
        "of unknown dtype",
        DTypeError,
        "x2",
        "float31",
        call=lambda: convcore.plan("convolve", X1, ((3,), "float31")),
    ),
    _plan(
        "of unknown backend",
        BackendError,
        "'nope'",
        "numpy",
        call=lambda: convcore.plan(
            "convolve", ((3,), "float32"), ((3,), "float32"), backend="nope"
        ),
    ),
    _plan(
        "of negative shape",
        ShapeError,
        "x1",
        "-3",
        call=lambda: convcore.plan("convolve", ((-3,), "float32"), ((3,), "float32")),
    ),
    _plan("with other shape", ShapeError, "x1", "(4,)", "(5,)", call=lambda: PLAN(X1[:4], X2)),
    _plan("with other kernel", ShapeError, "x2", "(2,)", "(3,)", call=lambda: PLAN(X1, X2[:2])),
    _plan(
        "with other dtype",
        DTypeError,
        "x1",
        "float32",
        "float64",
        call=lambda: PLAN(X1.astype("f4"), X2),
    ),
    _plan(
        "with other library",
        ArrayTypeError,
        "x1",
        "strict",
        "numpy",
        call=lambda: PLAN(strict.asarray(X1), X2),
    ),
    _plan("with text", ArrayTypeError, "x2", "str", call=lambda: PLAN(X1, "abc")),
    _plan("with None", ArrayTypeError, "x2", "None", call=lambda: PLAN(X1, None)),
    _plan("with one array", ShapeError, "x1, x2", "2 arrays", "not 1", call=lambda: PLAN(X1)),
    _plan("without arrays", ShapeError, "x1, x2", "not 0", call=PLAN),
    _plan("with three arrays", ShapeError, "x1, x2", "not 3", call=lambda: PLAN(X1, X2, X2)),
    _plan("without its bias", ShapeError, "x, w, bias", "not 2", call=lambda: CONV(X, W)),
    _plan(
        "with other bias", ShapeError, "bias", "(5,)", "(4,)", call=lambda: CONV(X, W, np.ones(5))
    ),
    _plan(
        "prepared twice", OptionError, "holds a kernel", "came from", call=lambda: HELD.prepare(X2)
    ),
    _plan("prepared, shape", ShapeError, "x2", "(5,)", "(3,)", call=lambda: PLAN.prepare(X1)),
    _plan(
        "prepared, dtype",
        DTypeError,
        "x2",
        "int8",
        "float64",
        call=lambda: PLAN.prepare(X2.astype("i1")),
    ),
    _plan(
        "prepared, masked",
        ArrayTypeError,
        "x2",
        "Masked",
        call=lambda: PLAN.prepare(np.ma.array(X2)),
    ),
    _plan("prepared, kernel again", ShapeError, "1 arrays", "x1", call=lambda: HELD(X1, X2)),
]

USES = OPTIONS_IN_FORCE + LAGS + PLANS
