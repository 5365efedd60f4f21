"""``qantar new``: write a commented file or pack to start from, which is valid as it stands.

A country is a copy of the template pack. The other three are derived from the pack for which they
are written, so that every name in them exists.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from qantar.base.errors import FileError, OutputError, QantarError, UnknownNameError
from qantar.base.files import AtomicDirectory, write_text
from qantar.cli.names import NEW_KINDS, PACK, complete_from, complete_names
from qantar.model.hour import mechanisms
from qantar.packs.account import list_accounts, load_account
from qantar.packs.country import Country, packs_folder
from qantar.packs.episode import list_episodes, load_episode
from qantar.packs.evidence import country_ledger
from qantar.packs.intervention import list_interventions
from qantar.packs.loading import load_country

TEMPLATE = "template"
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def new(
    kind: Annotated[
        str,
        typer.Argument(help=", ".join(NEW_KINDS) + ".", autocompletion=complete_from(NEW_KINDS)),
    ],
    name: Annotated[str, typer.Argument(help="Its name, such as my-story.")],
    out: Annotated[Path, typer.Option(help="Folder to write into.")] = Path(),
    pack: Annotated[
        str,
        typer.Option(
            help="The pack that an account, intervention or source belongs to.",
            autocompletion=complete_names("pack"),
        ),
    ] = PACK,
) -> None:
    """Write a new country, account, intervention or source to start from."""
    if kind not in NEW_KINDS:
        raise UnknownNameError("kind", kind, NEW_KINDS)
    _check_name(kind, name)
    console = Console(highlight=False, soft_wrap=True)
    if kind == "country":
        path, steps = _new_country(name, out)
    else:
        country = load_country(pack)
        path = out / f"{name}.yaml"
        _refuse_existing(path)
        write, taken = {
            "account": (_account, list_accounts),
            "intervention": (_intervention, list_interventions),
            "source": (_source, lambda c: list(c.sources)),
        }[kind]
        if name in taken(country):
            raise QantarError(
                f"the pack {country.header.name!r} has {kind} {name!r} already",
                expected="a name that is not taken",
                hint=f"choose another name, such as my-{name}",
            )
        text, steps = write(country, name, path)
        write_text(path, text)
    console.print(f"Written: {path}", markup=False)
    suffix = "" if kind == "country" or pack == PACK else f" --pack {pack}"
    console.print("Next:")
    for step in steps:
        console.print(f"  {step}{suffix}", markup=False)


def _check_name(kind: str, name: str) -> None:
    """Refuse a name that could not be the name of a file or an id.

    Raises
    ------
    QantarError
        With a name that can be used, if one can be derived.
    """
    if _NAME.fullmatch(name):
        return
    words = re.findall(r"[a-z0-9]+", name.lower())
    usable = "-".join(words).lstrip("0123456789-") or f"my-{kind}"
    raise QantarError(
        f"{name!r} cannot be the name of {'an' if kind[0] in 'ai' else 'a'} {kind}",
        expected="lower-case letters and digits, with hyphens between words; a letter first",
        hint=f"qantar new {kind} {usable}",
    )


def _refuse_existing(path: Path) -> None:
    if path.exists() or path.is_symlink():
        raise OutputError(f"{path} exists already", hint="choose another name or another --out")


def _new_country(name: str, out: Path) -> tuple[Path, list[str]]:
    """Copy the template pack under a new name."""
    shipped = {path.parent.name for path in packs_folder().glob("*/pack.yaml")}
    if name in shipped:
        raise QantarError(
            f"a shipped pack is called {name!r}",
            expected="a name that is not taken",
            hint=f"choose another name, such as my-{name}",
        )
    source, destination = packs_folder() / TEMPLATE, out / name
    _refuse_existing(destination)
    with AtomicDirectory(destination) as folder:
        shutil.copytree(source, folder, dirs_exist_ok=True)
        header = folder / "pack.yaml"
        text = header.read_text(encoding="utf-8")
        text = re.sub(r"^name: \S+ *#", f'name: "{name}"  #', text, count=1, flags=re.MULTILINE)
        header.write_text(text, encoding="utf-8")
    episode = list_episodes(load_country(destination))[0]
    return destination, [
        f"qantar check {destination}",
        f"qantar run {episode} --pack {destination} --members 10",
        f"qantar list --pack {destination}",
    ]


def _account(country: Country, name: str, path: Path) -> tuple[str, list[str]]:
    """Return an account that extends another one, with every mechanism as a comment."""
    accounts = list_accounts(country)
    base = load_account(country, "union" if "union" in accounts else accounts[0])
    first = next(key for key, switch in base.mechanisms.items() if switch.on)
    lines = [
        "# An account: which mechanisms of the model are on, what is believed about their",
        "# strength, and who says so. docs/howto/write-an-account.md explains every key.",
        f'name: "{name}"   # must match the name of the file',
        f"extend: {base.name}   # everything that is not stated here is as in this account",
        'title: "One line for tables"',
        f"told_by: []   # ids of the sources that tell it; here: {', '.join(_coded(country))}",
        "summary: >-",
        "  Two or three sentences: what happened, and why, according to this account.",
        "mechanisms:",
        f"  # Only what differs from `{base.name}`; each needs a reason. `claims: [ID, ...]` is",
        "  # optional. Replace this line by a switch of your own:",
        f'  {first}: {{on: true, because: "example: as in `{base.name}`"}}',
        f"  # All mechanisms, as they are in `{base.name}`:",
    ]
    for key, mechanism in mechanisms().items():
        on = str(base.is_on(key)).lower()
        lines.append(f'  # {key}: {{on: {on}, because: "..."}}   # {mechanism.title}')
    lines += [
        "# Optional: parameters held at a value, and priors of this account. `qantar list",
        "# parameters` lists their names, `qantar show parameter NAME` their ranges.",
        "# fixed:",
        '#   anger.by_shutdown: {value: 0.0, because: "..."}',
        "# beliefs:",
        '#   shutdown.cut: {prior: {distribution: uniform, low: 0.5, high: 1}, because: "..."}',
    ]
    episode = list_episodes(country)[0]
    return "\n".join(lines) + "\n", [
        f"qantar check {path}",
        f"qantar run {episode} --account {path} --members 10",
    ]


def _intervention(country: Country, name: str, path: Path) -> tuple[str, list[str]]:
    """Return an intervention that forbids a shutdown, derived from the one of the template."""
    episode = list_episodes(country)[0]
    source = packs_folder() / TEMPLATE / "interventions" / "no-shutdown.yaml"
    text = source.read_text(encoding="utf-8").replace(" INVENTED, like all of Arvenia.", "")
    replaced = {
        "name": f'"{name}"   # must match the name of the file',
        "title": '"One line for tables"',
        "baseline": '"What happened instead."',
        "reason": '"Why it is asked."',
        "grade": "assumed   # measured, reported, elicited, calibrated or assumed",
        "claims": "[]   # ids of claims: `qantar evidence claims` lists them",
        "references": "[]   # keys of references.yaml",
        "episodes": f"[{episode}]   # leave out if it fits any episode and names no date",
    }
    for key, value in replaced.items():
        text = re.sub(rf"^{key}:.*$", f"{key}: {value}", text, count=1, flags=re.MULTILINE)
    return text, [
        f"qantar check {path}",
        f"qantar whatif {episode} --change {path} --members 4",
    ]


def _source(country: Country, name: str, path: Path) -> tuple[str, list[str]]:
    """Return a source with one example claim about something that the pack's claims are about."""
    ledger = country_ledger(country)
    counted = Counter(
        claim.subject for claim in ledger.claims.values() if claim.predicate == "deaths"
    )
    if not counted:
        raise FileError(
            country.folder / "evidence",
            "no claim counts deaths, which the example claim needs",
            hint="start from the example in docs/howto/code-a-source.md",
        )
    subject = counted.most_common(1)[0][0]
    first = load_episode(country, list_episodes(country)[0])
    subject = first.name if first.name in counted else subject
    day = first.last_day
    lines = [
        "# A source and its claims, one checkable statement each. It is added to the evidence with",
        "# --with; nothing in the pack is changed. docs/howto/code-a-source.md explains every key.",
        f'id: "{name}"',
        "source:",
        '  title: "Title as you would cite it"',
        '  author: "Author"',
        f'  date: "{day}"   # when it was published: 2022, 2022-01 or 2022-01-14',
        "  kind: report   # report, events, statistics, law, press, map or judgement",
        "claims:",
        "  # Replace this example. Quote numbers and dates; leave empty cells out.",
        f"  - claim: {name}-deaths   # unique in the whole ledger; begin with the source",
        f'    source: "{name}"',
        "    locator: p1   # where it is: p7, s3.2.1, table 2",
        "    # category: " + ", ".join(ledger.codebook.categories),
        "    category: deaths",
        f"    subject: {subject}   # `qantar evidence entity` lists all subjects",
        "    predicate: deaths   # a word of the codebook, packs/common/evidence/codebook.yaml",
        '    value_low: "1"',
        "    # reading: " + ", ".join(ledger.codebook.readings),
        "    reading: at_least",
        "    unit: persons",
        f'    date_to: "{day}"',
        f'    as_of: "{day}"',
        f"    place: {country.header.country}",
        "    modality: stated   # stated, attributed, disputed, speculated or retracted",
        '    paraphrase: "EXAMPLE: at least one person died."',
    ]
    return "\n".join(lines) + "\n", [
        f"qantar check {path}",
        f"qantar evidence claims --with {path} --source {name}",
        f"qantar evidence conflicts --with {path} --source {name}",
    ]


def _coded(country: Country) -> list[str]:
    """Return the ids of the sources that have claims, or of all if the pack has no evidence."""
    if not (country.folder / "evidence").is_dir():
        return list(country.sources)
    return list(dict.fromkeys(c.source for c in country_ledger(country).claims.values()))
