"""Compute rag/search/means.npz: the mean vector of each language, and what sets translations apart.

    python bench/language_means.py --parallel DIR

DIR holds files of aligned sentences, one a line, named like NTREX-128
(``newstest2019-ref.deu.txt``). Only figures are kept, no text. Passages are
embedded as paragraphs of five sentences, questions as single sentences: why, and
what it is worth, is in docs/decisions/0006-language-bias.md.
"""

import argparse
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.index.embed import BUNDLED, open_embedder
from rag.protocols import Embedder
from rag.search.debias import LanguageMeans, shares
from rag.types import Matrix, Vector

LINES = 200
PARAGRAPH = 5
QUESTION_STEP = 2

# Codes of the files, with the tags that `rag.text.languages` gives; varieties of one
# language are averaged. Tags that it never gives are left out.
PAIRS = """
    afr:af amh:am arb:ar aze-Latn:az bak:ba bel:be ben:bn bod:bo bos:bs bul:bg cat:ca ces:cs
    ckb-Arab:ckb cym:cy dan:da deu:de div:dv ell:el eng:en est:et eus:eu fas:fa fil:tl fin:fi fra:fr
    fra-CA:fr gle:ga glg:gl guj:gu heb:he hin:hi hrv:hr hun:hu hye:hy ind:id isl:is ita:it jpn:ja
    kan:kn kat:ka kaz:kk khm:km kir:ky kmr:ku kor:ko lao:lo lav:lv lit:lt ltz:lb mal:ml mar:mr
    mkd:mk mlg:mg mlt:mt mon:mn msa:ms mya:my nep:ne nld:nl nno:no nob:no pan:pa pol:pl por:pt
    por-BR:pt prs:fa pus:ps ron:ro rus:ru sin:si slk:sk slv:sl snd-Arab:sd som:so spa:es spa-MX:es
    sqi:sq srp-Cyrl:sr srp-Latn:sr swa:sw swe:sv tam:ta tat:tt tel:te tgk-Cyrl:tg tha:th tuk:tk
    tur:tr uig:ug ukr:uk urd:ur uzb:uz vie:vi yor:yo zho-CN:zh zho-TW:zh
"""
TAGS = dict(pair.split(":") for pair in PAIRS.split())

# Languages that the model knows well, of many scripts: how translations differ in one
# that it hardly knows says more about the model than about the text.
WELL_KNOWN = """
    arb ben ces deu ell eng fas fin fra heb hin hun ind ita jpn kor nld pol por ron rus spa swe tam tha
    tur ukr vie zho-CN zho-TW
"""
# Added to the covariance, in units of its mean eigenvalue: at 0.3 rare directions drown
# the others, at 10 nothing changes.
SHRINKAGE = 3.0

Sides = tuple[Matrix, Matrix]
"""Vectors of the sentences as questions and of the paragraphs as passages."""


def embedded(folder: Path, embedder: Embedder) -> dict[str, Sides]:
    """Return the vectors of each file whose language can be detected, by the code of the file."""
    found: dict[str, Sides] = {}
    for path in sorted(folder.glob("*.txt")):
        code = path.name.split(".")[1]
        if code in TAGS:
            lines = path.read_text(encoding="utf-8").splitlines()[:LINES]
            questions = np.stack([embedder.embed_query(line) for line in lines[::QUESTION_STEP]])
            found[code] = questions, embedder.embed_passages(paragraphs(lines))
            print(code, flush=True)
    return found


def paragraphs(lines: Sequence[str]) -> list[str]:
    return [" ".join(lines[start : start + PARAGRAPH]) for start in range(0, len(lines), PARAGRAPH)]


def means(found: dict[str, Sides]) -> tuple[list[str], Matrix, Matrix]:
    """Return the tags in order, and the mean question and passage vector of each."""
    means: dict[str, list[tuple[Vector, Vector]]] = defaultdict(list)
    for code, (questions, passages) in found.items():
        means[TAGS[code]].append((questions.mean(axis=0), passages.mean(axis=0)))
    tags = sorted(means)
    query, passage = (
        np.stack([np.mean([pair[side] for pair in means[tag]], axis=0) for tag in tags]) for side in (0, 1)
    )
    return tags, query, passage


def whitening(found: dict[str, Sides], centred: LanguageMeans) -> Matrix:
    """Return (W + SHRINKAGE)^-1/2, W the covariance of translations around their common mean.

    Args:
        found: As `embedded` returns it.
        centred: Takes the language means out first.
    """
    codes = [code for code in WELL_KNOWN.split() if code in found]
    questions = [[centred.question(row, TAGS[code]) for row in found[code][0]] for code in codes]
    passages = [centred.passages(found[code][1], [TAGS[code]] * len(found[code][1])) for code in codes]
    within = (scatter(np.array(questions)) + scatter(np.array(passages))) / 2
    values, vectors = np.linalg.eigh(within / np.trace(within) * len(within))
    matrix: Matrix = (vectors * (np.maximum(values, 0) + SHRINKAGE) ** -0.5) @ vectors.T
    return matrix


def scatter(members: Matrix) -> Matrix:
    """Return the covariance within classes, *members* of shape ``(languages, classes, dim)``."""
    apart = (members - members.mean(axis=0)).reshape(-1, members.shape[-1])
    covariance: Matrix = apart.T @ apart / len(apart)
    return covariance


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--parallel", type=Path, required=True)
    parser.add_argument(
        "--out", type=Path, default=Path(__file__).parents[1] / "rag" / "search" / "means.npz"
    )
    args = parser.parse_args()
    embedder = open_embedder(BUNDLED)
    found = embedded(args.parallel, embedder)
    tags, query, passage = means(found)
    np.savez(
        args.out,
        # Model and weights; quantisation and length limits move a mean by less than they move a vector.
        model=np.array(embedder.fingerprint.split(" ")[0]),
        langs=np.array(tags),
        query=query.astype(np.float16),
        passage=passage.astype(np.float16),
        whitening=whitening(found, LanguageMeans("", shares(tags, query), shares(tags, passage))).astype(
            np.float16
        ),
    )
    print(f"{len(tags)} languages, {args.out.stat().st_size:,} bytes: {args.out}")


if __name__ == "__main__":
    main()
