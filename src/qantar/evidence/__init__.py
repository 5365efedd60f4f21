"""Evidence: claims of sources, conflicts between them, and the targets derived from them."""

from qantar.evidence.checks import Finding as Finding
from qantar.evidence.checks import find_checks as find_checks
from qantar.evidence.claims import Claim as Claim
from qantar.evidence.claims import load_claims as load_claims
from qantar.evidence.claims import write_claims as write_claims
from qantar.evidence.conflicts import Conflict as Conflict
from qantar.evidence.conflicts import find_conflicts as find_conflicts
from qantar.evidence.ledger import Ledger as Ledger
from qantar.evidence.ledger import load_ledger as load_ledger
from qantar.evidence.reconcile import Reconciled as Reconciled
from qantar.evidence.reconcile import reconcile as reconcile
from qantar.evidence.targets import Target as Target
from qantar.evidence.targets import load_rules as load_rules
