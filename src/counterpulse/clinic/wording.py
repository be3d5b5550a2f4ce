"""From a question in anybody's words to the field's tokens: spelling, synonyms, negation, stop words, stems.

Knows `data/synonyms.toml` and `data/dangers.toml`. Does not know the statements' meaning; it only asks which words they use to mend typing errors.
"""

import functools
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import snowballstemmer
from rapidfuzz.distance import OSA, JaroWinkler

from counterpulse.clinic.statements import statements
from counterpulse.clinic.table import data

NEGATED = re.compile(
    r"(?:\bwithout|\bno|\babsence of|\bexcluded|\bruled out|\bfree of|\bno (?:evidence|history|sign|signs|suspicion) of"
    r"|\bdoes(?: not|n't) have|\bdo(?: not|n't) have|\bhas no|\bnot have)"
    r"(?: (?:any|known|significant|relevant|severe|moderate|mild|an|a|evidence of|history of|signs of|evident|proven|suspected))* $"
)


@dataclass(frozen=True)
class Tokens:
    """What a text says: words and concepts in order, and the concepts it denies."""

    words: tuple[str, ...]
    denied: frozenset[str]


@functools.cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Concept patterns: the pump's own long name, then contraindications, then the others with the longest spelling first."""
    pairs = [(name, pattern) for name, patterns in data("synonyms")["concept"].items() for pattern in patterns]
    guarded, earlier = data("synonyms")["guard"], data("synonyms")["before_guard"]
    length = {pattern: len(pattern.replace("\\w*", "").replace("\\b", "")) for _, pattern in pairs}
    pairs.sort(key=lambda pair: (not pair[1].startswith("intra ?"), pair[0] not in earlier, pair[0] not in guarded, -length[pair[1]]))
    return [(name, re.compile(rf"(?<![\w@])(?:{pattern})(?![\w@])")) for name, pattern in pairs]


@functools.cache
def _stop() -> frozenset[str]:
    return frozenset(plain(data("synonyms")["stop"]).split())


@functools.cache
def common() -> frozenset[str]:
    """Stems of ordinary English words: where no statement uses one, it says nothing about the topic."""
    return frozenset(_stemmer().stemWord(word) for word in plain(data("synonyms")["common"]).split())


@functools.cache
def _stemmer() -> Any:
    return snowballstemmer.stemmer("english")


def plain(text: str) -> str:
    """Lower case, no accents, no punctuation but the marks inside numbers and words."""
    flat = unicodedata.normalize("NFKD", text.replace("’", "'").replace("–", "-")).encode("ascii", "ignore").decode().lower()
    flat = re.sub(r"(?<=\d)[.,](?=\d)", "@", flat)
    flat = re.sub(r"\b1 ?: ?(?=\d)", "1to", flat)
    return " ".join(re.sub(r"[^a-z0-9@'-]+", " ", flat).replace(" '", " ").replace("' ", " ").split()).replace("@", ".")


@functools.cache
def vocabulary() -> frozenset[str]:
    """Words that statements and synonyms use as they are written."""
    texts = [f"{s.title} {s.keys} {s.patient} {s.nurse} {s.physician} {s.engineer}" for s in statements().values()]
    spelled = re.sub(r"\\[bw]\*?|[()?|\[\]{}*+,]", " ", " ".join(p for group in data("synonyms")["concept"].values() for p in group))
    return frozenset(word for word in plain(" ".join([*texts, spelled])).split() if word.isalpha())


def _near(word: str, known: str) -> bool:
    """Whether a known word may be meant: same first letter, about as long, and more than another ending of the same word."""
    return len(known) >= 5 and known[0] == word[0] and abs(len(known) - len(word)) <= 2 and known[: len(word) - 2] != word[:-2]


@functools.lru_cache(maxsize=4096)
def mend(word: str) -> str:
    """The field's word that a mistyped one stands for, or the word itself."""
    if len(word) < 6 or not word.isalpha() or word in vocabulary() or word in _stop():
        return word
    limit = 1 if len(word) < 10 else 2
    near = [(OSA.distance(word, known), known) for known in vocabulary() if _near(word, known)]
    best = min(near, default=(99, word))
    if best[0] <= limit:
        return best[1]
    if len(word) > 8:
        return word
    alike = [(JaroWinkler.similarity(word, known), known) for _, known in near if known[:3] == word[:3]]
    score, known = max(alike, default=(0.0, word))
    return known if score >= 0.925 else word


def tokens(text: str) -> Tokens:
    """Tokens of a text. Concepts replace their spellings; a denied contraindication is kept apart and is no token."""
    said = " ".join(mend(word) for word in plain(text).split())
    denied: set[str] = set()

    def replace(name: str, match: re.Match[str]) -> str:
        if name in data("synonyms")["guard"] and NEGATED.search(said_now[: match.start()]):
            denied.add(name)
            return " "
        return f" @{name} "

    for name, pattern in _patterns():
        said_now = said
        said = " ".join(pattern.sub(functools.partial(replace, name), said).split())
    words = []
    for word in said.split():
        if word.startswith("@"):
            words.append(word[1:])
        elif word not in _stop() and len(word) > 1:
            words.append(_stemmer().stemWord(word.strip("'-")))
    return Tokens(tuple(words), frozenset(denied))


@functools.cache
def _dangers() -> list[tuple[dict[str, Any], re.Pattern[str]]]:
    return [(item, re.compile("|".join(f"(?:{pattern})" for pattern in item["patterns"]))) for item in data("dangers")["danger"]]


def danger(text: str) -> dict[str, Any] | None:
    """The first danger a text asks for, or None."""
    said = plain(text)
    return next((item for item, pattern in _dangers() if pattern.search(said)), None)
