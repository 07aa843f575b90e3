"""What is said, whatever sink takes it: a parcel in, a letter out; an alert in, a message out."""

from stream_app.render.compose import render
from stream_app.render.letter import letter
from stream_app.render.links import LinkTemplates
from stream_app.render.message import Draft, Fact, Ids, Link, Message, Option, Seen, Titles
from stream_app.render.pen import Reader
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
    "Reader",
    "Seen",
    "Sender",
    "Titles",
    "letter",
    "plain",
    "render",
]
