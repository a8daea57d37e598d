"""Providers on sockets of their own, and what tells Terraform where they are."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc

from provisioner.terraform.provider import SchemaProvider

__all__ = ["serving"]

_PROTOCOL = 6
_REGISTRIES = ("registry.terraform.io/", "registry.opentofu.org/")
_THREADS = 4


class _Handler(grpc.GenericRpcHandler):
    def __init__(self, provider: SchemaProvider) -> None:
        self._provider = provider

    def service(self, call: Any) -> Any:  # noqa: ANN401 - grpc has no types
        answer = self._provider.method(call.method)
        if answer is None:
            return None
        return grpc.unary_unary_rpc_method_handler(lambda request, _: answer(request))


@contextlib.contextmanager
def serving(schemas: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    """Serve one provider a schema, by source address such as `registry.terraform.io/coder/coder`.

    Gives the environment variables that a `terraform` or `tofu` needs to find them.
    """
    with contextlib.ExitStack() as stack:
        # The path of a socket must be short; only the user may enter the folder.
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="tf-"))
        found = {}
        for number, (source, schema) in enumerate(schemas.items()):
            path = str(Path(folder, str(number)))
            server = grpc.server(ThreadPoolExecutor(_THREADS), [_Handler(SchemaProvider(schema))])
            server.add_insecure_port(f"unix:{path}")
            server.start()
            stack.callback(server.stop, None)
            entry = {
                "Protocol": "grpc",
                "ProtocolVersion": _PROTOCOL,
                "Pid": os.getpid(),
                "Test": True,
                "Addr": {"Network": "unix", "String": path},
            }
            # What Terraform takes for its own registry, OpenTofu takes for its own.
            found[source] = found[source.replace(*_REGISTRIES)] = entry
        yield {"TF_REATTACH_PROVIDERS": json.dumps(found)}
