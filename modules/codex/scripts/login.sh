# shellcheck shell=bash
# Whatever the credential asks for beyond variables; a key passes through pipes only.

check_login() {
  case $WANTED_CREDENTIAL in
    api_key_login) log_in_with_key ;;
    codex_api_key)
      [ -n "${CODEX_API_KEY:-}" ] ||
        warn "CODEX_API_KEY is not set: give it in \"environment\", or run \`coder secret create codex --env CODEX_API_KEY\` and restart"
      ;;
    chatgpt_login) check_chatgpt ;;
  esac
}

# Says whether Codex has this very key, without a program that would show it as an argument.
has_stored() {
  local stored
  [ -r "$CODEX_FOLDER/auth.json" ] || return 1
  stored=$(<"$CODEX_FOLDER/auth.json")
  [[ ! $stored =~ \"auth_mode\"[[:space:]]*:[[:space:]]*\"chatgpt\" && $stored == *"\"$1\""* ]]
}

log_in_with_key() {
  local key=
  if [ -n "${CODEX_API_KEY:-}" ]; then
    warn "CODEX_API_KEY is set, and Codex prefers it to the stored key: unset it"
  fi
  if [ -n "$WANTED_LOGIN_ENV" ]; then key=${!WANTED_LOGIN_ENV:-}; fi
  key=$(trimmed "$key")
  if [ -z "$key" ]; then
    codex login status </dev/null >/dev/null 2>&1 ||
      log "no key is stored yet: run \`printenv ${WANTED_LOGIN_ENV:-VARIABLE} | codex login --with-api-key\` with your key in that variable"
  elif has_stored "$key"; then
    log "the key in $WANTED_LOGIN_ENV is stored already"
  elif printenv "$WANTED_LOGIN_ENV" | codex login --with-api-key >/dev/null 2>&1; then
    log "stored the key in $WANTED_LOGIN_ENV"
  else
    fail "Codex did not store the key in $WANTED_LOGIN_ENV: run \`printenv $WANTED_LOGIN_ENV | codex login --with-api-key\` to see why"
  fi
}

trimmed() {
  local text=$1
  text=${text#"${text%%[![:space:]]*}"}
  printf '%s' "${text%"${text##*[![:space:]]}"}"
}

check_chatgpt() {
  local name said
  for name in OPENAI_API_KEY CODEX_API_KEY; do
    [ -z "${!name:-}" ] || warn "$name is set in this workspace: Codex may send it instead of the ChatGPT login, and the gateway then bills or refuses the key. Remove it from coder_env, coder_agent.env, the image and your secrets"
  done
  said=$(codex login status </dev/null 2>&1) || said=
  case $said in
    *ChatGPT*) log "logged in with ChatGPT" ;;
    '') log "not logged in: run \`codex login --device-auth\`" ;;
    *) log "an API key is stored: run \`codex logout\`, then \`codex login --device-auth\`" ;;
  esac
}
