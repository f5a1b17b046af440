"""Finds plug-ins: every public module of a package must carry the package's constant, named like its file."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import Any


def catalog(package: ModuleType, constant: str) -> dict[str, Any]:
    """Plug-ins of `package` by name, in alphabetical order.

    A module whose name starts with `_` is skipped. Raises ImportError when a module lacks `constant`
    or when the plug-in's `name` differs from the module's name: a half-registered plug-in must not pass unseen.
    """
    found: dict[str, Any] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda item: item.name):
        if info.name.startswith("_") or info.ispkg:
            continue
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        plugin = getattr(module, constant, None)
        if plugin is None:
            raise ImportError(f"{module.__name__} lacks the constant {constant}")
        if plugin.name != info.name:
            raise ImportError(f"{module.__name__}: {constant}.name is {plugin.name!r}, expected {info.name!r}")
        found[info.name] = plugin
    return found
