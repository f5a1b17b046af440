"""What people are told when something does not fit has Chinese words; scripts and English readers get it as it was."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import BadInput
from core.message import Said, say
from webui.catalogue import read_words
from webui.words import ERRORS, sentence

ROOT = Path(__file__).parents[2]
ROOMS = ("usecases", "webui/pages", "cases", "outbox", "scoring", "security")
#: Errors of these classes that name no code of their own are told by their class's code.
TOLD = {"BadInput", "Conflict", "FileRefused"}
#: Files whose errors only machines meet: banks' messages, transfers in flight, the operator's own files and secrets.
MACHINES = {
    "scoring/transfer.py", "scoring/pacs008.py", "scoring/intake.py", "cases/answers.py", "cases/bank_book.py", "cases/bank_files.py",
    "cases/rewards.py", "outbox/receiving.py", "outbox/signing.py", "outbox/queue.py", "usecases/fingerprint.py", "usecases/flight.py",
    "usecases/delivery_handlers.py",
}  # fmt: skip


def details() -> Iterator[tuple[str, str]]:
    """(file, text or template) of every error with a fixed text that people may meet."""
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        name = str(path.relative_to(ROOT))
        if name in MACHINES:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TOLD and node.args:
                codes = [part.value for part in node.keywords if part.arg == "code"]
                if any(isinstance(code, ast.Constant) and code.value in ERRORS for code in codes):
                    continue
                text = node.args[0]
                if isinstance(text, ast.Call) and isinstance(text.func, ast.Name) and text.func.id == "say":
                    text = text.args[0]
                if isinstance(text, ast.Constant):
                    yield name, str(text.value)


def test_fixed_details_have_chinese_words_but_for_a_few_that_may_wait() -> None:
    known = {message.id for message in read_words() if message.string}
    found = list(details())
    lacking = [(name, text) for name, text in found if text not in known]
    assert len(found) > 100 and len(lacking) <= 10, lacking


@pytest.mark.parametrize(
    ("error", "chinese"),
    [
        (BadInput("a note has 1 to 4,000 characters"), "记录须有 1 至 4,000 字"),
        (BadInput(say("a key is good for 1 to {most} days", most=366)), "密钥有效期为 1 至 366 天"),
        (BadInput("nobody has words for this {x}"), "nobody has words for this {x}"),
        (BadInput(""), ""),
    ],
)
def test_a_detail_is_told_in_the_readers_language(app, error, chinese) -> None:
    with app.test_request_context(headers={"Accept-Language": "zh"}):
        assert sentence(error.code, str(error)) == chinese
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert sentence(error.code, str(error)) == error.args[0]


def test_an_errors_text_keeps_its_template() -> None:
    assert isinstance(str(BadInput(say("{n} files", n=2))), Said) and str(BadInput("plain")) == "plain"


def test_a_form_that_does_not_fit_is_told_in_chinese_and_by_api_in_english(client_as) -> None:
    officer, chinese = client_as("investigator"), {"Accept-Language": "zh"}
    page = officer.post("/leads", data={"source": "staff", "text": "y", "amount": "1.005"}, headers=chinese)
    assert page.status_code == 422 and "金额以元为单位，至多两位小数" in page.text
    told = officer.post("/api/v1/leads", json={"source": "staff", "text": "x" * 30_000}, headers=chinese)
    assert told.status_code == 422 and told.json["detail"].isascii()
