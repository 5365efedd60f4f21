"""Evidence of a country: its ledger, and the targets of an episode or a period."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from qantar.base.errors import FileError, QantarError, UnknownNameError, nearest
from qantar.base.files import line_of, parse_yaml
from qantar.evidence import Ledger, Reconciled, load_ledger, load_rules, reconcile
from qantar.evidence.targets import TargetRule
from qantar.packs.account import Account
from qantar.packs.country import COMMON, Country, packs_folder
from qantar.packs.episode import Episode
from qantar.packs.intervention import Intervention

CODEBOOK = Path(COMMON) / "evidence" / "codebook.yaml"


def has_evidence(country: Country) -> bool:
    """Say whether a pack brings a ledger."""
    return _folder(country).is_dir()


def country_ledger(country: Country, more: Iterable[Path] = ()) -> Ledger:
    """Return the evidence of a country.

    Parameters
    ----------
    country : Country
    more : iterable of Path
        Files of further sources.

    Returns
    -------
    Ledger

    Raises
    ------
    FileError
        If the pack has no evidence, or a claim uses a word that nothing declares.
    """
    if not has_evidence(country):
        raise FileError(
            _folder(country),
            "this pack brings no evidence",
            expected="a folder with claims/, entities.csv and causes.yaml",
            hint="packs/template/evidence shows the smallest one",
        )
    return load_ledger(
        _folder(country),
        packs_folder() / CODEBOOK,
        sources=country.sources,
        country=country.header.country,
        regions={place.place: place.region for place in country.places},
        more=more,
    )


def list_targets(country: Country) -> tuple[str, ...]:
    """Return the names of the episodes and periods that have targets."""
    return tuple(path.stem for path in sorted((_folder(country) / "targets").glob("*.yaml")))


def targets_file(country: Country, name: str) -> Path:
    """Return the file that declares the targets of an episode or a period.

    Raises
    ------
    UnknownNameError
        If it has none.
    """
    path = _folder(country) / "targets" / f"{name}.yaml"
    if not path.is_file():
        raise UnknownNameError("set of targets", name, list_targets(country))
    return path


def reconciled(country: Country, ledger: Ledger, name: str) -> tuple[Reconciled, ...]:
    """Return the targets of an episode or a period, each with how it came about.

    Raises
    ------
    UnknownNameError
        If there are none under this name.
    FileError
        If a rule names a place or a claim that does not exist, or no claim answers it.
    """
    path = targets_file(country, name)
    return tuple(
        _reconcile(country, ledger, path, target, rule) for target, rule in load_rules(path).items()
    )


def possible_targets(
    country: Country, ledger: Ledger, name: str
) -> tuple[tuple[Reconciled, ...], tuple[str, ...]]:
    """Return the targets that a part of the ledger still gives, and the names of the others.

    Parameters are those of `reconciled`; the ledger may lack claims, as when a source or a later
    figure is filtered out.
    """
    path = targets_file(country, name)
    made, missing = [], []
    for target, rule in load_rules(path).items():
        try:
            made.append(reconcile(ledger, target, rule))
        except QantarError:
            missing.append(target)
    return tuple(made), tuple(missing)


def check_action_claims(episode: Episode, path: Path, ledger: Ledger) -> None:
    """Refuse an episode whose state actions rest on a claim that does not exist."""
    for name, action in episode.actions.items():
        for saying in action.says:
            if saying.claim not in ledger.claims:
                raise FileError(
                    path,
                    f"{name}: unknown claim",
                    value=saying.claim,
                    expected=nearest(saying.claim, ledger.claims) or "a claim of the ledger",
                )


def check_account_claims(account: Account, ledger: Ledger) -> None:
    """Refuse an account whose mechanisms rest on a claim that does not exist.

    Parameters
    ----------
    account : Account
    ledger : Ledger

    Raises
    ------
    FileError
        With the file that states the claim, which may be one that the account extends, the line,
        and the nearest claim that exists.
    """
    for name, switch in account.mechanisms.items():
        for number, claim in enumerate(switch.claims):
            if claim not in ledger.claims:
                documents = ((path, parse_yaml(path)) for path in account.files)
                path, document = next(
                    each for each in documents if name in each[1].get("mechanisms", {})
                )
                raise FileError(
                    path,
                    f"{name}: unknown claim",
                    line=line_of(document, ("mechanisms", name, "claims", number)),
                    value=claim,
                    expected=nearest(claim, ledger.claims) or "a claim of the ledger",
                )


def check_intervention_claims(intervention: Intervention, path: Path, ledger: Ledger) -> None:
    """Refuse an intervention that rests on a claim that does not exist.

    Raises
    ------
    FileError
        With the line of the claim and the nearest one that exists.
    """
    for number, claim in enumerate(intervention.claims):
        if claim not in ledger.claims:
            raise FileError(
                path,
                "unknown claim",
                line=line_of(parse_yaml(path), ("claims", number)),
                value=claim,
                expected=nearest(claim, ledger.claims) or "a claim of the ledger",
            )


def _reconcile(
    country: Country, ledger: Ledger, path: Path, target: str, rule: TargetRule
) -> Reconciled:
    names = {
        "country": [country.header.country],
        "region": [region.region for region in country.regions],
        "place": [place.place for place in country.places],
    }
    claims = [*rule.also, *rule.leave_out]
    for value, known in (
        (rule.name, names[rule.level]),
        *((claim, ledger.claims) for claim in claims),
        *((asked.subject, ledger.entities.by_id) for asked in rule.asks),
        *((asked.predicate, ledger.codebook.predicates) for asked in rule.asks),
    ):
        if value not in known:
            raise FileError(
                path,
                f"{target}: unknown name",
                line=line_of_target(path, target),
                value=value,
                expected=nearest(value, known) or "a name that the pack or the ledger declares",
            )
    try:
        return reconcile(ledger, target, rule)
    except QantarError as error:
        raise FileError(
            path,
            error.problem,
            line=line_of_target(path, target),
            expected=error.expected,
            hint=error.hint,
        ) from error


def line_of_target(path: Path, target: str) -> int | None:
    """Return the line on which a target is declared."""
    return line_of(parse_yaml(path), (target,))


def _folder(country: Country) -> Path:
    return country.folder / "evidence"
