"""Playbooks: files that a customer-success manager can edit, one per name and language, checked when read."""

from stream_app.playbooks.book import DraftTemplate, Playbook, PlaybookOption
from stream_app.playbooks.load import BUILT_IN, PlaybookError, Playbooks, file_names, load_playbooks, playbook_files
from stream_app.playbooks.names import BOOK_OF, Book, book_of

__all__ = [
    "BOOK_OF",
    "BUILT_IN",
    "Book",
    "DraftTemplate",
    "Playbook",
    "PlaybookError",
    "PlaybookOption",
    "Playbooks",
    "book_of",
    "file_names",
    "load_playbooks",
    "playbook_files",
]
