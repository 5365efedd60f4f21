"""The store: run directories that appear whole or not at all."""

from qantar.store.run_directory import RunDirectory as RunDirectory
from qantar.store.run_directory import RunWriter as RunWriter
from qantar.store.run_directory import open_run as open_run
