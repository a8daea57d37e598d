# Sources, versions, addresses and checksums that could not work.

variables {
  agent_id         = "agent"
  base_config_toml = "model = \"m\"\n"
  codex_version    = "0.169.0"
}

run "unknown_source" {
  command = plan

  variables {
    install_source = "brew"
  }

  expect_failures = [var.install_source]
}

run "no_version" {
  command = plan

  variables {
    codex_version = ""
  }

  expect_failures = [var.codex_version]
}

run "latest" {
  command = plan

  variables {
    codex_version = "latest"
  }

  expect_failures = [var.codex_version]
}

run "version_range" {
  command = plan

  variables {
    codex_version = "~> 0.169"
  }

  expect_failures = [var.codex_version]
}

run "version_with_a_second_line" {
  command = plan

  variables {
    codex_version = "0.169.0\nx"
  }

  expect_failures = [var.codex_version]
}

run "latest_in_the_image" {
  command = plan

  variables {
    install_source = "image"
    codex_version  = "latest"
  }

  expect_failures = [var.codex_version]
}

run "address_without_tls" {
  command = plan

  variables {
    artifact_url = "http://npm.example.com/"
  }

  expect_failures = [var.artifact_url]
}

run "address_that_only_looks_local" {
  command = plan

  variables {
    artifact_url = "http://localhost.example.com/"
  }

  expect_failures = [var.artifact_url]
}

run "address_with_a_space" {
  command = plan

  variables {
    artifact_url = "https://npm.example.com/a b"
  }

  expect_failures = [var.artifact_url]
}

run "address_with_a_credential" {
  command = plan

  variables {
    artifact_url = "https://me:secret@npm.example.com/"
  }

  expect_failures = [var.artifact_url]
}

run "address_for_the_image" {
  command = plan

  variables {
    install_source = "image"
    artifact_url   = "https://npm.example.com/"
  }

  expect_failures = [var.artifact_url]
}

run "one_archive_for_two_targets" {
  command = plan

  variables {
    install_source = "release"
    artifact_url   = "https://files.example.com/codex.tar.gz"
    artifact_sha256 = {
      aarch64-unknown-linux-musl = "abcdef0000000000000000000000000000000000000000000000000000000000"
      x86_64-unknown-linux-musl  = "abcdef0000000000000000000000000000000000000000000000000000000000"
    }
  }

  expect_failures = [var.artifact_url]
}

run "release_without_a_checksum" {
  command = plan

  variables {
    install_source = "release"
  }

  expect_failures = [var.artifact_sha256]
}

run "checksum_for_npm" {
  command = plan

  variables {
    artifact_sha256 = { x86_64-unknown-linux-musl = "abcdef0000000000000000000000000000000000000000000000000000000000" }
  }

  expect_failures = [var.artifact_sha256]
}

run "checksum_for_the_image" {
  command = plan

  variables {
    install_source  = "image"
    artifact_sha256 = { x86_64-unknown-linux-musl = "abcdef0000000000000000000000000000000000000000000000000000000000" }
  }

  expect_failures = [var.artifact_sha256]
}

run "checksum_of_an_unknown_target" {
  command = plan

  variables {
    install_source  = "release"
    artifact_sha256 = { linux-x64 = "abcdef0000000000000000000000000000000000000000000000000000000000" }
  }

  expect_failures = [var.artifact_sha256]
}

run "checksum_that_is_none" {
  command = plan

  variables {
    install_source  = "release"
    artifact_sha256 = { x86_64-unknown-linux-musl = "abc" }
  }

  expect_failures = [var.artifact_sha256]
}
