"""The message to the customer. It is given a template and names, and nothing else: what we saw cannot reach it."""

from msgspec import Struct, structs

from stream_app.core.language import Language
from stream_app.playbooks import DraftTemplate
from stream_app.playbooks.placeholders import fill, filled_lines
from stream_app.render.catalogue import catalogue
from stream_app.render.message import Draft


class Names(Struct, frozen=True, kw_only=True):
    """All of a customer and an owner that a draft can hold; empty: not known."""

    customer_name: str = ""
    company: str = ""
    owner_name: str = ""
    owner_email: str = ""


def draft_language(customer: str, reader: Language) -> Language:
    """Return the customer's language (a BCP 47 tag) if we write it, else English; the reader's if it is not known."""
    primary = customer.replace("_", "-").partition("-")[0].lower()
    if not primary:
        return reader
    return Language(primary) if primary in tuple(Language) else Language.EN


def write(template: DraftTemplate, names: Names, language: Language) -> Draft:
    """Return the template with the names in it, and what a language says where one is not known."""
    stand_ins = structs.asdict(catalogue(language).stand_in)
    values = {key: name or stand_ins[key] for key, name in structs.asdict(names).items()}
    return Draft(
        language=language,
        subject=fill(template.subject, values),
        body="\n".join(filled_lines(template.body, values)),
    )
