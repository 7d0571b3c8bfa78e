"""What Citewise itself says in an answer, in the language of the question.

Everything else in an answer is a quotation or comes from a backend.
"""

from collections.abc import Collection

from rag.types import UNDETERMINED

__all__ = [
    "lead",
    "newer_and_older",
    "not_in_documents",
    "not_stated",
    "sources_disagree",
    "without_lead",
    "yes_and_no",
]

_NOT_IN_DOCUMENTS = {
    "ar": "لا تجيب المستندات عن هذا السؤال.",
    "de": "Die Dokumente beantworten diese Frage nicht.",
    "en": "The documents do not answer this question.",
    "es": "Los documentos no responden a esta pregunta.",
    "fr": "Les documents ne répondent pas à cette question.",
    "he": "המסמכים אינם עונים על השאלה הזאת.",
    "ja": "この質問への答えは文書の中にありません。",
    "ko": "이 질문에 대한 답은 문서에 없습니다.",
    "pt": "Os documentos não respondem a esta pergunta.",
    "ru": "В документах нет ответа на этот вопрос.",
    "zh": "文档中没有这个问题的答案。",
}


def not_in_documents(lang: str) -> str:
    """Return the sentence of an abstention in *lang*, English where we have none."""
    return _NOT_IN_DOCUMENTS.get(lang, _NOT_IN_DOCUMENTS["en"])


_NOT_STATED = {
    "ar": "تتناول المستندات هذا الموضوع، لكنها لا تذكر الجواب.",
    "de": "Die Dokumente berühren das Thema, sagen dies aber nicht.",
    "en": "The documents touch on this but do not say.",
    "es": "Los documentos tocan este tema, pero no lo dicen.",
    "fr": "Les documents abordent ce sujet, mais ne le disent pas.",
    "he": "המסמכים נוגעים בנושא, אך אינם אומרים זאת.",
    "ja": "文書はこの話題に触れていますが、答えは書かれていません。",
    "ko": "문서가 이 주제를 다루지만 답은 나와 있지 않습니다.",
    "pt": "Os documentos tocam no assunto, mas não o dizem.",
    "ru": "Документы касаются этой темы, но ответа не дают.",
    "zh": "文档涉及这个话题，但没有给出答案。",
}


def not_stated(lang: str) -> str:
    """Return the sentence for passages that are about it but do not say, English where we have none."""
    return _NOT_STATED.get(lang, _NOT_STATED["en"])


_IN_ANOTHER_LANGUAGE = {
    "ar": "تقول المستندات ما يلي بلغة أخرى:",
    "de": "In den Dokumenten steht dazu in einer anderen Sprache:",
    "en": "The documents say this in another language:",
    "es": "Los documentos lo dicen en otro idioma:",
    "fr": "Les documents le disent dans une autre langue :",
    "he": "כך כתוב במסמכים בשפה אחרת:",
    "ja": "文書には別の言語で次のように書かれています:",
    "ko": "문서에는 다른 언어로 이렇게 나와 있습니다:",
    "pt": "Os documentos dizem isto em outro idioma:",
    "ru": "В документах об этом сказано на другом языке:",
    "zh": "文档用另一种语言写道：",
}


def lead(lang: str, quoted: Collection[str]) -> str:
    """Return the line above quotations that are surely in other languages than *lang*, else nothing.

    Args:
        lang: Of the question, BCP 47; English stands in where we have no line.
        quoted: Languages of the quotations.
    """
    wanted = lang.partition("-")[0]
    told = {each.partition("-")[0] for each in quoted}
    if not told or wanted == UNDETERMINED or told & {wanted, UNDETERMINED}:
        return ""
    return _IN_ANOTHER_LANGUAGE.get(wanted, _IN_ANOTHER_LANGUAGE["en"]) + "\n"


def without_lead(text: str, lang: str) -> str:
    """Return an answer in *lang* without its `lead`, which says nothing of what was asked."""
    return text.removeprefix(lead(lang, ["another"]))


_SOURCES_DISAGREE = {
    "ar": "تختلف المصادر:",
    "de": "Die Quellen widersprechen sich:",
    "en": "The sources disagree:",
    "es": "Las fuentes no coinciden:",
    "fr": "Les sources se contredisent :",
    "he": "המקורות חלוקים:",
    "ja": "出典によって異なります:",
    "ko": "출처마다 다릅니다:",
    "pt": "As fontes divergem:",
    "ru": "Источники расходятся:",
    "zh": "各来源说法不一：",
}
_NEWER_AND_OLDER = {
    "ar": ("أحدث", "أقدم"),
    "de": ("neuere Fassung", "ältere Fassung"),
    "en": ("newer version", "older version"),
    "es": ("versión más reciente", "versión anterior"),
    "fr": ("version récente", "version antérieure"),
    "he": ("גרסה חדשה", "גרסה ישנה"),
    "ja": ("新しい版", "古い版"),
    "ko": ("새 판", "옛 판"),
    "pt": ("versão mais recente", "versão anterior"),
    "ru": ("новая редакция", "старая редакция"),
    "zh": ("较新版本", "较旧版本"),
}
_YES_AND_NO = {
    "ar": ("نعم", "لا"),
    "de": ("ja", "nein"),
    "en": ("yes", "no"),
    "es": ("sí", "no"),
    "fr": ("oui", "non"),
    "he": ("כן", "לא"),
    "ja": ("はい", "いいえ"),
    "ko": ("예", "아니요"),
    "pt": ("sim", "não"),
    "ru": ("да", "нет"),
    "zh": ("是", "否"),
}


def sources_disagree(lang: str) -> str:
    """Return the line above the sides of a conflict in *lang*, English where we have none."""
    return _SOURCES_DISAGREE.get(lang, _SOURCES_DISAGREE["en"])


def newer_and_older(lang: str) -> tuple[str, str]:
    """Return how two versions of one document are told apart in *lang*."""
    return _NEWER_AND_OLDER.get(lang, _NEWER_AND_OLDER["en"])


def yes_and_no(lang: str) -> tuple[str, str]:
    """Return the two words in *lang*."""
    return _YES_AND_NO.get(lang, _YES_AND_NO["en"])
