"""``qantar show``: everything about one name that ``qantar list`` lists.

Printed are also the file that declares it, its literature and the claims that support it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any

import typer
from rich.console import Console

from qantar.base.errors import QantarError, UnknownNameError
from qantar.cli.console import print_json
from qantar.cli.list import source_entries
from qantar.cli.names import (
    PACK,
    SHOWN_KINDS,
    STATE_KINDS,
    complete_from,
    complete_names,
    complete_shown,
    names_of,
)
from qantar.cli.show_state import unit_json, unit_lines
from qantar.evidence import Ledger
from qantar.evidence.causes import STANCES, causes_of_mechanism, stance_matrix
from qantar.model.hour import mechanisms, offices
from qantar.model.mechanism import Mechanism
from qantar.packs.account import blind_twins, list_accounts, load_account
from qantar.packs.account_file import mechanism_names
from qantar.packs.conditions import FROM_YEARS
from qantar.packs.country import Country
from qantar.packs.episode import episode_file, load_episode
from qantar.packs.evidence import country_ledger, has_evidence
from qantar.packs.intervention import (
    Amount,
    Hold,
    Intervention,
    Placed,
    intervention_file,
    load_intervention,
)
from qantar.packs.loading import load_country
from qantar.packs.parameters import Parameter, line_of_parameter
from qantar.simulate.changes import HOUR
from qantar.simulate.draws import rule_names
from qantar.simulate.parameters import parameter_names


def show(
    kind: Annotated[
        str,
        typer.Argument(
            help=", ".join(SHOWN_KINDS) + "; may be left out if one kind alone has the name.",
            autocompletion=complete_from(SHOWN_KINDS),
        ),
    ],
    name: Annotated[
        str | None,
        typer.Argument(
            help="A name from `qantar list`; also the file of an account or intervention.",
            autocompletion=complete_shown,
        ),
    ] = None,
    pack: Annotated[
        str, typer.Option(help="A shipped pack or a folder.", autocompletion=complete_names("pack"))
    ] = PACK,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show one episode, account, source, mechanism or other name in full, with its references."""
    if name is None:
        kind, name = _kind_of(kind, pack), kind
    if kind not in _SHOWERS:
        raise UnknownNameError("kind", kind, _SHOWERS)
    country = load_country(pack)
    lines = _SHOWERS[kind](country, name)
    if as_json:
        print_json(_as_json(country, kind, name))
        return
    console = Console(soft_wrap=True)
    for line in lines:
        console.print(line, highlight=False, markup=False)


def _kind_of(name: str, pack: str) -> str:
    """Return the kind of the only thing with this name."""
    named = {kind: names_of(kind, pack) for kind in SHOWN_KINDS}
    kinds = [kind for kind, names in named.items() if name in names]
    if len(kinds) == 1:
        return kinds[0]
    if name in SHOWN_KINDS:
        raise QantarError(f"which {name}?", expected=f"qantar show {name} NAME")
    if not kinds:
        every = {each for names in named.values() for each in names}
        raise UnknownNameError("name", name, every)
    calls = " or ".join(f"qantar show {kind} {name}" for kind in kinds)
    raise QantarError(f"{name!r} is the name of several kinds", expected=calls)


def _as_json(country: Country, kind: str, name: str) -> dict[str, Any]:
    """Return what is known of a name in values that JSON has."""
    head = {"kind": kind, "name": name, "pack": country.header.name}
    if kind == "parameter":
        owner, _, short = name.partition(".")
        found = country.numbers[owner][short]
        value = {"value": found.central, "file": country.number_files[name]}
        return head | found.model_dump(mode="json", warnings=False) | value
    if kind == "episode":
        episode = load_episode(country, name)
        return (
            head
            | episode.model_dump(mode="json", warnings=False)
            | {"file": episode_file(country, name)}
        )
    if kind == "account":
        account = load_account(country, name)
        return head | account.content | {"name": account.name, "files": account.files}
    if kind == "intervention":
        return head | load_intervention(country, name).model_dump(mode="json", warnings=False)
    if kind == "source":
        source = country.sources[name].model_dump(mode="json", warnings=False)
        counts = {each["name"]: each for each in source_entries(country)}[name]
        told = [a for a in list_accounts(country) if name in load_account(country, a).told_by]
        return head | source | counts | {"accounts": told}
    if kind in STATE_KINDS:
        return head | unit_json(country, kind, name)
    if kind == "office":
        found_office = offices()[name]
        numbers = {f"{name}.{k}": p.central for k, p in country.rules[name].items()}
        return head | {"title": found_office.title, "parameters": numbers}
    ledger = country_ledger(country) if has_evidence(country) else None
    causes = ledger.causes if ledger else {}
    if kind == "cause" or name not in mechanisms():
        return head | {"causes": [_cause_as_json(ledger, name)] if ledger else []}
    mechanism = mechanisms()[name]
    numbers = {f"{name}.{k}": p.central for k, p in country.parameters.get(name, {}).items()}
    own = [_cause_as_json(ledger, c) for c in causes_of_mechanism(name, causes)] if ledger else []
    literature = [country.references[key].cite() for key in mechanism.references]
    return head | {
        "title": mechanism.title,
        "code": mechanism.code,
        "literature": literature,
        "parameters": numbers,
        "causes": own,
    }


