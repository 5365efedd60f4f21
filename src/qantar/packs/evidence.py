"""Evidence of a country: its ledger, and the targets of an episode or a period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from qantar.base.errors import FileError, QantarError, UnknownNameError, nearest
from qantar.base.files import line_of, parse_yaml
from qantar.evidence import Ledger, Reconciled, load_ledger, load_rules, reconcile
from qantar.evidence.split import Split, load_split, period_end, split_uses
from qantar.evidence.targets import TargetRule
from qantar.packs.account import Account
from qantar.packs.country import COMMON, Country, packs_folder
from qantar.packs.episode import Episode
from qantar.packs.intervention import Intervention

CODEBOOK = Path(COMMON) / "evidence" / "codebook.yaml"

SPLIT = "split.yaml"
"""File of a pack's evidence that declares which targets are held back."""


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


def check_split(country: Country) -> None:
    """Refuse targets whose use does not follow the declared split; packs without one pass.

    Raises
    ------
    FileError
        If the split names an episode or a group that does not exist, or a target is marked ``fit``
        or ``held`` against the rule of `qantar.evidence.split`.
    """
    path = _folder(country) / SPLIT
    if not path.is_file():
        return
    split = load_split(path)
    region_of = {place.place: place.region for place in country.places}
    for episode in split.episodes:
        rules = load_rules(_declared_targets(country, path, split, episode))
        _check_groups(path, split, episode, {*region_of.values(), *rules})
        if split.episodes[episode].fit_until:
            _check_periods(targets_file(country, episode), rules)
        for target, use in split_uses(split, episode, rules, region_of).items():
            if rules[target].use != use:
                file = targets_file(country, episode)
                raise FileError(
                    file,
                    f"{target}: the use does not follow the declared split",
                    line=line_of(parse_yaml(file), (target, "use")),
                    value=rules[target].use,
                    expected=use,
                    hint=f"correct it, or declare in evidence/{SPLIT} why its group is fit",
                )


def _declared_targets(country: Country, path: Path, split: Split, episode: str) -> Path:
    """Return the targets of an episode of the split; refuse one without targets."""
    known = list_targets(country)
    if episode not in known:
        raise FileError(
            path,
            "no targets under this name",
            line=line_of(parse_yaml(path), ("episodes", episode)),
            value=episode,
            expected=nearest(episode, known) or ", ".join(known),
        )
    return targets_file(country, episode)


def _check_groups(path: Path, split: Split, episode: str, known: set[str]) -> None:
    """Refuse a group that is neither a region nor a target of the episode."""
    for group in split.episodes[episode].fit:
        if group not in known:
            raise FileError(
                path,
                f"{episode}: unknown group",
                line=line_of(parse_yaml(path), ("episodes", episode, "fit", group)),
                value=group,
                expected=nearest(group, known) or "a region, or a target of the episode",
            )


def _check_periods(file: Path, rules: Mapping[str, TargetRule]) -> None:
    """Refuse a target without a period where time decides which targets are held back."""
    for target, rule in rules.items():
        try:
            period_end(rule.date)
        except ValueError as error:
            raise FileError(
                file,
                f"{target}: the date is not a period",
                line=line_of(parse_yaml(file), (target, "date")),
                value=rule.date,
                expected="2016, 2016-04, 2016-04-24, or FIRST/LAST such as 2011/2012",
                hint=f"evidence/{SPLIT} holds these targets back by time",
            ) from error


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
