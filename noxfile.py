#!/usr/bin/env python3
# /// script
# dependencies = ["nox>=2025.2.9"]
# ///
"""Every check of convcore: ``nox`` runs what continuous integration runs, ``nox -l`` lists all."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "virtualenv"
nox.options.error_on_external_run = True

ROOT = Path(__file__).parent
PROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
PYTHONS = nox.project.python_versions(PROJECT)


def reveal_pyenv_interpreters() -> None:
    """Let the shims of pyenv, where there is one, answer for every version it has installed."""
    if shutil.which("pyenv") and "PYENV_VERSION" not in os.environ:
        selected, every = (
            subprocess.run(["pyenv", *command], capture_output=True, text=True, check=True).stdout
            for command in (["version-name"], ["versions", "--bare"])
        )
        cpythons = re.findall(r"^3\.\d+\.\d+$", every, flags=re.MULTILINE)
        os.environ["PYENV_VERSION"] = ":".join([selected.strip(), *reversed(cpythons)])


reveal_pyenv_interpreters()


def install(session: nox.Session, *packages: str, group: str = "") -> None:
    """Install packages and a dependency group at the versions pinned in constraints.txt."""
    members = nox.project.dependency_groups(PROJECT, group) if group else ()
    session.install("-c", str(ROOT / "constraints.txt"), *packages, *members)


def run_pytest(session: nox.Session, *selected: str, level: str = "quick") -> None:
    """Run pytest in two processes, each with one thread of BLAS: machines have few cores.

    The level is that of the conformance suite: how many random problems it tries.
    """
    env = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    options = ("-n", "2", "--dist", "worksteal", "--convcore-level", level)
    session.run("pytest", *options, *selected, *session.posargs, env=env)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, format and the architecture."""
    install(session, "-e", ".", group="lint")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("lint-imports")


@nox.session
def typecheck(session: nox.Session) -> None:
    """Check the types."""
    install(session, "-e", ".", group="typecheck")
    session.run("mypy", "--strict")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests, the conformance suite and the examples in docstrings and documents.

    On NumPy arrays and on the standard's strictest; the session `backend` is for other libraries.
    """
    install(session, "-e", ".", group="test")
    level = "full" if session.python == PYTHONS[0] else "quick"
    run_pytest(session, "--ignore-glob=tests/backend_*", level=level)


# What each backend's own tests need; those of CuPy run its kernels on the CPU, in a CuPy of theirs.
BACKENDS = {
    "torch": [".[torch]"],
    "jax": [".[jax]"],
    "dask": [".[dask]", "distributed"],
    "cupy": ["."],
}


@nox.session(python=PYTHONS[0])
@nox.parametrize("backend", list(BACKENDS))
def backend(session: nox.Session, backend: str) -> None:
    """Run the tests and the conformance suite of one backend, with its library alone installed."""
    first, *others = BACKENDS[backend]
    install(session, "-e", first, *others, group="test")
    session.run("convcore")
    shared = ("tests/compat", "tests/test_bench_peers.py", "tests/test_unet.py", "conformance")
    run_pytest(session, f"tests/backend_{backend}", *shared, "-k", backend)


@nox.session(default=False, python=PYTHONS[0])
@nox.parametrize("backend", ["numpy", *BACKENDS])
def without(session: nox.Session, backend: str) -> None:
    """Delete one backend's folder from a copy: everything else must stay green.

    Arrays of its library are then served by the standard. What belongs to one other library alone
    is left to the session `backend`, in which all but that one are unavailable.
    """
    copy = Path(session.create_tmp()) / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    ignored = shutil.ignore_patterns(".*", "__pycache__", "_build", f"convcore_{backend}")
    shutil.copytree(ROOT, copy, ignore=ignored)
    session.chdir(copy)
    install(session, "-e", ".[torch,jax,dask]", "distributed", group="test")
    session.run("convcore")
    others = (f"not {name}" for name in BACKENDS if name != backend)
    run_pytest(session, "-k", " and ".join(others))


# What the matrix of the conformance suite needs, and how each of its devices is asked for.
JUDGED = {
    ("numpy", "cpu"): ["."],
    ("strict", "cpu"): ["."],
    ("torch", "cpu"): [".[torch]"],
    ("jax", "cpu"): [".[jax]"],
    ("dask", "cpu"): [".[dask]"],
    ("torch", "cuda:0"): [".[torch]"],
    ("jax", "cuda:0"): [".", "jax", "jax-cuda13-plugin", "jax-cuda13-pjrt"],
    ("cupy", "cuda:0"): [".", "cupy-cuda13x", "nvidia-cuda-nvrtc", "nvidia-cudnn-frontend"],
}
RECORDS = ROOT / "build" / "conformance"


def skip_without(session: nox.Session, device: str) -> None:
    """Skip what needs a device that this machine does not have."""
    if device != "cpu" and not shutil.which("nvidia-smi"):
        session.skip(f"there is no {device} here")


@nox.session(default=False, python=PYTHONS[0])
@nox.parametrize(("backend", "device"), list(JUDGED))
def conformance(session: nox.Session, backend: str, device: str) -> None:
    """Judge one backend on one device, and keep the record for `report`."""
    skip_without(session, device)
    first, *others = JUDGED[backend, device]
    install(session, "-e", first, *others, group="test")
    # The strictest library of the standard has rows of the suite, and no backend of its own.
    chosen = ["-k", "strict"] if backend == "strict" else ["--convcore-backend", backend]
    chosen += [] if device == "cpu" else ["--convcore-device", device]
    record = RECORDS / f"{backend}-{device.replace(':', '')}.json"
    run_pytest(session, "conformance", *chosen, "--convcore-report", str(record), level="full")


@nox.session(default=False, python=PYTHONS[0])
def report(session: nox.Session) -> None:
    """Merge what the sessions `conformance` recorded into docs/conformance/report.html."""
    records = sorted(map(str, RECORDS.glob("*.json")))
    if not records:
        session.skip("the sessions `conformance` have recorded nothing yet")
    install(session, "-e", ".", group="test")
    page = ROOT / "docs" / "conformance" / "report.html"
    session.run("python", "-m", "convcore_conformance.report", *records, "--out", str(page))


AHEAD_OF_TIME = {
    "tpu": ["jax[tpu]"],
    "cuda": ["jax", "jax-cuda13-plugin", "jax-cuda13-pjrt"],
    "cupy": ["cupy-cuda13x", "nvidia-cuda-nvrtc", "nvidia-cudnn-frontend", "ml_dtypes"],
}


@nox.session(default=False, python=PYTHONS[0])
@nox.parametrize("platform", list(AHEAD_OF_TIME))
def ahead_of_time(session: nox.Session, platform: str) -> None:
    """Compile for accelerators that are not there: TPUs and CUDA through JAX, CuPy's kernels."""
    install(session, "-e", ".", *AHEAD_OF_TIME[platform])
    script = "cupy_kernels.py" if platform == "cupy" else "jax_table.py"
    said = [] if platform == "cupy" else ["--platform", platform]
    session.run("python", f"tests/ahead_of_time/{script}", *said, *session.posargs)


