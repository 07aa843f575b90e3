"""Activities of Marketo as its REST interface gives them: visits of web pages, the rest is not ours.

An activity has few fields of its own and a list of named attributes; which of them says what is one map here. The
export of whole months as CSV is read by `stream_app.formats.csv_export`, by a map of its columns.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct, field
from msgspec.json import Decoder

from stream_app.core.events import PageView
from stream_app.formats.errors import IgnoredInput, IgnoredReason
from stream_app.formats.limits import MAX_USER_AGENT, clean, micros, required_id, web_address

_VISIT_WEBPAGE = 1
ATTRIBUTES = {"url": "Webpage URL", "query": "Query Parameters", "user_agent": "User Agent"}


class _Attribute(Struct, kw_only=True):
    name: str | None = None
    value: str | int | float | bool | None = None


class _Kind(Struct, rename="camel", kw_only=True):
    activity_type_id: int


class _Activity(Struct, rename="camel", kw_only=True):
    lead_id: int | str
    activity_date: Annotated[datetime, Meta(tz=True)]
    id: int | str | None = None
    marketo_guid: str | int | None = field(name="marketoGUID", default=None)
    primary_attribute_value: str | int | None = None
    attributes: list[_Attribute] | None = None


_KINDS = Decoder(_Kind)
_ACTIVITIES = Decoder(_Activity)


def read(value: bytes) -> PageView:
    """Return the view that an activity tells of.

    Raises IgnoredInput for all other activities, DecodeError or one of msgspec's errors for a broken one.
    """
    if _KINDS.decode(value).activity_type_id != _VISIT_WEBPAGE:
        raise IgnoredInput(IgnoredReason.NOT_RELEVANT)
    activity = _ACTIVITIES.decode(value)
    said = {one.name: one.value for one in activity.attributes or () if isinstance(one.value, str)}
    own_id = activity.marketo_guid or activity.id
    return PageView(
        event_id=required_id("marketoGUID", "" if own_id is None else str(own_id)),
        customer_id=required_id("leadId", str(activity.lead_id)),
        occurred_at=micros("activityDate", activity.activity_date),
        url=web_address("attributes.Webpage URL", _url(said, str(activity.primary_attribute_value or ""))),
        user_agent=clean(_said(said, "user_agent"), MAX_USER_AGENT),
    )


def _url(said: Mapping[str | None, str], primary: str) -> str:
    url, query = _said(said, "url") or primary, _said(said, "query").removeprefix("?")
    return f"{url}?{query}" if url and query and "?" not in url else url


def _said(said: Mapping[str | None, str], what: str) -> str:
    return said.get(ATTRIBUTES[what], "")
