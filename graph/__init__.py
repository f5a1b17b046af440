"""The property graph: its one schema, the port every store fulfils, the stores, and the questions asked of them."""
