"""docs/settings.md, made from the settings: `python -m core.describe > docs/settings.md`."""

from __future__ import annotations

from pydantic import AliasChoices, SecretStr

from core.settings import Settings

HEAD = """# Settings

Each is a variable of the environment, read once at the start; `core/settings.py` is its only reader. This page is made from it: `python -m core.describe > docs/settings.md`.
Behind a TLS proxy: [deployment.md](deployment.md).

| variable | default | what it is |
|---|---|---|
"""


def page() -> str:
    """The page as Markdown; secrets have no default to show."""
    lines = []
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        names = alias.choices if isinstance(alias, AliasChoices) else [f"RINGTRACE_{name.upper()}"]
        default = "" if isinstance(field.default, SecretStr) else str(field.default)
        shown = f"`{default}`" if default else "empty"
        lines.append(f"| {', '.join(f'`{one}`' for one in names)} | {shown} | {field.description} |")
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
