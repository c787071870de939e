"""Wrong operands: array types, devices, dtypes, weak values."""

import warnings

import array_api_strict as strict
import numpy as np
import scipy.sparse
from bad_calls import GRAD, X1, X2, Bad, W, X

from convcore import ArrayTypeError, DeviceError, DTypeError, ShapeError

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # np.matrix is deprecated, which is why it is refused
    MATRIX = np.matrix([[1.0, 2.0]])
MASKED = np.ma.array(X1, mask=[0, 1, 0, 0, 0])
SPARSE = scipy.sparse.csr_array(np.eye(3))
ELSEWHERE = strict.Device("device1")
HERE = strict.asarray(X1)
I8 = np.array([1, 2, 3], dtype="int8")
U64 = np.array([1, 2, 3], dtype="uint64")
F4 = np.ones(3, dtype="float32")

ARRAY_TYPES = [
    Bad("masked x1", "convolve", {"x1": MASKED}, ArrayTypeError, ("x1", "MaskedArray", "filled")),
    Bad("masked x2", "correlate", {"x2": MASKED}, ArrayTypeError, ("x2", "MaskedArray", "filled")),
    Bad("masked w", "conv", {"w": np.ma.array(W)}, ArrayTypeError, ("w is", "MaskedArray")),
    Bad(
        "masked bias",
        "conv",
        {"bias": np.ma.array(np.ones(4))},
        ArrayTypeError,
        ("bias", "MaskedArray"),
    ),
    Bad("matrix", "convolve", {"x1": MATRIX}, ArrayTypeError, ("x1", "matrix", "asarray")),
    Bad("matrix x2", "convolve", {"x2": MATRIX}, ArrayTypeError, ("x2", "matrix", "asarray")),
    Bad("sparse", "convolve", {"x1": SPARSE}, ArrayTypeError, ("x1", "csr_array", "allowed are")),
    Bad("sparse w", "conv", {"w": SPARSE}, ArrayTypeError, ("w is", "csr_array", "allowed are")),
    Bad("text", "convolve", {"x1": "abc"}, ArrayTypeError, ("x1", "str", "allowed are")),
    Bad("bytes", "convolve", {"x2": b"abc"}, ArrayTypeError, ("x2", "bytes", "allowed are")),
    Bad("None", "convolve", {"x2": None}, ArrayTypeError, ("x2", "NoneType", "allowed are")),
    Bad("None for x", "conv", {"x": None}, ArrayTypeError, ("x is", "NoneType", "allowed are")),
    Bad("None for grad", "conv_input_grad", {"grad": None}, ArrayTypeError, ("grad", "NoneType")),
    Bad("dict", "convolve", {"x1": {}}, ArrayTypeError, ("x1", "dict", "allowed are")),
    Bad("set", "convolve", {"x1": {1, 2}}, ArrayTypeError, ("x1", "set", "allowed are")),
    Bad("generator", "convolve", {"x1": iter([1])}, ArrayTypeError, ("x1", "iterator", "allowed")),
    Bad("object", "correlate", {"x2": object()}, ArrayTypeError, ("x2", "object", "allowed are")),
    Bad("type", "convolve", {"x1": np.ndarray}, ArrayTypeError, ("x1", "type", "allowed are")),
    Bad("arrays in a list", "convolve", {"x1": [X1, X1]}, ArrayTypeError, ("x1", "stack")),
    Bad("arrays in x2", "convolve", {"x2": [[X2]]}, ArrayTypeError, ("x2", "stack")),
    Bad("text in a list", "convolve", {"x2": [1, "2"]}, ArrayTypeError, ("x2", "str", "numbers")),
    Bad("None in a list", "convolve", {"x2": [1, None]}, ArrayTypeError, ("x2", "None", "numbers")),
    Bad("text for bias", "conv", {"bias": "zeros"}, ArrayTypeError, ("bias", "str", "allowed are")),
    Bad("two libraries", "convolve", {"x1": HERE}, ArrayTypeError, ("x1", "x2", "numpy", "strict")),
    Bad("library of x2", "correlate", {"x2": HERE}, ArrayTypeError, ("x2", "numpy", "strict")),
    Bad("library of w", "conv", {"w": strict.asarray(W)}, ArrayTypeError, ("w one", "strict")),
    Bad(
        "library of bias",
        "conv",
        {"bias": strict.ones(4)},
        ArrayTypeError,
        ("bias one", "strict", "numpy"),
    ),
    Bad(
        "library of grad",
        "conv_weight_grad",
        {"grad": strict.asarray(GRAD)},
        ArrayTypeError,
        ("grad", "strict", "numpy"),
    ),
    Bad(
        "library, borrowed",
        "convolve",
        {"x1": HERE, "backend": "numpy"},
        ArrayTypeError,
        ("x1", "x2", "strict", "numpy"),
    ),
]

