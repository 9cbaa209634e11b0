"""Facts of the typeface of figures: it comes with the package, so that a figure is the same everywhere."""

from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from fontTools.ttLib import TTFont
from matplotlib import font_manager

from victimsmodel.reporting import pictures
from victimsmodel.reporting.style import panels, styled

FOLDER = Path(pictures.__file__).parent / "fonts"
WORDS = "Victims supported: £1,385,000 ± 25 %, “at most” 1–7 − 3 × 2 ≤ 40 … é ï"


@styled
def figure():
    drawn, axes = panels(1, 1, 2.0, WORDS * 2, WORDS)
    axes[0, 0].text(0.1, 0.5, WORDS, fontweight="bold")
    return drawn


def svg():
    drawn = figure()
    text = pictures.svg_text(drawn)
    plt.close(drawn)
    return text


def test_a_figure_is_the_same_whatever_typefaces_are_installed(monkeypatch):
    installed = list(font_manager.fontManager.ttflist)
    of_matplotlib = [entry for entry in installed if "matplotlib" in entry.fname]
    serif = next(entry for entry in of_matplotlib if entry.name == "DejaVu Serif")
    named_alike = [replace(serif, name=name) for name in ("Arial", "Liberation Sans", "Helvetica")]
    texts = []
    for known in (installed, of_matplotlib, [*named_alike, *of_matplotlib]):
        monkeypatch.setattr(font_manager.fontManager, "ttflist", list(known))
        font_manager.fontManager._findfont_cached.cache_clear()
        texts.append(svg())
    font_manager.fontManager._findfont_cached.cache_clear()
    assert texts[0] == texts[1] == texts[2]


@pytest.mark.parametrize("weight", ["Regular", "Bold"])
def test_the_typeface_has_every_sign_of_our_figures_and_may_be_passed_on(weight):
    font = TTFont(FOLDER / f"LiberationSans-{weight}.ttf")
    assert {ord(sign) for sign in WORDS} <= set(font.getBestCmap())
    assert "SIL Open Font License, Version 1.1" in font["name"].getDebugName(13)
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FOLDER / "LICENSE").read_text("utf-8")
