"""Plan → the app of a workspace that opens Codex in a terminal."""

from __future__ import annotations

import shlex

from provisioner.plan.model import Plan
from provisioner.render.hcl_text import block, heredoc, quoted

__all__ = ["TASK_PROMPT", "launcher"]

TASK_PROMPT = "CODEX_TASK_PROMPT"
_READ_IF_THERE = '[ ! -s "{0}" ] || . "{0}"'
_SECONDS = 300
# The app can be opened while the agent's scripts still run.
_WAIT = f"""\
tries=0
until command -v codex >/dev/null || [ "$tries" -ge {_SECONDS} ]; do
  [ "$tries" -gt 0 ] || echo "Waiting until Codex is installed ..."
  tries=$((tries + 1))
  sleep 1
done
"""
# A task is begun once, however often its app is opened.
_TASK = f"""\
if [ -n "${{{TASK_PROMPT}:-}}" ] && mkdir "$HOME/.codex-task-begun" 2>/dev/null; then
  exec codex -- "${TASK_PROMPT}"
fi
"""


def launcher(plan: Plan, label: str, agent_id: str, *, begins_task: bool) -> str:
    """Return the app; the user's own shell, whichever that is, runs it as a script for bash."""
    slug, name = label.replace("_", "-").lower(), "Codex"
    if slug == plan.module.own_app:
        slug, name = f"{slug}-terminal", "Codex terminal"
    rows = [
        ("agent_id", agent_id),
        ("slug", quoted(slug)),
        ("display_name", quoted(name)),
        ("icon", quoted("/icon/openai.svg")),
    ]
    command = f"exec bash -c {shlex.quote(_script(plan, begins_task=begins_task))}\n"
    script = heredoc([command], indent=2, marker="SH")
    return block(f'resource "coder_app" "{label}"', rows, f"  command = {script}")


def _script(plan: Plan, *, begins_task: bool) -> str:
    lines = [f'export PATH="{":".join(plan.module.path_folders)}:$PATH"']
    if plan.module.path_script:
        lines.append(_READ_IF_THERE.format(plan.module.path_script))
    lines.append(f"cd {shlex.quote(plan.codex.trusted_workdir)} || exit")
    text = "".join(f"{line}\n" for line in lines)
    return text + _WAIT + (_TASK if begins_task else "") + "exec codex\n"
