"""What "Open as Cypher" writes runs in the console of both stores and gives what the action gave."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from graph_case import load

from graph.model import Node, Rel
from graph.model import Path as Way
from graph.port import Limits
from webui import build

ASKED = {
    "nodes": {"what": "nodes", "keys": ["Account:CCB-M1", "Phone:+8613800138000"]},
    "one_way": {"what": "expand", "key": "Account:CCB-M1", "ways": [{"rel": "TRANSFER", "direction": "out", "other_label": "Account"}], "order": "amount", "limit": 1, "narrow": {"min_minor": 5}},
    "two_ways": {"what": "expand", "key": "Account:CCB-M1", "ways": [{"rel": "TRANSFER", "direction": "in", "other_label": "Account"}, {"rel": "OWNS", "direction": "in", "other_label": "Person"}], "order": "latest", "limit": 50, "narrow": {}},
    "finding": {"what": "finding", "id": "F-chain"},
    "paths": {"what": "paths", "start": "Account:ICBC-Victim", "end": "Account:ATM-1", "via": [], "hops": 6, "directed": True, "rels": ["TRANSFER", "OWNS"]},
    "trace": {"what": "trace", "starts": ["Account:ICBC-Victim"], "direction": "down", "hops": 3, "min_minor": 0},
}  # fmt: skip
WANTED = {
    "nodes": {"CCB-M1", "+8613800138000"}, "one_way": {"CCB-M1", "ABC-M3", "t3"},
    "two_ways": {"CCB-M1", "ICBC-Victim", "P-1", "t1", "t4"}, "finding": {"F-chain", "ICBC-Victim", "CCB-M1", "CCB-M2", "ABC-M3"},
    "paths": {"ICBC-Victim", "CCB-M1", "ABC-M3", "ATM-1", "t1", "t3", "t5", "t6"},
    "trace": {"ICBC-Victim", "CCB-M1", "CCB-M2", "ABC-M3", "ATM-1", "t1", "t2", "t3", "t4", "t5", "t6"},
}  # fmt: skip


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, dict]]:
    """Texts and parameters by store and action, from the browser's own code."""
    node, npm = build.find_node()
    build.install(node, npm, dev=False)
    script = (
        'import { build } from "esbuild";\n'
        'const made = await build({ stdin: { contents: \'import { cypherOf } from "./src/cypher"; '
        'const asked = JSON.parse(process.argv[2]); const all = {}; for (const store of ["ladybug", "neo4j"]) '
        "all[store] = Object.fromEntries(Object.entries(asked).map(([name, one]) => [name, cypherOf(one, store)])); "
        'console.log(JSON.stringify(all));\', resolveDir: process.cwd(), loader: "ts" }, bundle: true, platform: "node", format: "cjs", write: false });\n'
        'import { writeFileSync } from "node:fs"; writeFileSync(process.argv[2], made.outputFiles[0].text);\n'
    )
    folder = tmp_path_factory.mktemp("cypher")
    maker, bundle = build.SOURCE / f".cypher-of-actions-{os.getpid()}.mjs", folder / "texts.cjs"
    maker.write_text(script)
    try:
        subprocess.run([node, maker, bundle], cwd=build.SOURCE, check=True, capture_output=True, timeout=120)
    finally:
        maker.unlink()
    done = subprocess.run([node, bundle, json.dumps(ASKED)], check=True, capture_output=True, text=True, timeout=120)
    return json.loads(done.stdout)


def named(value: object) -> set[str]:
    """Business ids of everything in a row; INVOLVES has none that a reader knows."""
    match value:
        case Node():
            return {value.id}
        case Rel():
            return {value.id} if value.type in ("TRANSFER",) else set()
        case Way():
            return set().union(*(named(item) for item in (*value.nodes, *value.rels)))
        case list() | tuple():
            return set().union(*(named(item) for item in value))
    return set()


@pytest.mark.parametrize("action", ASKED)
def test_the_text_gives_what_the_action_gave(store, texts, action):
    load(store)
    text = texts[store.name][action]
    result = store.console(text["cypher"], text["params"], Limits(20, 1000))
    assert named(result.rows) == WANTED[action], text["cypher"]


def test_nothing_is_left_beside_the_sources() -> None:
    assert not (Path(build.SOURCE) / ".cypher-of-actions.mjs").exists()
