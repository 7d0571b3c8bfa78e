# ruff: noqa: E501 - one row of a table is one line
"""What a question asks for: a number, a rank, a price, a day, a person, yes or no.

Read from its question words in many languages. Which passage says it is for the
callers; a question whose kind is not known asks for nothing in particular.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rag.types import UNDETERMINED
from rag.values import Kind
from rag.values.units import COUNTED, behind

__all__ = ["Asked", "Role", "asked", "holders", "placed", "vacant"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer has to hold.

    Attributes:
        kinds: Of the values that would answer; empty if no value is asked for.
        units: Canonical units that fit, empty if any does.
        role: Whose holder is asked for ("president"), empty if nobody's.
        yes_no: The question wants yes or no.
        place: It wants to know where.
        person: It wants to know who.
        called: It wants to know what something is called.
    """

    kinds: frozenset[Kind] = frozenset()
    units: frozenset[str] = frozenset()
    role: str = ""
    yes_no: bool = False
    place: bool = False
    person: bool = False
    called: bool = False


Role = str

_I = re.IGNORECASE
_HOW_MANY = re.compile(r"몇\s?|何|[几幾]|多少\s?|how many |wie viele |cuánt[oa]s |combien d[e'’]\s?|сколько ")
PLACES: Final = frozenset({"place", "city", "office", "country", "item", ""})
_QUANTITIES: Final[tuple[tuple[str, tuple[Kind, ...], tuple[str, ...]], ...]] = (
        (r"第何|몇\s?(?:위|등(?!급)|번\s?째|째)|순위|何位|何番目|何番め|第[几幾]|排名|排第|\brank(?:s|ed|ing)?\b|\bwhich place\b|wievielte"
         r"|welche[mnr]? (?:platz|rang|stelle)\b|\bpuesto\b|lugar ocupa|quel rang\b",
         ("ordinal", "top"), ()),
        (r"몇\s?시(?!간)|何時(?!間)|[几幾][点點]|what time|wie ?viel uhr|qu[ée] hora"
         r"|quelle heure|que horas", ("time",), ()),
        (r"요일|何曜日|曜日|星期[几幾]|周[几幾]|which days?|what days?|welche[nm]? (?:wochen)?tag|qué días"
         r"|quels? jours?", ("weekday",), ()),
        (r"얼마나\s?(?:빨리|자주)", ("number", "time"), ()),
        (r"얼마나\s?(?:오래|걸[리려린릴]|걸립|기다)|며칠|몇\s?(?:일|시간|분|주|개월|달|년\s?(?:동안|간))|どのくらいの期間|何(?:日間|日(?=まで|以内|前|後|くらい|ほど)"
         r"|時間|分|週間|か月|ヶ月|年間)|多久"
         r"|(?<!哪)[几多幾]少?(?:小时|小時|天|分钟|个月)"
         r"|how (?:long|many (?:hours|days|minutes|weeks|months|years))|wie lange|cuánto tiempo"
         r"|cuántos? (?:días|horas)|combien de (?:temps|jours|heures)",
         ("number",), ("s", "month", "m")),
        (r"何日", ("date", "number"), ("s", "month")),
        (r"몇\s?(?:퍼센트|프로|%)|비율|何(?:パーセント|%|割)|割合|百分之[几幾]|比例|percent"
         r"|\brate of\b|wie ?viel prozent"
         r"|qué porcentaje|quel pourcentage", ("percent",), ()),
        (r"할인|割引|折扣|\bdiscounts?\b|rabatt|descuento|\bremise\b", ("percent", "money"), ()),
        (r"몇\s?배|何倍|[几幾]倍|how many times (?:more|as)|by how much|how much did .*(?:grow|rise|increase)"
         r"|wievielmal|um wie ?viel", ("multiple", "percent"), ()),
        (r"wie hoch (?:ist|sind|war|waren|wird|werden) (?:[^\W\d_]+ ){0,4}\w*(?:miete|kaution|gebühr|kosten|preis|strafe"
         r"|lohn|gehalt|beitrag|beiträge|zuschuss|pauschale|summe|umsatz)|what(?:'s| is| are| was| were)? (?:the )?(?:\w+ ){0,2}"
         r"(?:rent|deposit|fare|salary|fine|penalty|allowance|subsidy)\b|what sum\b|(?:租金|押金|补[助贴]|罚款|工资|车费).{0,6}多少|[赔付交](?:偿|给)?多少|(?:投资|金额|营收|收入).{0,3}多少"
         r"|quel(?:le)? est (?:le |la |l['’])?(?:loyer|caution|tarif|montant|salaire)|cuál es (?:el |la )?(?:alquiler|fianza"
         r"|tarifa|sueldo|importe)", ("money",), ()),
        (r"몇\s?도(?!시)|온도|何度(?!も|目)|温度|多少度|temperature|how (?:hot|warm|cold)\b|température|temperatur(?:a|en)?\b",
         ("number",), ("c", "deg")),
        (r"너비|폭[은이]|幅|多[宽寬]|宽度|how (?:wide|tall|high|deep)\b|wie (?:breit|tief)|de large|de ancho",
         ("number",), ("m",)),
        (r"몇\s?(?:킬로|미터|km|m\b)|얼마나\s?(?:멀|긴|길)|거리|どのくらいの(?:距離|長さ)|何(?:キロ|メートル)|多远|多遠|多[长長]|跑多|how (?:far"
         r"|long)|wie (?:weit|lang|hoch)",
         ("number",), ("m", "s", "month")),
        (r"얼마나\s?무거|몇\s?(?:kg|킬로그램|그램)|무게|重さ|何(?:グラム|キログラム)|多重|重量|how heavy|how many grams|weigh"
         r"|wie schwer", ("number",), ("g",)),
        (r"얼마(?!나)|얼마나\s?(?:하|내|드|들|받|벌|비싸)|요금|가격|비용|연봉|매출|몇\s?원|いくら|何円|料金|値段|価格|多少钱|多少錢|票价|价格|學費|学费|费用|多少元|how much (?:is|are|does|do|may|can|could|must|should|has|have"
         r"|did|was|were|money|will)|\bprices?\b|\bcosts?\b|\bfee\b"
         r"|was kostet|wie ?viel kostet|wie teuer|cuánto (?:cuesta|vale)|combien (?:coûte|ça)|prix"
         r"|quanto custa", ("money",), ()),
        (r"언제|며칠에|몇\s?년(?!\s?(?:동안|간))|몇\s?월|いつ|何年(?!間)|何月|什么时候|什麼時候|何时|哪一?年|哪几?天|哪个月|几月|几号|when|what (?:year"
         r"|month|date)|which (?:year|month)|wann|in welchem (?:jahr|monat)|cuándo|en qué (?:año|fecha)|qué día\b|quand"
         r"|en quelle année|quando|когда|متى|מתי", ("date", "time", "weekday"), ()),
        (r"몇\s?(?:명|사람|인)|인원|정원|何(?:人|名)|多少人|[几幾](?:个人|名|位)|how many (?:people|employees|members|staff"
         r"|visitors|persons)|wie viele (?:leute|mitarbeiter|mitglieder|menschen)|cuántas personas"
         r"|combien de personnes",
         ("number",), ("person",)),
        (r"몇\s?(?:권|개|곳|도시|나라|대|건|층|가지|회|번|쪽)|개수|何(?:冊|個|か所|カ所|社|台|回|都市|通|件|枚|席|種|頭|匹|本|棟)|いくつ|多少|[几幾](?:本|个|個|家|座|辆|次)"
         r"|how many|number of|wie ?viele?|cuánt[oa]s|combien|quant[oa]s|сколько|كم|כמה",
         ("number", "ordinal"), ()),
        (r"얼마나", ("number", "percent", "multiple"), ()),
)  # fmt: skip
_QUANTITY: Final = tuple((re.compile(pattern, _I), kinds, units) for pattern, kinds, units in _QUANTITIES)