def _cause_as_json(ledger: Ledger, name: str) -> dict[str, Any]:
    stances = stance_matrix([name], ledger.claims.values()).items()
    sources = {
        source: {
            "stance": stand.word,
            "claims": {word: [c.claim for c in claims] for word, claims in stand.claims.items()},
        }
        for (_, source), stand in stances
    }
    return {
        "cause": name,
        **ledger.causes[name].model_dump(mode="json", warnings=False),
        "sources": sources,
    }


def _parameter(country: Country, name: str) -> list[str]:
    names = (*parameter_names(), *rule_names())
    if name not in names:
        raise UnknownNameError("parameter", name, names)
    owner, _, short = name.partition(".")
    parameter = country.numbers[owner][short]
    path = country.number_files[name]
    believed = parameter.prior.describe() if parameter.prior else "fixed"
    lines = [
        f"{name}: {parameter.label}",
        f"  middle      {parameter.central:.5g} {parameter.unit}",
        f"  prior       {believed}",
        f"  allowed     {parameter.low:g} to {parameter.high:g}",
        f"  grade       {parameter.grade}, {parameter.date}",
        f"  declared    {path}:{line_of_parameter(path, short)}",
    ]
    for key in parameter.references:
        known = country.references.get(key)
        lines.append(f"  literature  {known.cite() if known else country.sources[key].title}")
        lines += [f"    supports  {known.supports}"] if known and known.supports else []
    for passage in parameter.seeds:
        source, _, locator = passage.partition(":")
        known_source = country.sources.get(source)
        text = f"{source} {locator} ({known_source.title})" if known_source else passage
        lines.append(f"  passage     {text}")
    return [*lines, *([f"  note        {parameter.note}"] if parameter.note else [])]


def _mechanism(country: Country, name: str) -> list[str]:
    """Show a mechanism, or a cause that sources name, with who asserts it."""
    ledger = country_ledger(country) if has_evidence(country) else None
    causes = ledger.causes if ledger else {}
    if name not in mechanisms() and name not in causes:
        raise UnknownNameError("mechanism", name, [*mechanisms(), *causes])
    lines: list[str] = []
    if name in mechanisms():
        mechanism = mechanisms()[name]
        parameters = country.parameters.get(name, {})
        lines += _rule(country, name, mechanism, mechanism.code, parameters)
    shown = [name] if name in causes else causes_of_mechanism(name, causes)
    if not shown:
        lines.append("  no disputed cause rests on it")
    for cause in shown:
        lines += _cause(ledger, cause) if ledger else []
    return lines


def _rule(
    country: Country,
    name: str,
    rule: Mechanism,
    code: str,
    parameters: Mapping[str, Parameter],
) -> list[str]:
    """Return the code, the literature and the parameters of a mechanism or an office."""
    lines = [f"{name}: {rule.title}", f"  code        {code}"]
    lines += [f"  literature  {country.references[key].cite()}" for key in rule.references]
    for short, parameter in parameters.items():
        lines.append(f"  parameter   {name}.{short} = {parameter.central:.4g}: {parameter.label}")
    return lines


def _disputed_cause(country: Country, name: str) -> list[str]:
    """Show a cause that sources name, with who asserts it."""
    ledger = country_ledger(country)
    if name not in ledger.causes:
        raise UnknownNameError("cause", name, ledger.causes)
    return _cause(ledger, name)


