"""People as pages show them, composed of what the rooms below offer.

Promises: a page is one statement and one round trip; nothing here is stored, and nothing is changed but that whoever opens
a person as a whole is written down; another room's tables are reached through what its front door offers only; a guest's
home is a home too.
"""

from app.reports.profiles.operations import OPENING as OPENING
from app.reports.profiles.operations import open_comparison as open_comparison
from app.reports.profiles.operations import open_dossier as open_dossier
from app.reports.profiles.queries import MemberHome as MemberHome
from app.reports.profiles.queries import Person as Person
from app.reports.profiles.queries import PersonPage as PersonPage
from app.reports.profiles.queries import dossiers as dossiers
from app.reports.profiles.queries import find_person as find_person
from app.reports.profiles.queries import get_home as get_home
from app.reports.profiles.queries import get_person as get_person
from app.reports.profiles.queries import list_people as list_people
