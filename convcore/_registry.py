"""The plugin host: finds backends by entry point and reports, by name, whatever is wrong."""

import os
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from inspect import getattr_static
from types import MappingProxyType
from typing import Any, NamedTuple, cast

import array_api_compat
import pluggy

from convcore._backend import ARRAY_API, PORTABLE_METHODS, Backend, Capabilities, Compiler
from convcore._dtypes import DTYPES
from convcore._errors import BackendError

__all__ = ["GROUP", "BackendInfo", "Registry", "backends", "discover", "hookimpl", "registry"]

GROUP = "convcore.backends"
_THIRD_PARTY = "third-party"

hookspec = pluggy.HookspecMarker("convcore")
hookimpl = pluggy.HookimplMarker("convcore")


class _Hooks:
    """The hooks a plugin may implement."""

    @hookspec
    def convcore_backend(self) -> Backend:  # type: ignore[empty-body]
        """Return the plugin's backend: a light object that has not imported its library yet."""

    @hookspec
    def convcore_compiler(self) -> Compiler:  # type: ignore[empty-body]
        """Return the compiler of the plugin's library, if one traces Python code."""


class BackendInfo(NamedTuple):
    """One registered backend, or a plugin that failed to become one.

    Attributes
    ----------
    name : str
    available : bool
        Whether calls can run on it here.
    reason : str
        Why not; empty where available.
    distribution : str
        The installed distribution that registered it.
    capabilities : Capabilities or None
        Version, devices, dtypes, methods and gaps; None where unavailable.
    """

    name: str
    available: bool
    reason: str
    distribution: str
    capabilities: Capabilities | None = None

    @property
    def version(self) -> str:
        """Version of the backend's library; empty where unavailable."""
        return self.capabilities.version if self.capabilities else ""

    @property
    def devices(self) -> tuple[str, ...]:
        """Devices it sees; none where unavailable."""
        return self.capabilities.devices if self.capabilities else ()


