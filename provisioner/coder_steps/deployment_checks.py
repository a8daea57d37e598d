"""What a deployment supports, and the plan of a spec → checks, with what to do."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.coder_api.login import is_deployment
from provisioner.coder_steps.deployment_facts import CHATGPT, DeploymentFacts, Found
from provisioner.doctor.model import Check, failed, ok, skipped, warning
from provisioner.knowledge.coder import coder_gateway
from provisioner.plan.model import EnvSource, Plan

__all__ = ["deployment_checks", "spec_checks"]

_ALLOW_BYOK = "an administrator sets CODER_AI_GATEWAY_ALLOW_BYOK=true"
_ADD_CHATGPT = (
    f'an administrator adds a provider of type openai, named "{CHATGPT}", with the base URL '
    "https://chatgpt.com/backend-api/codex and no key"
)
_CODER_KIND = "coder"


def deployment_checks(facts: DeploymentFacts) -> Iterator[Check]:
    """Say what there is, whatever it is for."""
    known = coder_gateway()
    oldest = known.oldest_with_gateway
    if facts.version is None:
        yield warning("version", f"{facts.version_text}, which is no release", "use a release")
    elif facts.version < oldest:
        yield failed("version", facts.version_text, f"upgrade Coder to {oldest} or newer")
    else:
        yield ok("version", facts.version_text)
    yield ok("login", facts.user)
    yield _as_check("licence", facts.entitled, "take AI Gateway into the licence", is_needed=False)
    if facts.paths:
        yield ok("AI gateway", f"answers at {', '.join(facts.paths)}")
    else:
        yield failed(
            "AI gateway", facts.gateway.seen, "an administrator turns AI Gateway on, or licenses it"
        )
    yield _as_check("BYOK", facts.byok, _ALLOW_BYOK, is_needed=False)
    if facts.providers is None:
        yield skipped("providers", "only an administrator may see them all")
    else:
        yield ok("providers", ", ".join(facts.providers) or "none")
    yield _as_check("ChatGPT provider", facts.chatgpt, _ADD_CHATGPT, is_needed=False)


def spec_checks(facts: DeploymentFacts, plan: Plan, target: str) -> Iterator[Check]:
    """Say whether the plan works there; `target` is the version that the spec names, or nothing."""
    if plan.gateway_kind.name != _CODER_KIND:
        yield skipped("spec", f'its gateway is of the kind "{plan.gateway_kind.name}", not Coder')
        return
    if plan.gateway_url and not is_deployment(plan.gateway_url, facts.url):
        yield failed(
            "spec: gateway",
            f"is {plan.gateway_url}, and this is {facts.url}",
            f"provisioner coder check SPEC --url {plan.gateway_url}, or another gateway.url",
        )
    yield _target_check(facts, target)
    path = plan.codex.provider.base_path
    if not facts.paths:
        yield failed("spec: path", f"{path} does not answer", "see AI gateway above")
    elif not any(path.startswith(f"{served}/") for served in facts.paths):
        yield failed("spec: path", f"{path} does not answer", "render the template again")
    else:
        yield ok("spec: path", path)
    sends_own_credential = bool(plan.codex.provider.env_http_headers)
    if sends_own_credential:
        yield _as_check(f"spec: flow {plan.flow.name}", facts.byok, _ALLOW_BYOK)
    else:
        yield ok(f"spec: flow {plan.flow.name}", "needs nothing that could be off")
    name = path.removesuffix("/v1").rpartition("/")[2]
    if name == CHATGPT:
        yield _as_check(f"spec: provider {name}", facts.chatgpt, _ADD_CHATGPT)
    elif facts.providers is None:
        yield skipped(f"spec: provider {name}", "only an administrator may see it")
    elif name in facts.providers:
        yield ok(f"spec: provider {name}", "is there")
    else:
        fix = f'an administrator adds a provider of type openai, named "{name}"'
        yield failed(f"spec: provider {name}", "is not there", fix)
    yield from _secret_check(facts, plan)


def _target_check(facts: DeploymentFacts, target: str) -> Check:
    if not target:
        return warning(
            "spec: target", "names no Coder version", "provisioner coder check SPEC --write"
        )
    if target == facts.version_text or (facts.version and target == str(facts.version)):
        return ok("spec: target", target)
    return warning(
        "spec: target",
        f"is Coder {target}, and this is {facts.version_text}",
        "provisioner coder check SPEC --write",
    )


def _secret_check(facts: DeploymentFacts, plan: Plan) -> Iterator[Check]:
    since = coder_gateway().user_secrets_since
    if not any(variable.source is EnvSource.USER for variable in plan.env):
        return
    if facts.version is None or facts.version >= since:
        yield ok("spec: user secrets", f"Coder has them since {since}")
    else:
        yield warning(
            "spec: user secrets",
            f"come with Coder {since}",
            "until then users export the variable in their workspace",
        )


def _as_check(name: str, found: Found, fix: str, *, is_needed: bool = True) -> Check:
    """A missing thing that nobody asked for is only worth knowing."""
    if found.is_so is None:
        return skipped(name, found.seen)
    if found.is_so:
        return ok(name, found.seen)
    return failed(name, found.seen, fix) if is_needed else warning(name, found.seen, fix)
