"""The order in which a demonstration produces: what a worker judges, however it hesitates."""

from collections import defaultdict, deque
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from stream_app.core.events import HOUR
from stream_app.core.order import ALWAYS, Waiting, merge
from stream_app.demo.traffic import TOPICS, Record, Simulation, merged, rounds, simulated
from stream_app.report import Tally
from stream_app.topics import InputTopic

PARTITIONS = 2
ANY_SPAN = 1_000 * HOUR


def record(topic: InputTopic, customer: int, at: int, number: int) -> Record:
    return Record(
        topic=topic,
        partition=customer % PARTITIONS,
        customer_id=f"c{customer}" if customer else "",
        occurred_at=at,
        value=f"{topic} {number}".encode(),
    )


told = st.tuples(st.sampled_from(TOPICS[1:]), st.integers(1, 4), st.integers(0, 6))
nobody = st.tuples(st.just(InputTopic.PAGE_VIEWS), st.just(0), st.integers(0, 6))
histories = st.lists(told | told | told | nobody, max_size=40).map(
    lambda rows: [record(*row, number) for number, row in enumerate(rows)]
)


def by_topic(history: list[Record]) -> dict[InputTopic, list[Record]]:
    return {topic: [one for one in history if one.topic is topic] for topic in TOPICS}


def in_judging_order(history: list[Record]) -> dict[int, list[bytes]]:
    """What a worker judges that finds everything in Kafka: values by partition; nobody's have no place in it."""
    judged = {}
    for number in range(PARTITIONS):
        lanes = [
            deque(
                Waiting(one.occurred_at, 0, 0, 0, one) for one in records if one.customer_id and one.partition == number
            )
            for records in by_topic(history).values()
        ]
        judged[number] = [waiting.event.value for _, waiting in merge(lanes, [ALWAYS] * len(lanes))]
    return judged


class TestOrder:
    @given(histories)
    def test_partitions_are_produced_as_they_are_judged_and_nothing_is_missing(self, history):
        topics = {topic: iter(records) for topic, records in by_topic(history).items()}
        produced = list(merged(topics, PARTITIONS))
        got = {
            number: [one.value for one in produced if one.customer_id and one.partition == number]
            for number in range(PARTITIONS)
        }
        assert in_judging_order(history) == got
        assert sorted(one.value for one in history) == sorted(one.value for one in produced)

    @given(histories, st.sampled_from((2, 5, 100)))
    def test_whatever_arrives_first_and_however_a_worker_hesitates_each_customer_is_in_order(self, history, size):
        produced = list(merged({topic: iter(records) for topic, records in by_topic(history).items()}, PARTITIONS))
        expected = customers_of([one for one in produced if one.customer_id])
        for seed in range(20):
            assert expected == customers_of(judged_live(produced, size, Random(seed)))

    def test_a_round_ends_at_its_size_at_its_span_and_where_a_customer_changes_topic(self):
        views, orders = InputTopic.PAGE_VIEWS, InputTopic.PURCHASES
        rows = [(views, 1, 0), (views, 2, 1), (views, 1, 2), (views, 3, 3), (orders, 3, 3), (views, 4, 9)]
        history = [record(*row, number) for number, row in enumerate(rows)]
        assert [[0, 1], [2, 3], [3], [9]] == [[one.occurred_at for one in each] for each in rounds(history, 2, 5)]

    def test_simulated_traffic_needs_no_sorting(self):
        produced = list(simulated(Simulation(days=3), 4, Tally()))
        assert sorted(produced, key=lambda one: (one.occurred_at, TOPICS.index(one.topic))) == produced


def judged_live(produced: list[Record], size: int, random: Random) -> list[Record]:
    """What a hasty worker judges: it takes an empty topic for ended, and looks at what it has at any time.

    What is in a round arrives in any order; only that of each topic is certain.
    """
    lanes: list[list[deque[Waiting[Record]]]] = [[deque() for _ in TOPICS] for _ in range(PARTITIONS)]
    judged: list[Record] = []
    for each in rounds(produced, size, ANY_SPAN):
        known = [one for one in each if one.customer_id]
        arriving = by_topic(known)
        for topic in random.sample([one.topic for one in known], len(known)):
            one = arriving[topic].pop(0)
            lanes[one.partition][TOPICS.index(topic)].append(Waiting(one.occurred_at, 0, 0, 0, one))
            if random.random() < 0.5:
                judged += judged_now(lanes[one.partition])
    return judged + [one for of_partition in lanes for one in judged_now(of_partition)]


def judged_now(lanes: list[deque[Waiting[Record]]]) -> list[Record]:
    return [waiting.event for _, waiting in merge(lanes, [ALWAYS] * len(TOPICS))]


def customers_of(records: list[Record]) -> dict[str, list[bytes]]:
    each = defaultdict(list)
    for one in records:
        each[one.customer_id].append(one.value)
    return each
