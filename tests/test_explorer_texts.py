"""Texts of the explorer's page: one catalogue per language, complete, used, nothing beside it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import qantar.explorer

PAGE = Path(qantar.explorer.__file__).parent / "page"
LANGUAGES = ("en", "kk", "ru")
PLURALS = {
    "en": {"one", "other"},
    "kk": {"one", "other"},
    "ru": {"one", "few", "many", "other"},
}
"""Forms that `Intl.PluralRules` chooses from in each language (CLDR)."""

FORMS = {"zero", "one", "two", "few", "many", "other"}
NAMES = {"calendar.months": 12, "calendar.months-short": 12, "calendar.weekdays": 7}
"""Keys that hold several names in one text, and how many."""

Text = str | dict[str, str]


def flat(tree: dict[str, Any], prefix: str = "") -> dict[str, Text]:
    """Keys with dots, as `texts.js` makes them."""
    found: dict[str, Text] = {}
    for name, value in tree.items():
        if isinstance(value, str) or set(value) <= FORMS:
            found[prefix + name] = value
        else:
            found |= flat(value, f"{prefix}{name}.")
    return found


def catalogue(lang: str) -> dict[str, Text]:
    """All texts of a language; English may still be in two files."""
    found: dict[str, Text] = {}
    for path in sorted((PAGE / "texts").glob(f"{lang}*.json")):
        part = flat(json.loads(path.read_text(encoding="utf-8")))
        assert not set(part) & set(found), f"{path.name} repeats keys of {lang}.json"
        found |= part
    return found


ENGLISH = catalogue("en")
GROUPS = {key.split(".")[0] for key in ENGLISH}


def forms(text: Text) -> dict[str, str]:
    """Texts by plural form; a text without forms is its own."""
    return {"": text} if isinstance(text, str) else text


def places(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


# Reading JavaScript -------------------------------------------------------------------------

LETTERS = re.compile(r"[^\W\d_]{2,}")
KEY = re.compile(r"[a-z]+(\.[\w-]+)+")
SENTENCE = re.compile(r"[^\W\d_a-z][^\W\d_A-Z]+ [^\W\d_A-Z]")
STRING = re.compile(r"'(?:\\.|[^\\'])*'|\"(?:\\.|[^\\\"])*\"")
REGEX = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\n])+/\w*")
NAME = re.compile(r"[A-Za-z_$][\w$.]*")
BEFORE_REGEX = {*"(,=:[!&|?{};>", "return"}
SHOWING = {"append", "prepend", "replaceChildren", "announce", "setText", "note", "Error"}
"""Functions whose text a reader gets to see."""

READ_OUT = {"aria-label", "aria-valuetext", "aria-description", "title", "placeholder", "alt"}
"""Attributes and properties that are read out or shown."""


@dataclass(frozen=True)
class Token:
    """A piece of JavaScript: a name, a string, a regex or a mark.

    A template is a string whose holes are NUL; what stands in the holes follows in brackets, so
    that the calls inside it are read too.
    """

    kind: str
    text: str


def tokens(source: str) -> list[Token]:
    """Split JavaScript as finely as strings and calls need."""
    found: list[Token] = []
    at = 0
    while at < len(source):
        at = take(source, at, found)
    return found


def take(source: str, at: int, found: list[Token]) -> int:
    """Append what stands at a place, and say where the next begins."""
    here = source[at]
    if source.startswith(("//", "/*"), at):
        end = "\n" if source[at + 1] == "/" else "*/"
        return source.index(end, at + 2) + len(end)
    if here == "`":
        return take_template(source, at + 1, found)
    for kind, pattern in (("string", STRING), ("regex", REGEX), ("name", NAME)):
        if kind == "regex" and found and found[-1].text not in BEFORE_REGEX:
            continue
        if match := pattern.match(source, at):
            found.append(Token(kind, match[0][1:-1] if kind == "string" else match[0]))
            return match.end()
    if not here.isspace():
        found.append(Token("mark", here))
    return at + 1


def take_template(source: str, at: int, found: list[Token]) -> int:
    words = ""
    holes: list[Token] = []
    while source[at] != "`":
        if source.startswith("${", at):
            words += "\0"
            at = take_hole(source, at + 2, holes)
        else:
            words += source[at]
            at += 1
    found += [Token("string", words), *holes]
    return at + 1


def take_hole(source: str, at: int, holes: list[Token]) -> int:
    inside: list[Token] = []
    depth = 1
    while depth:
        count = len(inside)
        at = take(source, at, inside)
        new = inside[count:]
        if len(new) == 1 and new[0].kind == "mark":
            depth += {"{": 1, "}": -1}.get(new[0].text, 0)
    holes += [Token("mark", "("), *inside[:-1], Token("mark", ")")]
    return at


@dataclass
class Frame:
    """An open bracket: whose it is, and at which argument or property it is."""

    kind: str
    owner: str = ""
    argument: int = 0
    name: str = ""


def literals(source: str) -> list[str]:
    """Strings of a script that a reader would see, though they come from no catalogue.

    These are children of `h` and `svg`, texts given to an element or an error, attributes that are
    read out, and everything that looks like a sentence wherever it stands.
    """
    found = []
    stack = [Frame("{", "block")]
    read = tokens(source)
    for k, token in enumerate(read):
        before = read[:k][-3:]
        top = stack[-1]
        if token.kind == "string":
            after = read[k + 1].text if k + 1 < len(read) else ""
            seen = not set_apart(before, after) and shown(stack, before)
            if LETTERS.search(token.text) and (seen or SENTENCE.match(token.text)):
                found.append(token.text.replace("\0", "…"))
        elif token.kind == "mark":
            if token.text in "([{":
                stack.append(opened(token.text, before, walked(read, k)))
            elif token.text in ")]}" and len(stack) > 1:
                stack.pop()
            elif token.text == ",":
                top.argument += 1
        if token.kind in ("string", "name") and not (top.argument and top.kind == "("):
            top.name = token.text if top.kind == "(" or follows(read, k, ":") else top.name
    return found


def follows(read: list[Token], k: int, mark: str) -> bool:
    return k + 1 < len(read) and read[k + 1].text == mark


def walked(read: list[Token], k: int) -> bool:
    """Whether a method is called on what a bracket encloses: its items are not what comes out."""
    depth = 0
    for at in range(k, len(read)):
        if read[at].kind == "mark":
            depth += (read[at].text in "([{") - (read[at].text in ")]}")
        if depth == 0:
            return follows(read, at, ".")
    return False


def opened(mark: str, before: list[Token], walks: bool) -> Frame:
    last = before[-1] if before else Token("mark", ";")
    if mark == "{":
        return Frame(mark, "block" if last.text in (")", ">", ";", "try", "else") else "object")
    owner = last.text.split(".")[-1] if last.kind == "name" else ""
    if mark == "(" and owner in ("return", "if", "while", "switch", "of", "in"):
        owner = ""
    return Frame(mark, owner if mark == "(" else "walked" if walks else "")


def set_apart(before: list[Token], after: str) -> bool:
    """Whether a string is compared with `===`, `!==` or `in`, or is the name of a property."""
    marks = [token.text for token in before[-2:]]
    named = marks[-1:] in (["{"], [","]) and after == ":"
    return named or marks == ["=", "="] or after in ("=", "!", "in")


def shown(stack: list[Frame], before: list[Token]) -> bool:
    """Whether a string at this place reaches the reader."""
    if len(before) > 1 and before[-1].text == "=":
        return before[-2].text.split(".")[-1] in {"textContent", "innerText", *READ_OUT}
    for frame in reversed(stack):
        if frame.kind == "(" and frame.owner in ("h", "svg"):
            return frame.argument >= 2
        if frame.kind == "(" and frame.owner in ("setAttribute", "setAttr"):
            return frame.argument >= 1 and frame.name in READ_OUT
        if frame.kind == "(" and frame.owner not in ("", "map", "flatMap"):
            return frame.owner in SHOWING
        if frame.owner == "walked":
            return False
        if frame.kind == "{":
            return frame.owner == "object" and frame.name in READ_OUT
    return False


def keys_in(source: str) -> set[str]:
    """Keys that a script names, with NUL for what it fills in."""
    return {
        token.text
        for token in tokens(source)
        if token.kind == "string"
        and token.text.split(".")[0] in GROUPS
        and re.fullmatch(r"[\w-]+(\.[\w\0-]+)+", token.text)
    }


def asked(source: str) -> set[str]:
    """Every string that is given to `t` or `has` outright."""
    read = tokens(source)
    return {
        read[k + 2].text
        for k in range(len(read) - 2)
        if read[k].text in ("t", "has")
        and read[k + 1].text == "("
        and read[k + 2].kind == "string"
        and (k == 0 or read[k - 1].text != ".")
    }


def meant(key: str) -> set[str]:
    """Keys of the English catalogue that a key or a key with holes stands for."""
    pattern = re.escape(key).replace("\0", r"[^.]+")
    return {each for each in ENGLISH if re.fullmatch(pattern, each)}


def scripts() -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in (PAGE / "js").glob("*.js")}


class Markup(HTMLParser):
    """Texts and labels of the page's markup with the keys that replace them."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = dict(attrs)
        if tag not in ("meta", "link"):
            self.open.append((tag, own))
        self.texts += [(own[name] or "", own.get("data-t-label")) for name in READ_OUT & set(own)]

    def handle_endtag(self, tag: str) -> None:
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if not data.strip() or {"title", "noscript", "h1"} & {tag for tag, _ in self.open}:
            return
        self.texts.append((data.strip(), self.open[-1][1].get("data-t")))