class Registry:
    """Backends by name, and the faults of plugins that did not make it."""

    def __init__(self) -> None:
        self._found: dict[str, Backend] = {}
        self._begun: list[tuple[EntryPoint, str]] = []
        self.faults: list[BackendInfo] = []
        self.compilers: list[Compiler] = []
        self._origins: dict[str, str] = {}
        self._compilers_of: dict[str, list[Compiler]] = {}
        self._missing: dict[str, BackendInfo] = {}
        self._manager = pluggy.PluginManager("convcore")
        self._manager.add_hookspecs(_Hooks)

    def load(self, points: Iterable[EntryPoint], disabled: Iterable[str] = ()) -> None:
        """Register every entry point that is not disabled; a broken one becomes a fault."""
        blocked = frozenset(disabled)
        for point in points:
            origin = point.dist.name if point.dist else "unknown"
            if point.name in blocked or (_THIRD_PARTY in blocked and origin != "convcore"):
                self._fault(point.name, origin, "disabled by CONVCORE_DISABLE_PLUGINS")
                continue
            if point.module in sys.modules:  # perhaps only in part: it may be what imports convcore
                self._begun.append((point, origin))
            else:
                self._load(point, origin)

    def _load(self, point: EntryPoint, origin: str) -> None:
        try:
            self.register(point.name, point.load(), origin)
        # A plugin is a stranger's code: whatever it raises must not break `import convcore`.
        except Exception as error:  # noqa: BLE001
            self._fault(point.name, origin, f"{type(error).__name__}: {error}")

    @property
    def found(self) -> dict[str, Backend]:
        """The backends by name, those too whose import had begun before convcore's."""
        while self._begun:
            self._load(*self._begun.pop(0))  # in order: a name is the first one's
        return self._found

    def register(self, name: str, plugin: object, origin: str) -> None:
        """Register one plugin: a module or object with the hook ``convcore_backend``.

        Raises
        ------
        BackendError
            For a duplicate name, a misspelt or missing hook, or a wrong signature.
        """
        if name == ARRAY_API or name in self._found:
            owner = self._origins.get(name, "convcore")
            raise BackendError(
                f"the name {name!r} is taken by the distribution {owner!r}; "
                "allowed is a name of its own: uninstall one, or block it by "
                "CONVCORE_DISABLE_PLUGINS"
            )
        try:
            self._manager.register(plugin, name=name)
            self._manager.check_pending()
            self._found[name] = self._backend_of(name, plugin)
        except pluggy.PluginValidationError as error:
            raise BackendError(f"plugin {name!r}: {error}") from error
        finally:
            if name not in self._found and self._manager.has_plugin(name):
                self._manager.unregister(name=name)
        self._origins[name] = origin
        self._compilers_of[name] = self._own(plugin, "convcore_compiler")
        self.compilers.extend(self._compilers_of[name])

    def unregister(self, name: str) -> None:
        """Take out what `register` put in; `clear_caches` then forgets what has run on it.

        Raises
        ------
        BackendError
            For a name that is not registered.
        """
        if name not in self.found:
            able = ", ".join(map(repr, self.found))
            raise BackendError(f"the backend {name!r} is not registered; allowed are {able}")
        self._manager.unregister(name=name)
        del self.found[name], self._origins[name]
        self._missing.pop(name, None)
        for compiler in self._compilers_of.pop(name):
            self.compilers.remove(compiler)

    def _backend_of(self, name: str, plugin: object) -> Backend:
        offered = cast(list[Backend], self._own(plugin, "convcore_backend"))
        if len(offered) != 1:
            raise BackendError(f"plugin {name!r} implements no hook 'convcore_backend'")
        members = [member for member in vars(Backend) if not member.startswith("_")]
        missing = [m for m in members if getattr_static(offered[0], m, None) is None]
        is_class = isinstance(offered[0], type)
        if is_class or missing:
            lacking = ", a class" if is_class else f", which lacks {', '.join(missing)}"
            raise BackendError(
                f"plugin {name!r}: its hook 'convcore_backend' returned {offered[0]!r}{lacking}; "
                f"allowed is an object with {', '.join(members)}"
            )
        if offered[0].name != name:
            raise BackendError(
                f"plugin {name!r}: its backend is named {offered[0].name!r}; allowed is the name "
                f"of its entry point in the group {GROUP!r}"
            )
        return offered[0]

    def _own(self, plugin: object, hook: str) -> list[Any]:
        """What a hook of one plugin returns, in a list of one; an empty list where it has none."""
        others = [p for p in self._manager.get_plugins() if p is not plugin]
        return cast(list[Any], self._manager.subset_hook_caller(hook, others)())

    def _fault(self, name: str, origin: str, reason: str) -> None:
        self.faults.append(BackendInfo(name, False, reason, origin))

    def get(self, name: object) -> Backend:
        """The backend of that name, which must be available.

        Raises
        ------
        BackendError
            Where there is none of that name, or its library cannot be used here.
        """
        if isinstance(name, str) and name in self.found:
            self._missing.pop(name, None)  # it may have been installed since
            if self._describe(name).available:
                return self.found[name]
        info = self.info()
        asked = info.get(name) if isinstance(name, str) else None
        why = f"unavailable: {asked.reason}" if asked else "not registered"
        able = [repr(key) for key, each in info.items() if each.available]
        raise BackendError(
            f"backend={name!r} is {why}; allowed are {', '.join([*able, repr(ARRAY_API)])}"
        )

    def info(self) -> Mapping[str, BackendInfo]:
        """Every backend and every fault by name; a duplicate's fault has its distribution in it."""
        table = {name: self._describe(name) for name in self.found}
        for fault in self.faults:
            key = fault.name if fault.name not in table else f"{fault.name} ({fault.distribution})"
            table[key] = fault
        return MappingProxyType(table)

    def forget_missing(self) -> None:
        """Look anew for the libraries that could not be imported."""
        self._missing.clear()

    def _describe(self, name: str) -> BackendInfo:
        if name in self._missing:
            return self._missing[name]
        origin = self._origins[name]
        try:
            capabilities = self.found[name].capabilities
        # An absent or broken library is a reason to show, whichever way it breaks.
        except Exception as error:  # noqa: BLE001
            info = BackendInfo(name, False, f"{type(error).__name__}: {error}", origin)
            if isinstance(error, ImportError):
                # Python looks through all its path again for what it did not find before.
                self._missing[name] = info
            return info
        return BackendInfo(name, True, "", origin, capabilities)


registry = Registry()
"""The one registry; `discover` fills it when convcore has been imported whole."""


def discover() -> None:
    """Register the installed plugins."""
    disabled = os.environ.get("CONVCORE_DISABLE_PLUGINS", "")
    # A checkout and its installed metadata may both be seen: the same entry counts once.
    points = {(p.name, p.value): p for p in entry_points(group=GROUP)}.values()
    registry.load(points, (name.strip() for name in disabled.split(",")))


def backends() -> Mapping[str, BackendInfo]:
    """Every backend that is registered, and every plugin that failed to.

    "array_api" is none of them: the portable algorithms, in the namespace of the arrays.

    Returns
    -------
    mapping of str to BackendInfo
        Read-only; name to what it is, whether it is available, and if not, why. A library that
        could not be imported is looked for again when a call names its backend.

    Examples
    --------
    >>> convcore.backends()["array_api"].available
    True
    """
    return MappingProxyType({**registry.info(), ARRAY_API: _PORTABLE})


_PORTABLE = BackendInfo(
    ARRAY_API,
    True,
    "",
    "convcore",
    Capabilities(array_api_compat.__version__, (), tuple(DTYPES), PORTABLE_METHODS),
)
