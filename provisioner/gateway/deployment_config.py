"""What the configuration says about the deployment that the gateway stands in for: era, limits."""

from __future__ import annotations

import enum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["CircuitBreakerConfig", "Condition", "Era", "RelayConfig"]

_CONFIG = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Era(enum.StrEnum):
    """Which releases of Coder the gateway behaves like."""

    V2_32 = "2.32"
    """AI Bridge: one path, one key for a provider, no budgets."""
    V2_36 = "2.36"
    """AI Gateway: both paths, key pools, disabled providers, budgets."""


class Condition(enum.StrEnum):
    """A state of a deployment that clients run into, played for as long as the gateway runs."""

    READY = "ready"
    UNLICENSED = "unlicensed"
    """The licence does not cover the feature."""
    NOT_MOUNTED = "not-mounted"
    """The feature is switched off in the deployment."""
    CODERD_UNREACHABLE = "coderd-unreachable"
    """Nobody can say whose token it is."""
    NO_HANDLER = "no-handler"
    """The gateway cannot set up what serves a request."""
    BUDGET_UNKNOWN = "budget-unknown"
    """The user's budget cannot be looked up."""
    OVER_BUDGET = "over-budget"
    """The user has spent the budget."""
    MODEL_DENIED = "model-denied"
    """A model policy forbids every model; later than 2.36."""
    MODEL_POLICY_UNKNOWN = "model-policy-unknown"
    """The model policies cannot be looked up; later than 2.36."""
    RECORDS_UNAVAILABLE = "records-unavailable"
    """Interceptions cannot be stored."""


class CircuitBreakerConfig(BaseModel):
    """When the gateway stops asking an endpoint for a model.

    The defaults are those of Coder's library.
    """

    model_config = _CONFIG

    enabled: bool = False
    failure_threshold: Annotated[int, Field(ge=1)] = 5
    interval_seconds: Annotated[float, Field(ge=0)] = 10
    timeout_seconds: Annotated[float, Field(gt=0)] = 30
    max_requests: Annotated[int, Field(ge=1)] = 3


class RelayConfig(BaseModel):
    """How patient the gateway is with its clients."""

    model_config = _CONFIG

    keep_alive_seconds: Annotated[float, Field(ge=0)] = 15
    """How long a stream may be silent before the client is told that it goes on; 0: never."""
    request_seconds: Annotated[float, Field(gt=0)] = 60
    """How long a client may take for the body of a request; a connection may idle twice that."""
    shutdown_seconds: Annotated[float, Field(ge=0)] = 10
    """How long a stop waits for answers that are being streamed."""
    websockets: bool = False
    """Whether Responses are served over WebSocket too; Coder does not."""
