"""When a topic is taken for another one than was read."""

import pytest

from stream_app.codec.state import encode_read
from stream_app.commands.recreated import run
from stream_app.settings import SettingsError, load
from stream_app.workers.lanes import Lane
from stream_app.workers.recreated import check_assigned, check_chunk
from stream_app.workers.stops import EXIT_RECREATED, RecreatedError, exit_code
from tests.acceptance.wire import HOME, H, view
from tests.workers.fakes import ALL, PURCHASES, VIEWS, chunk

FULL = dict.fromkeys(ALL, 100)


@pytest.mark.parametrize(
    ("position", "read", "ends", "uncommitted", "says"),
    [
        (0, None, FULL, ALL, ""),
        (100, 100, FULL, (), ""),
        (40, 100, FULL, (), ""),
        (100, None, FULL, (), ""),
        (0, 100, FULL, ALL, ""),
        (0, None, FULL, (VIEWS,), ""),
        (0, 0, FULL, (VIEWS,), ""),
        (50, None, FULL | {VIEWS: 49}, (), "page-views[0] ends at offset 49, and was read up to 50"),
        (0, 50, FULL | {VIEWS: 49}, ALL, "page-views[0] ends at offset 49, and was read up to 50"),
        (0, 50, FULL | {PURCHASES: 0}, (), "purchases[0] ends at offset 0, and was read up to 50"),
        (0, 50, FULL, (VIEWS,), "page-views[0] has no commit any more, and was read up to 50"),
    ],
)
def test_a_topic_is_another_one_where_it_cannot_be_what_was_read(position, read, ends, uncommitted, says):
    """Commits that are all gone are those of a group that was idle for long; without a record only positions count."""
    lanes, known = [Lane(tp, position) for tp in ALL], None if read is None else encode_read([read] * len(ALL))
    try:
        check_assigned(lanes, known, ends, uncommitted)
        said = ""
    except RecreatedError as error:
        said, code = str(error), exit_code(error)
        assert (EXIT_RECREATED, True) == (code, "stream-app topics recreated" in said)
    assert says == said.split(". If")[0]


def test_records_from_before_the_position_are_another_topics():
    good = chunk(5, view("v", 0 * H, HOME))
    check_chunk(good)
    with pytest.raises(RecreatedError, match="begins again at offset 5, and was read up to 9"):
        check_chunk(type(good)(good.tp, good.epoch, 9, 10, good.records))


def test_only_what_is_read_can_have_been_made_anew():
    with pytest.raises(SettingsError, match="signal-fates is no input topic; these are: customers, interactions"):
        run(load(environ={}), "signal-fates")
