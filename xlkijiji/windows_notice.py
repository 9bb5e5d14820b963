"""A sound and a notification on Windows, with what Windows and Python bring along."""

from __future__ import annotations

import ctypes
import sys
import threading

__all__ = ["NotifyIcon", "show", "sound"]

SHOW_SECONDS = 10.0
"""For how long the icon beside the clock stays, to which Windows ties the notification."""

_NIM_ADD, _NIM_DELETE = 0, 2
_NIF_ICON, _NIF_TIP, _NIF_INFO = 0x2, 0x4, 0x10
_NIIF_INFO = 1
_MESSAGE_ONLY = -3
_INFORMATION_ICON = 32516


class NotifyIcon(ctypes.Structure):
    """NOTIFYICONDATAW, of shellapi.h [Windows documentation]."""

    _fields_ = (
        ("size", ctypes.c_uint32),
        ("window", ctypes.c_void_p),
        ("number", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("message", ctypes.c_uint32),
        ("icon", ctypes.c_void_p),
        ("tip", ctypes.c_uint16 * 128),
        ("state", ctypes.c_uint32),
        ("state_mask", ctypes.c_uint32),
        ("text", ctypes.c_uint16 * 256),
        ("version", ctypes.c_uint32),
        ("title", ctypes.c_uint16 * 64),
        ("info_flags", ctypes.c_uint32),
        ("guid", ctypes.c_uint8 * 16),
        ("balloon_icon", ctypes.c_void_p),
    )

    def put(self, field: str, text: str) -> None:
        """Fill one of the texts, cut to what fits, with the zero at its end."""
        room = getattr(self, field)
        units = text.encode("utf-16-le")[: 2 * (len(room) - 1)].decode("utf-16-le", "ignore").encode("utf-16-le")
        ctypes.memmove(room, units + b"\0\0", len(units) + 2)


def sound() -> None:
    """The tone that Windows has for messages."""
    if sys.platform == "win32":
        import winsound

        winsound.MessageBeep(winsound.MB_ICONASTERISK)


def show(title: str, text: str) -> None:
    """A notification, which Windows 10 and 11 show as a toast; returns when its icon is gone again."""
    if sys.platform != "win32":
        return
    user, shell = ctypes.windll.user32, ctypes.windll.shell32
    user.CreateWindowExW.restype = user.LoadIconW.restype = ctypes.c_void_p
    user.LoadIconW.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    parent = ctypes.c_void_p(_MESSAGE_ONLY)
    window = user.CreateWindowExW(0, "STATIC", title, 0, 0, 0, 0, 0, parent, None, None, None)
    icon = NotifyIcon(size=ctypes.sizeof(NotifyIcon), window=window, number=1, info_flags=_NIIF_INFO)
    icon.flags = _NIF_ICON | _NIF_TIP | _NIF_INFO
    icon.icon = user.LoadIconW(None, _INFORMATION_ICON)
    for field, words in (("tip", title), ("title", title), ("text", text)):
        icon.put(field, words)
    try:
        if not shell.Shell_NotifyIconW(_NIM_ADD, ctypes.byref(icon)):
            raise OSError("Windows did not take the notification")
        threading.Event().wait(SHOW_SECONDS)
    finally:
        shell.Shell_NotifyIconW(_NIM_DELETE, ctypes.byref(icon))
        user.DestroyWindow(ctypes.c_void_p(window))
