"""The command that tells what the rules find, miss and invent."""

from typing import Annotated

import typer

from stream_app.core.rule_set import RuleSetName
from stream_app.core.tuning import Feed
from stream_app.options import AsJson
from stream_app.progress import bar
from stream_app.settings import load

EXAMPLES = "Examples:  stream-app evaluate   |   stream-app evaluate --rules simple --seed 8 --json"


def evaluate(
    context: typer.Context,
    seed: Annotated[int, typer.Option(help="Of the simulated traffic.")] = 7,
    customers: Annotated[int, typer.Option(min=1, max=20_000, help="Simulated ones.")] = 300,
    days: Annotated[int, typer.Option(min=7, max=366, help="Of simulated traffic.")] = 60,
    rules: Annotated[RuleSetName, typer.Option(help="Which are asked.")] = RuleSetName.FULL,
    as_json: AsJson = False,
) -> None:
    """Compare what the rules say of simulated customers with the truth about them: found, missed, invented.

    The rest of the settings applies. In simulated traffic is all that may reach us, unless the settings say what does.
    """
    from stream_app.evaluation.run import evaluate as evaluated
    from stream_app.evaluation.table import render, to_json

    settings = load(context.obj)
    chosen = settings.rules.model_copy(update={"set": rules})
    settings = settings.model_copy(update={"rules": chosen, "feeds": settings.feeds or tuple(Feed)})
    with bar() as progress:
        found = evaluated(
            settings.rule_set(),
            settings.notify_rules(),
            seed=seed,
            customers=customers,
            days=days,
            progress=progress,
        )
    typer.echo(to_json(found) if as_json else render(found), nl=as_json)
