"""The labelled formats of the field, from file to figures: AMLworld's pair, AMLSim, PaySim, and refusals in one line."""

from __future__ import annotations

import pytest
from evaluation_samples import write_amlworld_pair, write_paysim

from core.errors import BadInput
from evaluation import assemble, datasets


def figures(data, *names):
    setting = assemble.evaluate_setting([data], names, 0.3)
    return setting, {result.name: result for result in setting.algorithms}


def test_amlworld_pair_gives_figures_by_its_own_patterns(tmp_path):
    write_amlworld_pair(tmp_path)
    data = datasets.file(tmp_path, "amlworld")
    assert len(data.labels.events) == 33 and len(data.labels.groups) == 6
    setting, results = figures(data, "cycle", "fan_out")
    assert "both ends" in setting.notes[0]
    cycle = {row.typology: row.found for row in results["cycle"].typologies}
    assert (cycle["cycle"].top, cycle["cycle"].bottom) == (3, 3) and cycle["fan_out"].top == 0
    fan_out = {row.typology: row.found for row in results["fan_out"].typologies}
    assert (fan_out["fan_out"].top, fan_out["fan_out"].bottom) == (3, 3)
    assert results["cycle"].event_ap.value > 0.4 and results["cycle"].account_ap.value >= 0.5


def test_paysim_labels_transfers_only(tmp_path):
    write_paysim(tmp_path / "paysim.csv")
    data = datasets.file(tmp_path / "paysim.csv", "paysim")
    assert len(data.labels.events) == 6 and data.labels.groups == set()
    _, results = figures(data, "pass_through")
    point = results["pass_through"].points[-1]
    assert point.groups_found.value is None and point.account_recall.bottom == 9


def test_amlsim_labels_accounts_only(tmp_path):
    (tmp_path / "nodes.csv").write_text("nodeid,isFraud,init_balance,fraudStep\n1,1,100,3\n2,0,100,-1\n3,0,100,-1\n")
    (tmp_path / "transactions.csv").write_text(
        "sourceNodeId,targetNodeId,value,time\n1,2,5.00,1\n2,3,6.00,2\n3,1,7.00,3\n"
    )
    setting, results = figures(datasets.file(tmp_path, "amlsim"), "cycle")
    assert "not labelled" in setting.notes[0] and results["cycle"].points[0].money_recall.value is None


def test_data_without_labels_is_refused_in_one_line(tmp_path):
    (tmp_path / "nodes.csv").write_text("nodeid,isFraud,init_balance,fraudStep\n1,0,100,-1\n2,0,100,-1\n")
    (tmp_path / "transactions.csv").write_text("sourceNodeId,targetNodeId,value,time\n1,2,5.00,1\n")
    with pytest.raises(BadInput, match="nothing fraudulent"):
        datasets.file(tmp_path, "amlsim")
    with pytest.raises(BadInput, match="5,000 to 10,000,000"):
        datasets.town(10, 7, "easy")
