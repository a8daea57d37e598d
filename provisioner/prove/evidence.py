"""Outcome → a folder with what was sent, printed and recorded; secrets become hints."""

from __future__ import annotations

import json
from pathlib import Path

from provisioner.errors import OutputError
from provisioner.gateway.record.document import record_document
from provisioner.prove.outcome import Outcome
from provisioner.render.codex_config import config_files

__all__ = ["keep_evidence"]


def keep_evidence(outcome: Outcome, folder: Path) -> Path:
    """Write the evidence of one run into `folder`, and return it.

    Raises `OutputError` when it cannot be written.
    """
    records = [record_document(record) for record in outcome.records]
    contents = {
        **config_files(outcome.plan.codex, outcome.gateway_url),
        "answer.txt": outcome.run.answer,
        "log.txt": outcome.run.log,
        **{f"request-{n}.txt": text for n, text in enumerate(outcome.requests, start=1)},
        "records.json": json.dumps(records, indent=2) + "\n",
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in contents.items():
            (folder / name).write_text(outcome.redacted(text), encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror or error}") from error
    return folder
