"""Import of event files from other projects as sources of claims."""

from qantar.evidence.events.importing import ImportedEvents as ImportedEvents
from qantar.evidence.events.importing import ImportRequest as ImportRequest
from qantar.evidence.events.importing import import_events as import_events
from qantar.evidence.events.mapping import Mapping as Mapping
from qantar.evidence.events.mapping import load_mapping as load_mapping
