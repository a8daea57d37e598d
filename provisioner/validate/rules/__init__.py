"""Every rule, in the order of their codes.

Codes by topic: 0xx reading files, 1xx credentials, 2xx flow and gateway wiring, 3xx Coder
template, 4xx versions and pinning, 5xx Codex config; 9xx is left to users.
"""

from __future__ import annotations

from provisioner.validate.rule import Rule
from provisioner.validate.rules.prv001_unreadable_file import unreadable_file
from provisioner.validate.rules.prv002_unreadable_embedded_toml import unreadable_embedded_toml
from provisioner.validate.rules.prv101_hardcoded_credential import hardcoded_credential
from provisioner.validate.rules.prv201_exclusive_credentials_together import (
    exclusive_credentials_together,
)
from provisioner.validate.rules.prv202_api_key_in_chatgpt_flow import api_key_in_chatgpt_flow
from provisioner.validate.rules.prv203_insecure_gateway_url import insecure_gateway_url
from provisioner.validate.rules.prv301_unknown_module_input import unknown_module_input
from provisioner.validate.rules.prv302_missing_required_argument import missing_required_argument
from provisioner.validate.rules.prv303_undeclared_reference import undeclared_reference
from provisioner.validate.rules.prv401_unpinned_module import unpinned_module
from provisioner.validate.rules.prv501_unsupported_wire_api import unsupported_wire_api
from provisioner.validate.rules.prv502_root_key_under_table import root_key_under_table
from provisioner.validate.rules.prv503_undeclared_model_provider import undeclared_model_provider

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    unreadable_file,
    unreadable_embedded_toml,
    hardcoded_credential,
    exclusive_credentials_together,
    api_key_in_chatgpt_flow,
    insecure_gateway_url,
    unknown_module_input,
    missing_required_argument,
    undeclared_reference,
    unpinned_module,
    unsupported_wire_api,
    root_key_under_table,
    undeclared_model_provider,
)
