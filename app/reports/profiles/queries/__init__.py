"""Questions about people, composed of what the rooms below offer."""

from app.reports.profiles.queries.people import MemberHome as MemberHome
from app.reports.profiles.queries.people import Person as Person
from app.reports.profiles.queries.people import PersonPage as PersonPage
from app.reports.profiles.queries.people import find_person as find_person
from app.reports.profiles.queries.people import get_home as get_home
from app.reports.profiles.queries.people import get_person as get_person
from app.reports.profiles.queries.people import list_people as list_people
