"""Who does what to whom: whether two statements give the same names the same parts.

Decided by word order where order decides (English, Chinese, most Latin scripts),
by particles in Korean and Japanese, with the passive turned round. Nothing is
said of statements that share fewer than two names; those pass.
"""

import re
from typing import Final

from rag.text.characters import tokens
from rag.verify.names import find_names, same_name
from rag.verify.polarity import clauses

__all__ = ["swapped"]

_PASSIVE: Final = re.compile(
    r"\b(?:is|are|was|were|been|being|be|gets?|got)\b[^.,;]{0,40}\bby\b|\bw[eu]rden?\b.{0,60}\bvon\b"
    r"|\bfue(?:ron)?\b.{0,40}\bpor\b|\b(?:a|ont) été\b.{0,40}\bpar\b"
    r"|被|由|에\s?의해|에게\s?(?:[가-힣]+\s)?(?:인수|매각|당|팔)[가-힣]*|によって|により|から.{0,20}(?:れた|られ)"
)
_KOREAN_TOKEN: Final = re.compile(
    r"(?P<stem>[가-힣A-Za-z0-9]*?[가-힣A-Za-z0-9]{2,}?)(?P<particle>에게서|로부터|으로부터|에게|에서|한테|께서|은|는|이|가|을|를|와|과"
    r"|에)(?![가-힣])"
)
_JAPANESE_TOKEN: Final = re.compile(
    r"(?P<stem>[\u4e00-\u9fff々ァ-ヴー・A-Za-z0-9]{2,})(?P<particle>から|[はがをにとへ])"
)
_SUBJECT: Final = ("은", "는", "이", "가", "께서", "は", "が")
_SOURCE: Final = ("에게서", "로부터", "으로부터", "에게", "한테", "から", "に", "へ")
_CHINESE_BREAK: Final = re.compile(
    r"[从向把给給对對将將与與和由被比是的，。、]|超过|高于|低于|不如|击败|打败|收购|战胜"
)


def swapped(claim: str, claim_lang: str, quote: str, quote_lang: str) -> bool:
    """Tell whether the agent of *claim* is the patient of *quote* and the other way round."""
    if claim_lang == quote_lang == "zh":
        return _swapped_in_chinese(claim, quote)
    theirs, ours = _parts(quote, quote_lang), _parts(claim, claim_lang)
    turned = bool(_PASSIVE.search(claim)) != bool(_PASSIVE.search(quote))
    pairs = [
        (part, other)
        for name, part in ours
        for match, other in theirs
        if same_name(name, match) and "source" not in {part, other}
    ]
    if claim_lang == quote_lang in {"ko", "ja"} and (
        _source_acts(ours, theirs) or _agents_cross(claim, quote, claim_lang)
    ):
        return True
    differs = {pair for pair in pairs if pair[0] != pair[1]}
    both_ways = {("agent", "other"), ("other", "agent")} <= differs
    agrees = any(pair == ("agent", "agent") for pair in pairs)
    if len(pairs) < 2:
        return False
    return agrees if turned and not both_ways else both_ways and not turned


def _source_acts(ours: list[tuple[str, str]], theirs: list[tuple[str, str]]) -> bool:
    """Tell whether what the quote says came from somebody is done by them in the claim."""
    sources = {name for name, part in theirs if part == "source"}
    others = {name for name, part in theirs if part == "agent"}
    ours_sources = {name for name, part in ours if part == "source"}
    return any(
        part == "agent" and name in sources - others and name not in ours_sources for name, part in ours
    ) and bool(ours_sources)


def _agents_cross(claim: str, quote: str, lang: str) -> bool:
    """Tell whether two agents of the quote have changed clauses: who proposed now refuses."""
    ours, theirs = _deeds(claim, lang), _deeds(quote, lang)
    agents = {agent for agent, _ in theirs}
    if len({agent for agent, _ in ours} & agents) < 2:
        return False
    crossed = 0
    for agent, deed in ours:
        shares = [(len(deed & other), whose) for whose, other in theirs]
        best = max(count for count, _ in shares)
        doers = {whose for count, whose in shares if count == best}
        if best and agent in agents and agent not in doers:
            crossed += 1
    return crossed > 0


def _deeds(text: str, lang: str) -> list[tuple[str, set[str]]]:
    """Return the agent of each clause with the pairs of characters of what else the clause says."""
    pattern = _KOREAN_TOKEN if lang == "ko" else _JAPANESE_TOKEN
    found = []
    for clause in clauses(text):
        agent = next((m for m in pattern.finditer(clause) if _part(m["particle"]) == "agent"), None)
        if agent:
            found.append((agent["stem"], set(tokens(clause[: agent.start()] + " " + clause[agent.end() :]))))
    return found


def _parts(text: str, lang: str) -> list[tuple[str, str]]:
    """Return the names of *text* with their part: agent, other or source."""
    if lang in {"ko", "ja"}:
        pattern = _KOREAN_TOKEN if lang == "ko" else _JAPANESE_TOKEN
        return [(m["stem"], _part(m["particle"])) for m in pattern.finditer(text)]
    names = [name.text for name in find_names(text, lang)]
    return [(name, "agent" if _is_first(name, names, text) else "other") for name in names]


def _part(particle: str) -> str:
    if particle in _SUBJECT:
        return "agent"
    return "source" if particle in _SOURCE else "other"


def _is_first(name: str, names: list[str], text: str) -> bool:
    """Tell whether *name* belongs to the first run of names, as "Monks" and "Dairy" do."""
    run = 1
    while run < len(names) and not text[
        text.find(names[run - 1]) + len(names[run - 1]) : text.find(names[run])
    ].strip(" .&"):
        run += 1
    return name in names[:run]


def _swapped_in_chinese(claim: str, quote: str) -> bool:
    """Compare which of two shared names stands first in its clause."""
    ours, theirs = _head(claim), _head(quote)
    if len(ours) < 2 or len(theirs) < 2 or ours in theirs or theirs in ours:
        return False
    crossed = theirs in claim[len(ours) :] and ours in quote[len(theirs) :]
    return crossed and bool(_PASSIVE.search(claim)) == bool(_PASSIVE.search(quote))


def _head(text: str) -> str:
    return _CHINESE_BREAK.split(text, maxsplit=1)[0].strip()
