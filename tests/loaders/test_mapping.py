"""Column mappings: every type of the schema loads by one, mistakes are named, and headings propose a good one."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from loaders_reading import load, mapping_file

from core.errors import BadInput, FileRefused
from graph.schema import NODES, RELS, Kind, Property, rel_pairs
from loaders import _mapping, delimited
from loaders._infer import infer, propose

_SAMPLE = {
    Kind.STRING: "text", Kind.INT: "3", Kind.FLOAT: "0.5", Kind.BOOL: "是", Kind.TIME_MS: "2024-03-01 10:00:00",
    Kind.MONEY: "12.34", Kind.STRINGS: "one|two",
}  # fmt: skip
_MADE = {
    Kind.STRING: "text",
    Kind.INT: 3,
    Kind.FLOAT: 0.5,
    Kind.BOOL: True,
    Kind.TIME_MS: 1709258400000,
    Kind.MONEY: 1234,
    Kind.STRINGS: ["one", "two"],
}


def _sample(prop: Property) -> tuple[str, object]:
    if prop.name in {"currency", "received_currency", "coin"}:
        return "CNY", "CNY"
    if prop.name == "birth_date":
        return "1990/01/31", "1990-01-31"
    return _SAMPLE[prop.kind], _MADE[prop.kind]


@pytest.mark.parametrize("label", list(NODES))
def test_every_label_loads_with_all_its_properties(tmp_path: Path, label: str) -> None:
    properties = NODES[label].properties
    headings = ["id", *(prop.name for prop in properties)]
    (tmp_path / "n.csv").write_text(
        ",".join(headings) + "\n" + ",".join(["n1", *(_sample(prop)[0] for prop in properties)]) + "\n"
    )
    options = mapping_file(tmp_path, yaml.safe_dump({"target": label, "columns": {name: name for name in headings}}))
    loaded = load(delimited.LOADER, tmp_path / "n.csv", options)
    row = loaded.facts[label][0]
    assert row["id"] == "n1"
    assert {prop.name: row[prop.name] for prop in properties} == {prop.name: _sample(prop)[1] for prop in properties}
    assert (row["source"], row["source_row"]) == ("n.csv", 1)


@pytest.mark.parametrize(("start", "rel", "end"), rel_pairs())
def test_every_relationship_and_pair_loads_with_all_its_properties(
    tmp_path: Path, start: str, rel: str, end: str
) -> None:
    properties = RELS[rel].properties
    headings = ["from_id", "to_id", *(prop.name for prop in properties)]
    (tmp_path / "r.csv").write_text(
        ",".join(headings) + "\n" + ",".join(["a1", "b1", *(_sample(prop)[0] for prop in properties)]) + "\n"
    )
    text = yaml.safe_dump(
        {"target": rel, "pair": [start, end], "stubs": start != "Finding", "columns": {name: name for name in headings}}
    )
    loaded = load(delimited.LOADER, tmp_path / "r.csv", mapping_file(tmp_path, text))
    row = loaded.facts[rel][0]
    assert (row["from_id"], row["to_id"]) == ("a1", "b1")
    assert len(row["id"]) >= 32
    assert {prop.name: row[prop.name] for prop in properties} == {prop.name: _sample(prop)[1] for prop in properties}
    if start != "Finding":
        assert {"a1", "b1"} == {item["id"] for items in loaded.derived.values() for item in items}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_banks_own_statement_loads_unchanged(tmp_path: Path, encoding: str) -> None:
    text = (
        "交易流水号,交易时间,付款行,付款账号,付款户名,收款行,收款账号,收款户名,交易金额,余额,交易渠道,摘要\r\n"
        '001,2024-03-01 10:00:00,建设银行,６２１７０００１,张三,工商银行,62220002,李四,"1,234.50","9,999.00",手机银行,货款\r\n'
        '002,2024/03/01 10:05,工商银行,62220002,李四,建设银行,62170003,王五,"1,200.00",0.00,ATM取款,\r\n'
    )
    (tmp_path / "流水.csv").write_bytes(text.encode(encoding))
    loaded = load(delimited.LOADER, tmp_path / "流水.csv", {"mapping": "bank_transfers_zh"})
    first, second = loaded.facts["TRANSFER"]
    assert (first["id"], first["from_id"], first["to_id"], first["amount_minor"], first["currency"]) == (
        "bank:001",
        "建设银行:62170001",
        "工商银行:62220002",
        123450,
        "CNY",
    )
    assert first["at_ms"] == 1709258400000
    assert (second["channel"], second["memo"]) == ("atm", None)
    accounts = {row["id"]: row for row in loaded.derived["Account"]}
    assert (
        accounts["建设银行:62170001"]["name"],
        accounts["建设银行:62170001"]["institution"],
        accounts["建设银行:62170001"]["number"],
    ) == ("张三", "建设银行", "６２１７０００１")
    assert {row["name"] for row in loaded.derived["Organization"]} == {"建设银行", "工商银行"}
    assert {(row["from_id"], row["to_id"]) for row in loaded.derived["HELD_AT"]} >= {
        ("工商银行:62220002", "工商银行"),
        ("建设银行:62170003", "建设银行"),
    }
    assert len({row["id"] for row in loaded.derived["HELD_AT"]}) == 3


def test_an_account_list_gives_holders_phones_and_banks_too(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "账号,户名,开户行,证件号码,预留手机号,账户状态,开户日期\n"
        "6217,张三,建设银行,110101199001011234,138 0013 8000,正常,2020-01-02\n"
        "6218,张三,建设银行,110101199001011234,+8613800138000,冻结,2021-01-02\n"
        "6219,李四,建设银行,,,销户,\n",
        encoding="gb18030",
    )
    loaded = load(delimited.LOADER, tmp_path / "a.csv", {"mapping": "bank_accounts_zh"})
    assert [row["status"] for row in loaded.facts["Account"]] == ["open", "frozen", "closed"]
    assert [row["id"] for row in loaded.derived["Phone"]] == ["+8613800138000"]
    assert [(row["id"], row["name"]) for row in loaded.derived["Person"]] == [("cn:110101199001011234", "张三")]
    assert len(loaded.derived["OWNS"]) == len(loaded.derived["REGISTERED_WITH"]) == 2
    assert len(loaded.derived["HELD_AT"]) == 3


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("target: PAYMENT\ncolumns: {a: b}", "PAYMENT"), ("target: TRANSFER", "columns"), ("- 1", "target"), ("a: [", "not YAML"),
        ("target: Account\ncolumns: {id: a, colour: b}", "colour"), ("target: Account\ncolumns: {name: a}", "id"),
        ("target: TRANSFER\ncolumns: {from_id: a, to_id: b, amount_minor: c}", "at_ms"), ("target: Account\ncolours: 1\ncolumns: {id: a}", "colours"),
        ("target: OWNS\ncolumns: {from_id: a, to_id: b}", "pair"), ("target: OWNS\npair: [Phone, Phone]\ncolumns: {from_id: a, to_id: b}", "pair"),
        ("target: Account\nzone: Mars/Base\ncolumns: {id: a}", "Mars/Base"), ("target: Account\nencoding: ebcdic\ncolumns: {id: a}", "ebcdic"),
        ("target: Account\ndelimiter: x\ncolumns: {id: a}", "delimiter"), ("target: Account\ncurrency: ZZZ\ncolumns: {id: a, opening_balance_minor: b}", "ZZZ"),
        ("target: Account\ncolumns: {id: {heading: a, colour: b}}", "colour"), ("target: Account\ncolumns: {id: 5}", "Account.id"),
        ("target: TRANSFER\ncolumns: {from_id: a, to_id: b, at_ms: d, amount_minor: {heading: c, unit: pounds}}", "unit"),
        ("!!python/object/apply:os.system ['id']", "not YAML"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_mapping_is_named(text: str, named: str) -> None:
    with pytest.raises(BadInput, match=named) as refused:
        _mapping.parse(text)
    assert "\n" not in str(refused.value)


def test_bundled_mappings_are_sound() -> None:
    names = [path.stem for path in _mapping.BUNDLED.glob("*.yaml")]
    assert len(names) >= 4
    for name in names:
        assert _mapping.load(name)
    with pytest.raises(BadInput, match="bank_transfers_zh"):
        _mapping.load("nothing")


@pytest.mark.parametrize(
    ("headings", "target", "expected"),
    [
        (
            ["交易流水号", "交易时间", "付款账号", "收款账号", "交易金额(元)", "摘要"],
            "TRANSFER",
            {"id": "交易流水号", "to_id": "收款账号"},
        ),
        (
            ["交易卡号", "对手卡号", "金额（分）", "交易日期"],
            "TRANSFER",
            {"amount_minor": {"heading": "金额（分）", "unit": "fen"}},
        ),
        (
            ["Transaction ID", "Sender Account", "Receiver Account", "Amount", "Timestamp", "Currency"],
            "TRANSFER",
            {"at_ms": "Timestamp"},
        ),
        (["主叫号码", "被叫号码", "通话时长", "开始时间"], "CALLED", {"duration_s": "通话时长"}),
        (["账号", "户名", "开户行"], "Account", {"institution": "开户行"}),
        (["账号", "IMEI", "登录时间"], "USED_DEVICE", {"to_id": "IMEI"}),
        (["账号", "登录IP", "登录时间"], "CONNECTED_FROM", {"to_id": "登录IP"}),
        (["账号", "手机号"], "REGISTERED_WITH", {"from_id": "账号"}),
        (
            ["from_id", "to_id", "amount_minor", "currency", "at_ms"],
            "TRANSFER",
            {"amount_minor": {"heading": "amount_minor", "unit": "fen"}},
        ),
    ],
)
def test_headings_propose_a_mapping(headings: list[str], target: str, expected: dict[str, object]) -> None:
    proposed = propose(headings)
    assert proposed["target"] == target
    assert expected.items() <= proposed["columns"].items()
    assert _mapping.parse(yaml.safe_dump(proposed, allow_unicode=True))


@pytest.mark.parametrize("headings", [["a", "b"], ["from", "to", "colour"], ["name"], ["id", "name"]])
def test_headings_that_tell_nothing_are_refused(headings: list[str]) -> None:
    with pytest.raises(FileRefused, match="write a mapping"):
        propose(headings)


def test_infer_writes_a_mapping_that_loads(tmp_path: Path) -> None:
    path = tmp_path / "导出.csv"
    path.write_text(
        "流水号;交易时间;付款账号;付款户名;收款账号;金额;余额\n1;2024-03-01 10:00:00;A;张三;B;5.00;1\n",
        encoding="gb18030",
    )
    text = infer(path)
    assert "GB18030" in text
    assert "semicolon" in text
    assert yaml.safe_load(text)["ignore"] == ["余额"]
    loaded = load(delimited.LOADER, path, mapping_file(tmp_path, text))
    assert loaded.facts["TRANSFER"][0]["amount_minor"] == 500
    assert loaded == load(delimited.LOADER, path) or load(delimited.LOADER, path).warned("'余额' is not mapped")


def test_a_folder_loads_by_the_files_its_mapping_names(tmp_path: Path) -> None:
    (tmp_path / "accounts_1.csv").write_text("id,bank\nA,x\n")
    (tmp_path / "accounts_2.csv").write_text("id,bank\nB,x\n")
    (tmp_path / "owners.csv").write_text("who,what\nP,A\n")
    text = yaml.safe_dump({"files": [
        {"file": "accounts_*.csv", "target": "Account", "columns": {"id": "id", "institution": "bank"}},
        {"file": "owners.csv", "target": "OWNS", "pair": ["Person", "Account"], "columns": {"from_id": "who", "to_id": "what"}},
    ]})  # fmt: skip
    options = mapping_file(tmp_path.parent, text)
    loaded = load(delimited.LOADER, tmp_path, options)
    assert [row["id"] for row in loaded.facts["Account"]] == ["A", "B"]
    assert len(loaded.facts["OWNS"]) == 1
    with pytest.raises(FileRefused) as refused:
        load(delimited.LOADER, tmp_path, mapping_file(tmp_path.parent, text.replace("owners.csv", "../owners.csv")))
    assert refused.value.code == "outside_folder"


def test_zone_unit_format_and_skipped_lines_are_obeyed(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("Statement of March\n\nfrom,to,fen,when\nA,B,1234,01/03/2024 10:00\n")
    text = """
