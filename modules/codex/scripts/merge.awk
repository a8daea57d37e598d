# Merges the managed block into the user's config.toml:
#   awk -f toml.awk -f merge.awk BLOCK CONFIG > MERGED
#
# Both files come with one line end more than they have, so that a missing last one shows.
# TOML wants root keys above all tables. So the user's root keys stay above the block and the
# user's tables below it; what the block sets as well becomes a comment.
# Ends with 3 when BLOCK has no end (an open string or bracket), 4 when CONFIG has none, 5 when
# BLOCK says something twice. What was changed is told on standard error.

BEGIN {
  SEP = "\034"
  START = "# >>> coder-managed: codex module >>>"
  END_MARK = "# <<< coder-managed: codex module <<<"
  NOTE = "# The template sets this in the managed block; your own is kept here:"
  block_count = read_lines(ARGV[1], block)
  user_count = read_lines(ARGV[2], user)
  sub(/^\357\273\277/, "", user[1])
  read_block()
  find_markers()
  read_user()
  write_all()
  exit 0
}

function fail(code) { exit code }

function tell(message) { print message | "cat 1>&2" }

function read_lines(path, lines,    count, line) {
  count = 0
  while ((getline line < path) > 0) lines[++count] = line
  close(path)
  return count
}

# --- What the block defines ---------------------------------------------------------------------

# Marks every table that leads to `path` and is below `table`.
function lead(path, table, how,    at, rest, prefix) {
  at = (table == "") ? 0 : length(table) + 1
  while ((rest = index(substr(path, at + 1), SEP)) > 0) {
    at += rest
    prefix = substr(path, 1, at - 1)
    if (!(prefix in defined)) defined[prefix] = how
  }
}

function define(path, how,    twice) {
  twice = (path in defined) && (how != "array" || defined[path] != "array")
  if (twice && !(how == "table" && defined[path] == "implied")) {
    tell("\"" dotted(path) "\" is there twice")
    fail(5)
  }
  defined[path] = how
}

# The next element of an array of tables may say what the one before said.
function forget_below(array,    path) {
  for (path in defined) if (index(path, array SEP) == 1) delete defined[path]
}

function read_block(    number, table) {
  table = ""
  for (number = 1; number <= block_count; number++) {
    if (!is_open()) {
      classify(block[number], table)
      if (kind == "table" || kind == "array") {
        table = path
        lead(path, "", "implied")
        define(path, kind)
        if (kind == "array") forget_below(path)
        continue
      }
      if (kind == "gap") continue
      lead(path, table, "dotted")
      if (path != "") define(path, "value")
    }
    follow(without_return(block[number]))
  }
  if (is_open()) fail(3)
}

# --- The user's text ----------------------------------------------------------------------------

# A block is a start and the next end; a marker that lacks the other is dropped alone.
function find_markers(    number, text, start) {
  start = 0
  for (number = 1; number <= user_count; number++) {
    text = trimmed(user[number])
    if (text == START) start = number
    if (text == START || text == END_MARK) gone[number] = 1
    if (text == END_MARK && start) {
      while (start < number) gone[start++] = 1
      start = 0
    }
  }
}

function is_taken(path, table,    at, rest, prefix, how) {
  if (path in defined) return 1
  at = (table == "") ? 0 : length(table) + 1
  while ((rest = index(substr(path, at + 1), SEP)) > 0) {
    at += rest
    prefix = substr(path, 1, at - 1)
    how = (prefix in defined) ? defined[prefix] : ""
    # A table named in a header cannot be added to by a dotted key, except from the root above it.
    if (how == "value" || how == "table" || how == "array" || (how == "implied" && table != ""))
      return 1
  }
  return 0
}

# Says whether a header is one of the block's, or below one that is a comment now.
function is_taken_table(path, kind,    at, rest, prefix) {
  if (in_own_array(path)) return 0
  if (path in defined && defined[path] != "implied")
    return defined[path] != "array" || kind != "array"
  at = 0
  while ((rest = index(substr(path, at + 1), SEP)) > 0) {
    at += rest
    prefix = substr(path, 1, at - 1)
    if (prefix in dropped) return 1
    if (prefix in defined && (defined[prefix] == "value" || defined[prefix] == "array")) return 1
  }
  return 0
}

# Elements that the user adds to an array of tables have names of their own.
function in_own_array(path,    array) {
  for (array in own_arrays) if (path == array || index(path, array SEP) == 1) return 1
  return 0
}

function noted(text, path) {
  tell("config.toml: \"" dotted(path) "\" is set by the template; your own is a comment now")
  return NOTE ((text ~ /\r\n$/) ? "\r\n" : "\n") as_comment(text)
}

function as_comment(text,    closed, count, lines, number, made) {
  closed = text ~ /\n$/
  if (closed) text = substr(text, 1, length(text) - 1)
  count = split(text, lines, "\n")
  made = ""
  for (number = 1; number <= count; number++)
    made = made "# " lines[number] ((number < count || closed) ? "\n" : "")
  return made
}

# Takes one statement, or one line that is none, to where it belongs.
function place(text, kind, path,    take) {
  if (kind == "gap") { pending = pending text; return }
  if (kind == "pair" && !below) {
    take = path != "" && (is_taken(path, "") || (path in root_keys))
    root_keys[path] = 1
    root = root pending (take ? noted(text, path) : text)
    pending = ""
    return
  }
  if (kind != "pair") {
    if (!below) split_pending()
    below = 1
    table = path
    drop = is_taken_table(path, kind)
    if (drop) dropped[path] = 1
    else if (kind == "array") own_arrays[path] = 1
    text = drop ? noted(text, path) : text
  } else if (drop) text = as_comment(text)
  else if (!in_own_array(table) && is_taken(path, table)) text = noted(text, path)
  rest = rest pending text
  pending = ""
}

# Before the first header: comments right above it belong to it, the others to the root.
function split_pending(    count, lines, number, above) {
  if (segment > 1) return
  count = split(pending, lines, "\n")
  for (number = count - 1; number > 0 && lines[number] ~ /^[ \t]*#($|[^:])/; number--) ;
  above = 0
  while (number > 0) above += length(lines[number--]) + 1
  root = root substr(pending, 1, above)
  pending = substr(pending, above + 1)
}

# What is left at a marker or the end: in the first segment it stays above the block.
function end_segment() {
  if (is_open()) fail(4)
  if (segment == 1 && !below) root = root pending
  else rest = rest pending
  pending = ""
  table = ""
  below = 0
  drop = 0
  segment++
}

function read_user(    number, text, ending, statement, its_kind, its_path) {
  segment = 1
  open_string = ""
  depth = 0
  statement = ""
  for (number = 1; number <= user_count; number++) {
    if (number in gone) {
      if (!((number - 1) in gone)) end_segment()
      continue
    }
    ending = (number < user_count) ? "\n" : ""
    if (!is_open()) {
      classify(user[number], table)
      its_kind = kind
      its_path = path
    }
    if (its_kind == "pair") follow(without_return(user[number]))
    statement = statement user[number] ending
    if (is_open()) continue
    if (statement != "") place(statement, its_kind, its_path)
    statement = ""
  }
  end_segment()
}

function write_all(    number) {
  if (root != "" && root !~ /\n$/) root = root "\n"
  printf "%s", root
  if (root != "" && root !~ /(^|\n)[ \t\r]*\n$/) printf "\n"
  print START
  for (number = 1; number < block_count || (number == block_count && block[number] != ""); number++)
    print block[number]
  print END_MARK
  if (rest != "" && rest !~ /^[ \t\r]*(\n|$)/) printf "\n"
  printf "%s", rest
}
