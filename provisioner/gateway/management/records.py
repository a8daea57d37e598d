"""Interceptions with all that is recorded of them; a call of this gateway's own, in every era."""

from __future__ import annotations

from sqlalchemy import Connection

from provisioner.gateway.management.call import ApiAnswer, ApiCall
from provisioner.gateway.management.interceptions import page_of_interceptions
from provisioner.gateway.record.document import record_document

__all__ = ["list_records"]


def list_records(connection: Connection, call: ApiCall) -> ApiAnswer:
    """Answer with the ended interceptions that fit, newest first."""
    count, records = page_of_interceptions(connection, call)
    return ApiAnswer({"count": count, "records": [record_document(each) for each in records]})
