# %% [markdown]
# # An analyst's notebook
# Cypher, DataFrames and objects on the Neo4j store, by py2neo. Set `RINGTRACE_NEO4J_URI` and `RINGTRACE_NEO4J_PASSWORD`,
# fill the store with `RINGTRACE_STORE=neo4j ringtrace load ...` and `ringtrace detect --all`, then run cell by cell.

# %% Connect
from core.settings import Settings
from graph.py2neo_bridge import connect

notebook = connect(Settings())

# %% What has been found, most suspicious first
findings = notebook.frame(
    """
    MATCH (f:Finding)
    RETURN f.id AS id, f.kind AS kind, f.score AS score, f.amount_minor / 100.0 AS yuan, f.title AS title
    ORDER BY f.score DESC, f.id LIMIT 20
    """
)
print(findings.to_string(index=False))

# %% Who receives from many in a short time, as a DataFrame
collectors = notebook.frame(
    """
    MATCH (a:Account)-[t:TRANSFER]->(b:Account)
    WHERE a.id <> b.id
    RETURN b.id AS account, count(DISTINCT a) AS payers, sum(t.amount_minor) AS received_minor,
           min(t.at_ms) AS first_ms, max(t.at_ms) AS last_ms
    ORDER BY payers DESC, account LIMIT $top
    """,
    top=10,
)
collectors["hours"] = (collectors["last_ms"] - collectors["first_ms"]) / 3_600_000
print(collectors.to_string(index=False))

# %% What each role of the top finding took in and sent on
top = notebook.frame(
    """
    MATCH (f:Finding {id: $finding})-[i:INVOLVES]->(a:Account)
    OPTIONAL MATCH (a)-[t:TRANSFER]->(:Account)
    RETURN a.id AS account, i.role AS role, i.layer AS layer, coalesce(sum(t.amount_minor), 0) AS sent_minor
    ORDER BY layer, account
    """,
    finding=findings["id"].iloc[0],
)
by_role = top.groupby("role")["sent_minor"].agg(["count", "sum"])
print(by_role)

# %% The same account as an object
account = notebook.get("Account", top["account"].iloc[0])
print(account.id, account.kind, "pays", sorted(other.id for other in account.transfer_out))

# %% Objects by a condition
cash = [item.id for item in notebook.match("Account").where(kind="cash")]
print("cash exits:", cash)
