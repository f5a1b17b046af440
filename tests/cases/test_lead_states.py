"""Properties of leads, driven through the use cases: a final word takes two persons and stays, and the reporter reads just that."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from chase import CHIEF, OFFICER, Day
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from cases.lead_tables import LeadRow
from cases.leads import Determination
from core.db import transaction
from core.errors import BadInput, Conflict, NotAllowed
from usecases import casefiles, leads, outcomes
from usecases.leads import Report

FINAL = {"adopted", "dismissed", "rejected"}
PEOPLE = st.sampled_from(["officer", "chief", "other chief"])
PLACE = st.integers(0, 3)


class Leads(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.folder = TemporaryDirectory()
        self.day = Day(Path(self.folder.name))
        self.people = {"officer": OFFICER, "chief": CHIEF, "other chief": self.day.as_other(CHIEF, "other")}
        self.codes: dict[str, str] = {}
        self.ended: dict[str, tuple[object, ...]] = {}
        self.stamps: dict[tuple[str, str], int] = {}
        self.filed()
        self.worked_on(0, "chief", True)

    def tried(self, act, who, *arguments):
        """True when it was done; a refusal must have changed nothing, which the invariants see."""
        try:
            act(self.day.services, self.people[who], *arguments)
        except (BadInput, Conflict, NotAllowed):
            return False
        return True

    def row(self, place):
        with transaction(self.day.services.engine) as session:
            rows = session.scalars(select(LeadRow).order_by(LeadRow.id)).all()
        return rows[place % len(rows)]

    @precondition(lambda self: len(self.codes) < 4)
    @rule()
    def filed(self):
        made = leads.file(self.day.services, OFFICER, Report("hotline", "骗了五万元", amount_minor=100))
        self.codes[made.lead_id] = made.code

    @rule(place=PLACE, who=PEOPLE, is_fraud=st.booleans())
    def worked_on(self, place, who, is_fraud):
        """All the steps to a proposal, as far as the lead's state lets them."""
        self.assigned(place, who)
        self.verified(place, who)
        self.proposed(place, who, is_fraud, "money followed")

    @rule(place=PLACE, who=PEOPLE)
    def assigned(self, place, who):
        self.tried(leads.assign, who, self.row(place).id)

    @rule(place=PLACE, who=PEOPLE)
    def verified(self, place, who):
        self.tried(leads.verify, who, self.row(place).id, {})

    @rule(place=PLACE, who=PEOPLE, is_fraud=st.booleans(), grounds=st.sampled_from(["money followed", " "]))
    def proposed(self, place, who, is_fraud, grounds):
        said = Determination(is_fraud, "fake_police" if is_fraud else "", 100, "", grounds)
        done = self.tried(leads.propose, who, self.row(place).id, said)
        assert not (done and not grounds.strip())

    @rule(place=PLACE, who=PEOPLE, agrees=st.booleans(), why=st.sampled_from(["not so", ""]))
    def decided(self, place, who, agrees, why):
        before = self.row(place)
        done = self.tried(leads.decide, who, before.id, agrees, why)
        assert not (done and (before.determined_by == self.people[who].id or before.state != "proposed"))
        assert not (done and who == "officer") and not (done and not agrees and not why)

    @rule(place=PLACE, who=PEOPLE, is_fraud=st.booleans(), own_first=st.booleans())
    def to_a_final_word(self, place, who, is_fraud, own_first):
        """A proposal, which its own proposer tries to confirm and then another chief confirms."""
        self.worked_on(place, who, is_fraud)
        if own_first:
            self.decided(place, who, True, "")
        self.decided(place, "other chief" if who == "chief" else "chief", True, "")

    @rule(place=PLACE, who=PEOPLE, reason=st.sampled_from(["no fraud is told of", ""]))
    def rejected(self, place, who, reason):
        done = self.tried(leads.reject, who, self.row(place).id, reason)
        assert not (done and not reason)

    @rule(place=PLACE)
    def into_a_case(self, place):
        self.tried(casefiles.open_from_lead, "officer", self.row(place).id)

    @rule(minutes=st.sampled_from([5, 90]))
    def time_passes(self, minutes):
        self.day.pass_time(minutes)

    @invariant()
    def a_final_word_is_of_two_persons_and_stays(self):
        for row in self.rows():
            word = (
                row.state,
                row.is_fraud,
                row.amount_minor,
                row.determined_by,
                row.confirmed_by_name,
                row.reject_reason,
            )
            if row.id in self.ended:
                assert self.ended[row.id] == word
            elif row.state in FINAL:
                self.ended[row.id] = word
            if row.state in ("adopted", "dismissed"):
                assert row.determined_by_name != row.confirmed_by_name != "" and row.grounds.strip()
                assert (row.state == "adopted") == row.is_fraud
            if row.state == "rejected":
                assert row.reject_reason and not row.confirmed_by_name

    @invariant()
    def the_clocks_were_stopped_once(self):
        for row in self.rows():
            for name in ("answered_at_ms", "reported_at_ms"):
                stamp = getattr(row, name)
                if stamp is not None:
                    assert self.stamps.setdefault((row.id, name), stamp) == stamp
            if row.state != "new":
                assert row.answered_at_ms is not None

    @invariant()
    def the_reporter_reads_the_outcome_and_nothing_before_it(self):
        for row in self.rows():
            told = outcomes.by_code(self.day.services, self.codes[row.id], "10.0.0.9")
            assert told is not None
            assert told.step == (row.state if row.state in FINAL else "working" if row.assignee_id else "received")
            assert told.reward_minor == 0  # nothing was frozen

    def rows(self):
        if not hasattr(self, "codes"):
            return []
        with transaction(self.day.services.engine) as session:
            return session.scalars(select(LeadRow)).all()

    def teardown(self):
        if hasattr(self, "day"):
            self.day.close()
            self.folder.cleanup()


Leads.TestCase.settings = settings(
    max_examples=6, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestLeads = Leads.TestCase