target: TRANSFER
skip_lines: 2
columns:
  from_id: from
  to_id: to
  amount_minor: {heading: fen, unit: fen}
  at_ms: {heading: when, format: "%d/%m/%Y %H:%M", zone: UTC}
"""
    row = load(delimited.LOADER, tmp_path / "t.csv", mapping_file(tmp_path, text)).facts["TRANSFER"][0]
    assert (row["amount_minor"], row["at_ms"]) == (1234, 1709287200000)


def test_ids_made_for_rows_without_one_are_stable_and_distinct(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("from_id,to_id,amount,at\n" + "A,B,5.00,2024-03-01\n" * 3)
    first = [row["id"] for row in load(delimited.LOADER, tmp_path / "t.csv").facts["TRANSFER"]]
    assert len(set(first)) == 3
    assert first == [row["id"] for row in load(delimited.LOADER, tmp_path / "t.csv").facts["TRANSFER"]]


def test_an_unknown_option_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no option 'colour'; it has .*mapping: .+"):
        load(delimited.LOADER, tmp_path / "t.csv", {"colour": "red"})


def test_a_sign_in_log_becomes_one_state_for_each_account_and_device(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        "账号,IMEI,登录时间\nA,86001,2024-03-02 10:00:00\nA,86001,2024-03-01 10:00:00\nB,86001,2024-03-01 10:00:00\n"
        "A,86001,never\n,86001,2024-03-01 10:00:00\n"
    )
    loaded = load(delimited.LOADER, path)
    first, second = loaded.facts["USED_DEVICE"]
    assert (first["from_id"], first["count"], first["last_seen_ms"] - first["first_seen_ms"]) == ("A", 2, 86_400_000)
    assert (second["count"], second["first_seen_ms"] == second["last_seen_ms"]) == (1, True)
    assert (loaded.rows_read, loaded.duplicates, loaded.codes) == (5, 1, ["bad_time", "blank_id"])
    assert {row["id"] for row in loaded.derived["Device"]} == {"86001"}


def test_a_column_that_the_nearest_type_lacks_is_named() -> None:
    with pytest.raises(FileRefused, match="as TRANSFER they lack at_ms"):
        propose(["from_id", "to_id", "amount"])
    with pytest.raises(FileRefused, match="as TRANSFER they lack amount_minor"):
        propose(["付款账号", "收款账号", "交易时间", "摘要"])


@pytest.mark.parametrize("text", [
    "a: !!python/object/apply:os.system ['id']",
    "target: Account\ncolumns: {id: {values: [1]}}",
    "target: Account\ncolumns: {id: x}\nalso: [5]",
    "target: TRANSFER\npair: 5\ncolumns: {id: x}",
    "target: Account\ncolumns: {id: x}\nignore: 5",
    "a: 2024-99-99",
    "[" * 3000,
    "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]",
])  # fmt: skip
def test_a_hostile_or_misshapen_mapping_is_refused_in_one_line(text):
    with pytest.raises(BadInput) as refused:
        _mapping.parse(text)
    assert refused.value.code == "bad_mapping"
    assert "\n" not in str(refused.value)


def test_a_mapping_file_has_a_bounded_size_and_is_utf_8(tmp_path):
    for content, said in ((b"#" * (1 << 20) + b"#", "at most"), ("target: 转账".encode("gb18030"), "UTF-8")):
        path = tmp_path / "m.yaml"
        path.write_bytes(content)
        with pytest.raises(BadInput, match=said):
            _mapping.load(str(path))