def _source(country: Country, name: str) -> list[str]:
    """Show a source: author, date, its claims by category, and the accounts that follow it."""
    if name not in country.sources:
        raise UnknownNameError("source", name, country.sources)
    source = country.sources[name]
    entry = {each["name"]: each for each in source_entries(country)}[name]
    lines = [
        f"{name}: {source.title}",
        f"  author      {source.author or 'not known'}",
        f"  date        {source.date or 'not known'}",
        f"  kind        {source.kind}",
        f"  declared    {country.folder / 'sources.yaml'}",
    ]
    lines += [f"  url         {source.url}"] if source.url else []
    lines += [f"  licence     {source.licence}"] if source.licence else []
    if not entry["claims"]:
        lines.append("  claims      none: the pack takes numbers from it")
        return [*lines, *([f"  note        {source.note}"] if source.note else [])]
    ledger = country_ledger(country)
    own = ledger.select(source=name).claims.values()
    counts = Counter(claim.category for claim in own)
    total = len(ledger.claims)
    lines.append(f"  claims      {len(own):,} of {total:,}, {entry['share']:.1%}")
    lines.append("  about       " + ", ".join(f"{c} {n}" for c, n in counts.most_common()))
    told = [a for a in list_accounts(country) if name in load_account(country, a).told_by]
    lines.append(f"  accounts    {', '.join(told) or 'none'}")
    suffix = "" if country.header.name == PACK else f" --pack {country.folder}"
    lines.append(f"  read them   qantar evidence claims --source {name}{suffix}")
    return [*lines, *([f"  note        {source.note}"] if source.note else [])]


def _cause(ledger: Ledger, name: str) -> list[str]:
    """Return the stance of every source on a cause, passage by passage."""
    cause = ledger.causes[name]
    lines = [f"cause {name}: {cause.title}"]
    carried = ", ".join(cause.mechanisms) or "not modelled yet"
    lines.append(f"  in the model  {carried}" + (f" ({cause.note})" if cause.note else ""))
    for (_, source), stand in stance_matrix([name], ledger.claims.values()).items():
        lines.append(f"  {source} ({ledger.sources[source].title}): {stand.word}")
        for stance in STANCES:
            for claim in stand.claims.get(stance, ()):
                by = f", {claim.attributed_to}" if claim.attributed_to else ""
                lines.append(f"    {stance} {claim.locator}{by}: {claim.paraphrase}")
    return lines


def _episode(country: Country, name: str) -> list[str]:
    episode = load_episode(country, name)
    claims = country_ledger(country).claims if has_evidence(country) else {}
    lines = [
        f"{name}: {episode.title}",
        f"  {episode.summary.strip()}",
        f"  window      {episode.first_day} to {episode.last_day}",
        f"  declared    {episode_file(country, name)}",
    ]
    if episode.conditions.from_years:
        lines.append(f"  starts from what the years leave behind ({FROM_YEARS})")
    for key, action in episode.actions.items():
        between = f"{action.begins.earliest:%d %b %H:%M} to {action.begins.latest:%d %b %H:%M}"
        lines.append(f"  {key}: {action.label}, {between}")
        for saying in action.says:
            claim = claims.get(saying.claim)
            where = claim.cite() if claim else saying.claim
            lines.append(f"      {where}: {saying.says}")
        if action.reference:
            lines.append(
                f"      {action.reference} {action.locator}".rstrip() + f" ({action.grade})"
            )
    return lines


def _office(country: Country, name: str) -> list[str]:
    known = offices()
    if name not in known:
        raise UnknownNameError("office", name, known)
    code = f"qantar/model/offices/{name}.py"
    return _rule(country, name, known[name], code, country.rules[name])


def _account(country: Country, name: str) -> list[str]:
    account = load_account(country, name)
    lines = [
        f"{account.name}: {account.title}",
        f"  {account.summary.strip()}",
        f"  told by     {', '.join(account.told_by) or 'no source'}",
        f"  declared    {account.file}",
    ]
    lines += [f"  extends     {path}" for path in account.files[1:]]
    if account.blind_twin_of:
        lines.append(f"  blind twin of {account.blind_twin_of}")
    lines += [f"  its blind twin is {twin}" for twin in blind_twins(country, account.name)]
    claims = country_ledger(country).claims if has_evidence(country) else {}
    for mechanism, switch in account.mechanisms.items():
        lines.append(f"  {'on ' if switch.on else 'off'} {mechanism}: {switch.because}")
        for key in switch.claims:
            claim = claims.get(key)
            lines.append(f"      {claim.cite()}: {claim.paraphrase}" if claim else f"      {key}")
    unnamed = [name for name in mechanism_names() if name not in account.mechanisms]
    if unnamed:
        lines.append(f"  off, as not named: {', '.join(unnamed)}")
    for parameter, fixed in account.fixed.items():
        lines.append(f"  fixed {parameter} = {fixed.value:g}: {fixed.because}")
    for parameter, belief in account.beliefs.items():
        lines.append(f"  believes {parameter}: {belief.prior.describe()}; {belief.because}")
    return lines


