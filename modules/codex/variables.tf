variable "agent_id" {
  type        = string
  description = "ID of the Coder agent that Codex runs under."
  nullable    = false
}

variable "icon" {
  type        = string
  description = "Icon of the script in the dashboard."
  default     = "/icon/openai.svg"
}

variable "base_config_toml" {
  type        = string
  description = "The whole text of Codex's config.toml, which becomes the managed block."
  nullable    = false

  validation {
    condition     = !can(regex("(?m)^[ \\t]*# (>>>|<<<) coder-managed: codex module (>>>|<<<)[ \\t\\r]*$", var.base_config_toml))
    error_message = "base_config_toml holds a marker line of the managed block, so the next start could not tell where the block ends. Take the line out."
  }
}

variable "mcp" {
  type        = string
  description = "TOML with tables such as [mcp_servers.NAME], added at the end of the managed block."
  default     = ""
  nullable    = false

  validation {
    condition     = !can(regex("(?m)^[ \\t]*# (>>>|<<<) coder-managed: codex module (>>>|<<<)[ \\t\\r]*$", var.mcp))
    error_message = "mcp holds a marker line of the managed block, so the next start could not tell where the block ends. Take the line out."
  }

  validation {
    condition     = can(regex("^(\\s*(#[^\\n]*)?\\n)*\\s*(#[^\\n]*)?(\\[|$)", var.mcp))
    error_message = "mcp has to begin with a table such as [mcp_servers.NAME]: a key above it would become one of the last table in base_config_toml. Put such keys into base_config_toml."
  }
}

variable "profiles" {
  type        = map(string)
  description = "Profile name to the TOML text of ~/.codex/NAME.config.toml, for `codex --profile NAME`."
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.profiles) : can(regex("^[A-Za-z0-9_-]+$", name))])
    error_message = "A profile's name has letters, digits, hyphens and underscores only: Codex refuses any other. Rename it."
  }
}

variable "workdir" {
  type        = string
  description = "Folder to make when it is missing; null for none. Its trust belongs into base_config_toml."
  default     = null

  validation {
    condition     = var.workdir == null ? true : can(regex("^/[^\\x00-\\x1f\\x7f]*$", var.workdir))
    error_message = "workdir has to be an absolute path without control characters, because no shell expands it: write /home/coder/project rather than ~/project, or null for none."
  }
}

variable "pre_install_script" {
  type        = string
  description = "Text of a script that bash runs before anything else."
  default     = null
}

variable "post_install_script" {
  type        = string
  description = "Text of a script that bash runs once Codex is installed and configured."
  default     = null
}

variable "sync_after" {
  type        = list(string)
  description = "Units of `coder exp sync` to wait for, such as those in another module's output `scripts`."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for name in var.sync_after : can(regex("^[A-Za-z0-9][A-Za-z0-9._-]*$", name))])
    error_message = "A name in sync_after is that of a unit: letters, digits, dots, hyphens and underscores. Give each unit as an element of its own."
  }

  validation {
    condition     = !contains(var.sync_after, "provisioner-codex")
    error_message = "sync_after names provisioner-codex, which is this module's own unit: it would wait for itself. Take it out."
  }
}
