# shellcheck shell=bash
# What the other parts use: messages, temporary files, the lock, whole files at once.

log() { printf 'codex: %s\n' "$*"; }
warn() { log "warning: $*"; }
fail() {
  log "error: $*" >&2
  exit 1
}

# Gives the text of a setting, which travels as base64 so that no shell ever reads it.
decoded() { printf '%s' "$1" | base64 -d; }

need() {
  command -v "$1" >/dev/null 2>&1 || fail "\"$1\" is not on PATH: $2"
}

make_temp() {
  CODEX_SCRATCH=$(mktemp -d "$CODEX_STATE/tmp.XXXXXX") || fail "cannot write below $CODEX_STATE: is the disk full?"
}

# One start at a time changes the home. The lock ends with this process and whatever it started.
lock() {
  local waited=0
  # Tried on a file of our own first, because some file systems have no locks.
  if ! flock -n 8 8>"$CODEX_SCRATCH/lock" 2>/dev/null; then
    log "flock is missing or does not work here: two starts at once would both install, each on its own"
    return 0
  fi
  exec 9>"$CODEX_STATE/lock"
  until flock -n 9; do
    [ "$waited" -gt 0 ] || log "another start is at work in this home; waiting for it"
    [ "$waited" -lt 900 ] || fail "another start has held $CODEX_STATE/lock for 15 minutes: end it, then restart the workspace"
    sleep 1
    waited=$((waited + 1))
  done
  CODEX_LOCKED=yes
}

unlock() {
  if [ "$CODEX_LOCKED" = yes ]; then exec 9>&-; fi
  CODEX_LOCKED=no
}

# Gives the file that a path leads to, so that a linked file stays a link.
link_target() {
  if [ -L "$1" ]; then
    readlink -f "$1" || fail "$1 is a link to nowhere: remove it, or make the folder it leads to"
  else
    printf '%s\n' "$1"
  fi
}

# Replaces a file at once, readable by its owner only; an equal file is left alone.
put_file() { # FROM TO
  local target new
  target=$(link_target "$2")
  if [ -f "$target" ] && cmp -s "$1" "$target"; then
    chmod 600 "$target"
    return 0
  fi
  new=$(mktemp "${target%/*}/.${target##*/}.XXXXXX") || fail "cannot write in ${target%/*}"
  # A copy in the same folder, because only there a rename is one step.
  if ! cat "$1" >"$new" || ! mv -f "$new" "$target"; then
    rm -f "$new"
    fail "cannot write $target: is the disk full?"
  fi
}

run_given() { # NAME BASE64
  local code=0
  [ -n "$2" ] || return 0
  log "running the $1 script"
  decoded "$2" >"$CODEX_SCRATCH/$1.sh"
  (umask "$CODEX_UMASK" && exec bash "$CODEX_SCRATCH/$1.sh" </dev/null) || code=$?
  [ "$code" -eq 0 ] || fail "the $1 script ended with $code; its output is above"
}