def markup(source: str) -> list[tuple[str, str | None]]:
    reader = Markup()
    reader.feed(source)
    return reader.texts


INDEX = markup((PAGE / "index.html").read_text(encoding="utf-8"))


# The catalogues -----------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["kk", "ru"])
def test_a_translation_has_the_keys_of_english(lang: str) -> None:
    own = set(catalogue(lang))
    assert sorted(set(ENGLISH) - own) == [], "texts that nobody has translated"
    assert sorted(own - set(ENGLISH)) == [], "translations of texts that are gone"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_text_fills_in_what_english_does(lang: str) -> None:
    wrong = {}
    for key, text in catalogue(lang).items():
        wanted = set().union(*map(places, forms(ENGLISH.get(key, text)).values()))
        for form, own in forms(text).items():
            # A single thing need not be counted: "in a conflict".
            least = wanted - {"count", "places"} if form == "one" else wanted
            if not least <= places(own) <= wanted:
                wrong[f"{key} {form}"] = own
    assert not wrong


@pytest.mark.parametrize("lang", LANGUAGES)
def test_counted_texts_have_the_forms_of_their_language(lang: str) -> None:
    own = catalogue(lang)
    counted = {key for key, text in ENGLISH.items() if not isinstance(text, str)}
    wrong = {key: own.get(key) for key in counted if set(forms(own.get(key, ""))) != PLURALS[lang]}
    assert not wrong
    assert not [
        key for key, text in own.items() if key not in counted and not isinstance(text, str)
    ]


