# Credentials and variables that could not work together.

variables {
  agent_id         = "agent"
  base_config_toml = "model = \"m\"\n"
  codex_version    = "0.169.0"
}

run "unknown_credential" {
  command = plan

  variables {
    credential = "oauth"
  }

  expect_failures = [var.credential]
}

run "key_in_place_of_a_name" {
  command = plan

  variables {
    credential = "api_key_login"
    login_env  = "sk-own"
  }

  expect_failures = [var.login_env]
}

run "login_env_with_env_key" {
  command = plan

  variables {
    login_env = "OPENAI_API_KEY"
  }

  expect_failures = [var.login_env]
}

run "login_env_with_codex_api_key" {
  command = plan

  variables {
    credential = "codex_api_key"
    login_env  = "OPENAI_API_KEY"
  }

  expect_failures = [var.login_env]
}

run "login_env_with_chatgpt_login" {
  command = plan

  variables {
    credential = "chatgpt_login"
    login_env  = "OPENAI_API_KEY"
  }

  expect_failures = [var.login_env]
}

run "openai_api_key_with_chatgpt_login" {
  command = plan

  variables {
    credential  = "chatgpt_login"
    environment = { OPENAI_API_KEY = "sk-own" }
  }

  expect_failures = [var.environment]
}

run "codex_api_key_with_chatgpt_login" {
  command = plan

  variables {
    credential  = "chatgpt_login"
    environment = { CODEX_API_KEY = "sk-own" }
  }

  expect_failures = [var.environment]
}

run "codex_api_key_with_a_stored_key" {
  command = plan

  variables {
    credential  = "api_key_login"
    environment = { CODEX_API_KEY = "sk-own" }
  }

  expect_failures = [var.environment]
}

run "variable_with_a_hyphen" {
  command = plan

  variables {
    environment = { "A-B" = "x" }
  }

  expect_failures = [var.environment]
}

run "another_codex_home" {
  command = plan

  variables {
    environment = { CODEX_HOME = "/srv/codex" }
  }

  expect_failures = [var.environment]
}
