"""Compute rag/means.npz: the mean vector of each language, from parallel text.

    python bench/language_means.py --parallel DIR

DIR holds files of aligned sentences, one a line, named like NTREX-128
(``newstest2019-ref.deu.txt``). Only means are kept, no text. Passages are
embedded as paragraphs of five sentences, questions as single sentences: why, and
what it is worth, is in docs/decisions/0006-language-bias.md.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from rag.index.embed import BUNDLED, open_embedder
from rag.protocols import Embedder
from rag.types import Matrix, Vector

LINES = 200
PARAGRAPH = 5
QUESTION_STEP = 2

# Codes of the files, with the tags that `rag.languages` gives; varieties of one
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


def texts(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield each language tag with the first sentences of its file, in order of file names."""
    for path in sorted(folder.glob("*.txt")):
        tag = TAGS.get(path.name.split(".")[1])
        if tag:
            yield tag, path.read_text(encoding="utf-8").splitlines()[:LINES]


def paragraphs(lines: Sequence[str]) -> list[str]:
    return [" ".join(lines[start : start + PARAGRAPH]) for start in range(0, len(lines), PARAGRAPH)]


def means(folder: Path, embedder: Embedder) -> tuple[list[str], Matrix, Matrix]:
    """Return the tags in order, and the mean question and passage vector of each."""
    query: dict[str, list[Vector]] = defaultdict(list)
    passage: dict[str, list[Vector]] = defaultdict(list)
    for tag, lines in texts(folder):
        query[tag].append(np.mean([embedder.embed_query(line) for line in lines[::QUESTION_STEP]], axis=0))
        passage[tag].append(embedder.embed_passages(paragraphs(lines)).mean(axis=0))
        print(tag, flush=True)
    tags = sorted(query)
    query_means, passage_means = (
        np.stack([np.mean(side[tag], axis=0) for tag in tags]) for side in (query, passage)
    )
    return tags, query_means, passage_means


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--parallel", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "rag" / "means.npz")
    args = parser.parse_args()
    embedder = open_embedder(BUNDLED)
    tags, query, passage = means(args.parallel, embedder)
    np.savez(
        args.out,
        # Model and weights; quantisation and length limits move a mean by less than they move a vector.
        model=np.array(embedder.fingerprint.split(" ")[0]),
        langs=np.array(tags),
        query=query.astype(np.float16),
        passage=passage.astype(np.float16),
    )
    print(f"{len(tags)} languages, {args.out.stat().st_size:,} bytes: {args.out}")


if __name__ == "__main__":
    main()
