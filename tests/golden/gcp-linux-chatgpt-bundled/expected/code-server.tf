# VS Code in the browser. The registry's module would do the same, and make every start of a
# workspace depend on that registry; this needs nothing where the image has code-server.

variable "code_server_version" {
  type        = string
  description = "Release of code-server to install where the image has none; empty to install nothing."
  default     = "4.139.1"

  validation {
    condition     = length(regexall("^([0-9]+\\.[0-9]+\\.[0-9]+)?$", var.code_server_version)) == 1
    error_message = "Give a release such as 4.139.1, or nothing."
  }
}

variable "code_server_releases" {
  type        = string
  description = "Where the releases of code-server are, laid out as on GitHub; a mirror for networks without it."
  default     = "https://github.com/coder/code-server/releases/download"

  validation {
    condition     = length(regexall("^[a-z]+://[A-Za-z0-9._~:/-]+$", var.code_server_releases)) == 1
    error_message = "Give a URL without a query."
  }
}

resource "coder_script" "code_server" {
  agent_id     = coder_agent.main.id
  display_name = "code-server"
  icon         = "/icon/code.svg"
  run_on_start = true

  script = <<-EOT
    #!/bin/sh
    set -eu

    version='${var.code_server_version}'
    name="code-server-$version-linux-$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')"
    place="$HOME/.local/lib/$name"

    if program=$(command -v code-server); then
      echo "code-server of the image: $program"
    elif [ -z "$version" ]; then
      echo 'the image has no code-server, and the variable code_server_version is empty'
      exit 0
    else
      program="$place/bin/code-server"
    fi

    mkdir -p "$HOME/.local/lib"
    if [ ! -x "$program" ]; then
      work=$(mktemp -d "$HOME/.local/lib/.code-server.XXXXXX")
      trap 'rm -rf "$work"' EXIT
      curl -fsSL --retry 3 -o "$work/release.tar.gz" '${var.code_server_releases}'"/v$version/$name.tar.gz"
      tar -xzf "$work/release.tar.gz" -C "$work"
      rm -rf "$place"
      mv "$work/$name" "$place"
      echo "installed code-server $version"
    fi

    nohup "$program" --auth none --bind-addr 127.0.0.1:13337 --disable-telemetry --disable-update-check \
      >"$HOME/.local/code-server.log" 2>&1 &
  EOT
}

resource "coder_app" "code_server" {
  agent_id     = coder_agent.main.id
  slug         = "code-server"
  display_name = "code-server"
  icon         = "/icon/code.svg"
  url          = "http://localhost:13337/?folder=/home/coder"
  order        = 10

  healthcheck {
    url       = "http://localhost:13337/healthz"
    interval  = 5
    threshold = 12
  }
}
