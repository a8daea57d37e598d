"""Labels of metrics: the route that was asked, and which providers are switched off."""

from __future__ import annotations

from pathlib import Path

from tests.support.gateway_api import ask
from tests.support.gateway_server import post, running_gateway
from tests.support.twin import answering, twin

ANSWER = b'{"id":"c","choices":[]}'
REPLY = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"


def test_a_route_is_counted_as_it_is(tmp_path: Path) -> None:
    with twin(answering(REPLY % (len(ANSWER), ANSWER))) as service:
        (tmp_path / "g.toml").write_text(
            '[[provider]]\nname = "openai"\ntype = "openai"\nupstream = "openai"\n'
            f'base_url = "{service.url}/v1"\n'
            '[[provider]]\nname = "off"\ntype = "anthropic"\nupstream = "anthropic"\n'
            f'base_url = "{service.url}"\nenabled = false\n'
        )
        with running_gateway(tmp_path / "state", tmp_path / "g.toml") as gateway:
            asked = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
            post(gateway, asked, path="/openai/v1/chat/completions")
            gateway.ended(1)
            lines = ask(gateway, "/metrics").body.decode().splitlines()

    names = "coder_ai_gateway_interceptions_total{", "coder_ai_gateway_provider_info{"
    counted, *known = (line for line in lines if line.startswith(names))
    assert 'provider="openai",route="/v1/chat/completions",status="completed"} 1.0' in counted
    assert [line.partition("provider_name=")[2] for line in known] == [
        '"openai",provider_type="openai",status="enabled"} 1.0',
        '"off",provider_type="anthropic",status="disabled"} 1.0',
    ]
