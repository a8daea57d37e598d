# shellcheck shell=bash
# Codex of the wanted version in ~/.local: each install has a folder of its own, and the link
# ~/.local/bin/codex is moved in one step once the new program has said its version.

CODEX_BIN=$HOME/.local/bin
CODEX_SHARE=$HOME/.local/share/provisioner-codex
CODEX_LINK_PREFIX=../share/provisioner-codex/

said_version() { "$1" --version </dev/null 2>/dev/null; }

is_wanted() {
  local said
  said=$(said_version "$1") || return 1
  [ "${said##* }" = "$WANTED_VERSION" ]
}

linked() {
  local link
  link=$(readlink "$CODEX_BIN/codex") || return 1
  [[ $link == "$CODEX_LINK_PREFIX"* ]] && printf '%s\n' "$link"
}

# A lone program from elsewhere may lack the code-mode host, without which tools do not run.
is_complete() {
  local real
  real=$(readlink -f "$1") || return 1
  [[ $real == *.js ]] || [ -x "${real%/*}/codex-code-mode-host" ]
}

is_present() {
  local found
  hash -r
  found=$(command -v codex) || return 1
  is_wanted "$found" || return 1
  if [ "$found" = "$CODEX_BIN/codex" ] && linked >/dev/null; then return 0; fi
  is_complete "$found"
}

install_codex() {
  mkdir -p "$CODEX_BIN" "$CODEX_SHARE"
  prune # First, because what a killed start left may have filled the disk.
  case $WANTED_SOURCE in
    image) use_image ;;
    *)
      if is_present; then
        log "Codex $WANTED_VERSION is there"
      else
        install_new
      fi
      ;;
  esac
  prune
  show_on_path
}

install_new() {
  CODEX_STAGE=$(mktemp -d "$CODEX_SHARE/$WANTED_VERSION.XXXXXX") || fail "cannot write below $CODEX_SHARE: is the disk full?"
  log "installing Codex $WANTED_VERSION ($WANTED_SOURCE)"
  case $WANTED_SOURCE in
    npm) from_npm ;;
    release) from_release ;;
  esac
  if ! is_wanted "$CODEX_STAGE/$CODEX_ENTRY"; then
    fail "what was installed does not say it is Codex $WANTED_VERSION: is the disk full, or the home mounted noexec?"
  fi
  switch_to "$CODEX_STAGE/$CODEX_ENTRY"
  CODEX_STAGE=
  log "installed Codex $WANTED_VERSION"
}

from_npm() {
  local given=()
  need npm "install Node.js in the image, or set install_source to \"release\" or \"image\""
  need node "Codex from npm runs on it; install Node.js in the image"
  if [ -n "$WANTED_ARTIFACT_URL" ]; then given=(--registry "$(decoded "$WANTED_ARTIFACT_URL")"); fi
  # From the new folder, so that no project's .npmrc has a say.
  if ! (cd "$CODEX_STAGE" && npm install --prefix "$CODEX_STAGE" --include=optional --ignore-scripts \
    --no-audit --no-fund --loglevel=error "${given[@]+"${given[@]}"}" \
    "@openai/codex@$WANTED_VERSION" </dev/null); then
    fail "npm cannot install @openai/codex@$WANTED_VERSION: see what npm says above; does the workspace reach the registry? Its address is npm's own setting, or artifact_url"
  fi
  CODEX_ENTRY=node_modules/.bin/codex
}

target() {
  case $(uname -m) in
    x86_64 | amd64) echo x86_64-unknown-linux-musl ;;
    aarch64 | arm64) echo aarch64-unknown-linux-musl ;;
    *) fail "there is no release of Codex for $(uname -m): set install_source to \"image\"" ;;
  esac
}