# Who holds an office: forms of the office, and verbs that say it.
_ROLES: Final = {
    "president": r"대통령|大統領|总统|總統|\bpresident\b(?! of (?:the )?(?:company|board))|präsident|presidente"
    r"|président",
    "prime minister": r"총리|首相|总理|prime minister|ministerpräsident|primer ministro|premier ministre",
    "mayor": r"시장(?!\s?점유)|市長|市长|\bmayor\b|bürgermeister|alcalde|maire",
    "chief executive": r"(?<![가-힣])대표(?!적)|(?<![지부])사장|最高経営責任者|社長|总裁|总经理|\b(?:ceo|chief executive)\b|geschäftsführer"
    r"|director(?:a)? general",
    "head": r"(?<![가-힣])책임자|지사장|법인장|지점장|수장|(?<![\u4e00-\u9fff])責任者|支社長|支店長|トップ"
    r"|负责人|負責人|\b(?:head(?!\s?office)|boss|manager|leads?|led by|runs?|running|in charge)\b"
    r"|leiter(?:in)?\b|\bleite[nt]\b|\bdirige\b|이끄는|이끌고|率い|掌管|\bchef\b|jefe|responsable",
    "director": r"총감독|감독|관장|원장|館長|院長|監督|馆长|院长|\bdirector\b|direktor|directeur|directrice|regisseur",
    "rector": r"총장|교장|学長|校長|校长|学长|\b(?:principal|rector|head ?teacher|chancellor)\b|rektor(?:in)?\b|proviseur"
    r"|director(?:a)? del (?:colegio|instituto)",
    "architect": r"설계|건축가|設計|建築家|设计|建筑师|\b(?:designed|architect)\b|entworfen|architekt|diseñ|arquitect|conçu|dessiné"
    r"|architecte",
    "author": r"지은이|저자|썼|쓴|著者|作者|書いた|\b(?:wrote|written|author)\b|geschrieben|\bautora?\b|escrito|escribió|\bauteur|écrit",
    "owner": r"소유|주인|所有|オーナー|\b(?:owns?|owned|owner)\b|besitz|propietari|propriétaire",
    "chair": r"회장|의장|위원장|会長|議長|主席|会长|\bchair(?:man|woman)?\b|vorsitzende|presidenta",
    "founder": r"창업|설립|創業|創立|創設|创始|创办|\bfound(?:er|ed)\b|gründe|fundador|fundó|fondateur|fondé",
}
_ROLE: Final = {role: re.compile(pattern, _I) for role, pattern in _ROLES.items()}
_WHO: Final = re.compile(
    r"누구|누가|누군|だれ|誰|谁|\b(?:who|whose)\b|\b(?:wer|wem|wen)\b|\bquién|\bqui\b|\bquem\b|\bкто\b|من هو|מי\b"
    r"|어떤 (?:사람|분|여성|남성)|어느 분|どの(?:人|方)|哪(?:位|个人)|什么人|\bwhich (?:person|man|woman)\b|\bwelche[rn]? (?:person|frau|mann)\b"
    r"|\bqué (?:persona|mujer|hombre)\b|\bquel(?:le)? (?:personne|femme|homme)\b",
    _I,
)
_CALLED: Final = re.compile(
    r"이름|뭐라고|무엇이라고|라고 불|何という|名前|氏名|名称|何と呼|名字|名称|叫什么|叫做什么|\bnamed?\b|\bcalled\b|\bheißt\b|\bnom\b|s'appelle"
    r"|\bnombre\b|se llama|\bnome\b|как называ|اسم|שם ",
    _I,
)
# Whether a post has a holder is asked without "who": "does it have a head", 책임자는 정해졌나요, 负责人定了吗.
_HAS: Final = re.compile(
    r"(?:\b(?:have|has|had|there|hat|haben|gibt es|tiene|hay|a-t-\w+|y a)\b[^,.?]{0,60}|有(?:没有)?[^，。？]{0,6})$",
    _I,
)
_SETTLED: Final = re.compile(
    r"(?:\s?자리)?[은는이가도]?\s?(?:새로|아직|벌써|이미)?\s?(?:정해|결정|임명|선임|뽑|있|없|비어|공석)|(?:の?職)?[はがも]?(?:もう|まだ|すでに)?"
    r"(?:決ま|いる|いま|いない|任命|空)|(?:已经|已|还)?(?:定了|定下|确定|任命|空缺)"
    r"|[^,.?]{0,40}\b(?:appointed|named|chosen|found|hired|filled|vacant|ernannt|gefunden|besetzt|vakant|nombrad\w|vacante|nommée?)\b",
    _I,
)
# "What is the salary of the head" asks for no head.
_NOT_WHO: Final = re.compile(
    r"얼마|언제|어디|어떻게|왜|いくら|いつ|どこ|多少|什么时候|\b(?:what (?:is|was|does|did) the (?!name)|how|when|where|why|wann|wie ?viel|cuánto|cuándo|combien|quand)\b",
    _I,
)
_VACANT: Final = re.compile(
    r"비어\s?있|공석|空席|空缺|暂缺|未定|미정|정해지[지기]|정하지 (?:않|못)|空いて|決まっていない|vacant|unfilled|lacks? a|without a"
    r"|no (?:head|boss|branch head)|not (?:yet )?(?:been )?(?:named|appointed|chosen)"
    r"|names no|unbesetzt|vakant|vacante", _I
)  # fmt: skip
_WHERE: Final = re.compile(
    r"어디|어느\s?(?:도시|곳|지역)|どこ|どの(?:都市|町|街)|哪里|哪裡|哪儿|哪个城市|在哪|\b(?:where|which (?:city|town|place)|what city|wo|dónde|où|onde|dove)\b|\bгде\b",
    _I,
)
# "in Antwerp", 부산에 있다, 大阪に移転, 位于上海
_PLACED: Final = re.compile(
    r"\b(?:in|at|to|near|nach|nahe|en|à|a|em|в|во)\s(?:the\s|la\s|le\s)?(?P<latin>[A-ZÀ-ÞА-Я][\w'’-]+(?:\s[A-ZÀ-ÞА-Я][\w'’-]+)*)"
    r"|(?P<ko>[가-힣]{2,}?)(?:에|에서|으로|로)\s(?:있|위치|자리|본사|문을|열|옮|이전|들어|둔|두|세|지)"
    r"|(?P<ja>[\u4e00-\u9fff々ァ-ヴー]{2,})(?:に|へ)(?=ある|あり|移|置|位置|所在|開|建)"
    r"|(?:位于|设在|設在|迁至|迁到|搬到|搬至|落户|坐落于)(?P<zh>[\u4e00-\u9fff]{2,6}?)(?=[，。、；的市区区县]|$)"
)
_YES_NO: Final = re.compile(
    r"^(?:is|are|was|were|do|does|did|can|could|may|must|will|has|have|should|am)\b|^(?:ist|sind|war|hat"
    r"|haben|kann|darf|muss|gibt es|wird)\b|^(?:est-ce|y a-t-il)\b"
    r"|(?:나요|가요|습니까|ㅂ니까|있어|없어|돼|되나|되나요|있나|인가|까요|되니|하나|해)\s*\??$|(?:ますか|ですか|ましたか|か)[？?。]?$|吗[？?]?$|是否|能不能"
    r"|有没有|可不可以",
    _I,
)


