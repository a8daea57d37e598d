"""No config, login or environment is too odd for the check: it ends with findings, never a crash."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import tomlkit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioner.knowledge.codex_config import codex_config_keys
from provisioner.validate.check_home import check_codex_home
from provisioner.validate.run import validate

KNOWN = codex_config_keys()
WORDS = st.sampled_from(
    ["", " ", "a", "openai", "gcp", "keyring", "https://a.example.com/v1", "http://[", "K", "a\nb"]
)
VALUES = st.recursive(
    st.one_of(WORDS, st.booleans(), st.integers(-2, 70000), st.floats(allow_nan=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(WORDS, inner, max_size=2)),
    max_leaves=4,
)
PROVIDER = st.dictionaries(st.sampled_from([*sorted(KNOWN.provider), "other"]), VALUES, max_size=5)
PROVIDERS = st.dictionaries(WORDS, st.one_of(PROVIDER, VALUES), max_size=3)
PROFILES = st.dictionaries(
    WORDS, st.dictionaries(st.sampled_from(sorted(KNOWN.profile)), VALUES, max_size=3), max_size=2
)
ANYTHING = st.dictionaries(st.sampled_from([*sorted(KNOWN.root), "other"]), VALUES, max_size=5)
TELLING = st.fixed_dictionaries(
    {},
    optional={
        "model_provider": st.one_of(WORDS, VALUES),
        "model_providers": st.one_of(PROVIDERS, PROVIDERS, VALUES),
        "profiles": st.one_of(PROFILES, VALUES),
        "profile": st.one_of(WORDS, VALUES),
    },
)
CONFIG = st.builds(lambda anything, telling: {**anything, **telling}, ANYTHING, TELLING)
VERSIONS = st.sampled_from(["0.1.0", "0.122.0", "0.133.0", "0.134.0", "0.148.0", "0.169.0", "9.0"])
LOGIN = st.dictionaries(
    st.sampled_from(["auth_mode", "OPENAI_API_KEY", "tokens", "last_refresh"]), VALUES
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    config=CONFIG,
    profile_file=CONFIG,
    login=LOGIN,
    version=VERSIONS,
    profile=st.one_of(st.none(), WORDS),
    environment=st.dictionaries(
        st.sampled_from(["K", "a", "OPENAI_BASE_URL", "OPENAI_API_KEY", "CODEX_API_KEY"]), WORDS
    ),
)
def test_every_home_has_a_verdict(
    *,
    config: dict[str, Any],
    profile_file: dict[str, Any],
    login: dict[str, Any],
    version: str,
    profile: str | None,
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    (tmp_path / "config.toml").write_text(tomlkit.dumps(config), encoding="utf-8")
    (tmp_path / "a.config.toml").write_text(tomlkit.dumps(profile_file), encoding="utf-8")
    (tmp_path / "auth.json").write_text(json.dumps(login), encoding="utf-8")
    result = check_codex_home(
        tmp_path, codex_version=version, profile=profile, environment=environment
    )

    assert result.outcome.sentence
    assert "\n" not in result.outcome.sentence
    assert (result.outcome.as_data() is None) is (result.outcome.sends is None)
    assert validate([tmp_path / "config.toml"], codex_version=version).files
