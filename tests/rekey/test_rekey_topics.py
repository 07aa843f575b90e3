"""What of rekey the cluster shows, on a real broker."""

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from stream_app.cluster import describe_topics, problems
from stream_app.commands import recreated
from stream_app.partitioners import differing, partitioners
from tests.acceptance.wire import D, buy, view
from tests.faults.ground import Ground
from tests.faults.rekeyed import REKEYED, RekeyedGround

pytestmark = pytest.mark.kafka


async def test_a_source_of_any_partitions_and_keys_is_no_problem_and_may_be_made_anew(ground: Ground) -> None:
    """The internal topic is aligned with the others; `topics recreated` sets back who rekeys, not who judges."""
    astray = RekeyedGround(ground.bootstrap_servers, ground.folder, ground.name)
    await astray.create()
    views, orders = ([view(f"v{i}", i * D, "/pricing") for i in range(30)], [buy(f"b{i}", i * D) for i in range(30)])
    await astray.write_astray([*views, *orders])
    settings = astray.settings
    states = await describe_topics(settings)
    counts = {state.spec.name: state.partitions for state in states}

    assert [] == problems(states, settings) + differing(await partitioners(settings, states))
    for topic in REKEYED:
        assert (astray.source_partitions, 4) == (counts[settings.source(topic)], counts[settings.topic(topic)])

    await recreated.rekey_anew(settings, REKEYED[0])
    admin = AIOKafkaAdminClient(bootstrap_servers=ground.bootstrap_servers)
    await admin.start()
    found = {topic: await admin.list_consumer_group_offsets(settings.topic(topic)) for topic in REKEYED}
    await admin.close()
    places = [TopicPartition(settings.source(REKEYED[0]), number) for number in range(astray.source_partitions)]
    assert [dict.fromkeys(places, 0), {}] == [
        {place: at.offset for place, at in found[topic].items()} for topic in REKEYED
    ]
