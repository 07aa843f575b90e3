"""Which text is overwritten next: somebody stands in it who was erased."""

from stream_app.core.notify.choosing import Choice, in_order
from stream_app.core.notify.message import Message, Place
from stream_app.core.notify.parcels import Kind
from stream_app.core.notify.shelf import Shelf


def overwriting(shelf: Shelf) -> Choice | None:
    """Return what is overwritten next, a bundle or digest with all that it still tells of; None: nothing is to be."""
    message = next((each for each in shelf.live() if each.wipe), None)
    if message is None:
        return None
    place = message.wipe[0]
    there = [message, *(each for each in shelf.messages.values() if each is not message and _stands(each, place))]
    shown = in_order(each for each in there if each.alerts and place.shared)
    silent = (each for each in there if place in each.wipe and each not in shown)
    return Choice(order=(0, 0), kind=Kind.ERASE, messages=(*shown, *silent), place=place)


def _stands(message: Message, place: Place) -> bool:
    """Tell whether a message is told at a place, or was."""
    return place in (message.place, *message.wipe, *(reply.place for reply in message.replies))
