"""The risk model: what it sees of a transfer, how it is fitted, kept, and explained. Findings are learned_risk's."""
