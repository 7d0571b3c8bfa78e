# ruff: noqa: E501 - one row of a table is one line
"""Which way a statement points: up or down, for or against, all or some, done or planned.

Opposite words are looked up in many languages, so that "fell" and 늘었다 are told
apart where similarity sees one topic. Negation turns a word round: "did not rise"
is no rise, and "need not pay" is free. What is negated is for `rag.verify.polarity`.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from rag.text.characters import fold
from rag.verify.polarity import negations

__all__ = ["hardens", "stances", "widens"]

# Forms are stems: a word of Latin, Cyrillic or Arabic letters begins with one, unless it ends in "!".
_AXES: Final = {
    "rise": (
        "rise! rises! rising! rose! risen! increas grow! grows! growing! grew! grown! climb soar surg gain! gains! gained! higher!"
        " 늘었 늘어 늘린 웃돌 上回 늘렸 늘리 늘고 늘며 증가 상승 올랐 올라 오르 올리 올린 올렸 급증 増え 増加 増や 増し (?<!売)上が[っりるら] 上昇 伸び 增长 增加 上升 上涨 提高 增至"
        " stieg gestiegen steig erhöh zugenommen zunahm wuchs wächst gewachsen aument crec creció subió subieron incrementa augment hausse"
        " progress вырос увелич повыс повыш ارتفع ارتفاع زاد ازداد बढ़ เพิ่ม",
        "fall! falls! falling! fell! fallen! decreas declin drop! drops! dropped! shrank! shrink lower! lowered! reduc plung slump slip! slips! slipped! dip! dips! dipped!"
        " 줄었 줄어 줄인 밑돌 下回 줄였 줄이 줄고 줄며 감소 하락 내렸 내려 떨어 낮아 급감 減少 減っ 減り 減る 減ら 減し 下が 下落 低下 下降 减少 下跌 降低 下滑 降至"
        " sank! sanken gesunken sink fiel! fielen gefallen! zurückg abgenommen abnahm verringer schrumpf disminu bajó bajaron bajad descend"
        " cayó cayeron redujo reduje diminu baiss recul chut снизи упал упали сократ уменьш انخفض انخفاض تراجع घट ลด",
    ),
    "most": (
        "highest! largest! biggest! longest! fastest! oldest! heaviest! tallest! 최고 최대 최다 최장 가장\\s많 가장\\s높 가장\\s큰 가장\\s크 가장\\s긴 最高 最大 最多"
        " 最も多 最も高 最も大 höchste größte längste älteste schnellste",
        "lowest! smallest! shortest! slowest! youngest! lightest! 최저 최소(?!한) 최단 가장\\s적 가장\\s낮 가장\\s작 가장\\s짧 最低(?!限) 最小 最も少 最も低 最も小 最少"
        " niedrigste tiefste kleinste kürzeste jüngste langsamste",
    ),
    "accept": (
        "accept approv agreed! endors adopted! 찬성 승인 수용 받아들 가결 채택 확정 賛成 承認 受け入れ 可決 採択 赞成 批准 接受 同意 akzeptier billigt genehmig"
        " zugestimmt angenommen befürwort acept aprob approuv adopt[éa] одобр согласил وافق",
        "reject refus oppos! opposed! vetoed! scrapped! cancel 반대 거부 거절 부결 취소 철회 기각 무산 反対 拒否 否決 取り消 撤回 却下 反对 拒绝 否决 取消 撤回 驳回"
        " abgelehnt ablehn lehnt verworfen verwarf rechaz descart cancel rejet refus annul отклон отказал отверг отмен رفض ألغ",
    ),
    "free": (
        "free! 무료 無料 免费 免費 kostenlos gratis! gratuit бесплатн مجان ฟรี मुफ्त मुफ़्त",
        "pay! pays! paid! paying! fee! fees! charge! charged! 내야 내지 유료 有料 支払 払 花钱 付费 收费 zahl bezahl kostenpflichtig pagar! paga! pagan! payer! paie!"
        " paient! payant заплат платит платят плата! يدفع จ่าย",
    ),
    "safe": (
        "safe! harmless! 안전 무해 安全 ungefährlich harmlos seguro! inoffensi безопас آمن",
        "danger 위험 危険 危险 gefahr gefährlich peligro peligros опасн خطر",
    ),
    "profit": (
        "profit! profits! profitable! 흑자 黒字 盈利 gewinn! beneficios! bénéfice прибыл أرباح",
        "loss! losses! losing! unprofitable! 적자 赤字 亏损 verlust pérdidas! pertes! убыт خسائر",
    ),
    "open": (
        "open! opens! opened! opening! reopen 문을\\s연 문을\\s열 개장 개관 開館 開き 開く 開い 开放 开门 开业 öffnet geöffnet eröffn abre! abren! abrió abrirá ouvr откро откры يفتح افتتح เปิด",
        "close! closes! closing! shut! shuts! 닫[는았히힌습] 폐장 폐관 閉ま 閉館 閉じ 关门 关闭 schließ cierra cerr ferme! ferment! fermer закро закры يغلق ปิด(?!ก)",
    ),
}  # fmt: skip
_WORD: Final = re.compile(r"[a-z\u00c0-\u04ff\u0600-\u06ff]")


def _pattern(forms: str) -> re.Pattern[str]:
    pieces = []
    for form in forms.split():
        plain = form.removesuffix("!")
        start = r"(?<!\w)" if _WORD.match(plain) else ""
        pieces.append(start + plain + (r"(?!\w)" if form.endswith("!") else ""))
    return re.compile("|".join(pieces))


_POLES: Final = {axis: (_pattern(plus), _pattern(minus)) for axis, (plus, minus) in _AXES.items()}
_NOT_SUPERLATIVE: Final = re.compile(r"\b(?:at (?:the )?(?:least|most|latest))\b")


@lru_cache(maxsize=1024)
def stances(text: str) -> Mapping[str, int]:
    """Return the axes on which *text* takes one side: 1 or -1, negation turned round; both sides are none."""
    plain = _NOT_SUPERLATIVE.sub(" ", fold(text))
    found: dict[str, int] = {}
    for axis, (plus, minus) in _POLES.items():
        # "ungefährlich" holds "gefährlich"; the longer word is meant.
        rest = plus.sub(" ", plain)
        sides = {1} if rest != plain else set()
        if minus.search(rest):
            sides.add(-1)
        if len(sides) == 1:
            turned = negations(minus.sub(" ", rest)) % 2
            found[axis] = -sides.pop() if turned else sides.pop()
    return found


# --- all of them, or some ---------------------------------------------------------

_ALL: Final = _pattern(
    "(?<!\\w)(?<!at\\s)(?<!in\\s)(?<!after\\s)all! every! everyone! everybody! entire! whole! 모두 모든 전원 전부 전체 全員 全て すべて 全部 所有 全体 alle! allen! sämtliche todos! todas! tous! toutes!"
    " все! всех! всем! جميع सभी ทั้งหมด ทุก"
)  # fmt: skip


def widens(claim: str, quote: str) -> bool:
    """Tell whether the claim says "all" where the quote does not."""
    return bool(_ALL.search(fold(claim)) and not _ALL.search(fold(quote)))


# --- done, planned, possible ------------------------------------------------------

_SURE: Final = _pattern(
    "already! certainly! definitely! undoubtedly! guaranteed! 이미 벌써 확실히 반드시 틀림없이 すでに 既に 必ず 確実に 決めた 決まった 已经 必定 肯定 一定会 bereits!"
    " sicher! sicherheit! bestimmt! zweifellos! ya! certeza! indudablemente déjà! certainement! sûrement! уже! несомненно! точно! بالفعل पहले\\sही แน่นอน"
    " decided! completed! finished! settled! 결정했 결정됐 확정했 확정됐 완료 마쳤 끝냈 완공 終えた 終わった 完了した 完成した 決定した 已完成 已决定 决定 beschlossen! beschloss!"
    " abgeschlossen! fertiggestellt! decidió decidieron completó terminó décidé! achevé! terminé! решил завершил"
)  # fmt: skip
_OPEN: Final = _pattern(
    "plan! plans! planned! planning! aim! aims! hop(?:e|es|ing)! may! might! could! would! possib perhaps! likely! expect forecast proposal propos consider if! intend"
    " will! can! to\\sbe! permi allow 전망 예정 계획 목표 추진 검토 가능 예상 수\\s있 수도\\s있 것으로\\s보 추정 할\\s것 予定 見込 見通 目指 計画 検討 かもしれ だろう 予想 できる"
    " 预计 预期 计划 拟 可能 有望 力争 考虑 将 可以 能 soll will! wollen! geplant planen! könnt kann! können! dürf voraussichtlich möglich wahrscheinlich erwart wird! werden!"
    " podría puede prevé planea espera posibl quizá será pourra peut peuvent prévoi envisag devrait possibl планир ожида возмож вероят может могут будет قد يمكن المتوقع يخطط"
    " सकत อาจ คาด"
    " deferred! postponed! undecided! pending! delayed! 보류 연기 미정 하기로 延期 保留 見送 未定 推迟 暂缓 待定 尚在 尚未 verschoben! vertagt! aplaz pospon report[ée] отлож"
)  # fmt: skip
_POSSIBLE: Final = _pattern(
    "may! might! perhaps! possibly! 수도\\s있 가능성 かもしれ 可能性 könnte! könnten! vielleicht! podría! podrían! quizás? pourrait! pourraient! возможно! อาจ"
)  # fmt: skip


def hardens(claim: str, quote: str) -> bool:
    """Tell whether the claim calls done or certain what the quote plans, expects or holds possible."""
    ours, theirs = fold(claim), fold(quote)
    if _SURE.search(ours) and not _SURE.search(theirs):
        return _OPEN.search(theirs) is not None
    # Case tells "may" from May.
    return bool(_POSSIBLE.search(quote) and not _OPEN.search(ours))
