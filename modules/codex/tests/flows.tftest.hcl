# Each way in which a credential reaches Codex, as a template calls the module.

variables {
  agent_id         = "agent"
  base_config_toml = "model_provider = \"gateway\"\n"
  codex_version    = "0.169.0"
}

run "centralized_with_a_variable" {
  command = plan

  variables {
    environment = { GATEWAY_TOKEN = "token" }
  }

  assert {
    condition     = nonsensitive(coder_env.codex["GATEWAY_TOKEN"].value) == "token"
    error_message = "the token is not set on the agent"
  }

  assert {
    condition     = issensitive(coder_env.codex["GATEWAY_TOKEN"].value)
    error_message = "the token is not secret in the plan"
  }

  assert {
    condition     = output.environment_names == tolist(["GATEWAY_TOKEN"])
    error_message = "environment_names is ${jsonencode(output.environment_names)}"
  }

  assert {
    condition     = !strcontains(coder_script.codex.script, "token'")
    error_message = "the script holds the token"
  }

  assert {
    condition     = strcontains(coder_script.codex.script, "\nWANTED_CREDENTIAL='env_key'\n")
    error_message = "env_key is not the default"
  }
}

run "byok_with_a_variable" {
  command = plan

  variables {
    credential  = "env_key"
    environment = { CODER_API_TOKEN = "session", OPENAI_API_KEY = "sk-own" }
  }

  assert {
    condition     = output.environment_names == tolist(["CODER_API_TOKEN", "OPENAI_API_KEY"])
    error_message = "environment_names is ${jsonencode(output.environment_names)}"
  }
}

run "byok_with_a_stored_key" {
  command = plan

  variables {
    credential  = "api_key_login"
    login_env   = "OPENAI_API_KEY"
    environment = { CODER_API_TOKEN = "session", OPENAI_API_KEY = "sk-own" }
  }

  assert {
    condition     = strcontains(coder_script.codex.script, "\nWANTED_LOGIN_ENV='OPENAI_API_KEY'\n")
    error_message = "the script does not know where the key is"
  }
}

run "byok_with_a_key_stored_by_hand" {
  command = plan

  variables {
    credential = "api_key_login"
  }

  assert {
    condition     = length(coder_env.codex) == 0
    error_message = "a variable is set that nobody asked for"
  }
}

run "codex_api_key_from_the_template" {
  command = plan

  variables {
    credential  = "codex_api_key"
    environment = { CODEX_API_KEY = "sk-own" }
  }

  assert {
    condition     = output.environment_names == tolist(["CODEX_API_KEY"])
    error_message = "environment_names is ${jsonencode(output.environment_names)}"
  }
}

run "codex_api_key_from_a_user_secret" {
  command = plan

  variables {
    credential = "codex_api_key"
  }

  assert {
    condition     = length(output.environment_names) == 0
    error_message = "environment_names is ${jsonencode(output.environment_names)}"
  }
}

run "chatgpt_login" {
  command = plan

  variables {
    credential  = "chatgpt_login"
    environment = { CODER_API_TOKEN = "session" }
  }

  assert {
    condition     = strcontains(coder_script.codex.script, "\nWANTED_CREDENTIAL='chatgpt_login'\n")
    error_message = "the script does not know the credential"
  }
}
