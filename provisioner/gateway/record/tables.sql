-- Generated from schema.py; to write it anew: pytest tests/contract/test_tables_file.py --update-goldens
CREATE TABLE account (
  id VARCHAR(36) NOT NULL,
  username TEXT NOT NULL,
  admin BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (username)
);
CREATE TABLE ai_provider (
  id VARCHAR(36) NOT NULL,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  upstream TEXT NOT NULL,
  display_name TEXT NOT NULL,
  icon TEXT NOT NULL,
  base_url TEXT NOT NULL,
  enabled BOOLEAN NOT NULL,
  api_keys TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (name)
);
CREATE TABLE budget_account (
  budget TEXT NOT NULL,
  subject TEXT NOT NULL,
  window_start BIGINT NOT NULL,
  spent BIGINT NOT NULL,
  reserved BIGINT NOT NULL,
  PRIMARY KEY (budget, subject, window_start)
);
CREATE TABLE budget_reservation (
  id VARCHAR(36) NOT NULL,
  part TEXT NOT NULL,
  holds TEXT NOT NULL,
  gateway_id VARCHAR(36) NOT NULL,
  made_at BIGINT NOT NULL,
  PRIMARY KEY (id, part)
) WITHOUT ROWID;
CREATE TABLE circuit (
  subject VARCHAR(64) NOT NULL,
  failures INTEGER NOT NULL,
  counted_since BIGINT NOT NULL,
  open_until BIGINT,
  trials INTEGER NOT NULL,
  successes INTEGER NOT NULL,
  tried_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (subject)
);
CREATE INDEX ix_circuit_changed_at ON circuit (changed_at);
CREATE TABLE dashboard_login (
  id VARCHAR(64) NOT NULL,
  sealed_token TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX ix_dashboard_login_expires_at ON dashboard_login (expires_at);
CREATE TABLE gateway (
  id VARCHAR(36) NOT NULL,
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  started_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  PRIMARY KEY (id)
);
CREATE TABLE group_member (
  group_id VARCHAR(36) NOT NULL,
  account_id VARCHAR(36) NOT NULL,
  PRIMARY KEY (group_id, account_id),
  FOREIGN KEY(group_id) REFERENCES user_group (id),
  FOREIGN KEY(account_id) REFERENCES account (id)
);
CREATE TABLE interception (
  id VARCHAR(36) NOT NULL,
  initiator TEXT NOT NULL,
  initiator_id TEXT DEFAULT '' NOT NULL,
  provider TEXT NOT NULL,
  provider_type TEXT NOT NULL,
  route TEXT DEFAULT '' NOT NULL,
  model TEXT NOT NULL,
  started_at BIGINT NOT NULL,
  ended_at BIGINT,
  client TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  client_session_id TEXT,
  correlating_tool_call_id TEXT,
  thread_parent_id VARCHAR(36),
  thread_root_id VARCHAR(36),
  session_id TEXT DEFAULT '' NOT NULL,
  credential_kind TEXT NOT NULL,
  credential_hint TEXT NOT NULL,
  agent_firewall_session_id VARCHAR(36),
  agent_firewall_sequence_number BIGINT,
  auth_mode TEXT DEFAULT '' NOT NULL,
  gateway_id VARCHAR(36),
  outcome TEXT NOT NULL,
  status INTEGER,
  error TEXT NOT NULL,
  PRIMARY KEY (id)
);
CREATE INDEX interception_by_root ON interception (thread_root_id);
CREATE INDEX interception_by_session ON interception (session_id, started_at);
CREATE INDEX interception_by_start ON interception (started_at, id);
CREATE INDEX interception_by_tool_call ON interception (correlating_tool_call_id);
CREATE INDEX interception_running ON interception (gateway_id) WHERE outcome = 'running';
CREATE TABLE key_pause (
  subject VARCHAR(64) NOT NULL,
  until BIGINT NOT NULL,
  limited BOOLEAN NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (subject)
);
CREATE INDEX ix_key_pause_changed_at ON key_pause (changed_at);
CREATE TABLE lease (
  subject VARCHAR(64) NOT NULL,
  gateway_id VARCHAR(36) NOT NULL,
  held BIGINT NOT NULL,
  lapses_at BIGINT NOT NULL,
  PRIMARY KEY (subject, gateway_id)
);
CREATE TABLE model_thought (
  id INTEGER NOT NULL,
  interception_id VARCHAR(36) NOT NULL,
  content TEXT NOT NULL,
  source TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(interception_id) REFERENCES interception (id)
);
CREATE INDEX ix_model_thought_interception_id ON model_thought (interception_id);
CREATE TABLE prompt_usage (
  id INTEGER NOT NULL,
  interception_id VARCHAR(36) NOT NULL,
  msg_id TEXT NOT NULL,
  prompt TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(interception_id) REFERENCES interception (id)
);
CREATE INDEX ix_prompt_usage_interception_id ON prompt_usage (interception_id);
CREATE TABLE rate_count (
  subject VARCHAR(64) NOT NULL,
  second BIGINT NOT NULL,
  requests INTEGER NOT NULL,
  PRIMARY KEY (subject, second)
);
CREATE TABLE router_ban (
  subject VARCHAR(64) NOT NULL,
  failures TEXT NOT NULL,
  until BIGINT,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (subject)
);
CREATE INDEX ix_router_ban_changed_at ON router_ban (changed_at);
CREATE TABLE token (
  id VARCHAR(36) NOT NULL,
  account_id VARCHAR(36) NOT NULL,
  name TEXT DEFAULT '' NOT NULL,
  hint TEXT DEFAULT '' NOT NULL,
  hash VARCHAR(64) NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  revoked_at BIGINT,
  last_used_at BIGINT,
  policy TEXT,
  disabled_at BIGINT,
  former_hash VARCHAR(64),
  former_until BIGINT,
  PRIMARY KEY (id),
  FOREIGN KEY(account_id) REFERENCES account (id),
  UNIQUE (hash),
  UNIQUE (former_hash)
);
CREATE INDEX ix_token_account_id ON token (account_id);
CREATE TABLE token_usage (
  id INTEGER NOT NULL,
  interception_id VARCHAR(36) NOT NULL,
  msg_id TEXT NOT NULL,
  input BIGINT NOT NULL,
  output BIGINT NOT NULL,
  cache_read BIGINT NOT NULL,
  cache_write BIGINT DEFAULT '0' NOT NULL,
  output_reasoning BIGINT NOT NULL,
  total BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(interception_id) REFERENCES interception (id)
);
CREATE INDEX ix_token_usage_interception_id ON token_usage (interception_id);
CREATE TABLE tool_usage (
  id INTEGER NOT NULL,
  interception_id VARCHAR(36) NOT NULL,
  msg_id TEXT NOT NULL,
  tool TEXT NOT NULL,
  tool_call_id TEXT NOT NULL,
  server_url TEXT,
  args_json TEXT NOT NULL,
  injected BOOLEAN DEFAULT 0 NOT NULL,
  invocation_error TEXT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(interception_id) REFERENCES interception (id)
);
CREATE INDEX ix_tool_usage_interception_id ON tool_usage (interception_id);
CREATE INDEX tool_usage_by_call ON tool_usage (tool_call_id);
CREATE TABLE user_group (
  id VARCHAR(36) NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (name)
);
