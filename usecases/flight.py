"""Scoring of transfers in flight: one lock, one state, one journal. Nothing is answered before it is durable."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import structlog
from sqlalchemy.exc import DBAPIError

from core.clock import now_ms as wall_clock
from core.db import transaction
from core.errors import BadInput, RingtraceError, StoreUnavailable
from core.ids import fresh
from ledger.columns import Columns
from ledger.journal import Journal, JournalFailed
from scoring import book, holds, ruleset
from scoring.decide import PENDING, Answer, Decision, decide, hits_of
from scoring.feed import Fed, feed
from scoring.ids import KnownIds
from scoring.journaled import Evidence, HitOut, HoldOut, Resolved, Said, Scored, encode
from scoring.layout import ATTEMPT, SETTLED, SETTLED_LATER
from scoring.ruleset import Active, RuleSet
from scoring.state import Past, State
from scoring.transfer import Transfer, encoded
from scoring.watch import Watch
from security.roles import Actor, Permission
from usecases import flight_network, flight_seal, rule_sets
from usecases.flight_record import MOST_BEHIND, Recorder
from usecases.services import Services

if TYPE_CHECKING:
    from usecases.flight_admission import Admission

_log = structlog.get_logger("ringtrace.flight")
AHEAD_MS = 300_000
DAY_MS = 86_400_000
DISTANCES_EVERY_MS = 60_000
MAX_BATCH = 1_000
_LOCKED_AT_ONCE = 25
_EVIDENCE = 5
_RECENT = 200_000
_ID_RING = 1 << 18
_REPLAY_AT_ONCE = 50_000


class NotReady(StoreUnavailable):
    """Scoring cannot answer now (starting, overloaded, disk full); nothing was taken. Try again after `retry_after_s`."""

    code = "scoring_busy"

    def __init__(self, message: str, retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class Refused:
    """One transfer of a batch that was not scored: its id is known with other content."""

    id: str
    code: str
    detail: str


class _Recent(msgspec.Struct, frozen=True, gc=False):
    """An answer still in memory. Like the records it is no matter of the collector's, which would stop every request to look at all."""

    content: bytes
    said: Said
    number: int


