"""Sentences that can be said again in another language: same English text, stored and read back, nothing foreign run."""

import copy
import json
import pickle

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.message import Amount, Said, Span, as_text, pack, render, say, unpack

CHINESE = {
    "{n:,} accounts of {who} took {money} within {time}": "{who}有{n:,}个账户在{time}内收取{money}",
    "{n:.0f} min": "{n:.0f} 分钟",
    "cash": "现金",
    ", ": "、",
    "{role} ({share:.0%})": "{role}（{share:.0%}）",
    "as {roles}": "角色：{roles}",
}


def chinese(text: str) -> str:
    return CHINESE.get(text, text)


def sentence() -> Said:
    return say(
        "{n:,} accounts of {who} took {money} within {time}",
        n=1200,
        who="a{b}",
        money=Amount(1_234_500, "CNY"),
        time=Span(720),
    )


def test_it_is_the_english_text() -> None:
    assert sentence() == "1,200 accounts of a{b} took 12,345.00 CNY within 12 min"
    assert json.dumps(sentence()) == '"1,200 accounts of a{b} took 12,345.00 CNY within 12 min"'


def test_it_is_said_in_another_language() -> None:
    assert render(sentence(), chinese) == "a{b}有1,200个账户在12 分钟内收取12,345.00 CNY"


def test_plain_text_is_data_and_stays() -> None:
    assert render("cash", chinese) == "cash"
    assert render(say("as {roles}", roles="cash"), chinese) == "角色：cash"


def test_sentences_stand_in_sentences_and_lists() -> None:
    roles = [say("{role} ({share:.0%})", role=say("cash"), share=0.25), "x"]
    said = say("as {roles}", roles=roles)
    assert said == "as cash (25%), x"
    assert render(said, chinese) == "角色：现金（25%）、x"


@pytest.mark.parametrize(
    ("seconds", "text"), [(45, "45 s"), (119, "119 s"), (720, "12 min"), (7_200, "2 h"), (10_368_000, "120 days")]
)
def test_spans(seconds: float, text: str) -> None:
    assert str(Span(seconds)) == text


def test_copies_and_pickles_keep_it() -> None:
    for again in (copy.deepcopy(sentence()), pickle.loads(pickle.dumps(sentence()))):
        assert render(again, chinese) == render(sentence(), chinese)


def test_stored_and_read_again() -> None:
    texts = (sentence(), "plain", say("as {roles}", roles=[say("cash"), 3, 0.5]))
    again = unpack(pack(texts), [str(text) for text in texts])
    assert again == texts
    assert [render(text, chinese) for text in again] == [render(text, chinese) for text in texts]


@pytest.mark.parametrize(
    "stored",
    [
        None, "", "not json", "{}", "[1, 2]", "[]", '[{"say":"a","of":{}}, "b"]', '[{"say":"{x.__class__}","of":{"x":1}}]', '[{"say":"{x:999999999}","of":{"x":1}}]',
        '[{"say":"{x!r}","of":{"x":1}}]', '[{"say":"{0}","of":{}}]', '[{"say":"{x}","of":[]}]', '[{"say":1,"of":{}}]', '[{"say":"{","of":{}}]', "[" * 100_000,
        '[{"say":"{x:.2f}","of":{"x":"word"}}]', '[{"say":"another sentence","of":{}}]', '[{"span":"x"}]', '[{"amount":1}]', '[null]',
    ],
)  # fmt: skip
def test_what_does_not_fit_its_text_leaves_the_text(stored: str | None) -> None:
    (text,) = unpack(stored, ["the text"])
    assert text == "the text" and not isinstance(text, Said)


def test_a_field_takes_plain_number_formats_only() -> None:
    for template in ("{x.real}", "{x[0]}", "{x!r}", "{x:>40}", "{}", "{x:{y}}"):
        with pytest.raises((ValueError, KeyError)):
            say(template, x=1, y=2)


VALUES = st.recursive(
    st.text()
    | st.integers()
    | st.floats()
    | st.builds(Amount, st.integers(-(10**18), 10**18), st.sampled_from(["CNY", "JPY", "BTC"]))
    | st.builds(Span, st.floats(0, 1e9)),
    lambda inner: st.lists(inner, max_size=3) | st.builds(lambda value: say("of {value}", value=value), inner),
    max_leaves=6,
)


@given(st.lists(st.builds(lambda value: say("x {value} y", value=value), VALUES) | st.text(), max_size=4))
def test_anything_comes_back_as_it_was(texts: list[str]) -> None:
    again = unpack(pack(texts), texts)
    assert [render(text, chinese) for text in again] == [render(text, chinese) for text in texts]


def test_numpy_numbers_are_numbers() -> None:
    said = say("{n:,} of {share:.0%}", n=np.int64(1200), share=np.float64(0.25))
    assert said == "1,200 of 25%"
    assert unpack(pack([said]), [said])[0].values == {"n": 1200, "share": 0.25}  # type: ignore[attr-defined]
    assert pack([say("{n}", n=np.float32(0.5)), say("{n}", n=np.int8(3))]) == (
        '[{"say":"{n}","of":{"n":0.5}},{"say":"{n}","of":{"n":3}}]'
    )


def test_an_encoder_of_exact_strings_gets_the_english() -> None:
    encoder = msgspec.json.Encoder(enc_hook=as_text)
    assert json.loads(encoder.encode({"detail": sentence(), "more": [sentence()]})) == {
        "detail": str(sentence()),
        "more": [str(sentence())],
    }
    with pytest.raises(NotImplementedError):
        as_text(object())
