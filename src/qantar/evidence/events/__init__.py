"""Event files of other projects, brought into the ledger as a source of claims."""

from qantar.evidence.events.importing import ImportedEvents as ImportedEvents
from qantar.evidence.events.importing import ImportRequest as ImportRequest
from qantar.evidence.events.importing import import_events as import_events
from qantar.evidence.events.mapping import Mapping as Mapping
from qantar.evidence.events.mapping import load_mapping as load_mapping
