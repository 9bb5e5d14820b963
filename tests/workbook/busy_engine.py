"""The real Calc engine, made to refuse calls as a busy Excel does: one gate before whatever xlwings asks of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import xlwings as xw

from xlkijiji import calc


class ComError(Exception):
    """Stands for `pywintypes.com_error`, which exists on Windows alone: arguments, `hresult`, `excepinfo` are the same.

    A method that Excel refuses while a cell is being edited says so within: the last number of `excepinfo`.
    """

    def __init__(self, hresult: int, text: str, within: int | None = None) -> None:
        self.excepinfo = None if within is None else (0, None, None, None, 0, within)
        super().__init__(hresult, text, self.excepinfo, None)
        self.hresult = hresult


class CommandError(Exception):
    """Stands for `appscript.CommandError`, of the Mac."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(f"{text} ({number})")
        self.errornumber = number


REFUSALS: dict[str, Callable[[], Exception]] = {
    "RPC_E_CALL_REJECTED": lambda: ComError(0x80010001 - 2**32, "Call was rejected by callee."),
    "VBA_E_IGNORE": lambda: ComError(0x800AC472 - 2**32, "Exception from HRESULT: 0x800AC472"),
    "VBA_E_IGNORE within": lambda: ComError(0x80020009 - 2**32, "Exception occurred.", 0x800AC472 - 2**32),
    "RPC_E_SERVERCALL_RETRYLATER": lambda: ComError(0x8001010A - 2**32, "The message filter indicated busy."),
    "RPC_E_DISCONNECTED": lambda: ComError(0x80010108 - 2**32, "The object invoked has disconnected."),
    "ExcelBusyError": lambda: RuntimeError("Excel application is not responding"),  # xlwings' own, on Windows
    "AppleEvent timed out": lambda: CommandError(-1712, "AppleEvent timed out."),
    "AppleEvent handler failed": lambda: CommandError(-10000, "Apple event handler failed."),
    "Calc's bridge": lambda: type("com.sun.star.lang.DisposedException", (Exception,), {})("disposed"),
}


class Gate:
    """Counts calls, notes their threads, and refuses while `refusal` is set; after `lets_through` more calls."""

    def __init__(self) -> None:
        self.refusal: Callable[[], Exception] | None = None
        self.lets_through = 0
        self.refused: list[float] = []
        """When calls were refused, by `clock`."""
        self.threads: set[int] = set()
        self.clock: Callable[[], float] = lambda: 0.0

    def pass_through(self) -> None:
        """Called before each call into the engine."""
        self.threads.add(threading.get_ident())
        if self.refusal is None:
            return
        if self.lets_through > 0:
            self.lets_through -= 1
            return
        self.refused.append(self.clock())
        raise self.refusal()


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | bool | bytes | list | tuple | dict)


class Gated:
    """Anything of the engine behind the gate; so is whatever it gives."""

    def __init__(self, inner: Any, gate: Gate) -> None:
        object.__setattr__(self, "_inner", inner)
        object.__setattr__(self, "_gate", gate)

    def _wrap(self, value: Any) -> Any:
        if isinstance(value, Gated) or not type(value).__module__.startswith("xlkijiji.calc"):
            return value
        return Gated(value, self._gate)

    def __getattr__(self, name: str) -> Any:
        if name not in {"engine", "options"}:
            self._gate.pass_through()
        value = getattr(self._inner, name)
        if callable(value) and not isinstance(value, type) and hasattr(value, "__self__"):
            return lambda *args, **named: self._wrap(value(*map(_bare, args), **named))
        return self._wrap(value)

    def __setattr__(self, name: str, value: Any) -> None:
        if name != "options":
            self._gate.pass_through()
        setattr(self._inner, name, _bare(value))

    def __call__(self, *args: Any, **named: Any) -> Any:
        self._gate.pass_through()
        return self._wrap(self._inner(*map(_bare, args), **named))

    def __iter__(self) -> Iterator[Any]:
        self._gate.pass_through()
        return iter([self._wrap(one) for one in self._inner])

    def __bool__(self) -> bool:
        return bool(self._inner)

    def __len__(self) -> int:
        self._gate.pass_through()
        return len(self._inner)

    def __getitem__(self, key: Any) -> Any:
        self._gate.pass_through()
        return self._wrap(self._inner[key])

    def __contains__(self, key: Any) -> bool:
        self._gate.pass_through()
        return key in self._inner


def _bare(value: Any) -> Any:
    return value._inner if isinstance(value, Gated) else value


class BusyEngine:
    """What xlwings takes for the engine "calc", every call of which goes through `gate`."""

    name = "calc"
    type = "desktop"

    def __init__(self, pipe: str, gate: Gate) -> None:
        self._real = calc.activate(pipe).impl
        self._gate = gate
        self.prepare_xl_data_element = self._real.prepare_xl_data_element
        self.clean_value_data = self._real.clean_value_data

    @property
    def apps(self) -> Any:
        """The one LibreOffice, behind the gate."""
        self._gate.pass_through()
        return Gated(self._real.apps, self._gate)


def activate_busy(pipe: str, gate: Gate) -> xw.Engine:
    """Make the engine behind `gate` the one that xlwings uses."""
    engine = xw.Engine(impl=BusyEngine(pipe, gate))
    xw.engines.active = engine  # as calc.activate does
    return engine
