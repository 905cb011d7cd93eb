"""What is said: messages written once per purpose, with words for each channel.

Promises: a purpose says once what it is for (service or marketing), through which channels it goes in which order, how long
it is worth sending and what happens when an answer is lost; its words hold for every person: a value that is missing has a
stated fallback or the message is not sent, every field is checked against the platform's types and lengths before anything
leaves, long names are cut with …; words cannot run code; what ships is marked 内置 and can be put back; templates known
here are those that the platform has.
"""

from app.outreach.materials.models import CHANNELS as CHANNELS
from app.outreach.materials.models import PlatformTemplate as PlatformTemplate
from app.outreach.materials.models import Purpose as Purpose
from app.outreach.materials.models import Words as Words
