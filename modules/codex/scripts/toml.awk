# Reads TOML by line, as far as an edit needs: statements, headers and their keys.
# Part of merge.awk; SEP parts the names in a path.

function without_return(line) { sub(/\r$/, "", line); return line }

function trimmed(line) { gsub(/^[ \t\r]+|[ \t\r\n]+$/, "", line); return line }

# Position after the one-line string that begins at `at`.
function after_string(line, at,    quote, char) {
  quote = substr(line, at++, 1)
  while (at <= length(line)) {
    char = substr(line, at, 1)
    if (char == quote) return at + 1
    at += (char == "\\" && quote == "\"") ? 2 : 1
  }
  return at
}

# Position after the text of a many-line string, or beyond the line when it goes on.
function after_open(line, at,    char, more) {
  while (at <= length(line)) {
    char = substr(line, at, 1)
    if (char == "\\" && open_string == "\"\"\"") { at += 2; continue }
    if (substr(line, at, 3) != open_string) { at++; continue }
    at += 3
    # Two quotes may stand before the three that close.
    for (more = 0; more < 2 && substr(line, at, 1) == char; more++) at++
    open_string = ""
    return at
  }
  return at
}

# Follows strings and brackets through a line of a statement.
function follow(line,    at, char) {
  at = 1
  while (at <= length(line)) {
    if (open_string != "") { at = after_open(line, at); continue }
    char = substr(line, at, 1)
    if (char == "#") return
    if (substr(line, at, 3) == char char char && (char == "\"" || char == "'")) {
      open_string = char char char
      at += 3
      continue
    }
    if (char == "\"" || char == "'") { at = after_string(line, at); continue }
    if (char == "[" || char == "{") depth++
    if ((char == "]" || char == "}") && depth > 0) depth--
    at++
  }
}

function is_open() { return open_string != "" || depth > 0 }

function unquoted(text) {
  if (text ~ /^'/) return substr(text, 2, length(text) - 2)
  text = substr(text, 2, length(text) - 2)
  gsub(/\\"/, "\"", text)
  gsub(/\\\\/, "\\", text)
  return text
}

# The key at the start of `text`, its parts joined by SEP; "" when there is none.
function key_path(text,    path, part, at) {
  path = ""
  while (1) {
    sub(/^[ \t]+/, "", text)
    if (text ~ /^["']/) {
      at = after_string(text, 1)
      part = unquoted(substr(text, 1, at - 1))
    } else {
      match(text, /^[A-Za-z0-9_-]*/)
      at = RLENGTH + 1
      if (at == 1) return ""
      part = substr(text, 1, at - 1)
    }
    path = path (path == "" ? "" : SEP) part
    text = substr(text, at)
    sub(/^[ \t]+/, "", text)
    if (substr(text, 1, 1) != ".") return path
    text = substr(text, 2)
  }
}

function dotted(path) { gsub(SEP, ".", path); return path }

# Sets `kind` (gap, table, array or pair) and `path`, which is full, of the statement at `line`.
function classify(line, table,    text) {
  text = without_return(line)
  sub(/^[ \t]+/, "", text)
  path = ""
  if (text == "" || text ~ /^#/) { kind = "gap"; return }
  if (text ~ /^\[/) {
    kind = (text ~ /^\[\[/) ? "array" : "table"
    sub(/^\[\[?/, "", text)
    path = key_path(text)
    return
  }
  kind = "pair"
  path = key_path(text)
  if (path != "" && table != "") path = table SEP path
}
