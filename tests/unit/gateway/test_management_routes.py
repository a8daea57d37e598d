"""The table of the management API: what answers is named, and is there."""

from __future__ import annotations

import inspect

import pytest

from provisioner.gateway.management.routes import ROUTES, ApiRoute


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_what_answers_takes_a_call_within_a_transaction(route: ApiRoute) -> None:
    work = route.work()

    taken = inspect.signature(work)
    assert [parameter.annotation for parameter in taken.parameters.values()] == [
        "Connection",
        "ApiCall",
    ]
    assert taken.return_annotation == "ApiAnswer"
    module = inspect.getmodule(work)
    assert module is not None
    assert work.__name__ in module.__all__


def test_each_path_is_answered_once() -> None:
    paths = [(route.method, route.path) for route in ROUTES]

    assert len(paths) == len(set(paths))
