"""What the engine does not have says so in a sentence, instead of with xlwings' bare `NotImplementedError`."""

from __future__ import annotations

import inspect
from typing import Any, NoReturn, TypeVar

_Class = TypeVar("_Class", bound=type)


def says_what_is_missing(cls: _Class) -> _Class:
    """Class decorator: what `cls` leaves out of its xlwings base class raises a `NotImplementedError` that names it."""
    base = next(parent for parent in cls.__mro__[1:] if parent.__module__ == "xlwings.base_classes")
    for name, member in vars(base).items():
        if name.startswith("__") or any(name in vars(parent) for parent in cls.__mro__ if _is_ours(parent)):
            continue
        if isinstance(member, property) and _is_bare(member.fget):
            complain = _complaint(cls.__name__, name)
            setattr(cls, name, property(complain, complain if member.fset else None))
        elif inspect.isfunction(member) and _is_bare(member):
            setattr(cls, name, _complaint(cls.__name__, name))
    return cls


def _is_bare(function: Any) -> bool:
    return "NotImplementedError" in function.__code__.co_names


def _is_ours(cls: type) -> bool:
    return cls.__module__.startswith("xlkijiji.")


def _complaint(class_name: str, name: str) -> Any:
    def complain(*_: Any, **__: Any) -> NoReturn:
        raise NotImplementedError(f"In LibreOffice Calc, xlkijiji's engine for xlwings has no {class_name}.{name}.")

    return complain
