"""What SciPy answers to `asked` under SCIPY_ARRAY_API=1; convcore always says YES or "fft"."""

YES = "yes"
COMPUTES, WRONG = "computes at once", "wrong values"
GRADIENT, JIT = "RuntimeError", "TracerArrayConversionError"
COLUMNS = (
    "torch long kernel",
    "torch gradient",
    "jax long kernel",
    "jax jit",
    "jax gradient",
    "dask long kernel",
    "dask laziness",
)

BY_FUNCTION = {
    "signal.choose_conv_method": ("direct", "", "direct", "", "", "direct", ""),
    "signal.convolve": ("", GRADIENT, "", YES, YES, "", COMPUTES),
    "signal.correlate": ("", GRADIENT, "", YES, YES, "", COMPUTES),
    "signal.fftconvolve": ("", YES, "", YES, YES, "", "ValueError"),
    "signal.oaconvolve": ("", YES, "", WRONG, WRONG, "", WRONG),
    "signal.convolve2d": ("", GRADIENT, "", YES, YES, "", COMPUTES),
    "signal.correlate2d": ("", GRADIENT, "", YES, YES, "", COMPUTES),
    "ndimage.convolve": ("", GRADIENT, "", JIT, JIT, "", COMPUTES),
    "ndimage.correlate": ("", GRADIENT, "", JIT, JIT, "", COMPUTES),
    "ndimage.convolve1d": ("", GRADIENT, "", JIT, JIT, "", COMPUTES),
    "ndimage.correlate1d": ("", GRADIENT, "", JIT, JIT, "", COMPUTES),
}
SCIPY = {
    f"{name} {column}": said
    for name, row in BY_FUNCTION.items()
    for column, said in zip(COLUMNS, row, strict=True)
    if said
}
CONVCORE = {asked: "fft" if asked.endswith("long kernel") else YES for asked in SCIPY}
