"""Codex config on a machine: merge into a Codex home, safely, and bring back what was there.

Rules that `apply` and `undo` keep:

- Only the keys we set are touched, each at its own place in the text. Comments, order, blank
  lines, line endings, a byte order mark and the way of writing (dotted keys, inline tables, quoted
  headers) stay. The result is read back with `tomllib`: our keys have our values, everything else
  has the value it had; a text for which this fails is refused.
- A value or a provider table that we did not write, or that was edited since we wrote it, is a
  conflict: all are listed and nothing is changed, unless forced. A key that is missing is added
  without asking, except to a provider table that is not ours.
- In a provider table of ours, only the keys of `HARMLESS_PROVIDER_KEYS` may stand beside those we
  want; every other one could send the request or the credential elsewhere and is removed.
- A selected profile that beats a key of ours, or with which Codex does not start, is a conflict.
- What an earlier apply wrote and a later one no longer wants goes away, and what it had replaced
  or removed comes back, unless it was edited in between.
- The block that the Codex module regenerates at each workspace start is never edited, not even
  when forced: root keys go above it, tables below.
- State lives in `.provisioner` (0700, its files 0600): the original bytes and modes, what we wrote
  for which key, and a journal. Once the journal stands, an interrupted apply or undo is carried to
  its end by the next one; before that, nothing has changed.
- The state folder is used only when it is the user's own and closed to others, and only for files
  of its home or what they link to; it never makes a file that others can write.
- `undo` restores bytes and modes exactly, and removes what apply created. In a file that was edited
  since, it puts back our keys one by one: other edits, and keys of ours that were changed, stay
  and are told. It refuses when a file was removed since. With nothing to undo it says so and
  succeeds, like apply with nothing to change.
- A file that exists keeps its mode, a new one gets 0600; a link is kept and its target written.
"""
