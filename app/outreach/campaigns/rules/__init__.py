"""What campaigns decide: waves, and what a difference is worth."""

from app.outreach.campaigns.rules.effect import Effect as Effect
from app.outreach.campaigns.rules.effect import effect_of as effect_of
from app.outreach.campaigns.rules.waves import Wave as Wave
from app.outreach.campaigns.rules.waves import faults_of as faults_of
from app.outreach.campaigns.rules.waves import shares_of as shares_of
