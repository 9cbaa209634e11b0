"""YAML 1.2 core values with the place where each stands; nothing clever, nothing guessed."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from victimsmodel.errors import InputError, Problem, input_error
from victimsmodel.inputs.sealed_reading import sealed_reading
from victimsmodel.inputs.text_file import CONTROL, read_text
from victimsmodel.inputs.text_file import MAX_BYTES as MAX_BYTES

MAX_DEPTH = 20
#: Of YAML: ten times what the largest shipped scenario has; more would take seconds to explain.
_MOST_TOKENS = 80_000
_MAX_NUMBER_LENGTH = 40
_NESTED = frozenset({dict, list})

#: Keys of an estimate that state its numbers, and those that vouch for them.
NUMBERS = frozenset({"value", "low", "high", "events", "trials"})
_EVIDENCE = frozenset({"source", "note", "quality", "borrowed"})

Scalar = str | int | float | bool | None
Value = Scalar | dict[str, "Node"] | list["Node"]

#: Told of files that ask for more than data: someone may be trying to run code. Silent unless listened to.
_SECURITY = logging.getLogger("victimsmodel.security")
_SECURITY.addHandler(logging.NullHandler())

#: The same loader on libyaml where the wheel brings it: ten times faster.
_FASTEST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_FASTEST):  # type: ignore[misc, valid-type]
    """Guesses no types: `read_scalar` says what unquoted text means."""

    def resolve(self, kind: object, value: object, implicit: object) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it is written: file (or command-line option), line and dotted name."""

    value: Value
    where: str
    field: str = ""


@dataclass(frozen=True)
class Rejected:
    """Text that looks like a number or truth value but is not written as one."""

    text: str
    allowed: str
    code: str
    hint: str = ""


