"""Scoring of transfers in flight: one lock, one state, one journal. Nothing is answered before it is durable."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from core.clock import DAY_MS
from core.clock import now_ms as wall_clock
from core.db import transaction
from core.errors import BadInput
from core.message import say
from ledger.journal import Journal, JournalFailed
from scoring import book, ruleset
from scoring.journaled import Resolved, Said, Scored, encode
from scoring.layout import ATTEMPT, SETTLED, SETTLED_LATER
from scoring.ruleset import RuleSet
from scoring.state import Past as PastTransfer
from scoring.state import State
from scoring.transfer import Transfer, encoded
from scoring.watch import Watch
from security.roles import Actor, Permission
from usecases import rule_sets
from usecases.flight_answer import Basis, said_of
from usecases.flight_line import Line, NotReady
from usecases.flight_memory import Memory, Recent
from usecases.flight_outlook import NetworkPart
from usecases.flight_past import Past
from usecases.flight_record import MOST_BEHIND, Recorder
from usecases.flight_seal import FORMAT
from usecases.flight_writing import Here, Writing, seal_all, write_out
from usecases.services import Services

if TYPE_CHECKING:
    from usecases.flight_admission import Admission

__all__ = ["Flight", "NotReady", "Refused"]
_log = structlog.get_logger("ringtrace.flight")
AHEAD_MS = 300_000
MAX_BATCH = 1_000
#: What sealing waits for the tables.
TABLES_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Refused:
    """One transfer of a batch that was not scored: its id is known with other content."""

    id: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whose key a request came with, and what the tables say of its ids that are known but no more in memory."""

    key_id: str
    stored: dict[str, tuple[bytes, Said] | None]


