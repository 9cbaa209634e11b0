"""The directive ``public-names``: the public names whose home is in some modules, from their docstrings."""

import inspect

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import victimsmodel


class PublicNames(SphinxDirective):
    """List and describe the public names whose homes begin with one of the words given."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return a list with a line each, and then the whole of their docstrings."""
        names = names_at_home(self.arguments[0].split())
        lines = [f"- `{name} <victimsmodel.{name}>`: {_first_line(name)}" for name in names]
        described = [f".. {_directive(name)}:: victimsmodel.{name}\n" for name in names]
        return self.parse_text_to_nodes("\n".join([*lines, "", *described]))


def names_at_home(homes: list[str]) -> list[str]:
    """Return the public names whose module is, or lies in, one of some modules of the package."""
    found = victimsmodel._HOMES.items()
    return sorted(name for name, home in found if any(f"{home}.".startswith(f"{one}.") for one in homes))


def _directive(name: str) -> str:
    value = getattr(victimsmodel, name)
    if not inspect.isclass(value):
        return "autofunction" if callable(value) else "autodata"
    return "autoexception" if issubclass(value, BaseException) else "autoclass"


def _first_line(name: str) -> str:
    value = getattr(victimsmodel, name)
    return (inspect.getdoc(value) or "").partition("\n")[0] if callable(value) else "a constant."


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("public-names", PublicNames)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