_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_ZERO_DECIMAL = re.compile(r"[-+]?0[0-9]+(\.[0-9]*([eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)")
_PERCENTAGE = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)\s*%")
_THOUSANDS = re.compile(r"[-+]?[£$€]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?|[£$€][0-9]+(\.[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_NUMBER_LIKE = (_INTEGER, _FLOAT, _LEADING_ZERO, _ZERO_DECIMAL, _PERCENTAGE, _THOUSANDS)
_BEGINS_NUMBER = frozenset("+-.0123456789£$€")  # what any of them, and what is not finite, begins with

#: Files kept as read, by every character of their text: an evaluation reads its own several times.
_MOST_KEPT = 8

#: What YAML offers beyond plain data.
_REFUSED = {
    yaml.TagToken: "tags (!) are not allowed",
    yaml.AnchorToken: "anchors (&) are not allowed",
    yaml.AliasToken: "aliases (*) are not allowed",
    yaml.DirectiveToken: "directives (%) are not allowed",
}
_OPENS = (
    yaml.BlockMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.FlowSequenceStartToken,
)
_CLOSES = (yaml.BlockEndToken, yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)
_DEEPER = dict.fromkeys(_OPENS, 1) | dict.fromkeys(_CLOSES, -1)

#: What the reader of YAML says, in plain words.
_CAUSES = {
    "mapping values are not allowed": "a second ': ' in one line; put text that holds ': ' in quotes",
    "cannot start any token": "text begins with a sign that YAML keeps for itself (@ ` %); quote it",
    "unexpected end of stream": "a quote is opened and never closed",
    "flow mapping": "a { is never closed, or a comma is missing before this line",
    "flow sequence": "a [ is never closed, or a comma is missing before this line",
    "expected '-' indicator": "a line amid entries of a list lacks its '- '",
    "expected <document start>": "only one YAML document is allowed in a file",
    "expected node content": "it holds no keys and values",
    "could not find expected ':'": "a line is neither a key with ': ' nor an entry of a list",
    "did not find expected key": "the indentation differs from the lines before, or a comma is missing",
}


def read_scalar(text: str) -> Scalar | Rejected:
    """Return the YAML 1.2 core meaning of unquoted text.

    `no`, `on` and `12:30` stay text; `1e-3` is a number; what is likely to be meant otherwise
    (`010`, `25%`, `1,385,000`, `.nan`) comes back as `Rejected`.
    """
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return text.lower() == "true"
    if text[0] not in _BEGINS_NUMBER:
        return text
    if len(text) > _MAX_NUMBER_LENGTH and any(form.fullmatch(text) for form in _NUMBER_LIKE):
        return Rejected(text[:12] + "...", "is too long for a number", "VM005")
    if _INTEGER.fullmatch(text):
        return int(text)
    if _LEADING_ZERO.fullmatch(text):
        return Rejected(text, "has a leading zero", "VM005", f"Did you mean {int(text)}?")
    if _ZERO_DECIMAL.fullmatch(text):
        return Rejected(text, "has a leading zero", "VM005", f"Did you mean {float(text):g}?")
    if _FLOAT.fullmatch(text):
        number = float(text)
        if number in (float("inf"), float("-inf")):
            return Rejected(text, "must be a finite number", "VM005")
        if number == 0 and re.search("[1-9]", re.split("[eE]", text)[0]):
            return Rejected(text, "is too small to be told from 0", "VM005")
        return number
    if _NOT_FINITE.fullmatch(text):
        return Rejected(text, "must be a finite number", "VM005")
    if _PERCENTAGE.fullmatch(text):
        share = float(text.rstrip("% ")) / 100
        return Rejected(text, "must be a share, not a percentage", "VM005", f"Write {share:g}.")
    if _THOUSANDS.fullmatch(text):
        plain = re.sub("[,£$€]", "", text)
        return Rejected(text, "must be digits alone", "VM005", f"Write {plain}; the unit has its own key.")
    return text


@sealed_reading
def read_yaml(path: Path, problems: list[Problem] | None = None, expected: str = "") -> Node:
    """Read one YAML file into nodes that know their file and line.

    Parameters
    ----------
    path : Path
    problems : list of Problem, optional
        Takes what is wrong with single keys and values, which then read as null, so that it can be
        told together with what else is wrong; without a list they are raised.
    expected : str, optional
        Keys that such a file has, for the message about one that holds none.

    Raises
    ------
    InputError
        For a file that cannot be read, is over 1 MB, is not UTF-8 YAML, holds tags, anchors,
        aliases, several documents or duplicate keys, or nests deeper than 20.
    """
    node, found = _read(read_text(path), str(path), expected)
    if found and problems is None:
        raise InputError(found)
    if problems is not None:
        problems.extend(found)
    return node


@lru_cache(maxsize=_MOST_KEPT)
def _read(text: str, label: str, expected: str) -> tuple[Node, tuple[Problem, ...]]:
    """Return the nodes of a text, which nobody changes, and what is wrong with single keys and values."""
    try:
        _refuse_risky_tokens(text, label)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{label}:{mark.line + 1}" if mark else label
        raise input_error(where, *_in_plain_words(error, text)) from None
    except yaml.YAMLError as error:
        cause = str(error).partition("\n")[0]
        raise input_error(label, f"is not valid YAML: {cause}", "VM003") from None
    if not isinstance(root, yaml.MappingNode):
        raise input_error(f"{label}:1", f"must be a mapping of keys to values{expected}", "VM003")
    found: list[Problem] = []
    return Node(_value(root, label, "", found), f"{label}:{root.start_mark.line + 1}"), tuple(found)


def _in_plain_words(error: yaml.MarkedYAMLError, text: str) -> tuple[str, str]:
    """Return what is wrong with a file that is not YAML, and the code."""
    mark = error.problem_mark or error.context_mark
    if mark and _tab_indents(text, mark.line):
        return "is not valid YAML: a tab begins the line. Indent with spaces, not tabs", "VM003"
    told = " ".join(part for part in (error.context, error.problem) if part)
    plain = next((words for cause, words in _CAUSES.items() if cause in told), told)
    return f"is not valid YAML: {plain}", "VM003"


def _tab_indents(text: str, line: int) -> bool:
    lines = text.splitlines()
    return line < len(lines) and "\t" in lines[line][: len(lines[line]) - len(lines[line].lstrip())]


def _refuse_risky_tokens(text: str, label: str) -> None:
    """Refuse what YAML offers beyond plain data, and nesting that could exhaust the stack."""
    depth = 0
    begun = False
    for n_tokens, token in enumerate(yaml.scan(text, Loader=_Loader), 1):
        kind = type(token)
        depth += _DEEPER.get(kind, 0)
        begins = begun and kind is yaml.DocumentStartToken
        begun = begun or kind is not yaml.StreamStartToken
        if not (begins or kind in _REFUSED or depth > MAX_DEPTH or n_tokens > _MOST_TOKENS):
            continue
        where = f"{label}:{token.start_mark.line + 1}"
        if n_tokens > _MOST_TOKENS:
            raise input_error(where, "holds more keys and values than any scenario", "VM004")
        if kind is yaml.TagToken:
            _SECURITY.warning("%s: refused a YAML tag", where)
        if kind in _REFUSED:
            raise input_error(where, _REFUSED[kind], "VM004")
        if begins:
            raise input_error(where, "only one YAML document is allowed in a file", "VM004")
        raise input_error(where, f"is nested deeper than {MAX_DEPTH}", "VM004")


def _value(node: yaml.Node, label: str, field: str, problems: list[Problem]) -> Value:
    """Return what a node of YAML holds."""
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, label, field, problems)
    if isinstance(node, yaml.SequenceNode):
        return [_item(item, label, f"{field}[{i}]", problems) for i, item in enumerate(node.value)]
    assert isinstance(node, yaml.ScalarNode)  # what compose returns is one of the three
    if node.style:  # quoted or a block: text as it stands
        hidden = CONTROL.search(str(node.value))  # written as an escape
        if hidden:
            allowed = f"must not hold a control character (U+{ord(hidden.group()):04X})"
            problems.append(Problem(f"{label}:{node.start_mark.line + 1}", field, "", allowed, "VM002"))
        return "" if hidden else str(node.value)
    scalar = read_scalar(str(node.value))
    if isinstance(scalar, Rejected):
        where = f"{label}:{node.start_mark.line + 1}"
        problems.append(Problem(where, field, scalar.text, scalar.allowed, scalar.code, scalar.hint))
        return None
    return scalar


