"""Questions asked of the graph in portable Cypher: one question a file, the store as first argument."""
