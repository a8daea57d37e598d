# shellcheck shell=bash
# The template's settings in ~/.codex, beside what the user keeps there.

CODEX_PROFILE_HEAD='# Written by the template at each start; without this line the file is yours and stays.'

# Text with one line end more, for merge.awk.
with_end() {
  cat "$1"
  echo
}

write_config() {
  local config=$CODEX_FOLDER/config.toml code=0
  {
    decoded "$WANTED_BASE_CONFIG"
    if [ -n "$WANTED_MCP" ]; then
      printf '\n\n'
      decoded "$WANTED_MCP"
    fi
  } >"$CODEX_SCRATCH/block"
  : >"$CODEX_SCRATCH/before"
  if [ -e "$config" ]; then cat "$config" >"$CODEX_SCRATCH/before" || fail "cannot read $config"; fi
  merge || code=$?
  case $code in
    0) ;;
    3) fail "base_config_toml or mcp opens a string or a bracket that never ends: correct the template" ;;
    5) fail "base_config_toml and mcp together are no TOML ($(cat "$CODEX_SCRATCH/told")): correct the template" ;;
    4) set_aside "$config" ;;
    *) fail "awk cannot merge $config (it ended with $code): $(cat "$CODEX_SCRATCH/told")" ;;
  esac
  if [ -s "$CODEX_SCRATCH/told" ]; then
    keep_once "$config"
    while read -r line; do log "$line"; done <"$CODEX_SCRATCH/told"
  fi
  put_file "$CODEX_SCRATCH/merged" "$config"
}

merge() {
  with_end "$CODEX_SCRATCH/block" >"$CODEX_SCRATCH/block.end"
  with_end "$CODEX_SCRATCH/before" >"$CODEX_SCRATCH/before.end"
  LC_ALL=C awk "$(decoded "$MERGE_AWK")" "$CODEX_SCRATCH/block.end" "$CODEX_SCRATCH/before.end" \
    >"$CODEX_SCRATCH/merged" 2>"$CODEX_SCRATCH/told"
}

keep_once() {
  local kept=$1.before-provisioner
  [ ! -e "$kept" ] || return 0
  put_file "$CODEX_SCRATCH/before" "$kept"
  log "your config.toml as it was is in $kept"
}

# A string that never ends makes Codex refuse the file, and leaves nothing that could be merged.
set_aside() {
  local kept
  kept=$(mktemp "$1.set-aside.XXXXXX") || fail "cannot write in ${1%/*}"
  cat "$CODEX_SCRATCH/before" >"$kept"
  warn "your config.toml opens a string or a bracket that never ends, so Codex cannot read it: it is in $kept now, and config.toml has the settings of the template alone"
  : >"$CODEX_SCRATCH/before"
  merge || fail "awk cannot make $1: $(cat "$CODEX_SCRATCH/told")"
}

is_ours() {
  local first=
  read -r first <"$1" || true
  [ "$first" = "$CODEX_PROFILE_HEAD" ]
}

write_profiles() {
  local name text file wanted=' '
  while read -r name text; do
    [ -n "$name" ] || continue
    name=$(decoded "$name")
    wanted="$wanted$name "
    file=$CODEX_FOLDER/$name.config.toml
    if [ -e "$file" ] && ! is_ours "$file"; then
      log "$file is your own and stays; remove it to get the template's profile \"$name\""
      continue
    fi
    {
      printf '%s\n' "$CODEX_PROFILE_HEAD"
      decoded "$text"
    } >"$CODEX_SCRATCH/profile"
    put_file "$CODEX_SCRATCH/profile" "$file"
  done <<<"$WANTED_PROFILES"
  for file in "$CODEX_FOLDER"/*.config.toml; do
    name=${file##*/}
    name=${name%.config.toml}
    case $wanted in *" $name "*) continue ;; esac
    if [ -f "$file" ] && is_ours "$file"; then
      rm -f "$file"
      log "removed profile \"$name\", which is no longer in the template"
    fi
  done
}

make_workdir() {
  local folder
  [ -n "$WANTED_WORKDIR" ] || return 0
  folder=$(decoded "$WANTED_WORKDIR")
  if ! (umask "$CODEX_UMASK" && mkdir -p -- "$folder"); then
    warn "cannot make the workdir $folder: choose one that the workspace's user may write"
    CODEX_PROBLEMS=yes
  fi
}
