"""Playbooks: files that a customer-success manager can edit, one per intent and language, checked when read."""

from stream_app.playbooks.book import DraftTemplate, Playbook, PlaybookOption
from stream_app.playbooks.load import BUILT_IN, PlaybookError, Playbooks, file_names, load_playbooks, playbook_files

__all__ = [
    "BUILT_IN",
    "DraftTemplate",
    "Playbook",
    "PlaybookError",
    "PlaybookOption",
    "Playbooks",
    "file_names",
    "load_playbooks",
    "playbook_files",
]
