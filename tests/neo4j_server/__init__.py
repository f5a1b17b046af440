"""A real Neo4j 5.26 with Graph Data Science for the tests, started from Maven's jars: no Docker, no installation."""
