"""Every route of the product and who may call it. A route that is missing here fails a test: decide it, then write it down.

`consumer` is anybody signed in on the phone, guests too; `machine` whoever signs; `platform` who
pushes with an account's token and key, `telecom` who knows the address (tests/doors/official_account). Other words are
staff roles.
"""

from dataclasses import dataclass

ROLES = {
    "anybody": (),
    "consumer": (),
    "machine": (),
    "platform": (),
    "telecom": (),
    "staff": ("guide", "clerk", "store_manager", "community", "lead", "marketer", "analyst", "admin"),
    "counter": ("guide", "clerk", "store_manager", "lead", "admin"),
    "leads": ("store_manager", "lead", "admin"),
    "office": ("store_manager", "lead", "marketer", "analyst", "admin"),
    "campaigns": ("marketer", "admin"),
    "answerers": ("store_manager", "lead", "marketer", "admin"),
    "operators": ("lead", "marketer", "admin"),
    "stewards": ("lead", "admin"),
    "admins": ("admin",),
}
# A route, who may, and a J where it reads a JSON body.
_TABLE = """
GET  /assets/{name}                                anybody
GET  /docs                                         anybody
GET  /healthz                                      anybody
GET  /metrics                                      anybody
GET  /openapi.json                                 anybody
GET  /readyz                                       anybody

POST /mp/v1/login                                  anybody   J
GET  /mp/v1/booking-services                       consumer
GET  /mp/v1/bookings                               consumer
GET  /mp/v1/bookings/{booking_id}                  consumer
POST /mp/v1/bookings/{booking_id}/cancel           consumer
POST /mp/v1/bookings/{booking_id}/confirm          consumer  J
POST /mp/v1/bookings/{booking_id}/move             consumer  J
POST /mp/v1/bookings/hold                          consumer  J
GET  /mp/v1/bookings/slots                         consumer
GET  /mp/v1/bookings/waiting                       consumer
POST /mp/v1/bookings/waiting                       consumer  J
POST /mp/v1/bookings/waiting/{waiting_id}/accept   consumer  J
POST /mp/v1/bookings/waiting/{waiting_id}/leave    consumer
GET  /mp/v1/card                                   consumer
POST /mp/v1/card                                   consumer  J
POST /mp/v1/card/bind-old                          consumer  J
GET  /mp/v1/card/code                              consumer
PUT  /mp/v1/card/profile                           consumer  J
GET  /mp/v1/card/tiers                             consumer
GET  /mp/v1/consents                               consumer
POST /mp/v1/consents                               consumer  J
GET  /mp/v1/coupons                                consumer
GET  /mp/v1/coupons/{coupon_id}                    consumer
POST /mp/v1/coupons/judge                          consumer  J
POST /mp/v1/coupons/take                           consumer  J
GET  /mp/v1/coupons/templates                      consumer
POST /mp/v1/deliveries/{delivery_id}/opened        consumer
POST /mp/v1/events                                 anybody   J
GET  /mp/v1/home                                   consumer
GET  /mp/v1/mall                                   consumer
POST /mp/v1/mall/exchange                          consumer  J
GET  /mp/v1/mall/exchanges                         consumer
POST /mp/v1/mall/exchanges/{exchange_id}/cancel    consumer
GET  /mp/v1/message-preferences                    consumer
POST /mp/v1/message-preferences                    consumer  J
GET  /mp/v1/message-preferences/templates          consumer
GET  /mp/v1/orders                                 consumer
POST /mp/v1/orders/claim                           consumer  J
GET  /mp/v1/orders/{order_id}                      consumer
GET  /mp/v1/points                                 consumer
GET  /mp/v1/points/entries                         consumer
GET  /mp/v1/products                               consumer
GET  /mp/v1/products/{product_id}                  consumer
GET  /mp/v1/stores                                 consumer
GET  /mp/v1/stores/{store_id}                      consumer

GET  /l/{delivery_id}                              anybody
GET  /oa/v1/callbacks/{appid}                      platform
POST /oa/v1/callbacks/{appid}                      platform
POST /oa/v1/receipts/sms/{key}                     telecom
POST /oa/v1/receipts/sms-replies/{key}             telecom
POST /oa/v1/receipts/voice/{key}                   telecom

POST /open/v1/coupons/check                        machine   J
POST /open/v1/coupons/give-back                    machine   J
POST /open/v1/coupons/lock                         machine   J
POST /open/v1/coupons/redeem                       machine   J
POST /open/v1/coupons/unlock                       machine   J
POST /open/v1/members/by-code                      machine   J
POST /open/v1/observations                         machine   J
POST /open/v1/orders                               machine   J
GET  /open/v1/orders/{channel}/{number}            machine
POST /open/v1/people/find                          machine   J
POST /open/v1/products                             machine   J

GET  /wecom/sign-in                                anybody
POST /wecom/sign-in                                anybody
POST /wecom/v1/demo-sign-in                        anybody   J
GET  /wecom/scan                                   counter
POST /wecom/scan                                   counter
POST /wecom/scan/undo                              leads
GET  /wecom/v1/me                                  staff
POST /wecom/v1/sign-out                            staff
POST /wecom/v1/redeem                              counter   J
GET  /wecom/v1/visits                              counter
POST /wecom/v1/walk-ins                            counter   J
POST /wecom/v1/bookings/{booking_id}/no-show       counter
POST /wecom/v1/bookings/{booking_id}/correct       leads     J
POST /wecom/v1/bookings/{booking_id}/undo          leads     J

GET  /console/sign-in                              anybody
POST /console/sign-in                              anybody
POST /console/sign-out                             office
GET  /console/                                     office
GET  /console/accounts                             operators
POST /console/accounts/sync                        operators
POST /console/accounts/{appid}/examine             operators
POST /console/accounts/{appid}/limits/{channel}    operators
POST /console/accounts/{appid}/name                operators
POST /console/accounts/{appid}/sync                operators
GET  /console/bot                                  office
GET  /console/bot/desk                             answerers
GET  /console/bot/desk/queue                       answerers
GET  /console/bot/desk/{talk_id}                   answerers
GET  /console/bot/desk/{talk_id}/lines             answerers
POST /console/bot/desk/{talk_id}/close             answerers
POST /console/bot/desk/{talk_id}/say               answerers
POST /console/bot/desk/{talk_id}/take              answerers
POST /console/bot/hours                            campaigns
GET  /console/bot/menu                             office
POST /console/bot/menu                             campaigns
GET  /console/bot/menu/live                        office
POST /console/bot/menu/preview                     campaigns
POST /console/bot/menu/publish                     campaigns
POST /console/bot/menu/reset                       campaigns
POST /console/bot/preview                          campaigns
POST /console/bot/rules                            campaigns
GET  /console/bot/rules/new                        campaigns
GET  /console/bot/rules/{rule_id}                  office
POST /console/bot/rules/{rule_id}                  campaigns
POST /console/bot/rules/{rule_id}/remove           campaigns
POST /console/bot/rules/{rule_id}/reset            campaigns
POST /console/bot/rules/{rule_id}/{state}          campaigns
GET  /console/bot/try                              office
GET  /console/clock                                admins
POST /console/clock                                admins
GET  /console/conflicts                            stewards
GET  /console/conflicts/{person_id}/{other_id}     stewards
POST /console/conflicts/{person_id}/{other_id}/apart stewards
POST /console/conflicts/{person_id}/{other_id}/later stewards
POST /console/conflicts/{person_id}/{other_id}/merge stewards
POST /console/conflicts/{person_id}/{other_id}/unclear stewards
GET  /console/campaigns                            office
POST /console/campaigns                            campaigns
POST /console/campaigns/lists                      campaigns
GET  /console/campaigns/new                        campaigns
GET  /console/campaigns/{campaign_id}              office
GET  /console/campaigns/{campaign_id}/curve        office
GET  /console/campaigns/{campaign_id}/figures      office
POST /console/campaigns/{campaign_id}/release      campaigns
POST /console/campaigns/{campaign_id}/test         campaigns
POST /console/campaigns/{campaign_id}/{act}        campaigns
GET  /console/coupons                              office
POST /console/coupons                              campaigns
GET  /console/coupons/{template_id}                office
POST /console/coupons/{template_id}/approve        campaigns
POST /console/coupons/{template_id}/{state}        campaigns
GET  /console/doubts                               operators
POST /console/doubts/{delivery_id}/{verdict}       operators
GET  /console/jobs                                 office
GET  /console/members                              office
GET  /console/members/{customer_id}                office
GET  /console/members/{customer_id}/coupons        office
GET  /console/members/{customer_id}/orders         office
GET  /console/members/{customer_id}/points         office
POST /console/members/{customer_id}/recount        office
GET  /console/messages                             office
GET  /console/messages/{purpose_id}                office
POST /console/messages/{purpose_id}/preview        campaigns
POST /console/messages/{purpose_id}/reset          campaigns
POST /console/messages/{purpose_id}/switch         campaigns
POST /console/messages/{purpose_id}/words          campaigns
GET  /console/orders                               office
GET  /console/people                               stewards
GET  /console/people/{person_id}                   stewards
POST /console/people/{person_id}/ids/{life_id}/block stewards
GET  /console/people/{person_id}/merges/{merge_id}/undo stewards
POST /console/people/{person_id}/merges/{merge_id}/undo stewards
GET  /console/recount                              office
POST /console/recount                              office
"""


@dataclass(frozen=True)
class Route:
    """One line of the table."""

    method: str
    path: str
    who: str
    takes_json: bool

    @property
    def is_page(self) -> bool:
        """It answers people: where JSON says 401 it leads to the sign-in."""
        return self.path.startswith("/console") or (self.path.startswith("/wecom") and "/v1/" not in self.path)


MATRIX = [
    Route(words[0], words[1], words[2], len(words) > 3)
    for line in _TABLE.splitlines()
    if (words := line.split())
]  # fmt: skip
