variable "credential" {
  type        = string
  description = "How the bearer reaches Codex: env_key, api_key_login, codex_api_key or chatgpt_login."
  default     = "env_key"
  nullable    = false

  validation {
    condition     = contains(["env_key", "api_key_login", "codex_api_key", "chatgpt_login"], var.credential)
    error_message = "credential is one of env_key, api_key_login, codex_api_key and chatgpt_login."
  }
}

variable "login_env" {
  type        = string
  description = "For api_key_login: the variable that holds the key to store at each start; empty when users log in by hand."
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^([a-zA-Z_][a-zA-Z0-9_]*)?$", var.login_env))
    error_message = "login_env is the name of an environment variable, such as OPENAI_API_KEY, and never a key itself."
  }

  validation {
    condition     = var.login_env == "" || var.credential == "api_key_login"
    error_message = "login_env is for credential = \"api_key_login\": with any other, no key is stored. Leave login_env out, or change credential."
  }
}

variable "environment" {
  type        = map(string)
  description = "Variables to set on the agent, such as the gateway's token; their values are secret."
  default     = {}
  nullable    = false
  sensitive   = true

  validation {
    condition     = alltrue([for name in nonsensitive(keys(var.environment)) : can(regex("^[a-zA-Z_][a-zA-Z0-9_]*$", name))])
    error_message = "A name in environment has letters, digits and underscores, and no digit first."
  }

  validation {
    condition     = !contains(nonsensitive(keys(var.environment)), "CODEX_HOME")
    error_message = "environment sets CODEX_HOME, but this module writes ~/.codex: Codex would not find its settings. Take it out."
  }

  validation {
    condition = (
      var.credential != "chatgpt_login"
      || length(setintersection(nonsensitive(keys(var.environment)), ["CODEX_API_KEY", "OPENAI_API_KEY"])) == 0
    )
    error_message = "environment sets CODEX_API_KEY or OPENAI_API_KEY, which would be used instead of the ChatGPT login. Take it out, or change credential."
  }

  validation {
    condition     = var.credential != "api_key_login" || !contains(nonsensitive(keys(var.environment)), "CODEX_API_KEY")
    error_message = "environment sets CODEX_API_KEY, which Codex prefers to the stored key of credential = \"api_key_login\". Take it out, or set credential = \"codex_api_key\"."
  }
}
