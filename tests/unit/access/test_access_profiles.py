"""Profiles: the narrowest that fits, completed by what it is based on."""

from __future__ import annotations

import pytest

from provisioner.access.auth_mode import AuthMode
from provisioner.access.profile import Context, Profile, ProfileError, Scope, profile_for

PROFILES = (
    Profile("main", model_id="m-default", effort="low", service_tier="auto"),
    Profile("main", Scope.SYSTEM_WORKTYPE, "review", model_id="m-review"),
    Profile("main", Scope.ORGANIZATION, based_on="main", effort="medium"),
    Profile("main", Scope.PROJECT, "web", based_on="main", context_window=9),
    Profile("main", Scope.NODE, "n1", based_on="base", model_id="m-node"),
    Profile("base", auth_modes=(AuthMode.LOCAL,), provider="codex"),
    Profile("a", based_on="b"),
    Profile("b", based_on="a"),
    Profile("orphan", based_on="nobody"),
    Profile("top", based_on="top"),
    Profile("for-web", Scope.PROJECT, "web"),
)


@pytest.mark.parametrize(
    ("context", "model", "effort", "window", "scopes"),
    [
        (Context(), "m-default", "medium", None, ["organization", "system-default"]),
        (
            Context(project="web"),
            "m-default",
            "medium",
            9,
            ["project", "organization", "system-default"],
        ),
        (Context(project="app"), "m-default", "medium", None, ["organization", "system-default"]),
        (
            Context(worktype="review"),
            "m-review",
            "medium",
            None,
            ["organization", "system-worktype"],
        ),
        (Context("n1", "web", "review"), "m-node", None, None, ["node", "system-default"]),
    ],
)
def test_the_narrowest_is_taken_and_completed(
    context: Context, model: str, effort: str | None, window: int | None, scopes: list[str]
) -> None:
    found, chain = profile_for(PROFILES, "main", context)

    assert (found.model_id, found.effort, found.context_window) == (model, effort, window)
    assert [item.scope for item in chain] == scopes


def test_what_is_inherited_is_everything_but_the_name_and_the_scope() -> None:
    found, _ = profile_for(PROFILES, "main", Context(node="n1"))

    assert found == Profile("main", Scope.NODE, "n1", "base", "codex", "m-node", (AuthMode.LOCAL,))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "a",
            "profiles are based on each other: a (system-default) -> b (system-default) -> a (system-default)",
        ),
        (
            "orphan",
            'no profile "nobody", which profile "orphan (system-default)" is based on, fits; there are: main, base, a, b, orphan, top, for-web',
        ),
        ("nowhere", 'no profile "nowhere" fits; there are: main, base, a, b, orphan, top, for-web'),
        (
            "top",
            'no profile "top", which profile "top (system-default)" is based on, fits; it is for another node, project or kind of work, or for none that is wider',
        ),
        (
            "for-web",
            'no profile "for-web" fits; it is for another node, project or kind of work, or for none that is wider',
        ),
    ],
)
def test_a_profile_that_is_not_there_or_goes_in_a_circle_says_so(name: str, words: str) -> None:
    with pytest.raises(ProfileError) as error:
        profile_for(PROFILES, name, Context())

    assert str(error.value) == words
