"""Outcome → checks: what must be true of a run for its flow to count as proven."""

from __future__ import annotations

import re
from collections.abc import Iterator

from provisioner.knowledge.codex import CodexRelease
from provisioner.prove.model import Check, GatewaySaw
from provisioner.prove.outcome import Outcome

__all__ = ["codex_checks", "gateway_checks"]

# The words of the warning, and those of `--strict-config` where there is no warning yet.
_IGNORED_SETTING = re.compile(
    r"ignoring \d+ unrecognized configuration|unknown configuration field"
)
_WARNING_LINES = slice(2)
_TURNS = 2


def codex_checks(outcome: Outcome, codex: CodexRelease) -> Iterator[Check]:
    """Yield the checks that only the real Codex can pass, as far as `codex` lets one see."""
    run, scenario = outcome.run, outcome.scenario
    written = run.file_written == scenario.word
    yield Check.of("the tool call wrote the file", written, f"it holds {run.file_written!r}")
    if codex.has("unknown_key_warning") or codex.has("strict_config_flag"):
        ignored = _IGNORED_SETTING.search(run.log)
        said = _lines(outcome, run.log[ignored.start() :], _WARNING_LINES) if ignored else ""
        yield Check.of("Codex ignores no setting", ignored is None, said)


def gateway_checks(outcome: Outcome) -> Iterator[Check]:
    """Yield the checks of what the client printed and the gateway recorded."""
    run, scenario, secrets = outcome.run, outcome.scenario, outcome.credentials.all_secrets
    ended = "the deadline ended it" if run.exit_code is None else f"exit code {run.exit_code}"
    yield Check.of("the client ends well", run.exit_code == 0, f"{ended}: {_tail(outcome)}")
    answered = scenario.answer in run.answer
    yield Check.of("the answer is printed", answered, f"got {outcome.redacted(run.answer[:80])!r}")
    shown = [secret.hint for secret in secrets if secret.reveal() in run.answer + run.log]
    yield Check.of("no secret is printed", not shown, f"shown: {', '.join(shown)}")
    saw = outcome.gateway_saw
    recorded = saw is not None and saw.interceptions == _TURNS
    yield Check.of("both turns are recorded", recorded, f"{len(outcome.records)} interceptions")
    if saw is not None:
        yield from _record_checks(outcome, saw)


def _record_checks(outcome: Outcome, saw: GatewaySaw) -> Iterator[Check]:
    flow, personal = outcome.plan.flow, outcome.credentials.personal
    expected = (flow.name, flow.gateway_provider, flow.credential_kind)
    seen = (saw.flow, saw.provider, saw.credential_kind)
    yield Check.of("the gateway saw the flow", seen == expected, f"{seen}, not {expected}")
    model = _planned_model(outcome)
    if model:
        yield Check.of("the planned model was asked for", saw.model == model, f"{saw.model}")
    counted = saw.input_tokens > 0 and saw.output_tokens > 0
    yield Check.of("tokens are recorded", counted, f"{saw.input_tokens} + {saw.output_tokens}")
    called = saw.tools == ("exec_command",)
    yield Check.of("the tool call is recorded", called, f"tools {saw.tools}")
    if personal:
        arrived = saw.credential_hint == personal.hint
        detail = f"hint {saw.credential_hint}, not {personal.hint}"
        yield Check.of("the user's own credential arrived", arrived, detail)


def _planned_model(outcome: Outcome) -> str:
    """Return the model the plan pins, in the selected profile or at the root; empty for none."""
    codex, selected = outcome.plan.codex, outcome.scenario.profile
    settings = {setting.key: setting.value for setting in codex.settings}
    for profile in codex.profiles:
        if profile.name == selected:
            settings |= {setting.key: setting.value for setting in profile.settings}
    return str(settings.get("model", ""))


def _tail(outcome: Outcome) -> str:
    """The last lines of the client's log, where it says what went wrong."""
    return _lines(outcome, outcome.run.log, slice(-6, None))


def _lines(outcome: Outcome, text: str, which: slice) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return outcome.redacted(" | ".join(dict.fromkeys(lines[which])))