def _item(node: yaml.Node, label: str, field: str, problems: list[Problem]) -> Node:
    return Node(_value(node, label, field, problems), f"{label}:{node.start_mark.line + 1}", field)


def _mapping(node: yaml.MappingNode, label: str, field: str, problems: list[Problem]) -> dict[str, Node]:
    children: dict[str, Node] = {}
    lines: dict[str, int] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        name = str(key_node.value)
        dotted = f"{field}.{name}" if field else name
        if not isinstance(key_node, yaml.ScalarNode) or not name.isprintable():
            problems.append(Problem(f"{label}:{line}", field, "", "keys must be plain text", "VM003"))
            continue
        if name in children:
            allowed = f"stands twice, in lines {lines[name]} and {line}"
            problems.append(Problem(f"{label}:{line}", dotted, "", allowed, "VM006"))
            continue
        lines[name] = line
        children[name] = Node(_value(value_node, label, dotted, problems), f"{label}:{line}", dotted)
    return children


def plain(node: Node) -> Any:
    """Return the value of a node without the places, as dictionaries, lists and scalars."""
    value = node.value  # of nine in ten a scalar, which takes no call of its own
    if isinstance(value, dict):
        return {k: plain(v) if type(v.value) in _NESTED else v.value for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) if type(v.value) in _NESTED else v.value for v in value]
    return value


def merged(base: Node, changes: Node) -> Node:
    """Return `base` with `changes` laid over it: mappings key by key, everything else replaced.

    A mapping that names its `unit` and `source` is a number stated anew: it replaces the old one
    whole, so that parts of two sources never mix. One that changes the numbers of an estimate must
    name its own unit and source: the old ones do not vouch for them.
    """
    if not isinstance(base.value, dict) or not isinstance(changes.value, dict):
        return changes
    if {"unit", "source"} <= changes.value.keys():
        return changes
    children, where = dict(base.value), base.where
    if {"unit", "source"} <= children.keys() and NUMBERS & changes.value.keys():
        where = changes.where
        stale = _EVIDENCE | {"unit"}
        children = {name: child for name, child in children.items() if name not in stale}
    for name, child in changes.value.items():
        children[name] = merged(children[name], child) if name in children else child
    return Node(children, where, base.field)
