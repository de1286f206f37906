"""`naba topics`: the topics of the cluster, created and checked."""

import click
from kafka import KafkaAdminClient

from connectors.cluster.connect import cluster_errors, connect
from connectors.cluster.settings import KafkaSettings
from connectors.cluster.topics import Mismatch, alter, create_missing, find_mismatches, plan_topics
from schemas.letter import CLEAN
from schemas.wrong_use import WrongUse
from streams.settings import Settings
from streams.verbs.options import config_option, open_settings
from streams.verbs.tell import warn

_WAIT = 30.0  # seconds for a broker


@click.command()
@click.option("--alter", "mend", is_flag=True, help="Set configs that are not as they should be.")
@config_option
def topics(mend: bool, config: str | None) -> None:
    """Create the topics that are missing on the cluster, and check the others.

    Running it again changes nothing. A topic that is not as the settings want it ends this with 2;
    --alter sets its configs (how long it keeps, clean-up, sizes). The number of partitions of a topic
    that is there is never changed: every site would move away from what is known of it.
    """
    settings = open_settings(config)
    with cluster_errors(settings.kafka):
        admin = connect(KafkaAdminClient, settings.kafka, warn, _WAIT)
        try:
            _bring_about(admin, settings, mend)
        finally:
            admin.close()


def _bring_about(admin: KafkaAdminClient, settings: Settings, mend: bool) -> None:
    plan = plan_topics(settings.kafka, settings.store.keep_raw)
    created = create_missing(admin, plan)
    wrong = find_mismatches(admin, plan)
    altered = [one for one in wrong if one.is_config] if mend else []
    alter(admin, altered)
    left = [one for one in wrong if one not in altered]
    width = max(len(topic.name) for topic in plan)
    for topic in plan:
        done = "created" if topic.name in created else "as it should be"
        if changes := [f"{one.key} {one.found} → {one.wanted}" for one in altered if one.topic == topic.name]:
            done = f"altered: {', '.join(changes)}"
        if misses := [f"{one.key} {one.found}, not {one.wanted}" for one in left if one.topic == topic.name]:
            done = f"WRONG: {'; '.join(misses)}"
        click.echo(f"{topic.name:<{width}}  {done}")
    if left:
        # One piece of advice for all topics that it holds for.
        advice = dict.fromkeys(_advise(one, settings.kafka) for one in left)
        raise WrongUse("\n  ".join([*(str(one) for one in left), *advice]))


def _advise(one: Mismatch, kafka: KafkaSettings) -> str:
    if one.is_config:
        return "`naba topics --alter` sets the configs"
    if one.key == "replication factor":
        return f"let kafka.replication_factor be {one.found}, or reassign the replicas with Kafka's own tools"
    if one.topic in (kafka.topic(CLEAN), kafka.changelog("rows")):
        return f"{one.topic}: articles are compared in one order; delete it if nothing in it is needed"
    return (
        f"let kafka.partitions be {one.found}, or begin anew under another kafka.topic_prefix: with another "
        "number of partitions every site would move away from what is known of it"
    )
