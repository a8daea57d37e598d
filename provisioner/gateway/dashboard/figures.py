"""What was recorded in, tiles, charts and tables of it out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from provisioner.gateway.dashboard.charts import Chart, Series, stacked_bars
from provisioner.gateway.dashboard.cost import list_price
from provisioner.gateway.dashboard.text import compact, money, number
from provisioner.gateway.record.figures import ModelTokens, OutcomeCount
from provisioner.gateway.record.model import Outcome

__all__ = ["ModelFigures", "cost_chart", "error_chart", "model_figures", "token_chart"]

_NAMED_MODELS = 5
_BAD = (Outcome.FAILED, Outcome.CANCELLED, Outcome.INTERRUPTED)


@dataclass(frozen=True, slots=True)
class ModelFigures:
    """All that one model did; `cost` is None when its price is not known."""

    model: str
    interceptions: int
    failed: int
    input: int
    cached: int
    output: int
    cost: float | None

    @property
    def tokens(self) -> int:
        """All tokens."""
        return self.input + self.cached + self.output


def model_figures(
    tokens: Iterable[ModelTokens], counts: Iterable[OutcomeCount]
) -> tuple[ModelFigures, ...]:
    """Return the figures of each model, the one with the most tokens first."""
    sums: defaultdict[str, list[ModelTokens]] = defaultdict(list)
    ended: defaultdict[str, Counter[Outcome]] = defaultdict(Counter)
    for entry in tokens:
        sums[entry.model].append(entry)
    for count in counts:
        ended[count.model][count.outcome] += count.count
    found = [_figures(model, sums.get(model, ()), ended[model]) for model in {*sums, *ended}]
    return tuple(sorted(found, key=lambda entry: (-entry.tokens, entry.model)))


def token_chart(starts: Sequence[datetime], tokens: Iterable[ModelTokens]) -> Chart:
    """Return the chart of tokens over time by what they are."""
    kinds: dict[str, Counter[datetime]] = {
        kind: Counter() for kind in ("Input", "Cached input", "Output")
    }
    for entry in tokens:
        kinds["Input"][entry.start] += entry.input + entry.cache_write
        kinds["Cached input"][entry.start] += entry.cache_read
        kinds["Output"][entry.start] += entry.output
    series = _series(starts, kinds)
    return stacked_bars("tokens", "Tokens over time", starts, series, compact)


def cost_chart(starts: Sequence[datetime], tokens: Iterable[ModelTokens]) -> Chart:
    """Return the chart of cost over time, by the models that cost the most."""
    costs: defaultdict[str, dict[datetime, float]] = defaultdict(dict)
    for entry in tokens:
        cost = list_price(entry.model, entry)
        if cost:
            costs[entry.model][entry.start] = cost
    dearest = sorted(costs, key=lambda model: (-sum(costs[model].values()), model))
    named = {model: costs[model] for model in dearest[:_NAMED_MODELS]}
    if others := dearest[_NAMED_MODELS:]:
        named["Other models"] = {
            start: sum(costs[model].get(start, 0.0) for model in others) for start in starts
        }
    return stacked_bars("cost", "Cost over time", starts, _series(starts, named), money)


def error_chart(starts: Sequence[datetime], counts: Iterable[OutcomeCount]) -> Chart:
    """Return the chart of what did not end well, over time."""
    kinds: dict[Outcome, Counter[datetime]] = {outcome: Counter() for outcome in _BAD}
    for entry in counts:
        if entry.outcome in kinds:
            kinds[entry.outcome][entry.start] += entry.count
    series = _series(starts, {outcome.capitalize(): found for outcome, found in kinds.items()})
    return stacked_bars("errors", "Errors over time", starts, series, number)


def _figures(model: str, tokens: Sequence[ModelTokens], ended: Counter[Outcome]) -> ModelFigures:
    costs = [list_price(model, entry) for entry in tokens]
    return ModelFigures(
        model=model,
        interceptions=ended.total(),
        failed=ended[Outcome.FAILED],
        input=sum(entry.input + entry.cache_write for entry in tokens),
        cached=sum(entry.cache_read for entry in tokens),
        output=sum(entry.output for entry in tokens),
        cost=None if None in costs else sum(cost for cost in costs if cost is not None),
    )


def _series(
    starts: Sequence[datetime], numbers: Mapping[str, Mapping[datetime, float]]
) -> tuple[Series, ...]:
    return tuple(
        Series(name, [found.get(start, 0) for start in starts]) for name, found in numbers.items()
    )
