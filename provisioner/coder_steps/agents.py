"""A workspace that was built → the same once its agents are ready, or will not be."""

from __future__ import annotations

import time
from collections.abc import Callable

from provisioner.coder_api.client import CoderClient
from provisioner.coder_api.models import Agent, Workspace
from provisioner.coder_steps.watch import Watch

__all__ = ["is_ready", "is_settled", "wait_for_agents"]

_BETWEEN = 1.0
_FAILED = frozenset({"start_error", "start_timeout"})
_ENDING = frozenset({"shutting_down", "shutdown_timeout", "shutdown_error", "off"})


def is_ready(agent: Agent) -> bool:
    """Say whether it is connected and its start scripts are through."""
    return agent.status == "connected" and agent.lifecycle_state == "ready"


def is_settled(agent: Agent) -> bool:
    """Say whether waiting changes nothing any more."""
    return is_ready(agent) or agent.lifecycle_state in _FAILED | _ENDING


def wait_for_agents(
    client: CoderClient,
    workspace: Workspace,
    seconds: float,
    watch: Watch,
    now: Callable[[], float] = time.monotonic,
) -> Workspace:
    """Look at the agents until each is settled, or `seconds` are over; raises `CoderError`."""
    end = now() + seconds
    told = dict[str, str]()
    while True:
        agents = workspace.latest_build.agents
        for agent in agents:
            state = f"{agent.status}, {agent.lifecycle_state}"
            if told.get(agent.id) != state:
                told[agent.id] = state
                watch.say(f'agent "{agent.name}": {state}')
        if all(is_settled(agent) for agent in agents) or now() >= end:
            return workspace
        watch.interrupts.pause(_BETWEEN)
        workspace = client.workspaces.get(workspace.id)
