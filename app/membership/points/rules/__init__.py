"""What points decide, without a database: what an order earns, when points end, which lots a change touches."""

from app.membership.points.rules.adjusting import Adjustment as Adjustment
from app.membership.points.rules.adjusting import objection_to as objection_to
from app.membership.points.rules.earning import Campaign as Campaign
from app.membership.points.rules.earning import Earned as Earned
from app.membership.points.rules.earning import EarningRules as EarningRules
from app.membership.points.rules.earning import PointsPolicy as PointsPolicy
from app.membership.points.rules.earning import months_later as months_later
from app.membership.points.rules.earning import points_for_order as points_for_order
from app.membership.points.rules.earning import takes_away as takes_away
from app.membership.points.rules.ledger import POTS as POTS
from app.membership.points.rules.ledger import Account as Account
from app.membership.points.rules.ledger import Draft as Draft
from app.membership.points.rules.ledger import Lot as Lot
from app.membership.points.rules.ledger import ending as ending
from app.membership.points.rules.ledger import ending_all as ending_all
from app.membership.points.rules.ledger import has_ended as has_ended
from app.membership.points.rules.ledger import joining as joining
from app.membership.points.rules.ledger import opening as opening
from app.membership.points.rules.ledger import part_to_give_back as part_to_give_back
from app.membership.points.rules.ledger import to_take_back as to_take_back
from app.membership.points.rules.replay import History as History
from app.membership.points.rules.replay import Joined as Joined
from app.membership.points.rules.replay import Purchase as Purchase
from app.membership.points.rules.replay import Retelling as Retelling
from app.membership.points.rules.replay import Step as Step
from app.membership.points.rules.words import words_for as words_for
