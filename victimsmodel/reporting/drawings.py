"""Figures within a page: drawings made small, their letters kept once for all of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from markupsafe import Markup

_GLYPH = re.compile(r'<path id="([A-Za-z]+-[A-Za-z0-9-]+)" d="([^"]*)" transform="scale\(0\.015625\)"/>')
_USE = re.compile(r'<use xlink:href="#([^"]+)"(?: transform="translate\((-?[\d.]+) (-?[\d.]+)\)")?/>')
_BLANK = re.compile(r'<path id="([A-Za-z]+-[A-Za-z0-9-]+)"(?: d="")? transform="scale\(0\.015625\)"/>')
_RUN = re.compile(  # the same mark in the same style, several times
    r'<use href="(?P<mark>[^"]+)"(?P<at>(?: [xy]="[^"]*")+) style="(?P<style>[^"]*)"/>'
    r'(?:\s*<use href="(?P=mark)"(?: [xy]="[^"]*")+ style="(?P=style)"/>)+'
)
_LINES = re.compile(r"L(-?[\d.]+[ -][\d.]+)((?:L-?[\d.]+[ -][\d.]+)+)")
_NUMBER = re.compile(r"scale\([^)]*\)|-?\d+\.\d{3,}")  # a scale keeps its decimals: it is no length
_GONE = (r"<!--.*?-->", r"<metadata>.*?</metadata>", r"<title>.*?</title>", r"<\?xml.*?\?>", r"<!DOCTYPE.*?>")


class Drawings(NamedTuple):
    """Drawings by name, and the letters that they share, to stand once on the page."""

    by_name: Mapping[str, Markup]
    letters: Markup


def title_of(svg: str) -> str:
    """Return the title of a drawing, which states the finding; empty if it has none."""
    found = re.search(r"<title>(.*?)</title>", svg, re.DOTALL)
    return "" if found is None else " ".join(str(Markup(found[1]).unescape()).split())


def inlined(svgs: Mapping[str, str], labels: Mapping[str, str]) -> Drawings:
    """Return drawings as elements of a page.

    Letters are drawn as outlines; an outline that several drawings use stands once on the page. Names that
    nothing refers to go, the others get the drawing's name in front, and lengths keep two decimals (a
    hundredth of a point); scales keep all, since letters of another size would not end where they should. A
    style that marks in a row share stands once, around them; so does the letter of a line in its path.
    Letters without an outline, which are spaces, go.

    Parameters
    ----------
    svgs : mapping of str to str
        SVG documents as matplotlib writes them.
    labels : mapping of str to str
        What a screen reader says of each.
    """
    outlines: dict[str, str] = {}
    names: dict[str, str] = {}
    made = {
        name: _element(svg, f"d{place}", labels[name], outlines, names)
        for place, (name, svg) in enumerate(svgs.items())
    }
    paths = "".join(
        f'<path id="{names[key]}" d="{d}" transform="scale(0.015625)"/>' for key, d in outlines.items()
    )
    letters = f'<svg class="letters" aria-hidden="true" width="0" height="0"><defs>{paths}</defs></svg>'
    return Drawings(made, Markup(letters) if outlines else Markup())


def _element(svg: str, name: str, label: str, outlines: dict[str, str], names: dict[str, str]) -> Markup:
    body = svg
    for gone in _GONE:
        body = re.sub(gone, "", body, flags=re.DOTALL)

    def kept(found: re.Match[str]) -> str:
        outlines.setdefault(found[1], _dense(found[2]))
        names.setdefault(found[1], f"l{len(names)}")
        return ""

    body = _GLYPH.sub(kept, body)
    blank = set(_BLANK.findall(body))
    body = _BLANK.sub("", body)
    body = _USE.sub(lambda found: "" if found[1] in blank else found[0], body)
    body = re.sub(r"<defs>\s*</defs>", "", body)
    body = _USE.sub(lambda found: _used(found, names), body).replace("xlink:href", "href")
    body = _NUMBER.sub(lambda found: found[0] if found[0][0] == "s" else _short(found[0]), body)
    body = re.sub(r' d="([^"]*)"', lambda found: f' d="{_dense(found[1])}"', body)
    body = _RUN.sub(_together, _named(body, name))
    opening, rest = body.strip().split(">", 1)
    opening = re.sub(r'\s(?:xmlns(?::\w+)?|width|height|version)="[^"]*"', "", opening)
    said = Markup(' role="img" aria-label="{}"').format(label)
    return Markup(opening) + said + Markup(">") + Markup(re.sub(r"\s*\n\s*", " ", rest).replace("> <", "><"))


def _used(found: re.Match[str], names: Mapping[str, str]) -> str:
    """Return a use of a letter, shifted by attributes, which are shorter than a transformation."""
    if found[1] not in names:
        return found[0]
    shift = "".join(
        f' {axis}="{_short(value)}"'
        for axis, value in (("x", found[2]), ("y", found[3]))
        if value and float(value)
    )
    return f'<use href="#{names[found[1]]}"{shift}/>'


def _short(number: str) -> str:
    text = f"{float(number):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _together(found: re.Match[str]) -> str:
    """Return marks of one style within a group that has it."""
    style = f' style="{found["style"]}"'
    return f"<g{style}>{found[0].replace(style, '')}</g>"


def _dense(path: str) -> str:
    """Return a path without the spaces and the letters that it does not need."""
    tight = re.sub(r"\s*([A-Za-z])\s*", r"\1", " ".join(path.split())).replace(" -", "-")
    return _LINES.sub(lambda found: f"L{found[1]}{found[2].replace('L-', '-').replace('L', ' ')}", tight)


def _named(body: str, name: str) -> str:
    """Return a drawing whose names are those that something refers to, short and with its own in front."""
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', body))
    own = [found for found in re.findall(r'\sid="([^"]*)"', body) if found in used]
    short = {each: f"{name}-{place}" for place, each in enumerate(dict.fromkeys(own))}
    body = re.sub(r'\sid="([^"]*)"', lambda f: f' id="{short[f[1]]}"' if f[1] in short else "", body)
    body = re.sub(r'href="#([^"]+)"', lambda f: f'href="#{short.get(f[1], f[1])}"', body)
    return re.sub(r"url\(#([^)]+)\)", lambda f: f"url(#{short.get(f[1], f[1])})", body)
