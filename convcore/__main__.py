"""``python -m convcore``: the backends table, and ``python -m convcore plan``: what would run."""

import argparse
import ast
import sys
from collections.abc import Sequence
from typing import Any

import convcore
from convcore._operations import OPERATIONS

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    said = _parser().parse_args(arguments)
    if said.command != "plan":
        print(_backends_table())
        return 0
    try:
        options = dict(_option(text) for text in said.operands if "=" in text)
        operands = [_operand(text) for text in said.operands if "=" not in text]
        print(convcore.plan(said.op, *operands, **options))
    except (convcore.ConvcoreError, TypeError, ValueError) as error:
        print(f"convcore plan: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="convcore", description="Without a command, list the backends."
    )
    parser.add_argument("--version", action="version", version=convcore.__version__)
    commands = parser.add_subparsers(dest="command")
    plan = commands.add_parser(
        "plan",
        help="say what a call would run, and why",
        epilog="example: convcore plan conv float32:8,64,128,128 float32:64,64,3,3 padding=same",
    )
    plan.add_argument("op", choices=sorted(OPERATIONS), help="the operation")
    plan.add_argument(
        "operands",
        nargs="+",
        help="operands as dtype:shape, a shape alone where the operation takes one, "
        "and options as name=value",
    )
    return parser


def _operand(text: str) -> Any:
    """``float32:8,64`` as a (shape, dtype) pair, ``8,64`` as a shape."""
    dtype, colon, sizes = text.rpartition(":")
    shape = tuple(int(size) for size in sizes.split(",") if size)
    return (shape, dtype) if colon else shape


def _option(text: str) -> tuple[str, Any]:
    """``stride=2`` as a keyword; what is no Python literal is a string."""
    name, _, value = text.partition("=")
    try:
        return name, ast.literal_eval(value)
    except (SyntaxError, ValueError):
        return name, value


def _backends_table() -> str:
    rows = [("backend", "version", "devices", "methods", "from")]
    for name, info in convcore.backends().items():
        if info.capabilities is None:
            rows.append((name, "", "", f"unavailable: {info.reason}", info.distribution))
            continue
        can = info.capabilities
        devices = ", ".join(can.devices) or "any"
        rows.append((name, can.version, devices, ", ".join(can.methods), info.distribution))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return "\n".join([f"convcore {convcore.__version__}", "", *lines])


if __name__ == "__main__":
    sys.exit(main())
