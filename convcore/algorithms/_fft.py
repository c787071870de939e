"""The FFT engines: one transform of everything (fft), or of one block at a time (overlap_add)."""

from dataclasses import dataclass, replace
from functools import partial
from math import prod
from typing import Any

from array_api_compat import device

from convcore._backend import Staged
from convcore._errors import MethodError
from convcore._problem import ConvProblem
from convcore._typing import Namespace
from convcore.algorithms._limbs import Limbs
from convcore.algorithms._spectrum import Circle, fast_length, tap_spacing
from convcore.algorithms._tiles import Tiling, in_tiles

__all__ = ["FFT_CONSTANT", "block_tiling", "fft", "has_fft", "overlap_add"]

FFT_CONSTANT = 16.0
"""c of the normwise class: 13 for three transforms and a product (docs/spec/numbers.md), and room
for what packs real sequences and scales spectra."""
_BLOCK_BYTES = 16 * 2**20
_HELD_BYTES = 32 * 2**20


def has_fft(xp: Namespace) -> bool:
    """Whether a namespace has the standard's optional transforms."""
    return getattr(xp, "fft", None) is not None


def fft(problem: ConvProblem, xp: Namespace, at_least: tuple[int, ...] = ()) -> Staged:
    """Multiply whole spectra.

    Parameters
    ----------
    at_least : tuple of int
        Least length of each axis's transform, where parts of one problem share a kernel.
    """
    # What a negative padding crops, or a stride never reaches, must not add to the error.
    met = tuple(axis.window(0, axis.unfolded) for axis in problem.axes)
    problem = replace(problem, axes=tuple(window.axis for window in met))
    reads = (..., *(slice(window.begin, window.end) for window in met))
    least = at_least or (1,) * len(problem.axes)
    *lead, last = zip(problem.axes, least, strict=True)
    # Along the last axis the transform is a real one.
    real = not problem.is_complex
    circles = (*(Circle.of(a, n) for a, n in lead), Circle.of(*last, even=real))
    limbs = None
    if problem.is_exact:
        limbs = Limbs.proven(problem, tuple(c.length for c in circles), FFT_CONSTANT)
        if limbs is None:
            raise MethodError("no split of these integers is proven exact for a transform")
    spectral = _Spectral(problem, circles, limbs, xp)
    return Staged(spectral.kernels, lambda x, kernels, _bias: spectral.apply(x[reads], kernels))


def overlap_add(problem: ConvProblem, xp: Namespace) -> Staged:
    """Transform block by block, so that memory and the reach of errors are a block's."""
    tiling = block_tiling(problem)
    axis = problem.axes[tiling.along]
    longest = min((tiling.outputs - 1) * axis.stride + axis.reach + 1, axis.size + axis.reach)
    at_least = [1] * len(problem.axes)
    at_least[tiling.along] = longest
    return in_tiles(problem, tiling, partial(fft, at_least=tuple(at_least)), xp)


