"""Staff, their roles and their stores.

Promises: who may do what is decided here by role and by store; somebody who left is signed out and refused at once (G03);
a staff member who is also a customer is known as such (X01).
"""

from app.people.teams.queries import StaffMember as StaffMember
from app.people.teams.queries import find_at_work as find_at_work
from app.people.teams.rules import ROLES as ROLES
