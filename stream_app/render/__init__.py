"""What a message says, whatever sink takes it: an alert in, a message out."""

from stream_app.render.compose import render
from stream_app.render.links import LinkTemplates
from stream_app.render.message import Draft, Fact, Ids, Link, Message, Option, Seen, Titles
from stream_app.render.plain import plain
from stream_app.render.who import Sender

__all__ = [
    "Draft",
    "Fact",
    "Ids",
    "Link",
    "LinkTemplates",
    "Message",
    "Option",
    "Seen",
    "Sender",
    "Titles",
    "plain",
    "render",
]
