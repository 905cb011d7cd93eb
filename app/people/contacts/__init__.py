"""Who can be reached where: followers of official accounts.

Promises: an openid that follows is a customer like any other, known by it at once and by unionid as soon as the platform
tells it; following and leaving are written down once however often, and in whatever order, callbacks and lists tell them;
whoever left is not reachable there any more and counts as such (G05); following again is remembered as such; followers go
with their person through merging and undoing. Nothing is ever given for following (R05).
"""

from app.people.contacts import errands as errands
from app.people.contacts import reactions as _reactions  # noqa: F401  (registers what it does at a merge)
from app.people.contacts.facts import FollowerJoined as FollowerJoined
from app.people.contacts.facts import FollowerLeft as FollowerLeft
from app.people.contacts.operations import following as following
from app.people.contacts.operations.following import Change as Change
from app.people.contacts.queries import followers as followers
