"""Comments that ask to leave findings out, and which findings they leave out.

`# provisioner: ignore[PRV101] the reason` stands on the line of the finding, or alone on the line
above it. `# provisioner: ignore-file[PRV401] the reason`, before anything but comments, is for the
whole file. Several rules, codes or names, are separated by commas. In the TOML of a template, a
TOML comment counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from provisioner.finding import Finding, Span
from provisioner.syntax.comments import hcl_comments, toml_comments
from provisioner.syntax.source import LocatedText, SourceText
from provisioner.validate.rule import Rule
from provisioner.validate.terraform_codes import TERRAFORM_CODES
from provisioner.validate.workspace import TOO_LATE, IgnoredRule, Suppressions, Workspace

__all__ = ["Suppressed", "suppress", "suppress_terraform"]

_MARK = "provisioner:"
_COMMENT = re.compile(
    r"(?:#|//|/\*)\s*provisioner:\s*ignore(?P<file>-file)?\[(?P<names>[^\]\n]*)\](?P<reason>.*)",
    re.DOTALL,
)
# What was meant as one and says no rules.
_NAMELESS = re.compile(
    r"(?:#|//|/\*)\s*(?P<words>provisioner:\s*ignore(?:-file)?)\b", re.IGNORECASE
)
_NAME = re.compile(r"[^,\s](?:[^,]*[^,\s])?")


class Suppressed(Struct, frozen=True):
    """Findings that stay, those that do not, and what the comments were good for."""

    kept: tuple[Finding, ...]
    hidden: tuple[Finding, ...]
    suppressions: Suppressions


def suppress(
    findings: Sequence[Finding], workspace: Workspace, rules: Iterable[Rule], ran: Iterable[Rule]
) -> Suppressed:
    """Take out of `findings` what a comment covers; `ran` are the rules that looked for them.

    Rules that cannot be ignored stay.
    """
    known = tuple(rules)
    fixed = {rule.code for rule in known if not rule.can_be_ignored}
    ignored = tuple(_ignored_rules(workspace))
    covering = _covering(findings, ignored)
    hidden = tuple(
        finding for finding in findings if covering[finding] and finding.code not in fixed
    )
    used = {item for finding in hidden for item in covering[finding]}
    looked = {rule.code for rule in ran}
    # Terraform is asked, if at all, when all of this is done.
    names = [(rule.code, rule.name) for rule in known]
    names += [(item.code, item.name) for item in TERRAFORM_CODES]
    codes = {name: pair[0] for pair in names for name in pair}
    denoted = {item: {codes[item.name]} if item.name in codes else set() for item in ignored}
    unknown = frozenset(item for item in ignored if not denoted[item] - fixed)
    unused = {item for item in ignored if denoted[item] <= looked} - unknown - used
    left_out = frozenset(hidden)
    kept = tuple(finding for finding in findings if finding not in left_out)
    listed = tuple(name for pair in names if pair[0] not in fixed for name in pair)
    return Suppressed(kept, hidden, Suppressions(ignored, frozenset(unused), unknown, listed))


def suppress_terraform(
    findings: Sequence[Finding], sources: Mapping[str, str], codes: Iterable[str]
) -> Suppressed:
    """Take out of what Terraform finds what a comment in one of `sources` covers.

    `codes` are those that were looked for: a comment about another one is not unused.
    """
    names = {item.name: item.code for item in TERRAFORM_CODES}
    looked = frozenset(codes)
    ignored = tuple(
        item
        for path, text in sources.items()
        if path.endswith(".tf") and _MARK in text
        for item in _read(SourceText(path, text), hcl_comments(text), path)
        if names.get(item.name, item.name) in looked
    )
    covering = _covering(findings, ignored)
    used = {item for items in covering.values() for item in items}
    unused = frozenset(ignored) - used
    return Suppressed(
        tuple(finding for finding in findings if not covering[finding]),
        tuple(finding for finding in findings if covering[finding]),
        Suppressions(ignored, unused, frozenset(), ()),
    )


def _covering(
    findings: Iterable[Finding], ignored: Iterable[IgnoredRule]
) -> dict[Finding, list[IgnoredRule]]:
    """Return what covers each finding."""
    by_place: dict[tuple[str, int | None, str], list[IgnoredRule]] = {}
    for item in ignored:
        by_place.setdefault((item.path, item.line, item.name), []).append(item)
    return {
        finding: [
            item
            for line in (None, finding.span.start.line)
            for name in dict.fromkeys((finding.code, finding.name))
            for item in by_place.get((finding.path, line, name), ())
        ]
        for finding in findings
    }


def _ignored_rules(workspace: Workspace) -> Iterator[IgnoredRule]:
    for document in workspace.hcl:
        text = document.source.text
        if _MARK in text:
            yield from _read(document.source, hcl_comments(text), document.source.path)
    for toml in (*workspace.toml, *workspace.embedded_toml):
        if _MARK in toml.located.text:
            yield from _read(toml.located, toml_comments(toml.located), toml.path)
    for file in workspace.router:
        yield from _read(file.document.source, file.document.comments, file.path)


def _read(
    located: LocatedText, comments: Sequence[tuple[int, int]], path: str
) -> Iterator[IgnoredRule]:
    text = located.text
    for start, end in comments:
        match = _COMMENT.match(text, start, end)
        if not match:
            yield from _nameless(located, start, end, path)
            continue
        line = located.span(start, end).start.line
        alone = not text[text.rfind("\n", 0, start) + 1 : start].strip()
        at_top = alone and not _without(text[:start], comments).strip()
        covered: int | None = line + alone
        if match["file"]:
            covered = None if at_top else TOO_LATE
        reason = match["reason"].removesuffix("*/").strip()
        for name in _NAME.finditer(match["names"]):
            place = match.start("names") + name.start()
            span: Span = located.span(place, place + len(name[0]))
            yield IgnoredRule(name[0], path, span, covered, reason)


def _nameless(located: LocatedText, start: int, end: int, path: str) -> Iterator[IgnoredRule]:
    match = _NAMELESS.match(located.text, start, end)
    if match:
        yield IgnoredRule("", path, located.span(*match.span("words")), TOO_LATE, "")


def _without(text: str, comments: Iterable[tuple[int, int]]) -> str:
    """Return `text`, the beginning of the whole, without the comments in it."""
    kept, last = [], 0
    for start, end in comments:
        if start < len(text):
            kept.append(text[last:start])
            last = end
    return "".join([*kept, text[last:]])
