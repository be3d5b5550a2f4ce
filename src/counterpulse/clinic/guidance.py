"""Answers to questions from the statements only: BM25 over their words and the field's synonyms, with guards.

Knows three outcomes: answered with the statements cited, `no statement covers this`, refused. Where a question names a contraindication that
it does not deny, that statement leads and nothing that permits stands beside it. Does not know anything that is not in a statement.
"""

import contextlib
import datetime as dt
import functools
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from counterpulse.clinic.statements import AUDIENCES, Statement, reviews, statements
from counterpulse.clinic.table import Verdict, data
from counterpulse.clinic.wording import common, danger, plain, tokens
from counterpulse.refusal import RefusalError

UNCOVERED = "No statement covers this."
COMPLICATION_FORM = 1  # the second form of data/retrieval.toml asks how often something happens, not whether the pump may be used


@dataclass(frozen=True)
class Index:
    """The statements made searchable: BM25 by `bm25s`, the words of each, and the weight of every word."""

    ids: list[str]
    words: list[frozenset[str]]
    engine: Any
    weight: dict[str, float]

    @property
    def heaviest(self) -> float:
        """The weight of the rarest word."""
        return max(self.weight.values())


def _setting(name: str) -> Any:
    return data("retrieval")[name]["value"]


@functools.cache
def index() -> Index:
    """Build the index once; 80 statements take well under a second."""
    with contextlib.redirect_stderr(io.StringIO()):
        import bm25s  # noqa: PLC0415

    book = statements()
    texts = [_document(item) for item in book.values()]
    engine = bm25s.BM25()
    engine.index([list(text) for text in texts], show_progress=False)
    words = [frozenset(text) for text in texts]
    known = {word for text in words for word in text}
    count = {word: sum(word in text for text in words) for word in known}
    weight = {word: float(np.log(1 + (len(texts) - n + 0.5) / (n + 0.5))) for word, n in count.items()}
    return Index(list(book), words, engine, weight)


def _document(item: Statement) -> tuple[str, ...]:
    """What a statement is found by: title and key words with their weight, and the field's concepts in its wordings."""
    concepts = data("synonyms")["concept"]
    curated = tokens(f"{item.title}. {item.keys}").words * _setting("title_weight")
    said = tokens(f"{item.physician} {item.patient}").words
    return tuple(word for word in (*curated, *(word for word in said if word in concepts)) if word != "foreign")


def _scores(words: Sequence[str]) -> np.ndarray:
    built = index()
    concepts = data("synonyms")["concept"]
    known = [word for word in dict.fromkeys(words) if word in built.weight for _ in range(_setting("concept_weight") if word in concepts else 1)]
    return np.asarray(built.engine.get_scores(known), dtype=float) if known else np.zeros(len(built.ids))


def _coverage(words: Sequence[str]) -> np.ndarray:
    """For every statement, the share of the question's weight whose words it uses; words nobody uses count against all."""
    built = index()
    anchored = not set(words).isdisjoint(data("synonyms")["anchors"])
    strange = float(_setting("anchored_weight" if anchored else "unknown_weight")) * built.heaviest
    concepts = data("synonyms")["concept"]
    weights: dict[str, float] = {}
    for word in words:
        if word not in built.weight and (word in common() or word[0].isdigit()):
            continue
        factor = float(_setting("concept_weight")) if word in concepts else float(_setting("common_weight")) if word in common() else 1.0
        weights[word] = _setting("foreign_weight") * built.heaviest if word == "foreign" else factor * float(built.weight.get(word, strange))
    total = sum(weights.values())
    return np.array([sum(weights[word] for word in weights if word in text) / total if total else 0.0 for text in built.words])


def _boost(question: str, words: Sequence[str]) -> np.ndarray:
    points = data("synonyms")["points"]
    main = tuple(points[word] for word in words if word in points)
    factor = np.array([_setting("point_boost") if main and identity.startswith(main) else 1.0 for identity in index().ids])
    for form in data("retrieval")["form"]:
        if re.search("|".join(form["patterns"]), question):
            hit = np.array([identity.startswith(tuple(form["starts"])) for identity in index().ids])
            factor = np.where(hit, factor * _setting("topic_boost"), factor)
    return factor


@dataclass(frozen=True)
class Reading:
    """A question read: its words, those borrowed from the question before, and the contraindications it names."""

    words: tuple[str, ...]
    borrowed: tuple[str, ...]
    guards: tuple[str, ...]
    follows: bool


def read_question(question: str, before: Sequence[str] = ()) -> Reading:
    """Read a question after those before it. A short one, or one that begins as a continuation, leans on its predecessor."""
    own = tokens(question)
    guarded = data("synonyms")["guard"]
    opens = bool(re.match(r"(and|but|so|what about|how about|then|is (that|this)|does (that|this)|which|also|even|only)\b", plain(question)))
    topical = [word for word in own.words if word != "iabp"]
    follows = bool(before) and (opens or len(topical) <= _setting("follow_words"))
    borrowed: tuple[str, ...] = ()
    names = [word for word in own.words if word in guarded]
    if follows:
        earlier = read_question(before[-1], before[:-1])
        borrowed = tuple(word for word in (*earlier.words, *earlier.borrowed) if word not in own.denied)
        names += [word for word in borrowed if word in guarded]
    return Reading(own.words, borrowed, tuple(dict.fromkeys(guarded[word] for word in names)), follows)


