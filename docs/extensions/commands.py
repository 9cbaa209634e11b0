"""The directive ``commands``: every command with its arguments, from the program itself."""

import inspect
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from typer.models import ArgumentInfo

from victimsmodel.cli import app as command_line

_KINDS = {int: "NUMBER", float: "NUMBER", Path: "FILE", str: "TEXT"}


class Argument(NamedTuple):
    """One argument or option of a command."""

    spelled: str  # as it is typed, with its value
    names: str  # as the table shows it
    help: str
    default: Any
    is_required: bool


class Commands(SphinxDirective):
    """Describe each command as it describes itself."""

    def run(self) -> list[nodes.Node]:
        """Return a section for each command."""
        texts = [_described(one.name, one.callback) for one in command_line.registered_commands]
        return self.parse_text_to_nodes("\n".join(texts), allow_section_headings=True)


def _described(name: str, command: Callable[..., None]) -> str:
    arguments = list(_arguments(command))
    needed = [one.spelled for one in arguments if one.is_required]
    usage = " ".join(["victimsmodel", name, *needed, "[OPTIONS]" if len(needed) < len(arguments) else ""])
    lines = [name, "-" * len(name), "", _plain(inspect.getdoc(command) or ""), ""]
    lines += [".. code-block:: text", "", f"   {usage}", ""]
    lines += [".. list-table::", "   :widths: 30 50 20", "   :header-rows: 1", ""]
    lines += ["   * - argument", "     - what", "     - unless stated"]
    for one in arguments:
        lines += [f"   * - ``{one.names}``", f"     - {_plain(one.help)}", f"     - {_unless(one)}"]
    return "\n".join([*lines, ""])


def _arguments(command: Callable[..., None]) -> Iterator[Argument]:
    hints = get_type_hints(command, include_extras=True)
    for parameter in inspect.signature(command).parameters.values():
        annotated = hints[parameter.name]
        if get_origin(annotated) in (Union, types.UnionType):  # None as default may be added to it
            annotated = next(part for part in get_args(annotated) if part is not type(None))
        kind, info = get_args(annotated)[:2]
        is_required = parameter.default is parameter.empty
        default = None if is_required else parameter.default
        if isinstance(info, ArgumentInfo):
            name = info.metavar or parameter.name.upper()
            yield Argument(name, name, info.help or "", default, is_required)
            continue
        names = [one for one in (info.default, *(info.param_decls or ())) if isinstance(one, str)]
        option = names[0] if names else f"--{parameter.name.replace('_', '-')}"
        spelled = option if kind is bool else f"{option} {info.metavar or _kind(kind)}"
        repeated = " ..." if "list" in str(kind) else ""
        yield Argument(spelled, spelled + repeated, info.help or "", default, is_required)


def _kind(kind: Any) -> str:
    """Return what is typed for a value of a type; of an optional one or a list, what it is of."""
    while get_args(kind):
        kind = next(part for part in get_args(kind) if part is not type(None))
    return _KINDS[kind]


def _unless(one: Argument) -> str:
    if one.is_required:
        return "must be given"
    return f"``{one.default}``" if one.default not in (None, False, "") else ""


def _plain(text: str) -> str:
    """Return text that holds no markup."""
    return "".join(f"\\{sign}" if sign in "\\*`|_" else sign for sign in text)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("commands", Commands)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
