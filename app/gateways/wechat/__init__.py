"""What the gateways of official accounts and mini-programs share: connections, tokens, refusals, pushes.

Call the platform between two transactions, never inside one. Tests mount the sandbox with `http().mount(…)`.
"""

from app.gateways.wechat import diagnosis as diagnosis
from app.gateways.wechat import pushes as pushes
from app.gateways.wechat import refusals as refusals
from app.gateways.wechat import templates as templates
from app.gateways.wechat.client import ask as ask
from app.gateways.wechat.client import fields as fields
from app.gateways.wechat.sends import Accepted as Accepted
from app.gateways.wechat.transport import http as http