class Flight:
    """Scores transfers. `start` loads the state from the ledger; `submit` is safe for many threads."""

    def __init__(
        self, services: Services, clock: Callable[[], int] = wall_clock, writing: Callable[[Services], Writing] = Here
    ) -> None:
        self._services = services
        self._clock = clock
        self._lock = threading.Lock()
        self._line: Line[Transfer, Said | Refused] = Line(self._score, self._keep)
        self._why_not: str = say("scoring is starting: the state is being loaded")
        self.admission: Admission | None = None
        self.rules: RuleSet = ruleset.parse(ruleset.default_text())
        self.rules_version = 0
        self._network = NetworkPart(services, self._lock, clock)
        self._past = Past(services, self._lock, self.rules)
        self.journal: Journal | None = None
        self._recorder: Recorder | None = None
        self._begin_writing = writing
        self._writing: Writing | None = None
        self._sealed = 0

    @property
    def state(self) -> State:
        """What is known of accounts now."""
        return self._past.state

    @property
    def memory(self) -> Memory:
        """What is known of transfers' ids now."""
        return self._past.memory

    @property
    def ready(self) -> bool:
        """Whether transfers are taken now."""
        return not self.why_not

    @property
    def why_not(self) -> str:
        """Why transfers are not taken now; empty when they are."""
        if self._why_not or self.journal is None or self.journal.failure is None:
            return self._why_not
        return say("the journal refused a write: {error}", error=self.journal.failure)

    @property
    def network(self) -> str:
        """`used`, or why the network's part of the answer is missing."""
        return self._network.said

    def asking(self, what: str) -> AbstractContextManager[None]:
        """While the upkeep asks it: what does not answer for long counts as missing, and answers say so."""
        return self._network.asking(what)

    def start(self) -> None:
        """Finish what a crash left, load the state, take transfers; after it failed (no database), simply again.

        Raises StoreUnavailable when another process scores, and what the system database and the ledger raise.
        """
        if self.journal is None:
            self.journal = Journal(self._services.settings.ledger_dir / "journal")
        if self._writing is None or self._recorder is None:
            journal, self._writing = self.journal, self._begin_writing(self._services)
            self._recorder = Recorder(lambda: journal.durable, self._writing.write_until)
        self._begin(self.journal)

    def _begin(self, journal: Journal) -> None:
        """From what is durable to taking transfers; the same after a start that the disk refused as after a good one."""
        write_out(self._services, journal)
        self._sealed = journal.durable
        with transaction(self._services.engine) as session:
            # a folder restored from an older backup: records under numbers the tables have seen would never reach them
            journal.go_on_after(book.mark(session))
        self._load()
        assert self._recorder is not None
        self._recorder.start()
        self._line.start()
        self._why_not = ""

    def stop(self) -> None:
        """Write everything out and release the journal; idempotent."""
        self._why_not = say("scoring has stopped")
        self._line.stop()
        if self._recorder is not None:
            self._recorder.stop()
        if self._writing is not None:
            self._writing.stop()
        if self.journal is not None:
            self.journal.close()

    def submit(self, actor: Actor, transfers: Sequence[Transfer]) -> list[Said | Refused]:
        """Score transfers, in order; each answer is durable when this returns. The same transfer again gets the same answer.

        Raises NotAllowed, BadInput (nothing scored: too many, a time too far off), NotReady or JournalFailed (nothing
        acknowledged; what the journal kept is answered alike when asked again).
        """
        actor.need(Permission.TRANSFERS_SCORE)
        if not 1 <= len(transfers) <= MAX_BATCH:
            raise BadInput(f"send 1 to {MAX_BATCH} transfers at once", code="invalid")
        self._check_times(transfers)
        self._working()
        return self._line.ask(transfers, _Asked(actor.id, self._stored(transfers)))

    def written(self, timeout_s: float = 1.0) -> None:
        """Wait until the tables have what was answered so far, for whoever looks right after an answer."""
        if self._recorder is not None and self.journal is not None:
            self._recorder.wait(self.journal.durable, timeout_s)

    def resolve(self, transfer: Transfer, final: str) -> None:
        """A pending transfer was `settled` or `refused`; durable when this returns. Again changes nothing in the ledger."""
        self._working()
        with self._lock:
            if final == "settled":
                self.memory.named(self.state.take(transfer, SETTLED_LATER), transfer.id)
            number = self._append(Resolved(transfer, final, self._clock()))
        self._keep(number)

    def seal(self) -> int:
        """Turn what the journal holds into ledger batches; returns how many.

        Raises StoreUnavailable while the tables are too far behind (it is tried again), and what the ledger raises.
        """
        journal, recorder = self._working()
        assert self._writing is not None
        self._sealed = journal.durable
        return seal_all(self._writing, journal, lambda: recorder.wait(journal.durable, TABLES_WITHIN_S))

    @property
    def unsealed(self) -> int:
        """Records since the last sealing, about."""
        return 0 if self.journal is None else self.journal.durable - self._sealed

    def use_rules(self, rules: RuleSet, version: int) -> None:
        """Score by another rule set from the next transfer on."""
        with self._lock:
            self.rules, self.rules_version = rules, version
            self.state.configure(rules.kernel, rules.config.rates)
            self.state.home_country = rules.config.home_country

    def use_watch(self, watch: Watch) -> None:
        """Ask other lists and overrides from the next transfer on."""
        self._network.use(self.state, watch)

    def look_at_network(self) -> None:
        """Read findings, verdicts and lists anew; when that fails, answers say so until it works again."""
        self._network.look(self.state)

    def set_outage(self, why: str) -> None:
        """The graph store does not answer, or does again (empty): findings may be out of date."""
        self._network.set_outage(why)

    def follow(self) -> int:
        """Take in ledger batches that came from elsewhere (files, detection); returns how many."""
        with self.asking(say("the ledger")):  # reading what came may take long, asking whether anything did may not
            self._services.ledger.head_seq()
        taken, findings = self._past.follow(FORMAT)
        if findings:
            self.look_at_network()
        return taken

    def recover(self) -> bool:
        """After the disk refused: go on once it takes data again, from what is durable. Whether it works now."""
        journal = self.journal
        if journal is None or journal.failure is None:
            return self.ready
        with self._lock:
            self._why_not = say("the journal refused a write: {error}", error=str(journal.failure))
            try:
                journal.reopen()
            except JournalFailed:
                return False
            assert self._recorder is not None
            self._recorder.drop_after(journal.durable)
        self._begin(journal)
        _log.info("scoring goes on after the disk refused")
        return True

    def _load(self) -> None:
        """Rules in force, then the past: what is counted while it is replayed counts by their thresholds."""
        if (held := rule_sets.in_force(self._services)) is not None:
            self.rules_version, self.rules = held
        past = self._past = Past(self._services, self._lock, self.rules)
        matter_ms = self.rules.params("call_then_new_payee").call_within_s * 1000 + AHEAD_MS
        past.load(self._clock() - matter_ms)
        self.look_at_network()

    def _score(self, transfers: Sequence[Transfer], asked: object) -> tuple[list[Said | Refused], int]:
        """Results of a few transfers of one request, and the number of the last journal record they wait for."""
        assert isinstance(asked, _Asked)
        results: list[Said | Refused] = []
        last = 0
        with self._lock:
            self._working()
            try:
                for transfer in transfers:
                    said, number = self._one(transfer, asked)
                    results.append(said)
                    last = max(last, number)
            finally:
                self.memory.known.add_all(transfer.id for transfer in transfers[: len(results)])
        return results, last

    def _one(self, transfer: Transfer, asked: _Asked) -> tuple[Said | Refused, int]:
        content = encoded(transfer)
        recent = self.memory.recent.get(transfer.id)
        if recent is not None:
            return (recent.said, recent.number) if recent.content == content else (_reused(transfer.id), 0)
        if transfer.id in asked.stored:
            stored = asked.stored[transfer.id]
            if stored is None:
                return Refused(transfer.id, "known_transfer", "this id is in the ledger already and was not scored"), 0
            return (stored[1] if stored[0] == content else _reused(transfer.id)), 0
        basis = Basis(self.rules, self.rules_version, self._network.watch, self.network, self._id_of)
        said, packed = said_of(self.state, transfer, basis, self._clock())
        self.memory.named(self.state.take(transfer, SETTLED if said.answer == "allow" else ATTEMPT), transfer.id)
        number = self._append(Scored(transfer, asked.key_id, said, packed))
        self.memory.answered(transfer.id, Recent(content, said, number))
        return said, number

    def _append(self, record: Scored | Resolved) -> int:
        assert self.journal is not None and self._recorder is not None
        number = self.journal.append(encode(record))
        self._recorder.add(number)
        return number

    def _keep(self, number: int) -> None:
        """Return when the record is durable. Raises JournalFailed; then nothing is taken until the disk does again."""
        assert self.journal is not None
        try:
            self.journal.wait(number)
        except JournalFailed:
            self._why_not = say("the journal refused a write: {error}", error=str(self.journal.failure))
            raise

    def _working(self) -> tuple[Journal, Recorder]:
        if self.why_not or self.journal is None or self._recorder is None:
            raise NotReady(self.why_not or "scoring has not started", 2)
        if self._recorder.behind > MOST_BEHIND:
            raise NotReady(self._recorder.problem or "the system database cannot keep up with what is scored", 5)
        return self.journal, self._recorder

    def _stored(self, transfers: Sequence[Transfer]) -> dict[str, tuple[bytes, Said] | None]:
        """What the tables say of ids that are known but not in memory."""
        asked = [t.id for t in transfers if t.id in self.memory.known and t.id not in self.memory.recent]
        if not asked:
            return {}
        with transaction(self._services.engine) as session:
            return {key: book.find(session, key) for key in asked}

    def _check_times(self, transfers: Sequence[Transfer]) -> None:
        now = self._clock()
        oldest = now - self._services.settings.scoring_max_age_days * DAY_MS
        for place, transfer in enumerate(transfers):
            where = f"transfers[{place}]." if len(transfers) > 1 else ""
            if transfer.at_ms > now + AHEAD_MS:
                raise BadInput(f"{where}at_ms: more than 5 minutes in the future: check the clock", code="clock_skew")
            if transfer.at_ms < oldest:
                raise BadInput(f"{where}at_ms: too long ago to be in flight: load it as a file", code="too_old")

    def _id_of(self, past: PastTransfer) -> str:
        return self.memory.id_of(past, self.state.sequence)


def _reused(key: str) -> Refused:
    return Refused(key, "conflict", "this id was used for another transfer")
