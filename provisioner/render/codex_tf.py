"""Plan → the blocks of codex.tf: everything in a template that the spec decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provisioner.errors import InputError
from provisioner.plan.model import EnvSource, Parameter, Plan, Preset
from provisioner.render.hcl_text import arguments, block, object_key, quoted
from provisioner.render.launcher import TASK_PROMPT, launcher
from provisioner.render.module_block import module_block

__all__ = ["agent_label", "coder_environment", "codex_blocks", "stores_session_token"]

_SESSION_TOKEN = "data.coder_workspace_owner.me.session_token"  # noqa: S105 - an expression
_FIRST_PARAMETER = 20


def codex_blocks(plan: Plan, agents: Sequence[str]) -> list[str]:
    """Return the blocks, for Codex in each of the agents, in the order in which they are read.

    Raises `InputError` for several agents where the module can serve one.
    """
    if plan.module.own_app and len(agents) > 1:
        raise InputError(
            f'template "{plan.template.name}" gives Codex to {" and ".join(agents)}, and the Codex '
            f'module "{plan.module.version}" makes an app "{plan.module.own_app}" for each, which '
            f'Coder takes once; name one in template.agents, or use target.codex_module = "~> 5.0"'
        )
    blocks = [*_parameters(plan), *_presets(plan), *_secrets(plan)]
    if plan.template.has_ai_task:
        blocks.append('data "coder_task" "me" {}')
    for agent in agents:
        label = agent_label("codex", agent, agents)
        agent_id = f"coder_agent.{agent}.id"
        blocks.append(module_block(plan, label, agent_id))
        blocks += _coder_envs(plan, agent, agents)
        if plan.template.has_launcher and not plan.credential.exec_only:
            begins_task = plan.template.has_ai_task and agent == agents[0]
            blocks.append(launcher(plan, label, agent_id, begins_task=begins_task))
    if plan.template.has_ai_task:
        app = f"coder_app.{agent_label('codex', agents[0], agents)}.id"
        blocks.append(block('resource "coder_ai_task" "codex"', [("app_id", app)]))
    return blocks


def agent_label(name: str, agent: str, agents: Sequence[str]) -> str:
    """Return the name of a block of one agent; the first agent has the plain one."""
    return name if agent == agents[0] else f"{name}_{agent}"


def _parameters(plan: Plan) -> Iterator[str]:
    parameters = [setting.parameter for setting in plan.codex.settings if setting.parameter]
    for order, parameter in enumerate(parameters, start=_FIRST_PARAMETER):
        yield _parameter(parameter, order)


def _parameter(parameter: Parameter, order: int) -> str:
    rows = [
        ("name", quoted(parameter.name)),
        ("display_name", quoted(parameter.display_name)),
        ("description", quoted(parameter.description)),
        ("type", quoted("string")),
        ("form_type", quoted("dropdown")),
        ("default", quoted(parameter.default)),
        ("mutable", "true"),
        ("order", str(order)),
    ]
    options = [
        f"  option {{\n    name  = {quoted(option)}\n    value = {quoted(option)}\n  }}"
        for option in parameter.options
    ]
    return block(f'data "coder_parameter" "{parameter.name}"', rows, *options)


def _presets(plan: Plan) -> Iterator[str]:
    for preset in plan.template.presets:
        yield _preset(preset)


def _preset(preset: Preset) -> str:
    rows = [("name", quoted(preset.name))]
    if preset.description:
        rows.append(("description", quoted(preset.description)))
    if preset.is_default:
        rows.append(("default", "true"))
    values = [(object_key(name), quoted(value)) for name, value in preset.values.items()]
    given = f"  parameters = {{\n{arguments(values, indent=4)}\n  }}" if values else ""
    return block(f'data "coder_workspace_preset" "codex_{preset.name}"', rows, given)


def _secrets(plan: Plan) -> Iterator[str]:
    for variable in plan.env if plan.template.requires_secret else ():
        if variable.source is EnvSource.USER:
            rows = [("env", quoted(variable.name)), ("help_message", quoted(variable.help))]
            yield block(f'data "coder_secret" "{variable.name.lower()}"', rows)


def _coder_envs(plan: Plan, agent: str, agents: Sequence[str]) -> Iterator[str]:
    for name, value, comment in coder_environment(plan):
        label = agent_label(name.lower(), agent, agents)
        rows = [("agent_id", f"coder_agent.{agent}.id"), ("name", quoted(name)), ("value", value)]
        yield block(f'resource "coder_env" "{label}"', rows, comment=comment)


def coder_environment(plan: Plan) -> Iterator[tuple[str, str, str]]:
    """Yield the variables of the agent: the name, the source of the value, and why it is there."""
    header = plan.gateway_kind.token_header
    for variable in plan.env:
        if variable.source is EnvSource.GATEWAY_TOKEN:
            comment = f"Codex sends {variable.name} in the header {header}."
            yield variable.name, _SESSION_TOKEN, comment
    if stores_session_token(plan):
        comment = f"The module stores {plan.login_variable} with `codex login` at each start."
        yield plan.login_variable, _SESSION_TOKEN, comment
    if plan.template.has_ai_task:
        yield TASK_PROMPT, "data.coder_task.me.prompt", "The app gives Codex this to begin with."


def stores_session_token(plan: Plan) -> bool:
    """Say whether the bearer that Codex stores is the owner's session token."""
    is_token = plan.gateway_kind.is_in_coder and not plan.flow.gateway_token_in_header
    return plan.module.is_bundled and is_token and bool(plan.login_variable)
