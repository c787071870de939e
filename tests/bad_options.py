"""Wrong options of the operations."""

from fractions import Fraction
from reprlib import repr as short

import numpy as np
from bad_calls import X2, Bad, W, X

from convcore import BackendError, MethodError, OptionError

NAN, INF = float("nan"), float("inf")
I8 = np.array([1, 2, 3], dtype="int8")
NOT_STEPS = (0, -1, 0.5, 2.5, Fraction(5, 2), NAN, INF, "2", b"2", None, 1j)
NOT_CHOICES = ("SAME", "", None, 1, b"same", ("same",), ["same"])


def _option(op, name, value, *says, also=None, error=OptionError):
    changes = {name: value, **(also or {})}
    id_ = ", ".join(f"{key}={short(given)}" for key, given in changes.items())
    return Bad(id_, op, changes, error, (name, *says))


SIGNAL = [
    *(_option("convolve", "mode", v, "'full', 'same', 'valid'") for v in NOT_CHOICES),
    _option("correlate", "mode", np.array(["same"]), "'full', 'same', 'valid'"),
    *(_option("convolve", "boundary", v, "reflect", "wrap") for v in ("mirror", None, 0, object)),
    _option("convolve", "boundary", ("edge", "edge"), "2 entries", "1 axes"),
    _option("convolve", "boundary", (), "0 entries", "1 axes"),
    _option("convolve", "boundary", b"edge", "allowed"),
    _option("correlate", "boundary", ("mirror",), "reflect", "wrap"),
    *(_option("convolve", "axes", v, "integer") for v in ("0", 0.5, (0, "a"), (None,), NAN)),
    *(_option("convolve", "axes", v, "-1 ... 0") for v in (1, -2, (0, 1), (7,))),
    _option("convolve", "axes", (0, 0), "twice", "distinct"),
    _option("convolve", "axes", (0, -1), "twice", "distinct"),
    _option("correlate", "axes", 0, "axes=()", also={"x1": np.float64(2), "x2": np.float64(3)}),
    *(_option("convolve", "fill_value", v, "number") for v in ("1", None, b"1", [1], (1, 2), {})),
    _option("convolve", "fill_value", np.ones(1), "number"),
    _option("convolve", "fill_value", object, "number"),
    _option("convolve", "fill_value", 10**400, "allowed"),
    _option("convolve", "fill_value", 1j, "complex", "real"),
    _option(
        "convolve",
        "fill_value",
        1e39,
        "float32",
        "allowed",
        also={"x1": np.ones(3, "f4"), "x2": np.ones(2, "f4")},
    ),
    _option("convolve", "fill_value", 1, "boundary", "constant", also={"boundary": "edge"}),
    _option("correlate", "fill_value", NAN, "boundary", "constant", also={"boundary": "wrap"}),
    *(
        _option("convolve", "fill_value", v, "int8", "-128 ... 127", also={"x1": I8, "x2": I8})
        for v in (0.5, 128, -129, NAN, -INF, 2**70)
    ),
    _option("convolve", "fill_value", 2j, "int8", "real", also={"x1": I8, "x2": I8}),
    _option(
        "convolve",
        "fill_value",
        -1,
        "uint8",
        "0 ... 255",
        also={"x1": I8.view("u1"), "x2": I8.view("u1")},
    ),
]