def test_only_english_leaves_the_count_out_of_its_singular() -> None:
    # Russian says 21 and 31 in the form of 1 as well, so the number has to be there.
    for key, text in catalogue("ru").items():
        if not isinstance(text, str):
            assert places(text["one"]) >= places(text["many"]) & {"count"}, key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_text_is_empty_or_frayed(lang: str) -> None:
    for key, text in catalogue(lang).items():
        for own in forms(text).values():
            assert own.strip(), key
            assert own == own.strip(), key
            assert "  " not in own, key


@pytest.mark.parametrize("lang", ["kk", "ru"])
def test_translations_are_in_cyrillic(lang: str) -> None:
    # Names of programs, formats and keys stay, and so do the words to search for.
    stays = r"\{\w+\}|qantar \w+|Qantar|Escape|Enter|Ctrl\+C|CSV|PNG|SVG|UTC"
    for key, text in catalogue(lang).items():
        if key == "evidence.search-hint":
            continue
        for own in forms(text).values():
            assert not re.search(r"[A-Za-z]{2,}", re.sub(stays, "", own)), (key, own)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_names_of_months_and_days_are_complete(lang: str) -> None:
    own = catalogue(lang)
    for key in NAMES.keys() & own.keys():
        assert len(str(own[key]).split(" ")) == NAMES[key], key


