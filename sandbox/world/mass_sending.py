"""A mass send reaches people, and the product is told how it went."""

from typing import Any

from sandbox.world import ids
from sandbox.world.apps import App
from sandbox.world.mass_jobs import GOOD, MassJob
from sandbox.world.people import Person
from sandbox.world.received import MASS
from sandbox.world.sending import receive
from sandbox.world.world import World


def send(world: World, *, app: App, job: MassJob, people: list[Person], message: dict[str, Any]) -> None:
    """Everybody who may get it gets it; the product is told at the end. A job that failed reaches nobody."""
    job.total = len(people)
    for person in people:
        follower = person.follower_of(app.appid)
        openid = person.openid_in(app.appid)
        if follower.blacklisted or not world.mass_jobs.takes_one(app.appid, openid=openid, now=job.sent_at):
            continue
        job.filtered += 1
        if job.status != GOOD or follower.blocked:
            job.errors += 1
            continue
        job.sent += 1
        receive(world, person=person, app=app, kind=MASS, message={"msgid": str(job.msg_id), **message})
    world.mass_jobs.keep(app.appid, job=job)
    _tell(world, app=app, job=job)


def _tell(world: World, *, app: App, job: MassJob) -> None:
    """MASSSENDJOBFINISH, from an account of the platform."""
    fields = {
        "MsgType": "event",
        "Event": "MASSSENDJOBFINISH",
        "MsgID": job.msg_id,
        "Status": job.status,
        "TotalCount": job.total,
        "FilterCount": job.filtered,
        "SentCount": job.sent,
        "ErrorCount": job.errors,
        "CopyrightCheckResult": {"Count": 0, "ResultList": {}, "CheckState": 1},
        "ArticleUrlResult": {"Count": 0, "ResultList": {}},
    }
    sender = ids.openid(person_seed="platform", appid=app.appid)
    platform = Person(person_id="platform", name="平台", phone="", country_code="86", unionid="", seed="platform")
    world.push(app, person=platform, fields=fields, sender=sender, delay=max(0.0, job.ends_at - world.now()))
