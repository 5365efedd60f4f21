"""Random numbers: keyed uniform numbers and monotone binomial draws.

A draw is a function of (run seed, member, mechanism, unit, hour) and not the next number of a
stream. The result of a run therefore does not depend on the number of threads, a null intervention
changes nothing, and two runs that differ in one decision use common random numbers.
"""

from qantar.rng.binomial import binomial as binomial
from qantar.rng.binomial import binomial_hazard as binomial_hazard
from qantar.rng.cohorts import draw_affected as draw_affected
from qantar.rng.cohorts import move_affected as move_affected
from qantar.rng.cohorts import set_same_risk as set_same_risk
from qantar.rng.cohorts import uniforms as uniforms
from qantar.rng.philox import Key as Key
from qantar.rng.philox import key_of as key_of
from qantar.rng.philox import normal as normal
from qantar.rng.philox import philox4x32 as philox4x32
from qantar.rng.philox import stable_id as stable_id
from qantar.rng.philox import uniform as uniform
