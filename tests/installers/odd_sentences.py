"""Sentences with each sign that means something to a shell."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import spoken_installers
from babel.messages.catalog import Catalog

KEY = "installer-odd"
ODD = {
    "en": r"""100% sure? (a) & b | c < d > e ^ f! "q" it's \ $HOME `x` %PATH% !x! * {{braces}}, in {program} """
    """& 'there' ^ and "so on".""",
    "fr": r"""100 % sûr? « a » & b | c < d > e ^ f! "q" l’été, œuf \ $HOME `x` %PATH% !x! * {{çà}}, ÉÀ, dans """
    """{program} & 'là' ^ et "ainsi" de suite…""",
}


def odd_script(name: str, source: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The script `source`, which asks for `KEY`, as it is made where the catalogues hold such sentences."""

    def load(language: str) -> Catalog:
        catalogue = Catalog(locale=language)
        catalogue.add(KEY, ODD[language])
        return catalogue

    monkeypatch.setattr(spoken_installers, "load", load)
    shutil.copy(Path(__file__).parents[2] / "installers" / "speaking.cmd", folder)
    (folder / name).write_text(source, encoding="ascii")
    return spoken_installers.spoken(folder / name)


def said(language: str, folder: str) -> str:
    """What should be seen of it, on one line."""
    return ODD[language].format(program=folder)
