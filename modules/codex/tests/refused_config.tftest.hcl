# Texts, names and folders that could not work.

variables {
  agent_id         = "agent"
  base_config_toml = "model = \"m\"\n"
  codex_version    = "0.169.0"
}

run "start_marker_in_the_config" {
  command = plan

  variables {
    base_config_toml = "a = 1\n# >>> coder-managed: codex module >>>\n"
  }

  expect_failures = [var.base_config_toml]
}

run "end_marker_in_the_config" {
  command = plan

  variables {
    base_config_toml = "  # <<< coder-managed: codex module <<<\r\n"
  }

  expect_failures = [var.base_config_toml]
}

run "marker_in_mcp" {
  command = plan

  variables {
    mcp = "[mcp_servers.a]\n# <<< coder-managed: codex module <<<"
  }

  expect_failures = [var.mcp]
}

run "key_above_the_first_table_of_mcp" {
  command = plan

  variables {
    mcp = "# tools\ncommand = \"x\"\n[mcp_servers.a]\n"
  }

  expect_failures = [var.mcp]
}

run "profile_with_a_dot" {
  command = plan

  variables {
    profiles = { "a.b" = "" }
  }

  expect_failures = [var.profiles]
}

run "profile_in_another_folder" {
  command = plan

  variables {
    profiles = { "../a" = "" }
  }

  expect_failures = [var.profiles]
}

run "profile_without_a_name" {
  command = plan

  variables {
    profiles = { "" = "" }
  }

  expect_failures = [var.profiles]
}

run "relative_workdir" {
  command = plan

  variables {
    workdir = "project"
  }

  expect_failures = [var.workdir]
}

run "workdir_with_a_tilde" {
  command = plan

  variables {
    workdir = "~/project"
  }

  expect_failures = [var.workdir]
}

run "empty_workdir" {
  command = plan

  variables {
    workdir = ""
  }

  expect_failures = [var.workdir]
}

run "workdir_of_two_lines" {
  command = plan

  variables {
    workdir = "/home/coder\n/x"
  }

  expect_failures = [var.workdir]
}

run "sync_name_with_a_space" {
  command = plan

  variables {
    sync_after = ["a b"]
  }

  expect_failures = [var.sync_after]
}

run "sync_name_that_is_an_option" {
  command = plan

  variables {
    sync_after = ["--help"]
  }

  expect_failures = [var.sync_after]
}

run "waiting_for_itself" {
  command = plan

  variables {
    sync_after = ["provisioner-codex"]
  }

  expect_failures = [var.sync_after]
}

run "script_too_long" {
  command = plan

  variables {
    post_install_script = join("", [for number in range(1000) : "# ${number} ........................................................................................................."])
  }

  expect_failures = [coder_script.codex]
}
