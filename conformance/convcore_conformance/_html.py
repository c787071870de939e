"""HTML as values: text is escaped unless it is known to be HTML."""

from __future__ import annotations

import re
from html import escape

__all__ = ["Html", "join", "prose", "tag"]

_CODE = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\[([^\]]+)\]\([^)\s]+\)")


class Html(str):
    """A piece of HTML."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: str | None) -> Html:
    """Give an element.

    Parameters
    ----------
    name : str
        Of the element.
    *children : str
        What is no `Html` is escaped.
    **attributes : str or None
        Without those that are None; ``class_`` is ``class``, and ``_`` elsewhere is ``-``.

    Returns
    -------
    Html
        With its closing tag.
    """
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{said}>{join(*children)}</{name}>")


def join(*children: str) -> Html:
    """Give pieces one after the other; what is no `Html` is escaped."""
    return Html("".join(c if isinstance(c, Html) else escape(c, quote=False) for c in children))


def prose(markdown: str) -> Html:
    """Give a sentence of Markdown: its code as code, its links as their words."""
    pieces = _CODE.split(_LINK.sub(r"\1", markdown))
    return join(*(tag("code", p) if i % 2 else _emphasised(p) for i, p in enumerate(pieces)))


def _emphasised(text: str) -> Html:
    pieces = re.split(r"(?<![\w*])\*(\w[^*]*)\*(?![\w*])", text)
    return join(*(tag("em", p) if i % 2 else p for i, p in enumerate(pieces)))
