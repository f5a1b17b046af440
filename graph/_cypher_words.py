"""Words of Cypher the console knows: where a query may start, what never passes, which functions are harmless."""

# ruff: noqa: SIM905  a block of words reads better than a list of quoted ones

from __future__ import annotations

_READ = {"MATCH", "OPTIONAL", "UNWIND", "WITH", "RETURN"}
STARTS: dict[str, set[str]] = {"ladybug": _READ, "neo4j": _READ | {"CALL"}}

#: Never outside strings, comments and names. `CALL` passes on Neo4j for subqueries and PROCEDURES.
FORBIDDEN = frozenset(
    """
    ALTER ATTACH BEGIN CALL CHECKPOINT COMMENT COMMIT COPY CREATE CSV DEALLOCATE DELETE DENY DETACH DROP DRYRUN EXPLAIN
    EXPORT EXTENSION FOREACH FORCE GRANT IMPORT INSERT INSTALL LOAD MACRO MERGE PROFILE READ_CSV READ_JSON READ_PARQUET
    REMOVE RENAME REVOKE ROLLBACK SET SHOW STANDALONE START STOP TERMINATE UNINSTALL UPDATE USE
""".split()
)

#: Words that may stand before an opening bracket without being a function.
CLAUSES = frozenset(
    """
    ALL_SHORTEST AND AS ASC BY CASE CONTAINS DESC DISTINCT ELSE END ENDS EXISTS IN IS LIMIT MATCH NOT NULL ON OPTIONAL OR
    ORDER RETURN SHORTEST SKIP STARTS THEN TRAIL UNION UNWIND WHEN WHERE WITH WSHORTEST XOR YIELD ACYCLIC
""".split()
)

#: Neo4j procedures that only describe the graph.
PROCEDURES = frozenset({"db.labels", "db.relationshiptypes", "db.propertykeys", "db.schema.visualization"})

_BOTH = frozenset(
    """
    count sum avg min max collect coalesce size length nodes relationships labels type id keys properties
    tolower toupper lower upper trim ltrim rtrim left right substring split reverse tostring tointeger tofloat
    toboolean abs ceil floor round sqrt sign exp log log10 range head last tail all any none single exists
    percentilecont percentiledisc stdev stdevp date datetime duration timestamp nullif
    shortestpath allshortestpaths
""".split()
)
FUNCTIONS: dict[str, frozenset[str]] = {
    "ladybug": _BOTH | frozenset("""
        label rels offset cast string int64 int32 double bool list_contains list_has list_distinct list_sort list_sum list_len
        list_unique list_position list_extract list_element list_slice list_any_value array_extract array_contains is_trail is_acyclic
        prefix suffix contains starts_with ends_with regexp_matches epoch_ms to_epoch_ms date_part date_trunc
        to_timestamp interval concat replace cost start_node end_node startnode endnode struct_extract map_extract element_at
        ifnull size stddev ln typeof
    """.split()),
    "neo4j": _BOTH | frozenset("""
        elementid startnode endnode localdatetime isempty char_length ntile
        date.truncate datetime.truncate datetime.fromepochmillis datetime.fromepoch duration.between duration.inseconds
        localdatetime.truncate tointegerornull tofloatornull tostringornull valuetype
    """.split()),
}  # fmt: skip
