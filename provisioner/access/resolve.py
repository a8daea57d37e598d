"""An access file, a catalog and a request → one auth mode with what follows from it, or why not."""

from __future__ import annotations

from decimal import Decimal

from provisioner.access.auth_mode import PREFERENCE, AuthMode
from provisioner.access.case import Case
from provisioner.access.catalog import Catalog, CatalogEntry
from provisioner.access.denial import AccessDenied, Denial
from provisioner.access.flow_of_mode import flow_for
from provisioner.access.model import Access, Denied, Outcome, Request, Resolved, Step
from provisioner.access.pool import Pool
from provisioner.access.settings import settings_for
from provisioner.access.steps import STEPS
from provisioner.access.steps.caps import open_pools, warnings
from provisioner.access.unmatched import unmatched

__all__ = ["resolve_access"]


def resolve_access(access: Access, catalog: Catalog, request: Request) -> Outcome:
    """Decide who pays, for which model, where; every step says what it took away."""
    steps = list[Step]()
    try:
        case = Case(access, catalog, request, _entry(catalog, request, steps))
        left = _left(case, steps)
        return _resolved(case, _preferred(case, left, steps), steps)
    except AccessDenied as denied:
        return Denied(denied.code, denied.message, tuple(steps))


def _entry(catalog: Catalog, request: Request, steps: list[Step]) -> CatalogEntry:
    """Return the model that is asked for, or what replaced it."""
    model_id = request.profile.model_id
    if not model_id:
        message = f'profile "{request.profile.name}" names no model, nor does what it is based on'
        raise AccessDenied(Denial.MODEL_NOT_IN_CATALOG, f"model not in catalog: {message}")
    entry, passed = catalog.current(request.provider, model_id)
    notes = [f'model "{entry.id}"']
    notes += [f'it replaces "{old}", which is deprecated' for old in passed]
    steps.append(Step("model", "which model is asked for", (), PREFERENCE, tuple(notes)))
    return entry


def _left(case: Case, steps: list[Step]) -> tuple[AuthMode, ...]:
    """Return what all steps leave; raises `AccessDenied` where one of them leaves nothing."""
    left = PREFERENCE
    for kind in STEPS:
        removed = tuple(kind.take_away(case, left))
        gone = {removal.mode for removal in removed}
        left = tuple(mode for mode in left if mode not in gone)
        steps.append(Step(kind.name, kind.question, removed, left))
        if not left:
            reasons = dict.fromkeys(removal.reason for removal in removed)
            raise AccessDenied(_code(case, steps[-1]), "; ".join(reasons))
    return left


def _code(case: Case, last: Step) -> Denial:
    """Return the code of the mode that was asked for, or of the one that would have been taken."""
    codes = {removal.mode: removal.code for removal in last.removed}
    wanted = case.request.mode
    return codes[wanted] if wanted in codes else codes[min(codes, key=case.order.index)]


def _preferred(case: Case, left: tuple[AuthMode, ...], steps: list[Step]) -> AuthMode:
    wanted = case.request.mode
    mode = wanted if wanted in left else min(left, key=case.order.index)
    why = "it was asked for" if mode is wanted else f"the order is {', '.join(case.order)}"
    notes = [f"{mode}: {why}"]
    if wanted and mode is not wanted:
        notes.append(f"{wanted} was asked for and taken away")
    steps.append(Step("preference", "which one is taken", (), (mode,), tuple(notes)))
    return mode


def _resolved(case: Case, mode: AuthMode, steps: list[Step]) -> Resolved:
    entry, gateway = case.entry_for(mode), case.gateway_for(mode)
    flow = flow_for(mode, gateway) if gateway else None
    assert entry is not None and gateway is not None and flow is not None  # noqa: S101, PT018 - steps took away the others
    settings = settings_for(case.request.profile, entry, case.request.codex)
    pool = open_pools(case, mode)[0]
    notes = [*settings.notes, *warnings(case, mode, pool), *unmatched(case)]
    if case.request.mode not in {None, mode}:
        notes.append(f"{case.request.mode} was asked for and cannot be had: {mode} instead")
    return Resolved(
        mode=mode,
        entry=entry,
        pool=pool,
        gateway=gateway,
        flow=flow,
        effort=settings.effort,
        service_tier=settings.service_tier,
        codex_service_tier=settings.codex_service_tier,
        context_window=settings.context_window,
        spend_at_most=_spend_at_most(case, mode, pool),
        codex=case.request.codex,
        steps=tuple(steps),
        notes=tuple(notes),
    )


def _spend_at_most(case: Case, mode: AuthMode, pool: Pool) -> Decimal | None:
    limits = [case.left_under(cap) for cap in case.caps_on(mode, pool, stopping=True)]
    if mode is AuthMode.SHARED:
        limits.append(case.left_of_quota())
    return min((limit for limit in limits if limit is not None), default=None)
