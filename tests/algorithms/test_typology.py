"""The kind of fraud from words and graph: what is plain is named with reasons, what is not is withheld."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms.typology.classify import guess
from algorithms.typology.learned import PARAMETERS, pieces
from algorithms.typology.model import LABELS, Evidence
from algorithms.typology.rules import graph_reasons, normal, word_reasons, word_rules
from evaluation.fit_typology import ALL, fitted, reports
from loaders.town.lead_texts import ENDINGS, FAMILIES, OPENINGS
from usecases.typology import classify, titles

PLAIN = {
    "fake_police": ("自称公安局陈警官，说我涉嫌洗钱案，让我把钱转到安全账户核查", "The caller said he was a police officer and told me to move money to a safe account"),
    "game_trade": ("在游戏交易平台卖号，买家让我充值解冻，游戏账号没了", "I tried to sell my game account and the buyer's site wanted a deposit"),
    "impersonation": ("冒充老板加我微信，让财务群里转账，说是急用", "Someone wrote: hi mum, this is my new number, urgent transfer please"),
    "investment": ("老师带单炒股，投资平台显示收益很高，后来无法提现", "A crypto investment trading platform with guaranteed returns would not let me withdraw"),
    "loan": ("申请贷款，对方说银行卡号填错要交保证金才放款", "The lender approved the loan but wanted an upfront fee"),
    "malware": ("下载安装包后手机黑屏，被远程控制自动转账", "They had me install AnyDesk, then remote access emptied my account"),
    "phishing": ("收到短信ETC失效，点击链接输入银行卡和验证码后被盗刷", "A text message with a link to a fake website where I entered my card"),
    "romance": ("相亲网站认识的男朋友，网恋三个月，说在海外项目借钱", "I met her on a dating app, fell in love, sent gifts, never met"),
    "shopping": ("闲鱼上买手机，付款后卖家没有发货还把我拉黑", "I bought a bag on a marketplace, the seller never shipped"),
    "task_scam": ("兼职刷单做任务返佣，垫付本金后要连单", "A part-time job with paid tasks, each task paid commission"),
}  # fmt: skip


@pytest.mark.parametrize("label", LABELS)
def test_plain_texts_are_named_in_both_languages(label: str) -> None:
    for text in PLAIN[label]:
        found = classify(text)
        assert (found.label, found.abstained) == (label, False), (text, found.ranked[:3])
        assert found.reasons
        assert all(reason.source for reason in found.reasons)


@pytest.mark.parametrize(
    "text", ["", "  ", "你好", "明天下午三点开会", "Please call me back", "👍" * 50, "\u202e\u200b"]
)
def test_nothing_said_is_withheld(text: str) -> None:
    assert classify(text).abstained


def test_two_kinds_at_once_are_withheld() -> None:
    found = classify("先说贷款放款，又说兼职返佣")
    assert found.abstained
    assert {label for label, _ in found.ranked[:2]} == {"loan", "task_scam"}


def test_the_graph_decides_where_words_do_not() -> None:
    text = "对方让我转账，后来联系不上了"
    assert classify(text).abstained
    seen = Evidence(payments=1, amounts_minor=(30_000_000,), span_s=0, longest_call_s=5400)
    found = classify(text, seen)
    assert found.label == "fake_police"
    assert found.reasons[0].source == "graph"
    assert "rule" not in {reason.source for reason in found.reasons}


def test_unknown_evidence_says_nothing_and_zero_is_not_unknown() -> None:
    assert not any(graph_reasons(Evidence()).values())
    slow = Evidence(payments=6, span_s=30 * 86_400)
    assert not graph_reasons(slow)["romance"]
    assert graph_reasons(Evidence(payments=6, span_s=30 * 86_400, paybacks=0))["romance"]


def test_limits_in_yuan_do_not_judge_other_currencies() -> None:
    assert graph_reasons(Evidence(amounts_minor=(9_000_000,)))["fake_police"]
    assert not graph_reasons(Evidence(amounts_minor=(9_000_000,), currency="JPY"))["fake_police"]


def test_a_word_inside_a_longer_one_counts_once() -> None:
    found = {reason.says for reason in word_reasons("有人卖游戏账号")["game_trade"]}
    assert found == {"游戏账号"}


def test_disguised_writing_is_read() -> None:
    assert normal("刷\u200b单ＡＰＫ") == "刷单apk"
    assert classify("刷\u200b单，垫\u200d付本金").label == "task_scam"


def test_english_words_are_whole_words() -> None:
    assert not word_reasons("The escort was polite, encode this")["phishing"]


def test_rules_name_every_label_and_title() -> None:
    assert set(word_rules()) == set(LABELS) == set(titles())


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_text_gives_a_distribution(text: str) -> None:
    found = classify(text)
    assert 0 <= sum(share for _, share in found.ranked) <= 1 + 1e-9
    assert found.abstained or found.probability >= 0.5


def test_kept_parameters_score_as_the_fitted_model_does() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    texts, labels = reports((0, 1), 8, 3)
    counts = TfidfVectorizer(analyzer=lambda text: list(pieces(text)), min_df=3, sublinear_tf=True)
    model = LogisticRegression(C=4.0, max_iter=400).fit(counts.fit_transform(texts), [ALL.index(x) for x in labels])
    ours = fitted(texts, labels)
    for text in ("下载应用领任务，操作错了", "my bank page asked for the code", "", "完全没见过的话"):
        theirs = model.decision_function(counts.transform([text]))[0]
        got, _ = ours.log_odds(text)
        for place, label in enumerate(LABELS):
            assert got[label] == pytest.approx(theirs[place] - theirs[-1], abs=0.02)


def test_text_without_rule_words_is_read_by_the_text_model() -> None:
    text = "网上处的对象每天聊天很关心我，说被困要我帮忙"
    rules, both = guess(text, Evidence(), None), classify(text)
    assert dict(both.ranked)["romance"] > dict(rules.ranked)["romance"]
    assert any(reason.source == "text" for reason in both.reasons)


def test_the_text_model_is_text_and_names_every_label() -> None:
    kept = json.loads(PARAMETERS.read_text(encoding="utf-8"))
    assert tuple(kept["labels"]) == ALL == (*LABELS, "")
    assert all(len(row) == len(ALL) + 1 for row in kept["terms"].values())


def test_reports_of_no_fraud_are_withheld() -> None:
    texts, labels = reports((0, 1, 2, 3), 20, 9)
    assert all(classify(text).abstained for text, label in zip(texts, labels, strict=True) if not label)


def test_phrase_families_are_whole_and_shared_words_give_nothing_away() -> None:
    assert set(FAMILIES) == set(ALL)
    assert {len(families) for families in FAMILIES.values()} == {4}
    clauses = [clause for families in FAMILIES.values() for family in families for clause in family]
    assert len(clauses) == len(set(clauses))
    assert all(classify(phrase).abstained for phrase in OPENINGS + ENDINGS)
