"""The comparison that a pack ships, with new predictions of the facts that were held back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from qantar.analysis.compare.archive import (
    MANIFEST,
    ArchiveMetadata,
    archive_folder,
    is_stale,
    read_archive,
    read_archive_metadata,
)
from qantar.analysis.compare.comparison import Comparison, restrict_to_accounts
from qantar.analysis.compare.posterior_predictive import (
    PredictiveEnsemble,
    comparators,
    score_posterior_predictive,
)
from qantar.analysis.inference.calibration_design import TaskRunner
from qantar.analysis.inference.problem import InferenceProblem, inference_problem_of
from qantar.base.errors import FileError, QantarError
from qantar.packs.account import Account, load_account
from qantar.packs.country import Country

DEFAULT_SEED = 1
"""Random seed of the predictions."""


@dataclass(frozen=True)
class ShippedComparison:
    """The tables of a shipped comparison, and the ensembles that predict the held-back facts.

    Attributes
    ----------
    comparison : Comparison
        Restricted to the chosen accounts; its `found` is empty.
    metadata : ArchiveMetadata
    cases : tuple of InferenceProblem
        The accounts, in the order of the comparison.
    stale : tuple of str
        Inputs that have changed since the comparison was made.
    """

    comparison: Comparison
    metadata: ArchiveMetadata
    cases: tuple[InferenceProblem, ...]
    stale: tuple[str, ...]

    @cached_property
    def ensembles(self) -> tuple[PredictiveEnsemble, ...]:
        """The posterior of every account, then the ensembles that they are compared with."""
        own = [PredictiveEnsemble(case, "posterior") for case in self.cases]
        return (*own, *comparators(self.cases))

    def simulations(self, members: int) -> int:
        """Return the number of simulations of `predict`."""
        return members * len(self.ensembles)

    def check(self, seed: int) -> None:
        """Read the parameters of every ensemble, so that a missing file is found at once.

        Raises
        ------
        QantarError
            If a posterior is missing or was changed.
        """
        for ensemble in self.ensembles:
            ensemble.scenario.draws(seed, 1)

    def predict(self, runner: TaskRunner, *, members: int, seed: int) -> pd.DataFrame:
        """Simulate the predictions; see `score_posterior_predictive` for the result."""
        return score_posterior_predictive(runner, self.ensembles, members=members, seed=seed)


def load_shipped_comparison(
    country: Country, pack: str, episode: str, accounts: Sequence[Account] = ()
) -> ShippedComparison:
    """Load the comparison that a pack ships.

    Parameters
    ----------
    country : Country
    pack, episode : str
        `pack` as the user named it.
    accounts : sequence of Account
        Accounts to keep; by default all that were compared.

    Raises
    ------
    FileError
        If the pack ships no comparison of the episode, or it is damaged.
    QantarError
        If an account was not compared.
    """
    folder = archive_folder(country, episode)
    if not (folder / MANIFEST).is_file():
        raise FileError(
            folder,
            f"this pack ships no comparison of accounts on {episode}",
            expected=f"a folder with {MANIFEST}",
            hint=f"make one: `qantar compare {episode} --from-scratch`, with --quick for a preview "
            "within minutes; --dry-run says how long it takes",
        )
    found = read_archive(folder)
    if accounts:
        found = restrict_to_accounts(found, [account.name for account in accounts])
    given = {each.name: inference_problem_of(pack, episode, each, country) for each in accounts}
    names = [str(name) for name in found.tables["accounts"]["account"]]
    return ShippedComparison(
        found,
        read_archive_metadata(folder),
        tuple(given.get(name) or InferenceProblem(pack, episode, name) for name in names),
        tuple(is_stale(folder, country)),
    )


def select_accounts(country: Country, names: Iterable[str | Path]) -> list[Account]:
    """Return the accounts of some names or files, each once.

    Raises
    ------
    UnknownNameError
        If the pack lacks one.
    FileError
        If two files have the same name.
    QantarError
        If there are fewer than two.
    """
    chosen: dict[str, Account] = {}
    for name in names:
        account = load_account(country, name)
        first = chosen.setdefault(account.name, account)
        if not first.file.samefile(account.file):
            raise FileError(
                account.file,
                f"has the name of {first.file}",
                value=account.name,
                hint="rename one of the two, so that their results can be distinguished",
            )
    if len(chosen) < 2:
        given = next(iter(chosen), "no account")
        raise QantarError(
            f"there is nothing to compare {given!r} with",
            expected="at least two accounts",
            hint="name another one, or none to compare all",
        )
    return list(chosen.values())