_OPEN: Final = re.compile(
    r"몇|뭐|무엇|무슨|어떤|어떻게|어디|왜|누|誰|だれ|谁|언제|얼마|何|なに|なん|どこ|どう|なぜ|どの|どれ|いくら|什么|什麼|怎么|怎麼|哪|为什么|為什麼|多少|[几幾]"
    r"|\b(?:what|which|how|where|why|who|wer|quién|qui|was (?:kostet|zahlt|macht)|wie|wo|warum|welche[rsnm]?|qué|cómo|dónde"
    r"|por qué|quel(?:le)?s?|où|comment|pourquoi)\b",
    _I,
)


def asked(question: str) -> Asked:
    """Return what *question* asks for, by the first of its question words that is known."""
    for pattern, kinds, units in _QUANTITY:
        if pattern.search(question):
            fitting = frozenset(units) if units or "number" not in kinds else _counted(question)
            return Asked(frozenset(kinds), fitting)
    role = next((role for role, pattern in _ROLE.items() if pattern.search(question)), "")
    person, called = (pattern.search(question) is not None for pattern in (_WHO, _CALLED))
    if role and not _NOT_WHO.search(question) and (person or called or _asks_whether(question, role)):
        return Asked(role=role, person=True)
    if _WHERE.search(question):
        return Asked(place=True)
    if called or person:
        return Asked(called=called, person=not called)
    return Asked(yes_no=not _OPEN.search(question) and _YES_NO.search(question.strip()) is not None)


def _asks_whether(question: str, role: Role) -> bool:
    """Tell whether *question* wants to know if the post of *role* is filled."""
    return not _OPEN.search(question) and any(
        _HAS.search(question, 0, start) or _SETTLED.match(question, end)
        for start, end in holders(question, role)
    )


def _counted(question: str) -> frozenset[str]:
    """Return the units that fit what follows "how many": books for books, any count where it is not known."""
    for match in _HOW_MANY.finditer(question.lower()):
        if found := behind(question.lower(), match.end(), UNDETERMINED):
            name = found.units[0].name
            return PLACES if name in PLACES else frozenset({name, "item"})
    return COUNTED | {""}


def holders(text: str, role: Role) -> Iterator[tuple[int, int]]:
    """Yield where *text* speaks of *role*."""
    yield from (match.span() for match in _ROLE[role].finditer(text))


def placed(text: str) -> Iterator[str]:
    """Yield the places in which *text* says that something is."""
    yield from (match[match.lastgroup or 0] for match in _PLACED.finditer(text))


def vacant(text: str) -> re.Match[str] | None:
    """Return where *text* says that a post has no holder."""
    return _VACANT.search(text)
