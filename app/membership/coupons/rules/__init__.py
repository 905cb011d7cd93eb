"""Pure decisions about coupons: what they are, how long they last, their codes, and which of them a basket should use."""

from app.membership.coupons.rules.codes import code_of as code_of
from app.membership.coupons.rules.codes import new_code as new_code
from app.membership.coupons.rules.codes import spellings_of as spellings_of
from app.membership.coupons.rules.judging import Applied as Applied
from app.membership.coupons.rules.judging import Basket as Basket
from app.membership.coupons.rules.judging import Judgement as Judgement
from app.membership.coupons.rules.judging import Line as Line
from app.membership.coupons.rules.judging import Offer as Offer
from app.membership.coupons.rules.judging import judge as judge
from app.membership.coupons.rules.judging import split_over_lines as split_over_lines
from app.membership.coupons.rules.terms import KINDS as KINDS
from app.membership.coupons.rules.terms import STATES as STATES
from app.membership.coupons.rules.terms import Coupon as Coupon
from app.membership.coupons.rules.terms import Coverage as Coverage
from app.membership.coupons.rules.terms import Period as Period
from app.membership.coupons.rules.terms import Scope as Scope
from app.membership.coupons.rules.terms import Template as Template
from app.membership.coupons.rules.terms import Terms as Terms
from app.membership.coupons.rules.terms import Validity as Validity
from app.membership.coupons.rules.terms import faults_of as faults_of
from app.membership.coupons.rules.terms import needs_two_people as needs_two_people
from app.membership.coupons.rules.terms import new_end_after_return as new_end_after_return
from app.membership.coupons.rules.terms import period_of as period_of
from app.membership.coupons.rules.terms import why_not_taken as why_not_taken
from app.membership.coupons.rules.terms import worth_of as worth_of
from app.membership.coupons.rules.terms import yuan as yuan
