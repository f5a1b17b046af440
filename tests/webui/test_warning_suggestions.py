"""The risk of an area or a gang suggests a warning; a person makes it, and then it is not suggested again."""

from __future__ import annotations

import gang_town
import pytest
from gang_town import HOSTILE

from core.clock import now_ms
from core.errors import StoreUnavailable
from security.roles import Actor
from usecases import gangs, warning_lists, warning_suggestions
from usecases.gangs import Area
from usecases.warning_suggestions import QUIET_MS, of_areas, suggested

CLERK = Actor("u-clerk", "clerk", frozenset({"investigator"}))


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    built = gang_town.build(tmp_path_factory.mktemp("warned"))
    yield built
    built.store.close()
    built.engine.dispose()


def area(region, accounts, victims):
    return Area(region, accounts, 0, victims, {})


def test_an_area_stands_out_by_share_not_by_size():
    found = of_areas((area("big", 100_000, 40), area("small", 1_000, 9), area("tiny", 10, 2), area("unknown", 10, 9)))
    assert [(item.region, item.victims) for item in found] == [("small", 9)]
    assert found[0].times > 10
    assert of_areas(()) == [] and of_areas((area("empty", 0, 0),)) == []


def test_a_growing_gang_suggests_a_warning_once(there, monkeypatch):
    assert suggested(there, CLERK) == [], "one victim is not many"
    monkeypatch.setattr(warning_suggestions, "LEAST_OF_A_GANG", 1)
    (found,) = suggested(there, CLERK)
    assert (found.finding_id, found.victims) == ("F-run-g2-0", 1)
    made = warning_lists.make(
        there, CLERK, "Fraud warning", "paid an account of this gang", finding_id=found.finding_id
    )
    assert made.size > 0
    assert suggested(there, CLERK) == []
    assert len(suggested(there, CLERK, now_ms() + QUIET_MS + 1000)) == 1


def test_without_the_graph_nothing_is_suggested_and_the_page_still_works(there, monkeypatch):
    def away(*_, **__):
        raise StoreUnavailable("gone")

    monkeypatch.setattr(gangs.queries, "of_runs", away)
    assert suggested(there, CLERK) == []


def test_the_page_offers_it_as_one_click_and_shows_names_as_text(client_as, monkeypatch):
    wanted = [
        warning_suggestions.Suggestion("东湖区", "", "东湖区", 12, 3.4),
        warning_suggestions.Suggestion("", "F-chain", f"Gang {HOSTILE}", 4, 0.0),
    ]
    monkeypatch.setattr(warning_suggestions, "suggested", lambda *_: wanted)
    clerk = client_as("investigator")
    page = clerk.get("/warnings").text
    assert 'data-suggested="东湖区"' in page and "3.4 times the usual" in page and "<script>window" not in page
    form = {"region": "", "finding_id": "F-chain", "title": "Fraud warning", "reason": "paid an account of this gang"}
    assert clerk.post("/warnings", data=form).status_code == 303
