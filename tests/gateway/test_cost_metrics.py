"""What is counted of budgets: who is refused, for how long requests wait, what has no price."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path

from tests.support.gateway_api import ask
from tests.support.gateway_server import RunningGateway, post, running_gateway

BUDGET = '[[budget]]\nwindow = "total"\nlimit_requests = 1\n'
PRICE = '[[price]]\nmodel = "priced"\ninput = 1\noutput = 1\n'


def costs(gateway: RunningGateway) -> Mapping[str, float]:
    """Return the samples of cost control by name and labels, without those of single buckets."""
    prefix = "coder_ai_gateway_cost_control_"
    lines = ask(gateway, "/metrics").body.decode().splitlines()
    found = (line.removeprefix(prefix).split(" ") for line in lines if line.startswith(prefix))
    return {name: float(value) for name, value in found if "_bucket{" not in name}


def token_of(gateway: RunningGateway, user: str) -> str:
    body = {"token_name": "x", "groups": ["ml"]}
    reply = ask(gateway, f"/api/v2/users/{user}/keys/tokens", method="POST", body=body)
    return str(json.loads(reply.body)["key"])


def question(gateway: RunningGateway, token: str, model: str = "priced") -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return post(gateway, {"model": model, "input": "x"}, headers=headers).status


def test_what_budgets_do_is_counted(tmp_path: Path) -> None:
    budgets = (
        f'{BUDGET}name = "own"\nscope = "principal"\nscope_id = "ada"\n{BUDGET}name = "in-ml"\nscope = "group"\n'
        f'{BUDGET}name = "told"\nscope = "organization"\non_breach = "warn"\n'
    )
    (tmp_path / "g.toml").write_text(f'era = "2.36"\n{PRICE}{budgets}')
    with running_gateway(tmp_path / "state", tmp_path / "g.toml") as gateway:
        before = costs(gateway)
        own, other = token_of(gateway, "ada"), token_of(gateway, "bob")
        token_of(gateway, "eve")
        asked = [question(gateway, token) for token in (own, own, own, other, gateway.token, other)]
        after = dict(costs(gateway))
        text = ask(gateway, "/metrics").body.decode()

    assert asked == [200, 403, 403, 200, 200, 403]
    seconds = "enforcement_duration_seconds"
    spent = [after.pop(f'{seconds}_sum{{outcome="{name}"}}') for name in ("allowed", "blocked")]
    assert before == {'blocked_users{group_id=""}': 0}
    assert all(0 < value < math.inf for value in spent)
    assert after == {
        'blocked_requests_total{group_id=""}': 2,
        'blocked_requests_total{group_id="ml"}': 1,
        'blocked_users{group_id=""}': 1,
        'blocked_users{group_id="ml"}': 2,
        f'{seconds}_count{{outcome="allowed"}}': 3,
        f'{seconds}_count{{outcome="blocked"}}': 3,
    }
    assert "coder_aibridged_cost_control" not in text


def test_usage_without_a_price_is_counted(tmp_path: Path) -> None:
    (tmp_path / "g.toml").write_text(PRICE)
    with running_gateway(tmp_path / "state", tmp_path / "g.toml") as gateway:
        for model in ("priced", "unheard-of", "unheard-of"):
            assert question(gateway, gateway.token, model) == 200
        found = costs(gateway)

    label = 'unpriced_token_usage_records_total{model="unheard-of",provider="openai",provider_type="openai"}'
    assert {name: value for name, value in found.items() if "unpriced" in name} == {label: 2}
