"""Every rule, in the order of their codes.

Codes by topic: 0xx reading files, 1xx credentials, 2xx flow and gateway wiring, 3xx Coder
template, 4xx versions and pinning, 5xx Codex config; 9xx is left to users.
"""

from __future__ import annotations

from provisioner.validate.rule import Rule
from provisioner.validate.rules.prv001_unreadable_file import unreadable_file
from provisioner.validate.rules.prv002_unreadable_embedded_toml import unreadable_embedded_toml
from provisioner.validate.rules.prv101_hardcoded_credential import hardcoded_credential
from provisioner.validate.rules.prv102_credential_not_sent import credential_not_sent
from provisioner.validate.rules.prv103_stored_login_sent_to_provider import (
    stored_login_sent_to_provider,
)
from provisioner.validate.rules.prv104_header_variable_unset import header_variable_unset
from provisioner.validate.rules.prv105_loose_credential_file import loose_credential_file
from provisioner.validate.rules.prv106_malformed_credential import malformed_credential
from provisioner.validate.rules.prv201_exclusive_credentials_together import (
    exclusive_credentials_together,
)
from provisioner.validate.rules.prv202_api_key_in_chatgpt_flow import api_key_in_chatgpt_flow
from provisioner.validate.rules.prv203_insecure_gateway_url import insecure_gateway_url
from provisioner.validate.rules.prv204_ignored_base_url_variable import ignored_base_url_variable
from provisioner.validate.rules.prv205_unselected_gateway import unselected_gateway
from provisioner.validate.rules.prv206_chatgpt_path_mismatch import chatgpt_path_mismatch
from provisioner.validate.rules.prv301_unknown_module_input import unknown_module_input
from provisioner.validate.rules.prv302_missing_required_argument import missing_required_argument
from provisioner.validate.rules.prv303_undeclared_reference import undeclared_reference
from provisioner.validate.rules.prv401_unpinned_module import unpinned_module
from provisioner.validate.rules.prv501_unsupported_wire_api import unsupported_wire_api
from provisioner.validate.rules.prv502_root_key_under_table import root_key_under_table
from provisioner.validate.rules.prv503_undeclared_model_provider import undeclared_model_provider
from provisioner.validate.rules.prv504_unknown_config_key import unknown_config_key
from provisioner.validate.rules.prv505_legacy_profile import legacy_profile
from provisioner.validate.rules.prv506_reserved_model_provider import reserved_model_provider
from provisioner.validate.rules.prv507_provider_named_openai import provider_named_openai
from provisioner.validate.rules.prv508_provider_without_base_url import provider_without_base_url
from provisioner.validate.rules.prv509_invalid_provider import invalid_provider
from provisioner.validate.rules.prv510_refused_setting import refused_setting
from provisioner.validate.rules.prv511_unknown_model import unknown_model

__all__ = ["RULES"]

RULES: tuple[Rule, ...] = (
    unreadable_file,
    unreadable_embedded_toml,
    hardcoded_credential,
    credential_not_sent,
    stored_login_sent_to_provider,
    header_variable_unset,
    loose_credential_file,
    malformed_credential,
    exclusive_credentials_together,
    api_key_in_chatgpt_flow,
    insecure_gateway_url,
    ignored_base_url_variable,
    unselected_gateway,
    chatgpt_path_mismatch,
    unknown_module_input,
    missing_required_argument,
    undeclared_reference,
    unpinned_module,
    unsupported_wire_api,
    root_key_under_table,
    undeclared_model_provider,
    unknown_config_key,
    legacy_profile,
    reserved_model_provider,
    provider_named_openai,
    provider_without_base_url,
    invalid_provider,
    refused_setting,
    unknown_model,
)
