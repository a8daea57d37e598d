# Where Codex comes from, and what else the script is given.

variables {
  agent_id         = "agent"
  base_config_toml = "model = \"m\"\n"
  codex_version    = "0.169.0"
}

run "npm_as_it_is_configured" {
  command = plan

  assert {
    condition     = strcontains(coder_script.codex.script, "\nWANTED_SOURCE='npm'\n")
    error_message = "npm is not the default"
  }

  assert {
    condition     = strcontains(coder_script.codex.script, "\nWANTED_ARTIFACT_URL=''\n")
    error_message = "npm is given a registry"
  }
}

run "npm_from_a_mirror" {
  command = plan

  variables {
    artifact_url = "https://npm.example.com/repository/npm/"
  }

  assert {
    condition     = strcontains(coder_script.codex.script, "\nWANTED_ARTIFACT_URL='${base64encode("https://npm.example.com/repository/npm/")}'\n")
    error_message = "npm is not given the mirror"
  }
}

run "release_from_github" {
  command = plan

  variables {
    install_source = "release"
    artifact_sha256 = {
      x86_64-unknown-linux-musl = "ABCDEF0000000000000000000000000000000000000000000000000000000000"
    }
  }

  assert {
    condition     = strcontains(coder_script.codex.script, "\nWANTED_ARTIFACT_URL='${base64encode("https://github.com/openai/codex/releases/download/rust-v{version}/codex-package-{target}.tar.gz")}'\n")
    error_message = "the address is not that of the release"
  }

  assert {
    condition     = strcontains(coder_script.codex.script, "\nWANTED_ARTIFACT_SHA256='${base64encode("x86_64-unknown-linux-musl abcdef0000000000000000000000000000000000000000000000000000000000")}'\n")
    error_message = "the checksum is not in lower case, as sha256sum prints it"
  }
}

run "release_from_a_mirror_of_one_archive" {
  command = plan

  variables {
    install_source = "release"
    artifact_url   = "https://files.example.com/codex.tar.gz"
    artifact_sha256 = {
      aarch64-unknown-linux-musl = "abcdef0000000000000000000000000000000000000000000000000000000000"
    }
  }
}

run "image_without_a_version" {
  command = plan

  variables {
    install_source = "image"
    codex_version  = ""
  }
}

run "image_with_a_version" {
  command = plan

  variables {
    install_source = "image"
  }
}

run "free_text_is_base64" {
  command = plan

  variables {
    base_config_toml    = "a = \"'; touch /tmp/x #\"\n"
    mcp                 = "\n# tools\n[mcp_servers.\"$(id)\"]\ncommand = \"x\"\n"
    workdir             = "/home/coder/it's $HOME"
    profiles            = { work = "model = \"'\"\n" }
    pre_install_script  = "echo 'pre'"
    post_install_script = "echo 'post'"
    sync_after          = ["git-clone", "aibridge-proxy-setup"]
  }

  assert {
    condition = alltrue([
      for name, text in {
        BASE_CONFIG  = "a = \"'; touch /tmp/x #\"\n"
        MCP          = "\n# tools\n[mcp_servers.\"$(id)\"]\ncommand = \"x\"\n"
        WORKDIR      = "/home/coder/it's $HOME"
        PRE_INSTALL  = "echo 'pre'"
        POST_INSTALL = "echo 'post'"
      } : strcontains(coder_script.codex.script, "\nWANTED_${name}='${base64encode(text)}'\n")
    ])
    error_message = "free text is not base64"
  }

  assert {
    condition     = strcontains(coder_script.codex.script, "\nWANTED_PROFILES='${base64encode("work")} ${base64encode("model = \"'\"\n")}'\n")
    error_message = "a profile is not base64"
  }

  assert {
    condition     = strcontains(coder_script.codex.script, "\nWANTED_SYNC_AFTER='git-clone aibridge-proxy-setup'\n")
    error_message = "the script does not wait for what was given"
  }

  assert {
    condition     = output.scripts == tolist(["provisioner-codex"]) && output.codex_home == "~/.codex"
    error_message = "the outputs are not as documented"
  }
}
