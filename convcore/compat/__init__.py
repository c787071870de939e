"""Drop-in namespaces: the peers' own signatures and meaning, on any array library.

Change one import line, and code written for `numpy`, `scipy.signal`, `scipy.ndimage`,
`torch.nn.functional` or `jax.lax` runs on whatever arrays it is given. Each module is named after
its peer and imports nothing of it: ``from convcore.compat import scipy_signal as signal``.
"""

from convcore.compat import jax_lax, numpy, scipy_ndimage, scipy_signal, torch_functional

__all__ = ["jax_lax", "numpy", "scipy_ndimage", "scipy_signal", "torch_functional"]
