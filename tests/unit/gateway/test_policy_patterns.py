"""Patterns of keys: those that could take long are not taken, and kept ones refuse everything."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from provisioner.gateway.policy.key_policy import KeyPolicy, PatternSet
from provisioner.gateway.policy.patterns import checked_pattern, is_found

NESTED = "may take too long: a part that repeats may hold none"
MANY = "may take too long, as too many of its parts vary in length"
NOT_RE2 = "has a lookaround, a backreference or the like"


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("^(a+)+$", NESTED),
        ("^(a*?b?)*$", NESTED),
        ("(a|aa)+$", NESTED),
        ("(?i)(ab|Ab)*c", NESTED),
        ("(a?){30}b", NESTED),
        ("(a{1,50}){1,50}b", NESTED),
        ("a*a*a*b", MANY),
        ("^.*a.*a.*a$", MANY),
        (".*.*x", MANY),
        ("a?" * 40 + "b", MANY),
        ("(a{0,9}){9}b", MANY),
        # With that flag ^ is found at every line.
        ("(?m)^.*.*x", MANY),
        (r"(a)\1", NOT_RE2),
        ("(?=a)b", NOT_RE2),
        ("(?<!a)b", NOT_RE2),
        ("(?!)", NOT_RE2),
        ("(a)?(?(1)b|c)", NOT_RE2),
        ("(?>a*)b", NOT_RE2),
        ("a*+b", NOT_RE2),
        ("(", "is not a regular expression: missing )"),
        ("a{99999999999}", "is not a regular expression: "),
    ],
)
def test_a_pattern_that_is_not_taken(pattern: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f'"{pattern}" {said}')):
        checked_pattern(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "^shell$",
        ".*evil.*",
        r"^https?://.*\.evil\..*$",
        r"^https://([a-z0-9-]+\.)?example\.com(:[0-9]+)?/",
        r"^https?://(10\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost)(:\d+)?/",
        "^(docs|files|mail)$",
        r"(?i)^gpt-[0-9]+(\.[0-9]+)?(-mini)?$",
        "^(ab|cd)*$",
        r"\bshell\b",
        r"\A[a-z]{1,64}\Z",
    ],
)
def test_a_pattern_that_is_taken(pattern: str) -> None:
    assert checked_pattern(pattern) == pattern


@given(st.text("ab.*+?|(){}1,^$\\", max_size=12))
def test_what_may_be_searched_for_is_found_as_python_finds_it(text: str) -> None:
    found = is_found(text, "ab")

    if found is None:
        with pytest.raises(ValueError, match=re.escape(f'"{text}" ')):
            checked_pattern(text)
    else:
        assert found is (re.search(text, "ab") is not None)


def test_a_kept_pattern_that_is_not_taken_any_more_refuses_everything() -> None:
    kept = KeyPolicy.kept('{"policy_rules": {"tools": {"deny": ["^(a+)+$"]}}}')

    assert kept.policy_rules.tools.refusal(("harmless",)) == "harmless"
    assert kept.policy_rules.urls.refusal(("harmless",)) is None
    # Whoever changes the key is told of it.
    with pytest.raises(ValidationError, match="may take too long"):
        KeyPolicy.model_validate(kept.model_dump(mode="json"))
    allowing = KeyPolicy.kept(json.dumps({"policy_rules": {"mcp": {"allow": ["(?=a)a", "^b$"]}}}))
    assert allowing.policy_rules.mcp.refuses("a")
    assert not allowing.policy_rules.mcp.refuses("b")


def test_nothing_is_searched_for_in_a_name_of_any_length() -> None:
    assert PatternSet(allow=("n",)).refuses("n" * 2_049)
    assert not PatternSet(allow=("n",)).refuses("n" * 2_048)
    assert not PatternSet().refuses("n" * 2_049)
