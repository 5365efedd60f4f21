"""The page of evidence: what is established, what is disputed, and why."""

from qantar.view.evidence.page import render_evidence as render_evidence