# Their use ----------------------------------------------------------------------------------


def test_every_text_that_the_page_asks_for_exists() -> None:
    missing = {
        (name, key.replace("\0", "…"))
        for name, source in scripts().items()
        for key in keys_in(source) | asked(source)
        if not meant(key)
    }
    missing |= {("index.html", key) for _, key in INDEX if key and key not in ENGLISH}
    assert not missing


def test_every_text_is_used() -> None:
    used = {key for _, key in INDEX if key}
    for source in scripts().values():
        used |= set().union(*map(meant, keys_in(source)))
    assert sorted(set(ENGLISH) - used) == []


def test_the_markup_says_what_the_catalogue_says() -> None:
    assert INDEX
    for text, key in INDEX:
        assert key, f"{text!r} cannot be translated"
        assert text == ENGLISH[key]


def test_scripts_and_styles_hold_no_text_of_their_own() -> None:
    found = {name: own for name, source in scripts().items() if (own := literals(source))}
    assert not found
    for path in PAGE.glob("*.css"):
        for said in re.findall(r"\bcontent:\s*([^;}]+)", path.read_text(encoding="utf-8")):
            assert not re.search(r"""["'][^"']*[^\W\d_]{2,}""", said), (path.name, said)


# The checks themselves ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("h('p', null, 'Nothing here');", ["Nothing here"]),
        ("h('p', { class: 'aside big' }, ok && 'none');", ["none"]),
        ("h('ul', null, rows.map((row) => h('li', null, `of ${row.name}`)));", ["of …"]),
        ("h('p', null, many ? [1, 'others'] : t('map.title'));", ["others"]),
        ("svg('text', { x: 1 }, 'peak');", ["peak"]),
        ("h('button', { 'aria-label': 'close' });", ["close"]),
        ("node.setAttribute('aria-label', 'close');", ["close"]),
        ("node.textContent = 'done';", ["done"]),
        ("setText(node, `${count} left`);", ["… left"]),
        ("throw new Error('nothing to draw');", ["nothing to draw"]),
        ("const words = 'Nothing was found';", ["Nothing was found"]),
        ("const words = `${t('map.title')}: ${h('b', null, 'bold')}`;", ["bold"]),
        ("h('p', { class: 'aside big' }, t('map.title'));", []),
        ("h('p', null, side === 'left' && t('map.title'), ': ');", []),
        ("h('p', null, h('i', { class: 'big one' }), num(x, 'short'));", []),
        ("node.setAttribute('class', 'big one'); // Nothing was found", []),
        ("const clean = text.replace(/[\"'`]/g, ''); h('p', null, clean);", []),
        ("svg('path', { d: `M${x} 0H12` });", []),
        ("h('p', null, ['png', 'svg'].map((form) => num(form)));", []),
        ("h('p', { 'aria-label': t('map.title'), 'aria-pressed': 'true' });", []),
    ],
)
def test_literal_text_is_told_from_everything_else(source: str, found: list[str]) -> None:
    assert literals(source + "\n") == found


def test_keys_are_found_wherever_they_stand() -> None:
    source = "item('map.title'); t(ok ? 'map.nope' : `map.show.${each}`); import './map.js';\n"
    assert keys_in(source) == {"map.title", "map.nope", "map.show.\0"}
    assert meant("map.title") == {"map.title"}
    assert not meant("map.nope")
    assert "map.show.median" in meant("map.show.\0")
    assert asked("t('nowhere.at.all'); set.has('run');") == {"nowhere.at.all"}


def test_markup_without_a_key_is_noticed() -> None:
    assert markup('<p data-t="map.title">Map</p><b aria-label="X y">z</b>') == [
        ("Map", "map.title"),
        ("X y", None),
        ("z", None),
    ]
