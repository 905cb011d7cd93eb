"""What is sent: words with a person's values; and what they would look like."""

from collections.abc import Mapping

from app.outreach.materials.queries.people import values_of as values_of
from app.outreach.materials.queries.previewing import Preview as Preview
from app.outreach.materials.queries.previewing import preview as preview
from app.outreach.materials.queries.previewing import preview_words as preview_words
from app.outreach.materials.refusals import FieldInvalid, ValueMissing
from app.outreach.materials.rules import saying
from app.outreach.materials.rules.saying import Rendered as Rendered
from app.outreach.materials.rules.saying import WordsView
from app.outreach.materials.rules.saying import address_of as address_of
from app.outreach.materials.rules.saying import marked as marked
from app.outreach.materials.rules.saying import tracked as tracked


def render(words: WordsView, values: Mapping[str, str]) -> Rendered:
    """What one person is sent. Pure. Raises ValueMissing, or FieldInvalid for the first field the platform would refuse."""
    filled = saying.fill(words, values)
    if filled.missing:
        raise ValueMissing(filled.missing)
    for field, why in filled.invalid:
        raise FieldInvalid(field, why)
    return filled.rendered