@nox.session(default=False, python=PYTHONS[0])
def mutants(session: nox.Session) -> None:
    """Try the conformance suite on backends that are wrong on purpose: it must catch each."""
    install(session, "-e", ".", group="test")
    page = ROOT / "docs" / "conformance" / "mutants.md"
    session.chdir(ROOT / "tests")
    said = session.posargs or ["--jobs", "2", "--page", str(page)]
    session.run("python", "-m", "mutants", *said)


@nox.session
def wheel(session: nox.Session) -> None:
    """Build the sdist, from it the wheel; run the tests and the example on the wheel alone."""
    install(session, "build")
    here = Path(session.create_tmp())
    shutil.rmtree(here, ignore_errors=True)
    session.run("python", "-m", "build", "--outdir", str(here), str(ROOT), silent=True)
    (built,) = here.glob("*.whl")
    install(session, f"{built}[conformance,examples]", group="test")
    for name in ("tests", "pyproject.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, here / name)
    session.chdir(here)
    session.run("python", "-c", INSTALLED)
    session.run("convcore")
    session.run("python", str(ROOT / "examples" / "tour.py"))
    # Clause ids, citations and the examples are a matter of the checkout, not of the wheel.
    checkout = ("compat_page", "spec_pages", "example_backend", "unet")
    ignored = [f"--ignore=tests/test_{name}.py" for name in checkout]
    ignored += ["--ignore-glob=tests/backend_*"]
    # The sessions `tests` judge what the suite judges; here it has to be found, and to run.
    run_pytest(session, *ignored, "--pyargs", "tests", "convcore_conformance.test_values")


INSTALLED = """
import importlib, pathlib, sysconfig
site = pathlib.Path(sysconfig.get_path("purelib"))
backends = [f"convcore_{name}" for name in ("cupy", "dask", "jax", "numpy", "torch")]
packages = ["convcore", "convcore_benchmarks", "convcore_conformance", *backends]
for module in map(importlib.import_module, packages):
    path = pathlib.Path(module.__file__)
    print(module.__name__, "is", path)
    assert path.is_relative_to(site), "this is not the installed wheel"
    assert (path.parent / "py.typed").exists(), "py.typed is missing"
"""


@nox.session(venv_backend="none")
def example(session: nox.Session) -> None:
    """Follow docs/writing-a-backend.md, command by command, on a copy of its example."""
    page = (ROOT / "docs" / "writing-a-backend.md").read_text(encoding="utf-8")
    commands = "".join(re.findall(r"^```sh\n(.*?)^```$", page, flags=re.DOTALL | re.MULTILINE))
    env = {
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PIP_CONSTRAINT": str(ROOT / "constraints.txt"),
        "PIP_QUIET": "1",
    }
    # Outside of the checkout, as its author's is, so that nothing but the installed is found.
    with TemporaryDirectory() as there:
        copy = Path(there) / "convcore-example"
        ignored = shutil.ignore_patterns(".*", "__pycache__")
        shutil.copytree(ROOT / "examples" / "convcore-example", copy, ignore=ignored)
        script = commands.replace("../..", str(ROOT))
        with session.chdir(copy):
            session.run("bash", "-euxo", "pipefail", "-c", script, env=env, external=True)


@nox.session(default=False, python=PYTHONS[0])
def examples(session: nox.Session) -> None:
    """Run the networks of examples/ on every library, and draw the pictures of docs/networks.md."""
    install(session, "-e", ".[torch,jax,dask,examples]", group="examples")
    env = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    for network in ("unet", "dbnet"):
        picture = ROOT / "docs" / "networks" / f"{network}.png"
        script = ROOT / "examples" / f"{network}.py"
        session.run("python", str(script), "--out", str(picture), env=env)


@nox.session(default=False, python=PYTHONS[0])
def minimum(session: nox.Session) -> None:
    """Run the tests with the oldest dependencies that pyproject.toml allows."""
    oldest = [need.replace(">=", "==") for need in PROJECT["project"]["dependencies"]]
    names = {need.split("==")[0] for need in oldest}
    pins = (ROOT / "constraints.txt").read_text().splitlines()
    others = [pin for pin in pins if pin.split("==")[0] not in names]
    constraints = Path(session.create_tmp()) / "constraints.txt"
    constraints.write_text("\n".join([*oldest, *others]))
    group = nox.project.dependency_groups(PROJECT, "test")
    session.install("-c", str(constraints), "-e", ".", *group)
    run_pytest(session)


@nox.session(default=False)
def docs(session: nox.Session) -> None:
    """Build the documentation; a warning is an error."""
    install(session, "-e", ".", group="docs")
    session.run("sphinx-build", "-W", "--keep-going", "-b", "html", "docs", "docs/_build/html")


# What is timed on each library's arrays and device; NumPy's are handed to every peer.
TIMED = {
    ("numpy", "cpu"): ["signal", "neural", "tiny", "memory", "auto", "scaling", "crossover"],
    ("torch", "cpu"): ["signal", "neural", "tiny", "auto"],
    ("jax", "cpu"): ["signal", "neural", "tiny", "auto"],
    ("torch", "cuda:0"): ["signal", "neural", "tiny", "auto"],
    ("jax", "cuda:0"): ["signal", "neural", "tiny", "auto"],
    ("cupy", "cuda:0"): ["signal", "neural", "tiny", "auto"],
}


@nox.session(default=False, python=PYTHONS[0])
@nox.parametrize(("backend", "device"), list(TIMED))
def benchmarks(session: nox.Session, backend: str, device: str) -> None:
    """Time convcore beside its peers on one library's arrays, and write its page in docs anew."""
    skip_without(session, device)
    first, *others = [".[torch,jax]"] if backend == "numpy" else JUDGED[backend, device]
    install(session, "-e", ".[bench]", "-e", first, *others)
    record = ROOT / "build" / "benchmarks" / f"{backend}-{device.replace(':', '')}.json"
    asked = ["--backend", backend, "--grid", *TIMED[backend, device], "--json", str(record)]
    asked += [] if device == "cpu" else ["--device", device]
    session.run("convcore", "bench", *asked, *session.posargs)
    folder = ROOT / "docs" / ("performance" if device == "cpu" else "hardware")
    session.run("python", "-m", "convcore_benchmarks.pages", str(record), "--out", str(folder))


if __name__ == "__main__":
    nox.main()
