output "scripts" {
  description = "Names for `coder exp sync want`, in the order in which they complete: whoever waits for the last has a Codex that is installed and configured."
  value       = tolist([local.unit])
}

output "codex_home" {
  description = "Folder of config.toml and the profile files in the workspace."
  value       = "~/.codex"
}

output "environment_names" {
  description = "Names of the variables that the module sets on the agent, sorted."
  value       = tolist(keys(coder_env.codex))
}