def _rank(question: str, reading: Reading) -> list[tuple[str, float]]:
    """Statement ids with their scores, best first; empty when none carries enough of the question."""
    share = _setting("follow_share")
    score = (_scores(reading.words) + share * _scores(reading.borrowed)) * _boost(plain(question), reading.words)
    if reading.follows:
        covered = np.maximum(_coverage(reading.words), _coverage((*reading.words, *reading.borrowed)))
    else:
        covered = _coverage(reading.words)
    topical = [word for word in (*reading.words, *reading.borrowed) if word in index().weight]
    order = [int(place) for place in np.argsort(-score, kind="stable") if score[place] > 0 and covered[place] >= _setting("coverage")]
    if not topical or not order or not _firm(question, reading, covered, order[0]):
        return []
    return [(index().ids[place], float(score[place])) for place in order]


def _firm(question: str, reading: Reading, covered: np.ndarray, place: int) -> bool:
    """Whether the leading statement shares a topic with the question, or nearly all words of one that names the pump; an overview may name nothing else."""
    said = {*reading.words, *reading.borrowed}
    topics = data("synonyms")["concept"].keys() - {"iabp", "foreign", *data("synonyms")["generic"]}
    if said & topics & index().words[place]:
        return True
    shared = (said - {"iabp"}) & index().words[place]
    if said & topics or covered[place] < _setting("plain_coverage"):
        return False
    if "iabp" not in said:
        return len(shared) > 1
    return bool(shared) or bool(re.match(_setting("overview"), plain(question)))


def _asks_rate(question: str) -> bool:
    return bool(re.search("|".join(data("retrieval")["form"][COMPLICATION_FORM]["patterns"]), plain(question)))


def _choose(question: str, reading: Reading) -> list[str]:
    """Ids to cite, the leading one first. A named contraindication leads and shuts out every statement that permits."""
    ranked = _rank(question, reading)
    floor = _setting("companion") * ranked[0][1] if ranked else 0.0
    close = [identity for identity, score in ranked if score >= floor][: 1 + _setting("companions")]
    if not reading.guards:
        return _with_limits(close)
    rate = _asks_rate(question) and close and close[0].startswith("complication-")
    chosen = [*close, *reading.guards] if rate else [*reading.guards, *close]
    return [identity for identity in dict.fromkeys(chosen) if identity.startswith("contra-") or statements()[identity].stance != "permits"]


def _with_limits(ids: list[str]) -> list[str]:
    """A statement that permits never stands alone: the overview of contraindications comes with it."""
    permits = any(statements()[identity].stance == "permits" for identity in ids)
    return [*ids, "contra-overview"] if permits and "contra-overview" not in ids else ids


def ask(
    question: str, audience: str = "physician", before: Sequence[str] = (), *, review: Path | None = None, today: dt.date | None = None,
) -> Verdict:
    """Answer a question. `before` holds the questions asked before, oldest first. Raises RefusalError for an unknown audience or no question."""
    if audience not in AUDIENCES:
        raise RefusalError(f"The audience {audience!r} is not known; known are {', '.join(AUDIENCES)}.")
    if not isinstance(question, str) or not question.strip() or len(question) > 1000:
        raise RefusalError("A question is a text of 1 to 1000 characters.")
    reading = read_question(question, before)
    refusal = danger(question)
    ids = list(reading.guards) if refusal else _choose(question, reading)
    chosen = [statements()[identity] for identity in ids]
    day = today or dt.datetime.now(dt.UTC).date()
    latest = reviews(review)
    shown = [item.as_json(audience, day, latest) for item in chosen]
    verdict, answer, why = _outcome(refusal, chosen, audience)
    more = {"answer": answer, "statements": shown, "question": question, "audience": audience, "context": list(before)}
    more |= {"follow_up": reading.follows, "refusal": why}
    sources = [key for item in chosen for key in item.sources]
    return Verdict(verdict, chosen[0].id if chosen else why or "", [], None, None, sources, _notes(shown), more)


def _outcome(refusal: Mapping[str, Any] | None, chosen: list[Statement], audience: str) -> tuple[str, str, str | None]:
    """Verdict, the sentence that answers, and why nothing was answered."""
    if refusal:
        return "refused", refusal["says"], refusal["id"]
    if not chosen:
        return "no statement covers this", UNCOVERED, "no-statement"
    return "answered", getattr(chosen[0], audience), None


def _notes(shown: list[dict[str, Any]]) -> list[str]:
    notes = ["Research and education only; not for patient care."]
    if any(item["status"] != "approved" for item in shown):
        notes.append("Not reviewed by a clinician yet: pending human review.")
    if any(item["expired"] for item in shown):
        notes.append("At least one statement is past its expiry date and must be checked before it is relied on.")
    return notes + [f"Sources disagree ({item['id']}): {' '.join(item['conflicts'])}" for item in shown if item["conflicts"]]