DEVICES = [
    Bad(
        "two devices",
        "convolve",
        {"x1": HERE, "x2": strict.asarray(X2, device=ELSEWHERE)},
        DeviceError,
        ("x1", "x2", "device1", "one device"),
    ),
    Bad(
        "device of bias",
        "conv",
        {
            "x": strict.asarray(X),
            "w": strict.asarray(W),
            "bias": strict.ones(4, device=ELSEWHERE),
        },
        DeviceError,
        ("bias", "device1", "one device"),
    ),
]

_UNNAMED = ("longdouble", "clongdouble", "object", "str", "S3", "M8[s]", "m8[s]", "V4")

DTYPES = [
    *(
        Bad(f"x1 of {d}", "convolve", {"x1": np.zeros(3, d)}, DTypeError, ("x1", "convert"))
        for d in _UNNAMED
    ),
    Bad(
        "x2 of str", "correlate", {"x2": np.array(["a"])}, DTypeError, ("x2", "float64", "convert")
    ),
    Bad("scalar of str", "convolve", {"x1": np.str_("a")}, DTypeError, ("x1", "convert")),
    Bad("bool x1", "convolve", {"x1": X1 > 2}, DTypeError, ("x1", "bool", "convert", "uint8")),
    Bad("bool x2", "convolve", {"x2": X2 > 0}, DTypeError, ("x2", "bool", "convert")),
    Bad("bool w", "conv", {"w": W > 0}, DTypeError, ("w has", "bool", "convert")),
    Bad("bool grad", "conv_weight_grad", {"grad": GRAD > 0}, DTypeError, ("grad", "bool")),
    Bad("bool bias", "conv", {"bias": np.ones(4, bool)}, DTypeError, ("bias", "bool", "convert")),
    Bad("weak bool", "convolve", {"x1": [True, False]}, DTypeError, ("x1", "bool", "convert")),
    Bad("both bool", "convolve", {"x1": [True], "x2": [True]}, DTypeError, ("bool", "convert")),
    Bad("object w", "conv", {"w": W.astype(object)}, DTypeError, ("w has", "object", "convert")),
    Bad(
        "longdouble bias",
        "conv",
        {"bias": np.ones(4, "longdouble")},
        DTypeError,
        ("bias", "longdouble" if np.longdouble is np.float64 else "float128", "convert"),
    ),
    Bad(
        "uint64, int8", "convolve", {"x1": U64, "x2": I8}, DTypeError, ("uint64", "int8", "dtype=")
    ),
    Bad(
        "int64, uint64", "correlate", {"x1": I8.astype("int64"), "x2": U64}, DTypeError, ("uint64",)
    ),
    Bad("past 64 bits", "convolve", {"x2": [2**64]}, DTypeError, ("x2", "64-bit")),
    Bad("below 64 bits", "convolve", {"x2": [-(2**63) - 1]}, DTypeError, ("x2", "64-bit")),
    Bad("past 64 bits, mixed", "convolve", {"x2": [2**70, 0.5]}, DTypeError, ("x2", "64-bit")),
    Bad(
        "weak 300", "convolve", {"x1": I8, "x2": [300]}, DTypeError, ("x2", "300", "int8", "wider")
    ),
    Bad("weak -129", "convolve", {"x1": I8, "x2": [-129]}, DTypeError, ("x2", "-129", "int8")),
    Bad("weak -1", "convolve", {"x1": [-1], "x2": U64}, DTypeError, ("x1", "-1", "uint64")),
    Bad("weak 2**63", "convolve", {"x1": I8.astype("int64"), "x2": [2**63]}, DTypeError, ("x2",)),
    Bad(
        "weak 2**63 and -1", "convolve", {"x1": I8, "x2": [2**63, -1]}, DTypeError, ("x2", "64-bit")
    ),
    Bad(
        "weak 300 for dtype=",
        "convolve",
        {"x1": I8.astype("int16"), "x2": [300], "dtype": "int8"},
        DTypeError,
        ("x2", "300", "int8"),
    ),
    Bad("complex bias", "conv", {"bias": [1j] * 4}, DTypeError, ("bias", "higher kind", "dtype=")),
    Bad(
        "complex bias array",
        "conv",
        {"bias": np.ones(4, "complex64")},
        DTypeError,
        ("bias", "complex64", "higher kind", "dtype="),
    ),
    Bad(
        "float bias of integers",
        "conv_transpose",
        {"x": GRAD.astype("int32"), "w": W.astype("int32"), "bias": np.ones(2)},
        DTypeError,
        ("bias", "float64", "int32", "allowed are"),
    ),
    Bad(
        "weak bias beyond int8",
        "conv",
        {"x": X.astype("int8"), "w": W.astype("int8"), "bias": [300] * 4},
        DTypeError,
        ("bias", "300", "int8"),
    ),
    Bad(
        "dtype= lower",
        "convolve",
        {"dtype": "int64"},
        DTypeError,
        ("dtype=int64", "float64", "kind"),
    ),
    Bad("dtype= real", "convolve", {"x2": X2 * 1j, "dtype": "float64"}, DTypeError, ("x2", "kind")),
    Bad(
        "dtype= for a weak",
        "convolve",
        {"x2": [1j], "dtype": "float32"},
        DTypeError,
        ("x2", "kind"),
    ),
    Bad(
        "dtype= weak real",
        "convolve",
        {"x1": I8, "x2": [0.5], "dtype": "int8"},
        DTypeError,
        ("x2",),
    ),
    Bad("dtype='bool'", "convolve", {"dtype": "bool"}, DTypeError, ("dtype=", "bool", "convert")),
    Bad("dtype=bool", "convolve", {"dtype": bool}, DTypeError, ("dtype=", "bool", "convert")),
    Bad("dtype=object", "convolve", {"dtype": object}, DTypeError, ("dtype=", "object", "allowed")),
    Bad(
        "dtype unknown",
        "convolve",
        {"dtype": "float31"},
        DTypeError,
        ("'float31'", "float32"),
    ),
    Bad("dtype empty", "convolve", {"dtype": ""}, DTypeError, ("dtype=", "float32")),
    Bad("dtype unfinished", "convolve", {"dtype": "(2,f4"}, DTypeError, ("dtype=", "float32")),
    Bad("dtype fields", "convolve", {"dtype": "f4,f4"}, DTypeError, ("dtype=", "float32")),
    Bad("dtype datetime", "conv", {"dtype": "M8[s]"}, DTypeError, ("dtype=", "float32")),
    Bad("dtype a number", "convolve", {"dtype": 4}, DTypeError, ("dtype=", "allowed are")),
    Bad("dtype a list", "convolve", {"dtype": ["float32"]}, DTypeError, ("dtype=", "allowed are")),
    Bad("dtype absent", "convolve", {"dtype": "bfloat16"}, DTypeError, ("bfloat16", "numpy")),
    Bad("dtype long", "conv", {"dtype": np.longdouble}, DTypeError, ("dtype=", "allowed are")),
]

SEQUENCES = [
    Bad(
        "ragged",
        "convolve",
        {"x1": [[1, 2], [3]], "x2": [[1]]},
        ShapeError,
        ("x1", "ragged", "length"),
    ),
    Bad("ragged x2", "convolve", {"x2": [1, [2]]}, ShapeError, ("x2", "ragged", "one length")),
    Bad("ragged bias", "conv", {"bias": [1, [2, 3]]}, ShapeError, ("bias", "ragged", "one length")),
    Bad("empty", "convolve", {"x2": []}, ShapeError, ("x2", "length 0", "1 or more")),
]

OPERANDS = ARRAY_TYPES + DEVICES + DTYPES + SEQUENCES