from_release() {
  local archive=$CODEX_STAGE/codex-package.tar.gz url target wanted found
  need curl "install it in the image, or set install_source to \"npm\" or \"image\""
  need tar "install it in the image, or set install_source to \"image\""
  need gzip "install it in the image, or set install_source to \"image\""
  need sha256sum "install coreutils in the image, or set install_source to \"image\""
  target=$(target)
  wanted=$(decoded "$WANTED_ARTIFACT_SHA256" | awk -v target="$target" '$1 == target { print $2 }')
  [ -n "$wanted" ] || fail "artifact_sha256 has no entry for $target: add it to the template"
  url=$(decoded "$WANTED_ARTIFACT_URL")
  url=${url//'{version}'/"$WANTED_VERSION"}
  url=${url//'{target}'/"$target"}
  download "$url" "$archive"
  found=$(sha256sum <"$archive")
  if [ "${found%% *}" != "$wanted" ]; then
    fail "$url has the checksum ${found%% *}, and artifact_sha256 says $wanted: nothing was unpacked; correct whichever is wrong"
  fi
  tar -xzof "$archive" -C "$CODEX_STAGE" || fail "cannot unpack $url: is the disk full?"
  rm -f "$archive"
  CODEX_ENTRY=bin/codex
  [ -x "$CODEX_STAGE/$CODEX_ENTRY" ] || fail "$url has no bin/codex: it must be a codex-package archive, not the program alone"
  [ -x "$CODEX_STAGE/bin/codex-code-mode-host" ] || warn "$url has no bin/codex-code-mode-host: Codex 0.153 and newer cannot run tools without it"
}

download() { # URL TO
  local allowed='=https'
  case $1 in http://*) allowed='=http,https' ;; esac
  curl -fsSL --proto "$allowed" --proto-redir "$allowed" --connect-timeout 20 --max-time 1800 \
    --retry 3 -o "$2" -- "$1" </dev/null ||
    fail "cannot download $1: does the workspace reach it? A mirror goes into artifact_url"
}

# Moves the link in one step; a program that somebody put there is kept once.
switch_to() {
  local link=$CODEX_LINK_PREFIX${1#"$CODEX_SHARE/"} new=$CODEX_BIN/.codex.$$
  if [ -e "$CODEX_BIN/codex" ] && [ ! -L "$CODEX_BIN/codex" ] && [ ! -e "$CODEX_BIN/codex.before-provisioner" ]; then
    ln "$CODEX_BIN/codex" "$CODEX_BIN/codex.before-provisioner" 2>/dev/null || cp -p "$CODEX_BIN/codex" "$CODEX_BIN/codex.before-provisioner"
    log "the codex that was in $CODEX_BIN is codex.before-provisioner now"
  fi
  ln -sf "$link" "$new"
  mv -f "$new" "$CODEX_BIN/codex" || fail "cannot write $CODEX_BIN/codex"
}

# What is not linked is an older version or was cut short. Without the lock it could be at work,
# unless it is a day old.
prune() {
  local current folder
  current=$(linked) || current=
  for folder in "$CODEX_SHARE"/*; do
    [ -d "$folder" ] || continue
    case $current in "$CODEX_LINK_PREFIX${folder##*/}/"*) continue ;; esac
    [ "$CODEX_LOCKED" = yes ] || is_old "$folder" || continue
    rm -rf "$folder"
  done
}

is_old() { [ -n "$(find "$1" -maxdepth 0 -mmin +1440 2>/dev/null)" ]; }

use_image() {
  local found said
  if linked >/dev/null; then rm -f "$CODEX_BIN/codex"; fi
  hash -r
  found=$(command -v codex) || fail "the image has no codex on PATH: add it to the image, or set install_source to \"npm\" or \"release\""
  said=$(said_version "$found") || fail "$found of the image does not run: \"$found --version\" says why"
  if [ -n "$WANTED_VERSION" ] && [ "${said##* }" != "$WANTED_VERSION" ]; then
    warn "the image has ${said##* }, and the template is made for Codex $WANTED_VERSION: build the image again, or set codex_version to what it has"
  fi
  log "using $found ($said)"
}

# Shells that began before ~/.local/bin was there find Codex in the agent's own folder.
show_on_path() {
  local shown=${CODER_SCRIPT_BIN_DIR:-}/codex
  [ -n "${CODER_SCRIPT_BIN_DIR:-}" ] && [ -d "$CODER_SCRIPT_BIN_DIR" ] || return 0
  if [ -L "$shown" ]; then rm -f "$shown"; fi
  if [ -e "$CODEX_BIN/codex" ] && [ ! -e "$shown" ]; then ln -s "$CODEX_BIN/codex" "$shown"; fi
}
