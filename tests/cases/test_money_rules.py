"""Properties: no order goes back, the freeze ledger conserves money, shares add up to the fen, rewards stay in their caps."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cases import freeze, rewards, sharing
from cases.freeze import Balance, Entry
from cases.lead_states import LEAD, LeadState, LeadVerb
from cases.order_states import ANSWERS, ORDER, FreezeState, FreezeVerb, OrderState, OrderVerb
from cases.sharing import POLICE, Claim, Source
from core.clock import HOUR_MS
from core.errors import BadInput, Conflict

RANK = {state: at for at, states in enumerate((
    ("draft",), ("approved", "unknown"), ("sent",), ("acknowledged",), ("frozen_part", "refused", "gone", "failed", "withdrawn", "expired"), ("frozen",),
)) for state in states}  # fmt: skip


@given(st.lists(st.sampled_from(list(OrderVerb)), max_size=30))
@settings(max_examples=300, deadline=None)
def test_no_order_goes_back_whatever_comes(verbs):
    state = OrderState.DRAFT
    for verb in verbs:
        if ORDER.allows(state, verb):
            after = ORDER.after(state, verb)
            assert RANK[after] >= RANK[state]
            state = after
        else:
            with pytest.raises(Conflict):
                ORDER.after(state, verb)


def test_only_a_draft_is_approved_and_no_result_is_undone():
    assert [state for state in OrderState if ORDER.allows(state, OrderVerb.APPROVE)] == [OrderState.DRAFT]
    for state in (
        OrderState.REFUSED,
        OrderState.GONE,
        OrderState.FROZEN,
        OrderState.WITHDRAWN,
        OrderState.EXPIRED,
        OrderState.FAILED,
    ):
        assert ORDER.final(state)
    assert not any(ORDER.allows(OrderState.DRAFT, verb) for verb in ANSWERS.values())


@given(st.lists(st.sampled_from(list(LeadVerb)), max_size=30))
@settings(max_examples=200, deadline=None)
def test_a_lead_reaches_its_final_word_only_over_a_proposal(verbs):
    state, seen = LeadState.NEW, []
    for verb in verbs:
        if LEAD.allows(state, verb):
            state = LEAD.after(state, verb)
            seen.append(state)
    if state in (LeadState.ADOPTED, LeadState.DISMISSED):
        assert seen[-2] == LeadState.PROPOSED and LeadState.VERIFIED in seen and LEAD.final(state)


FREEZE_RANK = {state: at for at, state in enumerate(FreezeState)}


class FreezeLedger(RuleBasedStateMachine):
    """Any entries in any order: what is refused changes nothing, what is taken conserves money."""

    @initialize(ordered=st.integers(1, 10**15))
    def begin(self, ordered):
        self.ordered, self.now, self.entries = ordered, 1_000, []
        self.balance = Balance()
        self.write(FreezeVerb.ORDER, ordered)

    def write(self, verb, amount, until=None):
        entry = Entry(verb, amount, self.now, until)
        try:
            after = freeze.apply(self.balance, entry)
        except Conflict:
            return
        assert FREEZE_RANK[after.state] >= FREEZE_RANK[self.balance.state]
        self.entries.append(entry)
        self.balance = after

    @rule(
        verb=st.sampled_from(list(FreezeVerb)),
        amount=st.integers(-5, 10**15),
        hours=st.integers(-1, 100),
        whole=st.booleans(),
    )
    def anything(self, verb, amount, hours, whole):
        part = {FreezeVerb.RETURN: self.balance.for_return_minor, FreezeVerb.FREEZE: self.ordered}.get(
            verb, self.balance.held_minor
        )
        self.write(verb, part if whole else amount, self.now + hours * HOUR_MS)

    @rule(hours=st.integers(0, 60))
    def time_passes(self, hours):
        self.now += hours * HOUR_MS

    @invariant()
    def money_is_conserved(self):
        if not hasattr(self, "balance"):
            return
        now = self.balance
        assert (
            now.frozen_minor
            == now.held_minor + now.for_return_minor + now.returned_minor + now.let_go_minor
            <= self.ordered
        )
        assert min(now.held_minor, now.for_return_minor, now.returned_minor, now.let_go_minor) >= 0
        assert freeze.balance_of(self.entries) == now
        if now.state in (FreezeState.RELEASED, FreezeState.RETURNED):
            assert now.held_minor == 0


FreezeLedger.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestFreezeLedger = FreezeLedger.TestCase


@given(
    st.integers(0, 10**14),
    st.lists(st.integers(0, 10**13), max_size=12),
    st.lists(st.integers(0, 100), min_size=1, max_size=5),
)
@settings(max_examples=300, deadline=None)
def test_shares_add_up_to_the_fen_and_nobody_gets_more_than_claimed(money, claims, cuts):
    found = sharing.share(money, [Claim(f"v{at}", claim) for at, claim in enumerate(claims)])
    given_out = sum(item.amount_minor for item in found.shares)
    assert given_out + found.police_minor == money
    assert all(0 <= item.amount_minor <= item.claim_minor for item in found.shares)
    assert found.police_minor == 0 or given_out == sum(claims)
    for item in found.shares:
        assert abs(item.amount_minor * max(item.claims_minor, 1) - item.claim_minor * item.money_minor) < max(
            item.claims_minor, 1
        )
    weights = sum(cuts) or 1
    sources = [Source(f"f{at}", money * cut // weights) for at, cut in enumerate(cuts)]
    sources.append(Source("rest", money - sum(source.amount_minor for source in sources)))
    lines = sharing.lines(found, sources)
    for source in sources:
        assert sum(line.amount_minor for line in lines if line.freeze_id == source.freeze_id) == source.amount_minor
    assert sum(line.amount_minor for line in lines if line.victim_id == POLICE) == found.police_minor


def test_three_equal_victims_and_one_fen_more():
    found = sharing.share(100, [Claim("a", 50), Claim("b", 50), Claim("c", 50)])
    assert [item.amount_minor for item in found.shares] == [34, 33, 33]
    with pytest.raises(BadInput):
        sharing.share(1, [Claim("a", 1), Claim("a", 1)])
    with pytest.raises(BadInput):
        sharing.share(-1, [])


@given(st.integers(-10, 10**15))
def test_rewards_stay_within_their_caps(saved):
    grades = rewards.parse(rewards.DEFAULT)
    name, amount = rewards.reward(grades, saved)
    assert (amount == 0) == (saved <= 0) and amount <= grades[-1].most_minor
    if name:
        grade = next(item for item in grades if item.name == name)
        assert grade.least_minor <= amount <= grade.most_minor


@pytest.mark.parametrize("text", ["", "a", "a:1:2:3", "a:0:10:5:4", "a:5:1:1:1,b:5:1:1:1", "a:0:1001:1:1", "a:x:1:1:1"])
def test_wrong_grades_are_refused(text):
    with pytest.raises(BadInput):
        rewards.parse(text)
