"""A table of calls on small arrays that the transforms of every library are tried on."""

import convcore

__all__ = ["CALLS"]

# Name: the function of its arrays, and their shapes.
CALLS = {
    "convolve": (convcore.convolve, [(9,), (4,)]),
    "convolve-same-wrap": (
        lambda x, h: convcore.convolve(x, h, "same", boundary="wrap"),
        [(7,), (3,)],
    ),
    "convolve-fft": (lambda x, h: convcore.convolve(x, h, method="fft"), [(9, 6), (4, 3)]),
    "convolve-blocks": (lambda x, h: convcore.convolve(x, h, method="overlap_add"), [(40,), (4,)]),
    "correlate-batch": (lambda x, h: convcore.correlate(x, h, axes=1), [(3, 8), (1, 3)]),
    "conv": (
        lambda x, w, b: convcore.conv(x, w, b, padding=1),
        [(2, 3, 6, 5), (4, 3, 3, 3), (4,)],
    ),
    "conv-strided-groups": (
        lambda x, w: convcore.conv(x, w, stride=(2, 1), padding="same", groups=2),
        [(2, 4, 7, 5), (6, 2, 3, 2)],
    ),
    "conv-reflect-dilated": (
        lambda x, w: convcore.conv(x, w, padding=2, dilation=2, boundary="reflect"),
        [(1, 2, 7), (3, 2, 2)],
    ),
    "conv-channels-last": (
        lambda x, w: convcore.conv(x, w, layout="channels_last"),
        [(2, 5, 5, 3), (3, 3, 3, 4)],
    ),
    "conv-direct-4d": (convcore.conv, [(1, 2, 3, 3, 3, 3), (2, 2, 2, 2, 2, 2)]),
    "dense": (convcore.conv, [(5, 3), (2, 3)]),
    "conv_transpose": (
        lambda x, w, b: convcore.conv_transpose(x, w, b, stride=2, padding=1, output_padding=1),
        [(2, 3, 4, 4), (3, 2, 3, 3), (2,)],
    ),
    "conv_input_grad": (
        lambda w, g: convcore.conv_input_grad((2, 3, 6), w, g, stride=2, padding=1),
        [(4, 3, 3), (2, 4, 3)],
    ),
    "conv_weight_grad": (
        lambda x, g: convcore.conv_weight_grad(x, (4, 3, 3), g, stride=2, padding=1),
        [(2, 3, 6), (2, 4, 3)],
    ),
}
