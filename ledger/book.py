"""The ledger: appends batches, reads them back. (Being written.)"""

from __future__ import annotations


class Ledger:
    pass
