"""How Sphinx builds the documentation: `make docs` puts it into build/docs."""

import sys
from pathlib import Path

_HERE = Path(__file__).parent
sys.path[:0] = [str(_HERE.parent), str(_HERE / "extensions")]

from victimsmodel import __version__  # noqa: E402  (found beside this folder)

project = "victimsmodel"
author = copyright = "the authors of victimsmodel; MIT licence"
release = version = __version__
language = "en-GB"

extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc", "mathml", "drawn", "public_names", "commands"]
exclude_patterns = ["examples", "extensions", "style"]
default_role = "py:obj"
nitpicky = False

myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3
html_math_renderer = "mathml"

autodoc_typehints = "none"  # the docstrings say types, shapes and units
numpydoc_show_class_members = False

html_theme = "furo"
html_title = f"victimsmodel {release}"
html_static_path = ["style"]
html_css_files = ["own.css"]
html_copy_source = False
html_show_search_summary = False  # it would be fetched, which a browser refuses in a folder
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0f3048", "color-brand-content": "#0b5c8f"},
    "dark_css_variables": {"color-brand-primary": "#9fd0f2", "color-brand-content": "#9fd0f2"},
}
pygments_style = "default"