class Flight:
    """Scores transfers. `start` loads the state from the ledger; `submit` is safe for many threads."""

    def __init__(self, services: Services, clock: Callable[[], int] = wall_clock) -> None:
        self._services = services
        self._clock = clock
        self._columns = Columns(services.ledger)
        self._lock = threading.Lock()
        self._recent: OrderedDict[str, _Recent] = OrderedDict()
        self._seq_ids: list[str] = [""] * _ID_RING
        self._seen_seq = 0
        self._outlook = flight_network.Outlook({}, ())
        self._spread: tuple[object, ...] = ()
        self._spread_at_ms = 0
        self._why_not = "scoring is starting: the state is being loaded"
        self._outage = ""
        self.network_problem = ""
        self.admission: Admission | None = None
        self.rules: RuleSet = ruleset.parse(ruleset.default_text())
        self.rules_version = 0
        self.watch = Watch()
        self.state = State()
        self.known = KnownIds()
        self.journal: Journal | None = None
        self._recorder: Recorder | None = None

    @property
    def ready(self) -> bool:
        """Whether transfers are taken now."""
        return not self.why_not

    @property
    def why_not(self) -> str:
        """Why transfers are not taken now; empty when they are."""
        if self._why_not or self.journal is None or self.journal.failure is None:
            return self._why_not
        return f"the journal refused a write: {self.journal.failure}"

    @property
    def network(self) -> str:
        """`used`, or why the network's part of the answer is missing."""
        problem = self._outage or self.network_problem
        return f"unavailable: {problem}" if problem else "used"

    def start(self) -> None:
        """Finish what a crash left, load the state, take transfers; after it failed (no database), simply again.

        Raises StoreUnavailable when another process scores, and what the system database and the ledger raise.
        """
        if self.journal is None:
            self.journal = Journal(self._services.settings.ledger_dir / "journal")
            self._recorder = Recorder(self._services.engine, lambda: self.journal.durable if self.journal else 0)
        self._begin(self.journal)

    def _begin(self, journal: Journal) -> None:
        """From what is durable to taking transfers; the same after a start that the disk refused as after a good one."""
        flight_seal.seal(self._services, journal)
        with transaction(self._services.engine) as session:
            # a folder restored from an older backup: records under numbers the tables have seen would never reach them
            journal.go_on_after(book.mark(session))
        self._load()
        assert self._recorder is not None
        self._recorder.start()
        self._why_not = ""

    def stop(self) -> None:
        """Write everything out and release the journal; idempotent."""
        self._why_not = "scoring has stopped"
        if self._recorder is not None:
            self._recorder.stop()
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
        journal, _ = self._working()
        before = self._stored(transfers)
        results: list[Said | Refused] = []
        last = 0
        for start in range(0, len(transfers), _LOCKED_AT_ONCE):
            with self._lock:
                self._working()
                for transfer in transfers[start : start + _LOCKED_AT_ONCE]:
                    said, number = self._one(transfer, actor.id, before)
                    results.append(said)
                    last = max(last, number)
        if last:
            self._wait(journal, last)
        return results

    def written(self, timeout_s: float = 1.0) -> None:
        """Wait until the tables have what was answered so far, for whoever looks right after an answer."""
        if self._recorder is not None and self.journal is not None:
            self._recorder.wait(self.journal.durable, timeout_s)

    def resolve(self, transfer: Transfer, final: str) -> None:
        """A pending transfer was `settled` or `refused`; durable when this returns. Again changes nothing in the ledger."""
        journal, _ = self._working()
        with self._lock:
            if final == "settled":
                self._keep_id(self.state.take(transfer, SETTLED_LATER), transfer.id)
            number = self._append(Resolved(transfer, final, self._clock()))
        self._wait(journal, number)

    def seal(self) -> int:
        """Turn what the journal holds into ledger batches; returns how many."""
        journal, _ = self._working()
        return flight_seal.seal(self._services, journal)

    def use_rules(self, rules: RuleSet, version: int) -> None:
        """Score by another rule set from the next transfer on."""
        with self._lock:
            self.rules, self.rules_version = rules, version
            self.state.configure(rules.kernel, rules.config.rates)
            self.state.home_country = rules.config.home_country

    def use_watch(self, watch: Watch) -> None:
        """Ask other lists and overrides from the next transfer on; distances to bad accounts are made anew."""
        now, outlook = self._clock(), self._outlook
        bad = (*outlook.adopted, *sorted(watch.bad_accounts(now)))
        basis = (self.state, outlook, bad)
        with self._lock:
            self.watch = watch
            # every transfer hands distances on by itself, one step: anew only for something new, and now and then
            if basis != self._spread or now - self._spread_at_ms >= DISTANCES_EVERY_MS:
                self.state.network(outlook.suspected, bad)
                self._spread, self._spread_at_ms = basis, now

    def look_at_network(self) -> None:
        """Read the findings anew; when that fails, answers say so until it works again."""
        try:
            self._outlook = flight_network.read_findings(self._services, self._columns, self._outlook)
            watch = flight_network.read_watch(self._services, self._clock())
        except (RingtraceError, DBAPIError, OSError) as error:
            self.network_problem = f"findings and lists cannot be read ({type(error).__name__})"
            self._network_state()
            return
        self.network_problem = ""
        self.use_watch(watch)
        self._network_state()

    def set_outage(self, why: str) -> None:
        """The graph store does not answer, or does again (empty): findings may be out of date."""
        self._outage = why
        self._network_state()

    def follow(self) -> int:
        """Take in ledger batches that came from elsewhere (files, detection); returns how many."""
        entries = self._services.ledger.entries(self._seen_seq)
        foreign = [entry for entry in entries if entry.format != flight_seal.FORMAT]
        findings = False
        for entry in foreign:
            with self._lock:
                fed = feed(self.state, self._services.ledger.read(entry.seq))
            self._take_in(fed)
            findings = findings or fed.findings
        if entries:
            self._seen_seq = entries[-1].seq
        if findings:
            self.look_at_network()
        return len(foreign)

    def recover(self) -> bool:
        """After the disk refused: go on once it takes data again, from what is durable. Whether it works now."""
        journal = self.journal
        if journal is None or journal.failure is None:
            return self.ready
        with self._lock:
            self._why_not = "the journal refused a write: " + str(journal.failure)
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
        """Rules in force, state, known ids, calls and network from the ledger and the tables.

        The rules come first: what is counted while the past is replayed counts by their thresholds.
        """
        if (held := rule_sets.in_force(self._services)) is not None:
            self.rules_version, self.rules = held
        state = State(self.rules.kernel, self.rules.config.rates)
        state.home_country = self.rules.config.home_country
        self._seen_seq = self._services.ledger.head_seq()
        with self._lock:
            self.state, self.known = state, KnownIds()
            self._recent.clear()
            sets = (rows for entry in self._services.ledger.entries() if entry.seq <= self._seen_seq
                    for rows in self._services.ledger.read(entry.seq))  # fmt: skip
            fed = feed(state, sets)
        self._take_in(fed)
        with transaction(self._services.engine) as session:
            self.known.add_all(book.ids(session))
            waiting = book.pending(session)
            matter_ms = self.rules.params("call_then_new_payee").call_within_s * 1000 + AHEAD_MS
            called = book.with_calls(session, self._clock() - matter_ms)
        for transfer in called:
            state.heard(transfer)
        for transfer in waiting:
            self._keep_id(state.take(transfer, ATTEMPT), transfer.id)
        self.look_at_network()

    def _take_in(self, fed: Fed) -> None:
        """Replay in pieces, so that transfers in flight do not wait for a whole file."""
        for start in range(0, len(fed.events), _REPLAY_AT_ONCE):
            part = slice(start, start + _REPLAY_AT_ONCE)
            with self._lock:
                first = self.state.sequence
                self.state.replay(fed.events[part], fed.moved[part])
                for offset, key in enumerate(fed.ids[part]):
                    self._keep_id(first + offset, key)
        with self._lock:
            self.known.add_all(fed.ids)

    def _one(
        self, transfer: Transfer, key_id: str, before: dict[str, tuple[bytes, Said] | None]
    ) -> tuple[Said | Refused, int]:
        content = encoded(transfer)
        recent = self._recent.get(transfer.id)
        if recent is not None:
            return (recent.said, recent.number) if recent.content == content else (_reused(transfer.id), 0)
        if transfer.id in before:
            stored = before[transfer.id]
            if stored is None:
                return Refused(transfer.id, "known_transfer", "this id is in the ledger already and was not scored"), 0
            return (stored[1] if stored[0] == content else _reused(transfer.id)), 0
        said = self._score(transfer)
        seq = self.state.take(transfer, SETTLED if said.answer == "allow" else ATTEMPT)
        self._keep_id(seq, transfer.id)
        number = self._append(Scored(transfer, key_id, said))
        self.known.add(transfer.id)
        self._recent[transfer.id] = _Recent(content, said, number)
        if len(self._recent) > _RECENT:
            self._recent.popitem(last=False)
        return said, number

    def _score(self, transfer: Transfer) -> Said:
        now, rules, state = self._clock(), self.rules, self.state
        state.heard(transfer)
        features = state.look(transfer)
        if self.watch.entries:
            features = features._replace(
                payer_lists=self.watch.payer_lists(transfer, now), payee_lists=self.watch.payee_lists(transfer, now)
            )
        hits = hits_of(rules, features, now)
        network = self.network
        decision = decide(rules, hits, overridden=self.watch.overridden(transfer, now), network=network == "used")
        decision_id = fresh("decision")
        return Said(
            transfer.id, decision_id, decision.answer.value, decision.score, decision.alert, decision.basis,
            tuple(self._hit(item, transfer, features) for item in hits), f"v{self.rules_version}-{rules.digest}",
            network, now, self._hold(decision, decision_id, features.amount, now),
        )  # fmt: skip

    def _hit(self, item: Active, transfer: Transfer, features: object) -> HitOut:
        past = item.rule.evidence(self.state, transfer, item.params)[:_EVIDENCE]
        return HitOut(
            item.name, item.setting.score, item.rule.explain(features, item.params),
            tuple(Evidence(p.payer, p.payee, p.amount, p.at_ms, self._id_of(p)) for p in past),
        )  # fmt: skip

    def _hold(self, decision: Decision, decision_id: str, amount_fen: float, now: int) -> HoldOut | None:
        if decision.answer not in PENDING:
            return None
        config = self.rules.config
        limit = config.auto_hold_limit_minor
        if decision.answer is Answer.REVIEW:
            limit = -1  # what could not be judged whole is a person's, whatever the amount
        elif decision.answer is Answer.CHALLENGE:
            limit = 1 << 62
        hold = holds.start(
            round(amount_fen), now, auto_limit_minor=limit, auto_s=config.auto_hold_s, person_s=config.person_hold_s
        )
        needs = "verification" if hold.state is holds.State.WAITING else "person"
        return HoldOut("hold-" + decision_id.split("-", 1)[1], needs, hold.until_ms)

    def _append(self, record: Scored | Resolved) -> int:
        assert self.journal is not None and self._recorder is not None
        number = self.journal.append(encode(record))
        self._recorder.add(number, record)
        return number

    def _wait(self, journal: Journal, number: int) -> None:
        try:
            journal.wait(number)
        except JournalFailed:
            self._why_not = f"the journal refused a write: {journal.failure}"
            raise

    def _working(self) -> tuple[Journal, Recorder]:
        if self.why_not or self.journal is None or self._recorder is None:
            raise NotReady(self.why_not or "scoring has not started", 2)
        if self._recorder.behind > MOST_BEHIND:
            raise NotReady(self._recorder.problem or "the system database cannot keep up with what is scored", 5)
        return self.journal, self._recorder

    def _stored(self, transfers: Sequence[Transfer]) -> dict[str, tuple[bytes, Said] | None]:
        """What the tables say of ids that are known but not in memory."""
        asked = [t.id for t in transfers if t.id in self.known and t.id not in self._recent]
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

    def _network_state(self) -> None:
        with self._lock:
            self.state.network_ready = self.network == "used"

    def _keep_id(self, seq: int, key: str) -> None:
        self._seq_ids[seq % _ID_RING] = key

    def _id_of(self, past: Past) -> str:
        return self._seq_ids[past.seq % _ID_RING] if past.seq > self.state.sequence - _ID_RING else ""


def _reused(key: str) -> Refused:
    return Refused(key, "conflict", "this id was used for another transfer")