NEURAL = [
    *(_option("conv", "stride", v, "at least 1") for v in NOT_STEPS),
    *(_option("conv", "dilation", v, "at least 1") for v in NOT_STEPS),
    *(_option("conv", "groups", v, "at least 1") for v in (*NOT_STEPS, (1,), [1])),
    *(_option("conv_transpose", "stride", (v,), "at least 1") for v in (0, 1.5)),
    *(_option("conv", name, (1, 1), "2 entries", "1 axes") for name in ("stride", "dilation")),
    *(_option("conv", name, (), "0 entries", "1 axes") for name in ("stride", "dilation")),
    _option("conv_input_grad", "dilation", 0, "at least 1"),
    _option("conv_weight_grad", "stride", 0, "at least 1"),
    *(_option("conv", "padding", v, "'same_lower'", "(lo, hi)") for v in ("SAME", "half", "")),
    *(_option("conv", "padding", v, "integer") for v in (None, 0.5, NAN, 1j, ("a",), ((0, 0.5),))),
    _option("conv", "padding", (1, 2), "[(1, 2)]"),
    _option("conv", "padding", [3, 0], "[(3, 0)]"),
    _option("conv_transpose", "padding", (1, 2), "[(1, 2)]"),
    _option("conv_weight_grad", "padding", (1, 2), "[(1, 2)]"),
    _option("conv", "padding", (1, 2, 3), "3 entries", "1 spatial axes", "(lo, hi)"),
    _option("conv", "padding", ((1, 2), (3, 4)), "2 entries", "(lo, hi)"),
    _option("conv", "padding", ((1, 2, 3),), "(1, 2, 3)", "(lo, hi)"),
    _option("conv", "padding", ((),), "()", "(lo, hi)"),
    *(_option("conv", "boundary", v, "reflect", "wrap") for v in ("same", None, 3)),
    _option("conv", "boundary", ("edge", "edge"), "2 entries", "1 axes"),
    _option("conv", "fill_value", 2, "boundary", "constant", also={"boundary": "reflect"}),
    *(
        _option("conv", "layout", v, "channels_last", "NHWC,HWIO->NHWC")
        for v in (
            "channels",
            "NCH",
            "NCH->NCH",
            "NCH,OIH",
            "NCH,OIH->NCH->NCH",
            "NCH,OIH,NCH->NCH",
            "nch,oih->nch",
            "NCH,OIW->NCH",
            "NCH,OIH->NCW",
            "NNH,OIH->NCH",
            "NCH,OOH->NCH",
            "NCH,OIH->NCHH",
            "NCH,OIH->CH",
            "NC1,OI1->NC1",
            "NCÉ,OIÉ->NCÉ",
            "",
            None,
            3,
            b"channels_first",
            ["channels_first"],
            np.array(["channels_first", "channels_last"]),
        )
    ),
    _option("conv", "layout", "NCHW,OIHW->NCHW", "2 spatial letters", "1 spatial axes"),
    _option(
        "conv", "layout", "NCHH,OIHH->NCHH", "once", also={"x": X[..., None], "w": W[..., None]}
    ),
    _option("conv_transpose", "layout", "NC,OI->NC", "0 spatial letters", "1 spatial axes"),
    _option("conv", "layout", "CH,OIH->CH", "no N", "batch"),
    *(_option("conv_transpose", "output_padding", v, "at least 0") for v in (-1, 0.5, "1", None)),
    _option("conv_transpose", "output_padding", 1, "stride", "0 ... stride - 1"),
    _option(
        "conv_transpose", "output_padding", 2, "stride", "0 ... stride - 1", also={"stride": 2}
    ),
    _option("conv_transpose", "output_padding", (0, 0), "2 entries", "1 axes"),
    _option(
        "conv_transpose",
        "output_padding",
        1,
        "output_size",
        "one",
        also={"stride": 2, "output_size": 9},
    ),
    _option(
        "conv_transpose",
        "output_padding",
        1,
        "'same'",
        "output_size",
        also={"stride": 2, "padding": "same"},
    ),
    _option(
        "conv_transpose",
        "output_padding",
        1,
        "'same_lower'",
        also={"stride": 2, "padding": "same_lower"},
    ),
    *(_option("conv_transpose", "output_size", v, "integer") for v in ("6", 6.5, (None,), ("6",))),
    _option("conv_transpose", "output_size", (6, 6), "2 entries", "1 axes"),
    _option("conv_transpose", "output_size", (1, 2, 6), "3 entries", "1 axes"),
    *(_option("conv_input_grad", "input_shape", v, "allowed is") for v in (6, None, "126")),
    *(_option("conv_input_grad", "input_shape", (1, 2, v), "at least 0") for v in (-1, 6.5, NAN)),
    *(_option("conv_weight_grad", "weight_shape", v, "allowed is") for v in (3, None, "423")),
    *(_option("conv_weight_grad", "weight_shape", (4, 2, v), "at least 0") for v in (-3, 2.5)),
]

RUNNING = [
    *(_option("convolve", "method", v, "'auto'", "'fft'") for v in ("FFT", "", 1, ["fft"], b"fft")),
    _option("conv", "method", "winograd", "'auto'", "'native'"),
    *(_option("convolve", "precision", v, "'ieee'", "'fast'") for v in ("IEEE", "tf32", 1, [])),
    *(
        _option("conv", "backend", v, "not registered", "'numpy'", error=BackendError)
        for v in (1, b"numpy", ("numpy",), ["numpy"])
    ),
    _option("convolve", "backend", "nope", "'nope'", "numpy", error=BackendError),
    _option("conv", "backend", "", "numpy", error=BackendError),
    _option("convolve", "method", "native", "'direct'", "'auto'", error=MethodError),
    _option("conv", "method", "native", "'direct'", "'auto'", error=MethodError),
    _option(
        "convolve",
        "method",
        "fft",
        "'direct'",
        "'auto'",
        also={"axes": (), "x1": X2},
        error=MethodError,
    ),
    _option(
        "conv",
        "method",
        "overlap_add",
        "'direct'",
        also={"x": X[..., 0], "w": W[..., 0]},
        error=MethodError,
    ),
]

OPTIONS = SIGNAL + NEURAL + RUNNING
