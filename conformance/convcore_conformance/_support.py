"""The support table: what each backend says that it can do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ._html import Html, join, tag
from ._summary import Summary

__all__ = ["support"]

_PARTS = {
    "dtypes": "dtypes",
    "methods": "methods",
    "transforms": "transforms",
    "native_ranks": "spatial axes of its own convolution",
}


def support(found: Summary) -> Html:
    """Give a table of the backends that were judged.

    Parameters
    ----------
    found : Summary
        Whose runs hold what the backends say.

    Returns
    -------
    Html
        One column a backend, and version of it.
    """
    backends = _judged(found)
    heads = [tag("th", name, tag("small", said["version"])) for name, said in backends]
    head = tag("thead", tag("tr", tag("td"), *heads))
    places = [tag("td", ", ".join(said["devices"]) or "any") for _, said in backends]
    devices = tag("tbody", tag("tr", tag("th", "devices", scope="row"), *places))
    said = [capabilities for _, capabilities in backends]
    return tag("table", head, devices, *(_part(key, title, said) for key, title in _PARTS.items()))


def _judged(found: Summary) -> list[tuple[str, Any]]:
    known = {}
    for subject in found.tests:
        said = found.runs[subject.run]["backends"].get(subject.backend)
        if said and "dtypes" in said:
            known[subject.backend, said["version"]] = said
    return [(name, said) for (name, _), said in known.items()]


def _part(key: str, title: str, backends: list[Any]) -> Html:
    heading = tag("tr", tag("th", title, colspan=str(len(backends) + 1), scope="rowgroup"))
    values = dict.fromkeys(value for said in backends for value in said[key])
    ordered = sorted(values) if key == "native_ranks" else list(values)
    return tag(
        "tbody", heading, *(_line(value, (value in s[key] for s in backends)) for value in ordered)
    )


def _line(value: Any, able: Iterable[bool]) -> Html:
    marks = [tag("td", "✓" if yes else "—", class_="passed" if yes else "zero") for yes in able]
    return tag("tr", tag("th", str(value), scope="row"), join(*marks))
