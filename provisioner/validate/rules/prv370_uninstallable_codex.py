"""PRV370."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.finding import Confidence, Finding, Severity
from provisioner.knowledge.codex import newest_codex
from provisioner.knowledge.codex_module import codex_module
from provisioner.knowledge.models import known_models
from provisioner.knowledge.module_facts import InstallLimit
from provisioner.knowledge.version import Version
from provisioner.validate.module_call import ModuleCall
from provisioner.validate.rule import Rule, rule
from provisioner.validate.workspace import Workspace

__all__ = ["uninstallable_codex"]

_FLOATING = ("", "latest")


@rule("PRV370", "uninstallable-codex", Severity.ERROR)
def uninstallable_codex(this: Rule, workspace: Workspace) -> Iterator[Finding]:
    """A Codex version that the release of the Codex module cannot install.

    What it does:
        Reports a `codex_version` that the installer of the selected release does not take: from
        5.4.0 on only `latest` and a whole version such as `0.169.0`, no range and no `0.169`.
        Reports releases from 5.1.1 to before 5.4.0 that install Codex 0.147 or newer, unless the
        config names a model that does without code mode.

    Why:
        The script of the module ends in an error and the workspace has no Codex. Releases 5.1.1
        to 5.3 install a lone binary: Codex lacks `codex-code-mode-host`, says that code mode will
        fail closed, and the newer models can run no command.

    Use instead:
        `codex_version = "0.169.0"` and `version = "~> 5.4"`.
    """
    for call in workspace.codex_modules:
        release = call.codex_release
        installs = workspace.evaluator.value(call.block.value("install_codex")).known
        if release is None or str(installs).lower() == "false":
            continue
        argument = call.block.attributes.get("codex_version")
        value = workspace.evaluator.value(argument.expression if argument else None)
        form = codex_module().version_form(release)
        wanted = value.text
        if argument and form and wanted is not None and not form.takes(wanted):
            yield this.finding(
                argument.path,
                argument.expression.span,
                f'the installer of the Codex module {release} does not take the version "{wanted}"',
                help=f'write a whole version, such as "{newest_codex()}"',
                confidence=value.confidence,
            )
        elif (argument is None or wanted is not None) and (limit := _limit(call, wanted)):
            place = argument.expression if argument else call.block.value("version")
            codex = "the newest Codex" if wanted in (None, *_FLOATING) else f"Codex {wanted}"
            yield this.finding(
                call.block.path,
                place.span if place else call.block.header_span,
                f"the Codex module {release} installs {codex} without codex-code-mode-host: "
                "models that need code mode can run no command",
                help=f'require version = "{limit.constraint_after}", or install Codex older than '
                f"{limit.codex_below}",
                confidence=_confidence(call),
            )


def _limit(call: ModuleCall, wanted: str | None) -> InstallLimit | None:
    try:
        codex = newest_codex() if wanted in (None, *_FLOATING) else Version.parse(str(wanted))
    except ValueError:
        return None
    limit = codex_module().install_limit(call.codex_release, codex) if call.codex_release else None
    model = call.codex_config.text("model")
    if limit is None or model is None:
        return limit
    known = known_models(codex).get(str(model.value))
    # For a model that it does not know, Codex does without code mode.
    return limit if known and known.code_mode_only else None


def _confidence(call: ModuleCall) -> Confidence:
    is_sure = call.codex_config.text("model") or call.codex_config.is_known
    return Confidence.HIGH if is_sure else Confidence.MEDIUM