def block_tiling(problem: ConvProblem) -> Tiling:
    """Blocks along the axis with most outputs per tap, of a length that makes them cheap."""
    axes = problem.axes
    along = max(range(len(axes)), key=lambda i: axes[i].unfolded / axes[i].taps)
    others = prod(a.size + a.reach for i, a in enumerate(axes) if i != along)
    reach = axes[along].reach
    # 4 to 8 kernels long loses little to the overlap; so many samples in all pay for the calls.
    samples = 2**14 if len(axes) == 1 else 2**17
    length = fast_length(max(4 * (reach + 1), samples // max(others, 1), 64))
    outputs = max((length - reach - 1) // axes[along].stride + 1, 1)
    per_image = 16 * length * others * problem.size("g") * (problem.size("c") + problem.size("o"))
    return Tiling(max(_BLOCK_BYTES // per_image, 1), outputs, along)


@dataclass(frozen=True, slots=True)
class _Spectral:
    """The stages of a convolution by spectra; integers go through as lists of limbs."""

    problem: ConvProblem
    circles: tuple[Circle, ...]
    limbs: Limbs | None
    xp: Namespace

    @property
    def _space(self) -> tuple[int, ...]:
        return tuple(range(3, 3 + len(self.circles)))

    @property
    def _lengths(self) -> tuple[int, ...]:
        return tuple(circle.length for circle in self.circles)

    def _blocks(self) -> tuple[list[slice], list[slice], bool]:
        """Output channels and images to do at once, and whether the kernel's spectra are kept."""
        count = self.limbs.count if self.limbs else 1
        spectrum = 16 * count * prod(self._lengths) * self.problem.size("g")
        channels = self.problem.size("c")
        outs = max(_BLOCK_BYTES // (spectrum * channels), 1)
        images = max(_BLOCK_BYTES // (spectrum * (channels + min(outs, self.problem.size("o")))), 1)
        held = spectrum * channels * self.problem.size("o") <= _HELD_BYTES
        return _cut(self.problem.size("o"), outs), _cut(self.problem.size("n"), images), held

    def kernels(self, w: Any) -> list[list[Any]]:
        xp = self.xp
        for at, axis in enumerate(self.problem.axes, 3):
            w = tap_spacing(w, at, axis.dilation, xp)
        w = xp.flip(w, axis=self._space)
        outs, _, held = self._blocks()
        parts = [w[:, out, ...] for out in outs]
        return [self._kernel_spectra(part) if held else [part] for part in parts]

    def apply(self, x: Any, kernels: list[list[Any]]) -> Any:
        _, batches, held = self._blocks()
        if prod(c.count for c in self.circles) == 0:
            return self._zeros(x)
        images = []
        for batch in batches:
            data = self._spectra(x[batch, ...])
            made = [
                self._outputs(data, kernel if held else self._kernel_spectra(kernel[0]))
                for kernel in kernels
            ]
            images.append(made[0] if len(made) == 1 else self.xp.concat(made, axis=2))
        return images[0] if len(images) == 1 else self.xp.concat(images, axis=0)

    def _zeros(self, x: Any) -> Any:
        batch = tuple(self.problem.size(role) for role in "ngo")
        space = tuple(axis.unfolded for axis in self.problem.axes)
        return self.xp.zeros(batch + space, dtype=x.dtype, device=device(x))

    def _spectra(self, values: Any) -> list[Any]:
        transform = self.xp.fft.fftn if self.problem.is_complex else self.xp.fft.rfftn
        return [transform(part, s=self._lengths, axes=self._space) for part in self._parts(values)]

    def _kernel_spectra(self, w: Any) -> list[Any]:
        return [self._axis_by_axis(part) for part in self._parts(w)]

    def _axis_by_axis(self, w: Any) -> Any:
        """The spectrum of few values: most rows are empty, which one transform would not spare."""
        transform = self.xp.fft.fftn if self.problem.is_complex else self.xp.fft.rfftn
        for length, at in zip(reversed(self._lengths), reversed(self._space), strict=True):
            w = transform(w, s=(length,), axes=(at,))
            transform = self.xp.fft.fftn
        return w

    def _parts(self, values: Any) -> list[Any]:
        return [values] if self.limbs is None else self.limbs.split(values, self.xp)

    def _outputs(self, data: list[Any], kernel: list[Any]) -> Any:
        xp = self.xp
        products = [
            _sum([_contracted(data[i], kernel[s - i], xp) for i in range(s + 1)])
            for s in range(len(data))
        ]
        back = xp.fft.ifftn if self.problem.is_complex else xp.fft.irfftn
        sums = [self._cut_out(back(y, s=self._lengths, axes=self._space)) for y in products]
        return sums[0] if self.limbs is None else self.limbs.join(sums, self.problem.dtype, xp)

    def _cut_out(self, y: Any) -> Any:
        for at, circle in enumerate(self.circles, 3):
            y = circle.outputs(y, at, self.xp)
        return y


def _cut(size: int, step: int) -> list[slice]:
    return [slice(i, min(i + step, size)) for i in range(0, size, step)]


def _sum(parts: list[Any]) -> Any:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def _contracted(x: Any, w: Any, xp: Namespace) -> Any:
    """Spectra (n, g, c, *f) and (g, o, c, *f) to (n, g, o, *f), summed over channels."""
    n, g, c, *space = x.shape
    if c == 1:
        return x * w[None, :, :, 0, ...]
    o, points = w.shape[1], prod(space)
    x = xp.permute_dims(xp.reshape(x, (n, g, c, points)), (1, 3, 0, 2))
    w = xp.permute_dims(xp.reshape(w, (g, o, c, points)), (0, 3, 2, 1))
    y = xp.permute_dims(xp.matmul(x, w), (2, 0, 3, 1))
    return xp.reshape(y, (n, g, o, *space))
