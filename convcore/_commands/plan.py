"""``convcore plan``: say what a call would run, and why."""

import argparse
import ast
import sys
from typing import Any

import convcore
from convcore._operations import OPERATIONS

__all__ = ["add", "run"]


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Say what may be asked."""
    parser = commands.add_parser(
        "plan",
        help="say what a call would run, and why",
        epilog="example: convcore plan conv float32:8,64,128,128 float32:64,64,3,3 padding=same",
    )
    parser.add_argument("op", choices=sorted(OPERATIONS), help="the operation")
    parser.add_argument(
        "operands",
        nargs="+",
        help="operands as dtype:shape, a shape alone where the operation takes one, "
        "and options as name=value",
    )


def run(said: argparse.Namespace) -> int:
    """Print the plan; returns the exit status."""
    try:
        options = dict(_option(text) for text in said.operands if "=" in text)
        operands = [_operand(text) for text in said.operands if "=" not in text]
        print(convcore.plan(said.op, *operands, **options))
    except (convcore.ConvcoreError, TypeError, ValueError) as error:
        print(f"convcore plan: {error}", file=sys.stderr)
        return 2
    return 0


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
