"""What is listed, and what a plugin can break: nothing but itself.

Plugins are found when convcore is imported. So most of this runs in processes of their own, which
see the metadata of made-up distributions beside those that are installed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

import convcore
from convcore.plugins import registry

from .marks import shows
from .spare import Spare, registered

_GROUP = "convcore.backends"
_BUILT_IN = sorted(
    {p.name for p in entry_points(group=_GROUP) if p.dist and p.dist.name == "convcore"}
)
_ATTRIBUTES = ("name", "available", "reason", "version", "devices", "capabilities")

_GOOD = """
from convcore.plugins import hookimpl
from convcore_conformance.spare import Spare

@hookimpl
def convcore_backend():
    return Spare({name!r})
"""
_BROKEN = "import a_library_that_nobody_has\n"
_MISSPELT = _GOOD.replace("def convcore_backend(", "def convcore_backends(")

# Every backend's reason, and whether convcore and the one that is sound still work.
_LOOK = """
import json, convcore
info = convcore.backends()
print(json.dumps({
    "reasons": {name: None if one.available else one.reason for name, one in info.items()},
    "own": convcore.convolve([1, 2], [1, 1]).tolist(),
    "sound": info["sound"].available
    and convcore.convolve([1, 2], [1, 1], backend="sound").tolist(),
}))
"""


def _python(*arguments: str, **environment: str) -> str:
    # Frameworks that are installed have no part in most of this, and take long to import.
    others = {"CONVCORE_DISABLE_PLUGINS": ",".join(set(_BUILT_IN) - {"numpy"}), **environment}
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, **others},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _install(folder: Path, name: str, source: str, distribution: str = "") -> None:
    """Make a distribution with one plugin, to be found on the path."""
    distribution = distribution or f"convcore-{name}"
    module = f"plugin_of_{distribution.replace('-', '_')}"
    (folder / f"{module}.py").write_text(source.format(name=name), encoding="utf-8")
    metadata = folder / f"{distribution.replace('-', '_')}-1.0.dist-info"
    metadata.mkdir()
    said = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n"
    (metadata / "METADATA").write_text(said, encoding="utf-8")
    points = f"[{_GROUP}]\n{name} = {module}\n"
    (metadata / "entry_points.txt").write_text(points, encoding="utf-8")


def _look(folder: Path, **environment: str) -> dict[str, Any]:
    paths = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    found: dict[str, Any] = json.loads(_python("-c", _LOOK, PYTHONPATH=paths, **environment))
    return found


@shows("CC-BACKENDS-1", "CC-BACKENDS-3")
def test_every_backend_is_listed_available_or_not() -> None:
    with registered(Spare()), registered(Spare("absent", "libabsent.so is not there")):
        info = convcore.backends()
        assert set(registry.found) <= set(info)
        assert {"spare", "absent"} <= set(info)
        assert (info["spare"].available, info["spare"].reason) == (True, "")
        assert not info["absent"].available
        assert "libabsent.so is not there" in info["absent"].reason
    assert not {"spare", "absent"} & set(convcore.backends())


@shows("CC-BACKENDS-2")
def test_each_backend_tells_of_itself() -> None:
    with registered(Spare()), registered(Spare("absent", "no library")):
        info = convcore.backends()
        for name, one in info.items():
            assert isinstance(one, convcore.BackendInfo)
            assert one.name == name
            assert all(hasattr(one, attribute) for attribute in _ATTRIBUTES)
            assert bool(one.reason) is not one.available
        assert (info["spare"].version, info["spare"].devices) == ("1.2.3", ("left", "right"))
        assert (info["absent"].version, info["absent"].devices) == ("", ())
        assert info["absent"].capabilities is None


@shows("CC-BACKENDS-2")
def test_what_it_can_do_is_data() -> None:
    for one in convcore.backends().values():
        if one.capabilities is not None:
            assert one.capabilities.dtypes
            assert set(one.capabilities.methods) <= {"direct", "fft", "overlap_add", "native"}
            for gap in one.capabilities.gaps:
                assert gap.kind in ("notimpl", "notyet", "never")
                assert gap.what
                assert gap.reason


@shows("CC-BACKENDS-1")
def test_the_table_is_read_only() -> None:
    with pytest.raises(TypeError):
        convcore.backends()["numpy"] = None  # type: ignore[index]


@shows("CC-BACKENDS-4")
def test_a_plugin_that_cannot_be_imported(tmp_path: Path) -> None:
    _install(tmp_path, "sound", _GOOD)
    _install(tmp_path, "broken", _BROKEN)
    found = _look(tmp_path)
    assert "a_library_that_nobody_has" in found["reasons"]["broken"]
    assert found["reasons"]["sound"] is None
    assert found["own"] == found["sound"] == [1, 3, 2]


@shows("CC-BACKENDS-5")
def test_a_plugin_whose_name_is_taken(tmp_path: Path) -> None:
    _install(tmp_path, "sound", _GOOD)
    _install(tmp_path, "sound", _GOOD, "another-distribution")
    found = _look(tmp_path)
    (second,) = (name for name in found["reasons"] if name.startswith("sound ("))
    assert "the name 'sound' is taken" in found["reasons"][second]
    assert found["reasons"]["sound"] is None
    assert found["own"] == found["sound"] == [1, 3, 2]


@shows("CC-BACKENDS-6")
def test_a_plugin_with_a_misspelt_hook(tmp_path: Path) -> None:
    _install(tmp_path, "sound", _GOOD)
    _install(tmp_path, "misspelt", _MISSPELT)
    found = _look(tmp_path)
    assert "'misspelt'" in found["reasons"]["misspelt"]
    assert "convcore_backends" in found["reasons"]["misspelt"]
    assert found["own"] == found["sound"] == [1, 3, 2]


@shows("CC-BACKENDS-7")
@pytest.mark.parametrize(
    ("disabled", "blocked"),
    [
        ("broken", {"broken"}),
        (" broken , numpy", {"broken", "numpy"}),
        ("third-party", {"broken", "sound"}),
        ("third-party,numpy", {"broken", "sound", "numpy"}),
        ("another", set()),
    ],
)
def test_a_plugin_that_is_disabled(disabled: str, blocked: set[str], tmp_path: Path) -> None:
    _install(tmp_path, "sound", _GOOD)
    _install(tmp_path, "broken", f"open({str(tmp_path / 'loaded')!r}, 'w')\n")
    slow = set(_BUILT_IN) - {"numpy"}
    found = _look(tmp_path, CONVCORE_DISABLE_PLUGINS=",".join([*slow, disabled]))
    reasons = found["reasons"]
    by_us = {name for name, why in reasons.items() if "CONVCORE_DISABLE_PLUGINS" in str(why)}
    # Whoever runs this may have plugins of their own, which are third parties' too.
    assert by_us & {"broken", "sound", "numpy"} == blocked
    assert found["own"] == [1, 3, 2]
    assert (tmp_path / "loaded").exists() is ("broken" not in blocked)


@shows("CC-BACKENDS-8")
def test_no_framework_is_imported() -> None:
    """None that the arrays of a backend are of, nor any other that is well known."""
    code = "import sys, convcore; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = set(_python("-c", code, CONVCORE_DISABLE_PLUGINS="").split())
    types = (name for backend in registry.found.values() for name in backend.array_types)
    theirs = {name.partition(".")[0] for name in types}
    known = {"cupy", "dask", "jax", "jaxlib", "mlx", "sparse", "tensorflow", "torch"}
    assert loaded & (theirs | known) <= {"numpy"}
    assert {"convcore", "numpy"} <= loaded


@shows("CC-BACKENDS-9")
def test_the_command_prints_the_table() -> None:
    text = _python("-m", "convcore")
    rows = {line.split()[0]: line for line in text.splitlines()[1:] if line}
    for name in _BUILT_IN:
        assert name in rows
    numpy = convcore.backends()["numpy"]
    for part in (numpy.version, *numpy.devices):
        assert part in rows["numpy"]


_WITHOUT = """
import importlib.metadata, json, sys
name = {name!r}
found = importlib.metadata.entry_points
importlib.metadata.entry_points = lambda **said: [p for p in found(**said) if p.name != name]
sys.modules[{module!r}] = None  # its package is not there to be imported
import numpy as np, convcore
print(json.dumps([
    sorted(convcore.backends()),
    convcore.convolve(np.array([1, 2]), [1, 1]).tolist(),
    convcore.conv(np.array([[1, 2, 3]]), np.array([[[1, 1]]])).tolist(),
]))
"""


@shows("CC-BACKENDS-10")
@pytest.mark.parametrize("name", _BUILT_IN)
def test_the_rest_works_without_it(name: str) -> None:
    (module,) = {p.value for p in entry_points(group=_GROUP) if p.name == name}
    left, *values = json.loads(_python("-c", _WITHOUT.format(name=name, module=module)))
    assert set(_BUILT_IN) - set(left) == {name}
    assert values == [[1, 3, 2], [[3, 5]]]


@shows("CC-BACKENDS-10")
def test_built_in_backends_are_plugins_like_others() -> None:
    info = convcore.backends()
    assert "numpy" in _BUILT_IN
    for name in _BUILT_IN:
        assert info[name].distribution == "convcore"
