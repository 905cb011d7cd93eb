"""What is said: messages written once per purpose, with words for each channel.

Promises: a purpose says once what it is for (service or marketing), through which channels it goes in which order, how long
it is worth sending and what happens when an answer is lost; its words hold for every person: a value that is missing has a
stated fallback or the message is not sent, every field is checked against the platform's types and lengths before anything
leaves, long names are cut with …; words cannot run code; what ships is marked 内置 and can be put back; templates known
here are those that the platform has.

`purposes`: find, get, list_purposes, save, switch, ship_stock. `words`: list_words, check_words, save_words, reset_words,
list_changes, list_templates. `rendering`: render (pure; understood once per version of the words), tracked, values_of,
preview. `accounts`: list_accounts, account_names; `errands`: sync_account, sync_due, examine; `templates`: rename.
"""

from app.outreach.materials import errands as errands
from app.outreach.materials.facts import WordsChangeProposed as WordsChangeProposed
from app.outreach.materials.models import CHANNELS as CHANNELS
from app.outreach.materials.models import PlatformTemplate as PlatformTemplate
from app.outreach.materials.models import Purpose as Purpose
from app.outreach.materials.models import Words as Words
from app.outreach.materials.operations import purposes as purposes
from app.outreach.materials.operations import templates as templates
from app.outreach.materials.operations import words as words
from app.outreach.materials.queries import accounts as accounts
from app.outreach.materials.queries import rendering as rendering
from app.outreach.materials.queries.previewing import Preview as Preview
from app.outreach.materials.refusals import FieldInvalid as FieldInvalid
from app.outreach.materials.refusals import PurposeInvalid as PurposeInvalid
from app.outreach.materials.refusals import PurposeUnknown as PurposeUnknown
from app.outreach.materials.refusals import ValueMissing as ValueMissing
from app.outreach.materials.refusals import WordsFixed as WordsFixed
from app.outreach.materials.refusals import WordsInvalid as WordsInvalid
from app.outreach.materials.refusals import WordsUnknown as WordsUnknown
from app.outreach.materials.rules import checking as checking
from app.outreach.materials.rules import fields as fields
from app.outreach.materials.rules import language as language
from app.outreach.materials.rules import texts as texts
from app.outreach.materials.rules import wording as wording
from app.outreach.materials.rules.checking import Problem as Problem
from app.outreach.materials.rules.language import TextInvalid as TextInvalid
from app.outreach.materials.rules.profile import PROFILE as PROFILE
from app.outreach.materials.rules.saying import PurposeView as PurposeView
from app.outreach.materials.rules.saying import Rendered as Rendered
from app.outreach.materials.rules.saying import WordsView as WordsView
