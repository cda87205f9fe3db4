"""Filters of runs and tags: words, expressions, comparisons, and how they are joined."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.model.log_filter import FilterError, Subject, parse

RUN = Subject(
    "mnist/Adam-17", ("train/loss", "val/acc"), {"lr": 0.001, "opt": "AdamW", "big": True, "k": "3", "val/acc": 0.98}
)


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("", True), ("mnist", True), ("MNIST adam", True), ("mnist sgd", False), ("mnist AND adam", True),
        ("sgd OR adam", True), ("sgd OR rms", False), ("NOT sgd", True), ("NOT adam", False), ("mnist NOT adam", False),
        ("mnist AND NOT (sgd OR rms)", True), ("sgd OR mnist adam", True), ("(sgd OR mnist) rms", False),
        ("/adam-\\d+$/", True), ("/^adam/", False), ("run:/17$/", True), ('"Adam-17"', True), ('"mnist adam"', False),
        ("tag:loss", True), ("tag:lr", False), ("tag:/^val/", True), ("NOT tag:/^test/", True),
        ("lr<0.01", True), ("lr<0.001", False), ("lr<=0.001", True), ("lr > 1e-4", True), ("lr>=1", False),
        ("lr=1e-3", True), ("lr!=0.001", False), ("lr=0.0010000000475", True), ("k=3.0", True), ("k>2", True),
        ("opt=adamw", True), ("opt!=sgd", True), ("opt~/^adam/", True), ("opt~w", True), ("opt<3", False),
        ("big=on", True), ("big=true", True), ("big=off", False), ("val/acc>0.95", True), ("val/acc>0.99", False),
        ("none<1", False), ("NOT none<1", True), ("none!=1", False), ('"val/acc">0.5', True),
    ],
)  # fmt: skip
def test_a_run_passes_what_it_fits(text: str, passes: bool) -> None:
    assert parse(text).passes(RUN) is passes


@pytest.mark.parametrize(
    "text",
    ["(", ")", "a OR", "OR a", "AND", "NOT", "lr<", "<3", "lr<x", "(a", "a)", "/(/", "/a", '"a', "tag:", "a=(b)", "!",
     "((" * 100, "a" * 2000],
)  # fmt: skip
def test_what_cannot_be_read_is_reported_in_a_line(text: str) -> None:
    with pytest.raises(FilterError) as refused:
        parse(text)
    assert str(refused.value) and "\n" not in str(refused.value)


@given(st.text(alphabet='ab/"()<>=!~ ANDORT:tagrun\\*[1', max_size=30))
def test_any_text_is_a_filter_or_refused(text: str) -> None:
    try:
        found = parse(text)
    except FilterError:
        return
    assert found.passes(RUN) in (True, False)


def test_only_a_filter_of_tags_or_values_needs_the_log() -> None:
    assert [parse(text).needs_log for text in ("a OR /b/", "run:a", "tag:a", "a lr<1")] == [False, False, True, True]
