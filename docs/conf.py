"""How the pages in this folder are built: `make docs`. A link inside the project that leads nowhere fails the build."""

from __future__ import annotations

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

project = "xlkijiji"
author = "the xlkijiji contributors"
extensions = ["myst_parser"]
exclude_patterns = ["_build", "examples", "pictures"]
html_theme = "furo"
html_title = "xlkijiji"
myst_heading_anchors = 3
"""The levels of headings that links may point to, as on GitHub."""
nitpicky = True


def setup(app: Sphinx) -> None:
    """Drawings are shown as their text here; GitHub draws them."""
    app.add_lexer("mermaid", TextLexer)
