"""The official account's platform in our own words: messages, followers, tags, menu, codes, templates, media, web pages.

Sends raise the family of `app.gateways.wechat.refusals.SendFailed` and nothing else. Everything else may raise PlatformAway,
CalledTooOften, PlatformRefused (the operator must mend something), RequestInvalid (with the platform's words) and
AccountUnknown. Call them between two transactions, never inside one. Every function's first argument is the account's appid.
"""

from app.gateways.official_account import followers as followers
from app.gateways.official_account import media as media
from app.gateways.official_account import menus as menus
from app.gateways.official_account import tags as tags
from app.gateways.official_account import templates as templates
from app.gateways.official_account import web as web
from app.gateways.official_account.messages import Accepted as Accepted
from app.gateways.official_account.messages import mass_send as mass_send
from app.gateways.official_account.messages import send_service as send_service
from app.gateways.official_account.messages import send_subscription as send_subscription
from app.gateways.official_account.messages import send_template as send_template
from app.gateways.official_account.scenes import create_qrcode as create_qrcode
from app.gateways.official_account.scenes import qrcode_image as qrcode_image
