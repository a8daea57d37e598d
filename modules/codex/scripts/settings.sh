# shellcheck shell=bash
set -euo pipefail
CODEX_UMASK=$(umask)
umask 077
# A variable of the same name in the agent's environment must not be taken for ours.
CODEX_SCRATCH='' CODEX_STAGE='' CODEX_ENTRY='' CODEX_SYNCING=no CODEX_LOCKED=no CODEX_PROBLEMS=no
: "${HOME:?is not set: the agent has to run as a user with a home}"
export PATH="$HOME/.local/bin:$PATH"