def _intervention(country: Country, name: str) -> list[str]:
    found = load_intervention(country, name)
    claims = country_ledger(country).claims if has_evidence(country) else {}
    lines = [
        f"{found.name}: {found.title}",
        f"  instead of  {found.baseline}",
        f"  why asked   {found.reason}",
        f"  grade       {found.grade}",
        f"  episodes    {', '.join(found.episodes) or 'any'}",
        f"  declared    {intervention_file(country, name)}",
    ]
    if found.date is not None:
        date = found.date
        between = f"{date.earliest:{HOUR}} to {date.latest:{HOUR}}"
        lines.append(f"  date        {date.default:{HOUR}}, may be {between}")
    if found.dose is not None:
        dose = found.dose
        between = f"{dose.low:g} to {dose.high:g} {dose.unit}"
        lines.append(f"  dose        {dose.default:g}, may be {between}: {dose.label}")
        lines.append(f"              {dose.meaning.strip()}")
    lines += _effects(found)
    for each in found.expected:
        lines.append(f"  expected    {each.sign}, {each.outcome}: {each.because}")
    lines += [f"  literature  {country.references[key].cite()}" for key in found.references]
    for key in found.claims:
        claim = claims.get(key)
        lines.append(f"  claim       {f'{claim.cite()}: {claim.paraphrase}' if claim else key}")
    lines += [f"  caution     {found.caution}"] if found.caution else []
    return [*lines, *([f"  note        {found.note}"] if found.note else [])]


def _effects(found: Intervention) -> list[str]:
    """Return what an intervention does to decisions, parameters and places."""
    lines = [f"  holds       {_held(hold)}" for hold in found.decisions]
    for step in found.parameters:
        lines.append(f"  changes     {step.name}: {step.how} {_amount(step.amount)}")
    for change in found.ground:
        what = f"{change.variable}: {change.how} {_amount(change.amount)}"
        lines.append(f"  changes     {what}, {_where(change)}")
    return lines


def _held(hold: Hold) -> str:
    """Return to what a decision is held, when and where."""
    bounds = [("at least", hold.least), ("at most", hold.most)]
    parts = [f"{word} {_amount(bound)}" for word, bound in bounds if bound is not None]
    if hold.begins is not None:
        parts.append(f"from {_edge(hold.begins)}")
    if hold.until is not None:
        parts.append(f"until {_edge(hold.until)}")
    if hold.lasts is not None:
        parts.append(f"for {hold.lasts} hours")
    return f"{hold.kind} {', '.join(parts)}, {_where(hold)}"


def _edge(edge: dt.datetime | str) -> str:
    return "the date" if isinstance(edge, str) else f"{edge:{HOUR}}"


def _amount(amount: Amount) -> str:
    """Return an amount in the syntax of intervention files."""
    if amount.slope == 0:
        return f"{amount.constant:g}"
    slope = "dose" if abs(amount.slope) == 1 else f"{abs(amount.slope):g} * dose"
    if amount.constant == 0 and amount.slope > 0:
        return slope
    return f"{amount.constant:g} {'+' if amount.slope > 0 else '-'} {slope}"


def _where(placed: Placed) -> str:
    where = "everywhere" if placed.where == "everywhere" else ", ".join(placed.where)
    return f"{where} except {', '.join(placed.excluded)}" if placed.excluded else where


def _unit(kind: str, country: Country, name: str) -> list[str]:
    return unit_lines(country, kind, name)


_SHOWERS: dict[str, Callable[[Country, str], list[str]]] = {
    "parameter": _parameter,
    "mechanism": _mechanism,
    "episode": _episode,
    "account": _account,
    "office": _office,
    "intervention": _intervention,
    "source": _source,
    "cause": _disputed_cause,
    **{kind: partial(_unit, kind) for kind in STATE_KINDS},
}
