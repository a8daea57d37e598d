# shellcheck shell=bash
# One start of the workspace: wait, run what was given, write the config, install, log in.

has_sync() { command -v coder >/dev/null 2>&1 && coder exp sync ping </dev/null >/dev/null 2>&1; }

begin_unit() {
  local name
  if ! has_sync; then
    [ -z "$WANTED_SYNC_AFTER" ] || log "the agent has no \"coder exp sync\": not waiting for $WANTED_SYNC_AFTER"
    return 0
  fi
  CODEX_SYNCING=yes
  for name in $WANTED_SYNC_AFTER; do
    coder exp sync want "$WANTED_UNIT" "$name" </dev/null || warn "cannot wait for $name"
  done
  coder exp sync start "$WANTED_UNIT" </dev/null || warn "\"coder exp sync start\" failed; going on"
}

# Whoever waits for this unit goes on, whatever became of it.
end_all() {
  [ -z "$CODEX_SCRATCH" ] || rm -rf "$CODEX_SCRATCH"
  [ -z "$CODEX_STAGE" ] || rm -rf "$CODEX_STAGE"
  if [ "$CODEX_SYNCING" = yes ]; then
    coder exp sync complete "$WANTED_UNIT" </dev/null || true
  fi
}

find_codex_folder() {
  CODEX_FOLDER=$HOME/.codex
  if [ -n "${CODEX_HOME:-}" ] && [ "$CODEX_HOME" != "$CODEX_FOLDER" ]; then
    CODEX_FOLDER=$CODEX_HOME
    log "CODEX_HOME is set, so the config goes to $CODEX_FOLDER"
  fi
  mkdir -p "$CODEX_FOLDER" || fail "cannot make $CODEX_FOLDER"
}

run_start() {
  trap end_all EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  begin_unit
  need base64 "install coreutils in the image"
  need awk "install awk in the image"
  make_temp
  run_given pre-install "$WANTED_PRE_INSTALL"
  find_codex_folder
  lock
  write_config
  write_profiles
  make_workdir
  install_codex
  check_login
  unlock
  run_given post-install "$WANTED_POST_INSTALL"
  [ "$CODEX_PROBLEMS" = no ] || exit 1
  log "ready"
}

# Leftovers of a start that was killed; one that goes on for a day is none.
sweep() {
  find "$CODEX_STATE" -maxdepth 1 -name 'tmp.*' -mmin +1440 -exec rm -rf {} + 2>/dev/null || true
}

CODEX_STATE=$HOME/.coder-modules/provisioner/codex
mkdir -p "$CODEX_STATE/logs"
chmod 700 "$CODEX_STATE" "$CODEX_STATE/logs"
sweep
CODEX_LOG=$CODEX_STATE/logs/codex.log
if [ -e "$CODEX_LOG" ]; then mv -f "$CODEX_LOG" "$CODEX_LOG.1"; fi
# A signal to all of them must find somebody who still listens while the rest cleans up.
trap : HUP INT TERM
run_start 2>&1 | (trap '' HUP INT TERM && exec tee -a "$CODEX_LOG")
