"""Any template folder or Codex config → findings."""
