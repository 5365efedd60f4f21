"""Event files of other projects, brought into the ledger as a source of claims."""

from qantar.evidence.events.bring_in import Imported as Imported
from qantar.evidence.events.bring_in import Request as Request
from qantar.evidence.events.bring_in import import_events as import_events
from qantar.evidence.events.mapping import Mapping as Mapping
from qantar.evidence.events.mapping import load_mapping as load_mapping
