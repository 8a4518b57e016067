"""How alike texts are: along chains, and across them.

Two same texts, empty ones too, have a similarity of 1; a text with nothing to compare (no
characters, no words of the vocabulary) has 0 with every other text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Literal, TypeAlias

import numpy as np

from simulator.analysis.culture.cycles import Similarity
from simulator.analysis.culture.records import Floats
from simulator.analysis.packages import imported
from simulator.errors import NotFoundError

Way: TypeAlias = Literal["edit", "tfidf", "embedding"]
"""`edit`: normalised Levenshtein similarity, 1 - distance / length of the longer text, from 0 to 1.
`tfidf`: cosine of TF-IDF vectors of words, English stop words left out, from 0 to 1. `embedding`:
cosine of sentence embeddings, from -1 to 1."""

Embedder: TypeAlias = Callable[[Sequence[str]], Floats]
"""From texts to vectors, shape (texts, dimensions); of any length."""

EMBEDDING_MODEL = "distiluse-base-multilingual-cased-v1"
"""The model of the published values (arXiv 2407.04503)."""

Target: TypeAlias = Literal["initial", "previous"]
"""The text of generation 0 of the same chain, or the one of the generation before."""


def similarity_to(
    target: Target,
    chains: Sequence[Sequence[str]],
    way: Way = "tfidf",
    embedder: Embedder | None = None,
) -> Floats:
    """Similarity of each text to another one of its chain.

    Args:
        target: Which other one.
        chains: The initial text of each comes first.
        way: How texts are compared. The corpus of `tfidf` is all the texts given.
        embedder: Only of `embedding`; the default model where None.

    Returns:
        Shape (chains, most generations + 1); not a number at generation 0, and where a chain has no
        text.

    Raises:
        NotFoundError: A package or the weights of a model are missing; it says which.
    """
    longest = max((len(chain) for chain in chains), default=0)
    found = np.full((len(chains), longest), np.nan)
    places = [(row, g) for row, chain in enumerate(chains) for g in range(1, len(chain))]
    if not places:
        return found
    texts = [chains[row][g] for row, g in places]
    others = [chains[row][0 if target == "initial" else g - 1] for row, g in places]
    rows, columns = zip(*places, strict=True)
    found[list(rows), list(columns)] = similarity_of_pairs(texts, others, way, embedder)
    return found


def similarity_of_pairs(
    texts: Sequence[str],
    others: Sequence[str],
    way: Way = "tfidf",
    embedder: Embedder | None = None,
) -> Floats:
    """Similarity of each text to the one in the same place of `others`; shape (texts,).

    Args:
        texts: Any number.
        others: As many.
        way: How texts are compared. The corpus of `tfidf` is both together, each text once.
        embedder: Only of `embedding`; the default model where None.

    Raises:
        NotFoundError: A package or the weights of a model are missing; it says which.
        ValueError: There are not as many others as texts.
    """
    if len(texts) != len(others):
        raise ValueError(f"{len(texts)} texts cannot be compared with {len(others)} others")
    if way == "edit":
        return _edit_of_pairs(texts, others)
    vectors, place = _vectors([*texts, *others], way, embedder)
    left, right = [place[text] for text in texts], [place[text] for text in others]
    found = np.empty(len(texts))
    for start in range(0, len(texts), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        product = vectors[left[part]] * vectors[right[part]]
        found[part] = np.asarray(product.sum(axis=1)).ravel()
    same = np.asarray(left, dtype=int) == np.asarray(right, dtype=int)
    return np.where(same, 1.0, np.clip(found, -1.0, 1.0))


def similarity_matrix(
    texts: Sequence[str], way: Way = "tfidf", embedder: Embedder | None = None
) -> Floats:
    """Similarity of each text to each other one.

    Args:
        texts: Any number; the matrix grows with its square.
        way: How texts are compared. The corpus of `tfidf` is the texts given, each once.
        embedder: Only of `embedding`; the default model where None.

    Returns:
        Shape (texts, texts); symmetric, with 1 on the diagonal.

    Raises:
        NotFoundError: A package or the weights of a model are missing; it says which.
    """
    if not texts:
        return np.empty((0, 0))
    if way == "edit":
        from rapidfuzz.distance import Levenshtein
        from rapidfuzz.process import cdist

        scorer = Levenshtein.normalized_similarity
        return np.asarray(cdist(texts, texts, scorer=scorer, dtype=np.float64))
    vectors, place = _vectors(texts, way, embedder)
    return _matrix(vectors, [place[text] for text in texts])


def similarity_across(
    chains: Sequence[Sequence[str]], way: Way = "tfidf", embedder: Embedder | None = None
) -> Floats:
    """Mean similarity of the texts of one generation, over all pairs of chains.

    One less the last value is what the original calls cultural diversity.

    Args:
        chains: As of `similarity_to_others`.
        way: As of `similarity_to_others`.
        embedder: Only of `embedding`; the default model where None.

    Returns:
        Shape (most generations + 1,); not a number where fewer than two chains have a text.

    Raises:
        NotFoundError: A package or the weights of a model are missing; it says which.
    """
    each = similarity_to_others(chains, way, embedder)
    known = np.isfinite(each).sum(axis=0)
    return np.where(known > 1, np.nansum(each, axis=0) / np.maximum(known, 1), np.nan)


def similarity_to_others(
    chains: Sequence[Sequence[str]], way: Way = "tfidf", embedder: Embedder | None = None
) -> Floats:
    """Mean similarity of each text to those of the other chains at the same generation.

    Args:
        chains: The initial text of each comes first.
        way: How texts are compared. The corpus of `tfidf` is all the texts given, so that
            generations can be compared with one another.
        embedder: Only of `embedding`; the default model where None.

    Returns:
        Shape (chains, most generations + 1); not a number where a chain has no text, and where no
        other one has.

    Raises:
        NotFoundError: A package or the weights of a model are missing; it says which.
    """
    longest = max((len(chain) for chain in chains), default=0)
    found = np.full((len(chains), longest), np.nan)
    every = [text for chain in chains for text in chain]
    vectors, place = (None, {}) if way == "edit" or not every else _vectors(every, way, embedder)
    for generation in range(longest):
        rows = [row for row, chain in enumerate(chains) if len(chain) > generation]
        if len(rows) < 2:
            continue
        texts = [chains[row][generation] for row in rows]
        if vectors is None:
            matrix = similarity_matrix(texts, "edit")
        else:
            matrix = _matrix(vectors, [place[text] for text in texts])
        found[rows, generation] = (matrix.sum(axis=1) - np.diag(matrix)) / (len(rows) - 1)
    return found


def sentence_similarity(texts: Sequence[str], embedder: Embedder | None = None) -> Similarity:
    """The cosine of the sentence embeddings of any two of some texts, from -1 to 1.

    Args:
        texts: All that are to be compared; each different one is embedded once.
        embedder: The default model where None.

    Raises:
        NotFoundError: A package or the weights of a model are missing; it says which.
    """
    vectors, place = _vectors(texts, "embedding", embedder)
    return lambda left, right: float(vectors[place[left]] @ vectors[place[right]])


def sentence_embedder(model: str = EMBEDDING_MODEL) -> Embedder:
    """Embeddings of sentences, by a model of the hub or in a local folder.

    Args:
        model: Its name on the hub, or the path of a folder that holds it.

    Raises:
        NotFoundError: sentence-transformers is not installed, or the model cannot be had.
    """
    use = "Similarity by embeddings needs the package `sentence-transformers`"
    try:
        library = imported("sentence_transformers", use, extra="embeddings")
    except NotFoundError as error:
        error.remedy = f"{str(error.remedy).rstrip('.')}; {_WITHOUT}"
        raise
    try:
        loaded: Any = library.SentenceTransformer(model)
    # The hub, the network below it and the readers of weights have no error in common.
    except Exception as error:
        raise NotFoundError(
            f"The embedding model {model!r} cannot be loaded: {_first_line(error)}",
            remedy=f"Connect to the hub once, or name a folder that holds a model; {_WITHOUT}",
        ) from error

    def embed(texts: Sequence[str]) -> Floats:
        vectors = loaded.encode(list(texts), convert_to_numpy=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float64)

    return embed


@lru_cache(maxsize=1)
def usual_embedder() -> Embedder:
    """Embeddings by `EMBEDDING_MODEL`: loaded once for all that compares, each text embedded once.

    Raises:
        NotFoundError: As `sentence_embedder`.
    """
    embed = sentence_embedder()
    known: dict[str, Floats] = {}

    def recall(texts: Sequence[str]) -> Floats:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            known.update(zip(new, embed(new), strict=True))
        return np.array([known[text] for text in texts])

    return recall


_AT_ONCE = 5_000
"""Pairs whose vectors are copied at one time."""

_WITHOUT = "`tfidf` and `edit` need no model."


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _edit_of_pairs(texts: Sequence[str], others: Sequence[str]) -> Floats:
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import cpdist

    scorer = Levenshtein.normalized_similarity
    return np.asarray(cpdist(texts, others, scorer=scorer, dtype=np.float64))


def _matrix(vectors: Any, rows: Sequence[int]) -> Floats:
    """Similarity of some texts to one another, from their places among the vectors."""
    order = np.asarray(rows, dtype=int)
    product = vectors[order] @ vectors[order].T
    dense = np.asarray(product.toarray() if hasattr(product, "toarray") else product)
    return np.where(order[:, None] == order, 1.0, np.clip(dense, -1.0, 1.0))


def _vectors(
    texts: Sequence[str], way: Way, embedder: Embedder | None
) -> tuple[Any, dict[str, int]]:
    """Vectors of length 1 or 0 of the different texts, and the place of each text's."""
    place = {text: row for row, text in enumerate(dict.fromkeys(texts))}
    if way == "tfidf":
        return _tfidf(list(place)), place
    embed = embedder or usual_embedder()
    vectors = np.asarray(embed(list(place)), dtype=np.float64)
    blank = [row for text, row in place.items() if not text.strip()]
    vectors[blank] = 0.0
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1.0), place


def _tfidf(texts: list[str]) -> Any:
    """TF-IDF vectors, l2-normalised, as the original's: scikit-learn's words and stop words."""
    use = "Similarity by TF-IDF is computed by scikit-learn"
    reading = imported("sklearn.feature_extraction.text", use)
    csr_array = imported("scipy.sparse", use).csr_array
    vectorizer = reading.TfidfVectorizer(stop_words="english", norm="l2")
    words = vectorizer.build_analyzer()
    if not any(words(text) for text in texts):
        return csr_array((len(texts), 1))
    return csr_array(vectorizer.fit_transform(texts))
