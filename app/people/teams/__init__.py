"""Staff, their roles and their stores.

Promises: who may do what is decided here by role and by store; somebody who left is signed out and refused at once (G03);
a staff member who is also a customer is known as such, and two of them are never merged (X01).
"""

from app.people.teams import reactions as _reactions  # noqa: F401  (to be heard)
from app.people.teams.facts import StaffLeft as StaffLeft
from app.people.teams.operations import StaffDraft as StaffDraft
from app.people.teams.operations import leave as leave
from app.people.teams.operations import save_staff as save_staff
from app.people.teams.operations import save_teams as save_teams
from app.people.teams.operations import sign_in_as as sign_in_as
from app.people.teams.queries import StaffMember as StaffMember
from app.people.teams.queries import are_staff as are_staff
from app.people.teams.queries import find_at_work as find_at_work
from app.people.teams.queries import find_by_code as find_by_code
from app.people.teams.queries import is_oneself as is_oneself
from app.people.teams.queries import list_staff as list_staff
from app.people.teams.queries import names_of as names_of
from app.people.teams.queries import phones_of as phones_of
from app.people.teams.refusals import DemoOnly as DemoOnly
from app.people.teams.refusals import StaffInvalid as StaffInvalid
from app.people.teams.refusals import StaffUnknown as StaffUnknown
from app.people.teams.rules import ROLES as ROLES
