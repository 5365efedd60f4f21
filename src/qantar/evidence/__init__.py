"""Evidence: claims of the sources, and the targets that follow from them."""

from qantar.evidence.claims import Claim as Claim
from qantar.evidence.claims import load_claims as load_claims
from qantar.evidence.targets import Target as Target
from qantar.evidence.targets import load_targets as load_targets
