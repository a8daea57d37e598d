# shellcheck shell=bash
set -euo pipefail
USER_UMASK=$(umask)
umask 077
: "${HOME:?is not set: the agent has to run as a user with a home}"
export PATH="$HOME/.local/bin:$PATH"
