locals {
  unit = "provisioner-codex"

  # An agent hands a script to bash as one argument, and Linux takes 128 KiB in one.
  script_limit = 131000

  default_release_url = "https://github.com/openai/codex/releases/download/rust-v{version}/codex-package-{target}.tar.gz"

  artifact_url = (
    var.artifact_url == "" && var.install_source == "release"
    ? local.default_release_url
    : var.artifact_url
  )

  # Free text crosses into shell as base64 alone; what stands here as it is was validated.
  settings = {
    WANTED_BASE_CONFIG     = base64encode(var.base_config_toml)
    WANTED_MCP             = base64encode(var.mcp)
    WANTED_WORKDIR         = var.workdir == null ? "" : base64encode(var.workdir)
    WANTED_SOURCE          = var.install_source
    WANTED_VERSION         = var.codex_version
    WANTED_ARTIFACT_URL    = base64encode(local.artifact_url)
    WANTED_ARTIFACT_SHA256 = base64encode(join("\n", [for target, sum in var.artifact_sha256 : "${target} ${lower(sum)}"]))
    WANTED_CREDENTIAL      = var.credential
    WANTED_LOGIN_ENV       = var.login_env
    WANTED_UNIT            = local.unit
    WANTED_SYNC_AFTER      = join(" ", var.sync_after)
    WANTED_PRE_INSTALL     = var.pre_install_script == null ? "" : base64encode(var.pre_install_script)
    WANTED_POST_INSTALL    = var.post_install_script == null ? "" : base64encode(var.post_install_script)
    WANTED_PROFILES = join("\n", [
      for name, text in var.profiles : "${base64encode(name)} ${base64encode(text)}"
    ])
    MERGE_AWK = base64encode(join("\n", [
      for name in ["toml.awk", "merge.awk"] : file("${path.module}/scripts/${name}")
    ]))
  }

  script = join("\n", concat(
    ["#!/usr/bin/env bash"],
    [for name, value in local.settings : "${name}='${value}'"],
    [
      for name in ["settings.sh", "common.sh", "config.sh", "install.sh", "login.sh", "start.sh"] :
      file("${path.module}/scripts/${name}")
    ],
  ))
}

resource "coder_script" "codex" {
  agent_id     = var.agent_id
  display_name = "Codex"
  icon         = var.icon
  run_on_start = true
  script       = local.script

  lifecycle {
    precondition {
      condition     = length(local.script) <= local.script_limit
      error_message = "base_config_toml, mcp, profiles and the scripts are ${length(local.script) - local.script_limit} bytes too long together, counted as base64: the agent cannot start a longer script. Put long scripts into the image."
    }
  }
}

resource "coder_env" "codex" {
  for_each = toset(nonsensitive(keys(var.environment)))

  agent_id = var.agent_id
  name     = each.key
  value    = var.environment[each.key]
}
