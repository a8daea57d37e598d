run "plans_without_machines" {
  command = plan

  variables {
    builder_hosts  = {}
    openai_api_key = ""
  }
}
