"""The schema's names as the explorer shows them: the same words as the pages', handed to the browser by the page."""

from __future__ import annotations

from flask_babel import get_locale

from graph.schema import NODES, RELS
from webui.stored_words import property_name, vocabulary
from webui.words import KINDS, LABELS, MEMBER_ROLES
from webui.words import RELS as REL_WORDS


def explorer_words() -> dict[str, dict[str, str]]:
    """`names` of labels, roles, properties and (not in English, where Cypher's stand) relationships; `values` by `property:value`.

    In the language of the request.
    """
    english = str(get_locale() or "en").startswith("en")
    properties = {p.name for node in NODES.values() for p in node.columns} | {
        p.name for rel in RELS.values() for p in rel.columns
    }
    names = {name: property_name(name) for name in sorted(properties)}
    names |= {name: str(text) for name, text in (MEMBER_ROLES | LABELS).items()}
    if not english:
        names |= {name: str(text) for name, text in REL_WORDS.items()}
    values = {f"{name}:{value}": text for (name, value), text in vocabulary().items()}
    values |= {f"kind:{name}": str(text) for name, text in KINDS.items()}
    return {"names": names, "values": values}
