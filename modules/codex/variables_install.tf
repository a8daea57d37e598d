variable "install_source" {
  type        = string
  description = "Where Codex comes from: npm, a release archive (release), or the workspace image (image)."
  default     = "npm"
  nullable    = false

  validation {
    condition     = contains(["npm", "release", "image"], var.install_source)
    error_message = "install_source is one of npm, release and image."
  }
}

variable "codex_version" {
  type        = string
  description = "Exact version such as 0.169.0; with install_source \"image\" it may be empty."
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]+\\.[0-9]+\\.[0-9]+$", var.codex_version)) || (var.codex_version == "" && var.install_source == "image")
    error_message = "codex_version has to be exact, such as 0.169.0: with \"latest\", a range or nothing, workspaces would differ from day to day. Only install_source = \"image\" goes without."
  }
}

variable "artifact_url" {
  type        = string
  description = "For release: address of the archive, with {version} and {target} in it; empty is the release on GitHub. For npm: base address of the registry; empty is npm's own configuration."
  default     = ""
  nullable    = false

  validation {
    condition     = var.artifact_url == "" || can(regex("^(https://|http://(localhost|127\\.0\\.0\\.1|\\[::1\\])[:/])", var.artifact_url))
    error_message = "artifact_url has to begin with https://; http is for this very machine alone. Anybody on the way could change what is installed."
  }

  validation {
    condition     = can(regex("^[A-Za-z0-9._~:/?#@!$&()*+,;={}%\\[\\]-]*$", var.artifact_url))
    error_message = "artifact_url holds white space, quotes or other characters that an address cannot have. Write them as %20 and so on."
  }

  validation {
    condition     = !can(regex("^[a-z]+://[^/?#]*@", var.artifact_url))
    error_message = "artifact_url holds a credential, which every log and process list would show. Put it into ~/.netrc for a release, or into npm's configuration."
  }

  validation {
    condition     = var.artifact_url == "" || var.install_source != "image"
    error_message = "artifact_url has no effect with install_source = \"image\", which downloads nothing. Leave one of them out."
  }

  validation {
    condition     = var.artifact_url == "" || var.install_source != "release" || length(var.artifact_sha256) < 2 || strcontains(var.artifact_url, "{target}")
    error_message = "artifact_url lacks {target}, but artifact_sha256 has several targets, whose archives differ. Put {target} where the name of the target is."
  }
}

variable "artifact_sha256" {
  type        = map(string)
  description = "For release: x86_64-unknown-linux-musl and aarch64-unknown-linux-musl, or one of them, to the SHA-256 of the archive."
  default     = {}
  nullable    = false

  validation {
    condition     = var.install_source != "release" || length(var.artifact_sha256) > 0
    error_message = "install_source = \"release\" needs artifact_sha256, which is checked before anything is unpacked. The release page lists the sums in codex-package_SHA256SUMS."
  }

  validation {
    condition     = var.install_source == "release" || length(var.artifact_sha256) == 0
    error_message = "artifact_sha256 is checked with install_source = \"release\" alone; npm checks what its registry declares. Leave it out, or install from a release."
  }

  validation {
    condition     = alltrue([for target in keys(var.artifact_sha256) : contains(["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl"], target)])
    error_message = "The keys of artifact_sha256 are x86_64-unknown-linux-musl and aarch64-unknown-linux-musl."
  }

  validation {
    condition     = alltrue([for sum in values(var.artifact_sha256) : can(regex("^[0-9a-fA-F]{64}$", sum))])
    error_message = "A value in artifact_sha256 is a SHA-256: 64 hexadecimal digits."
  }
}
