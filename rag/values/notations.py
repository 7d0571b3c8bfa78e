# ruff: noqa: E501 - one row of a table is one line
"""How values are written: what follows or precedes a number to make it a rank, a share or a time.

Tables of patterns over folded text (`rag.values.numerals.folded`); `rag.values` applies them.
"""

import re
from typing import Final, Literal

__all__ = [
    "AM",
    "AM_BEFORE",
    "AND",
    "AN_HOUR",
    "AT_ENDS",
    "BEFORE_UNIT",
    "CHINESE_HOUR",
    "CLOCK",
    "CLOCK_BEFORE",
    "ENGLISH_AT",
    "FOLD",
    "FRACTION",
    "GAP",
    "GERMAN_AFTER",
    "GERMAN_BEFORE",
    "HALF",
    "HOUR_AFTER",
    "HUNDREDTHS",
    "NAME",
    "NEXT_WORD",
    "OF_WHOLE",
    "ORDINAL_AFTER",
    "ORDINAL_BEFORE",
    "PART_OF",
    "PERCENT",
    "PER_HOUR",
    "PER_ONE",
    "PM",
    "PM_BEFORE",
    "QUARTER",
    "RANGE",
    "RANK_JA",
    "RATE",
    "SCALE",
    "SCALES",
    "TENTHS",
    "TOP_AFTER",
    "TOP_BEFORE",
    "WHOLE",
    "YEAR",
    "Kind",
]

Kind = Literal["number", "ordinal", "top", "multiple", "percent", "money", "time", "weekday", "date"]

# "4,2 millions d'euros", "dos millones de personas"
_OF = r"(?:[\s\u00a0]?(?:d'|de\s)|[\s\u00a0-])?"
# "five working days", 五个工作日, "zehn Werktage": what kind of day or week is not compared.
_KIND = (
    r"(?:(?:working|business|calendar|consecutive|full|further|additional|more)\s|个?(?:工作|营业|自然)(?=日)"
    r"|営業(?=日)|(?:werk|arbeits|kalender)(?=tag))?"
)
BEFORE_UNIT = re.compile(_OF + _KIND)
NEXT_WORD = re.compile(r"[\s\u00a0-]?([^\W\d_]+|[°℃℉])")
GAP = r"[\s\u00a0-]?"
PERCENT = re.compile(
    rf"{GAP}(?:%(?!p|포인트)|percent(?!age point)|per cent|퍼센트(?!포인트)|프로(?![가-힣])|パーセント|prozent(?!punkt)"
    rf"|pour\scent|por\s?cient?o"
    r"|por\scento|per cento|процент\w*|(?:في\s|ب)ال(?:مئة|مائة)|אחוז\w*|प्रतिशत|[割成](?![人长長員员分果為为]))"
)
TENTHS = re.compile(r"[割成]")
ORDINAL_AFTER = re.compile(
    r"(?:st|nd|rd|th)(?![a-z])|\s?번\s?째|째(?![가-힣])|\s?위(?!안[을은이의과]|[가-힣]*[원치험해협반층기])|\s?등(?=[\s.,이을은]|$)|\s?학년"
    r"|차(?=전|\s|$)"
    r"|호(?=선|실|\s|$)|번(?=\s?출구)|[番回つ人度年代件]目|番(?=[^号號目]|$)|号(?!码)|ère(?!\w)|er(?!\w)|i?[èe]me(?!\w)|e(?!\w)"
    r"|\.?[ºª°](?=\s|$|[ao])"
    r"|-?(?:й|го|я|ое|е|му|м|ой|ая|ый|ых)(?![а-я])"
)
RANK_JA = re.compile(r"\s?位")
ORDINAL_BEFORE = re.compile(r"(?:제\s?|第\s?)$")
# 3분기 and "third quarter" are a time of the year; three quarters are nine months.
QUARTER = re.compile(
    r"\s?분기(?!\s?(?:연속|째|동안|만에|간))|\s?四半期(?!連続)|\s?季度(?!连)|[\s-](?:quarter|quartal|trimest\w*|квартал\w*)(?!\w)"
)
GERMAN_BEFORE = re.compile(
    r"(?<!\w)(?:der|die|das|den|dem|des|zum|zur|am|ihre[rnms]?|seine[rnms]?|unsere[rnms]?|im)\s$"
)
GERMAN_AFTER = re.compile(r"\.\s[a-zäöüß]")
TOP_BEFORE = re.compile(
    r"(?:(?<!\w)(?:top|tops|ersten|premiers|premières|primeros|primeras)[\s-]?|상위\s?|톱\s?|上位|トップ\s?"
    r"|(?<![提之以目从從日天年月午])前)$"
)
TOP_AFTER = re.compile(
    r"\s?손가락\s?(?:안|에)|\s?위\s(?:안|이내|권|내(?=에|$))|위(?:이내|권|내(?=에|$)|안에)|\s?位(?:以内|以內)"
)
FOLD = re.compile(
    r"\s?배(?![가-힣]*[달송치분우추])|\s?倍|[x×](?!\w)|[\s-]?fold(?!\w)|-?fach(?:e[rnms]?)?(?!\w)"
    r"|\s?mal\sso(?!\w)|\s(?:times|fois|veces|vezes|mal)\s(?:as|more|higher|larger|bigger|faster|greater|the|plus|más|mais"
    r"|mehr|so)(?!\w)"
    r"|\sраза?\s(?:больше|выше|быстрее)|\s(?:أضعاف|مرات أكثر)"
)
PART_OF = re.compile(
    r"\s(?:out of|in|of|von|de cada|sur|из|من كل)\s(?:every\s|each\s|the\s)?|\sin every\s|\s?שמתוך\s?"
)
OF_WHOLE = re.compile(r"\s?(?:중에?서?|가운데|のうちの?|中の?|に|[中里](?:就)?有?|में से)\s?、?")
FRACTION = re.compile(r"\s?(?:분의|分の|分之)\s?$")
HUNDREDTHS = re.compile(r"百分之\s?$")

# A third of them, um ein Drittel, un tiers; not "a third plant", "in a quarter of 2024".
_LESS = r"(?=[.,;!?]|$|\s(?:of|off|more|less|fewer|lower|higher|larger|smaller|longer|shorter|cheaper))"
_PARTS: Final[tuple[tuple[str, Kind, float, str], ...]] = (
    (
        rf"(?<!\w)(?:(?:a|one)[\s-]third{_LESS}|(?:ein|das|dem) drittel|(?:un|le|d'un) tiers|(?:un|el) tercio"
        r"|(?:una|la) tercera parte|треть(?=\s)|ثلث)(?!\w)",
        "percent",
        100 / 3,
        "",
    ),
    (
        r"(?<!\w)(?:two[\s-]thirds|zwei drittel|(?:les )?deux tiers|dos tercios|две трети|ثلثا?)(?!\w)",
        "percent",
        200 / 3,
        "",
    ),
    (
        r"(?<!\w)(?:(?:a|one)[\s-]quarter(?=\sof\s(?!\d))|ein(?:em)? viertel|un quart|un cuarto(?=\sde)"
        r"|(?:una|la) cuarta parte|четверть|ربع)(?!\w)",
        "percent",
        25,
        "",
    ),
    (
        r"(?<!\w)(?:three[\s-]quarters(?=\sof)|drei viertel|trois quarts|tres cuartos)(?!\w)",
        "percent",
        75,
        "",
    ),
    (
        rf"(?<!\w)(?:(?:a|one)[\s-]fifth{_LESS}|ein(?:em)? fünftel|un cinquième|(?:una|la) quinta parte)(?!\w)",
        "percent",
        20,
        "",
    ),
    (
        rf"(?<!\w)(?:(?:a|one)[\s-]tenth{_LESS}|ein(?:em)? zehntel|un dixième|(?:una|la) décima parte)(?!\w)",
        "percent",
        10,
        "",
    ),
    (
        r"(?<!\w)(?:one in two|every (?:second|other)|jede[rsmn]? zweite\w*|un[ae]? (?:de cada|sur) (?:dos|deux)|1 sur 2"
        r"|каждый второй)(?!\w)|둘 중 하나|二人に一人|2人に1人",
        "percent",
        50,
        "",
    ),
    (
        r"(?<!\w)(?:one in three|every third|jede[rsmn]? dritte\w*|une? (?:de cada tres|sur trois)|uno de cada tres)(?!\w)|셋 중 하나|3人に1人",
        "percent",
        100 / 3,
        "",
    ),
    (
        r"(?<!\w)(?:one in four|every fourth|jede[rsmn]? vierte\w*|une? (?:de cada cuatro|sur quatre)|uno de cada cuatro)(?!\w)|넷 중 하나|4人に1人",
        "percent",
        25,
        "",
    ),
)

# Words that are a value by themselves. None of them as a part of another word.
_WHOLE: Final[tuple[tuple[str, Kind, float, str], ...]] = (
    # The halves of a match and of a year, before any other half.
    (
        r"(?<!\w)(?:first[\s-]half|erste[rsn]? (?:halbzeit|halbjahr)|première mi-temps|premier semestre|primer semestre)(?!\w)"
        r"|전반(?=에|을\s|이\s끝|\s?\d+분)|상반기|前半(?=[でにはがの、])|上半[场場年期]",
        "ordinal",
        1,
        "half",
    ),
    (
        r"(?<!\w)(?:second[\s-]half|zweite[rsn]? (?:halbzeit|halbjahr)|seconde mi-temps|second semestre|segundo semestre)(?!\w)"
        r"|후반(?=에|을\s|이\s끝|\s?\d+분)|하반기|後半(?=[でにはがの、])|下半[场場年期]",
        "ordinal",
        2,
        "half",
    ),
    (r"次[男女]|二[男女](?![性子])", "ordinal", 2, ""),
    (r"三[男女](?![性子])", "ordinal", 3, ""),
    (
        r"(?<!\w)(?:doubl(?:es?|ed|ing)|twice|twofold|ge?doppelt|doppelt\w*|verdoppelt\w*|doublé\w*"
        r"|le double|duplic\w+|el doble"
        r"|dobr(?:ou|aram)|вдвое|удво\w+|двукратн\w+|تضاعف\w*)(?!\w)|갑절|倍増|(?<![\d一二三四五六七八九十百千数何])倍に(?=な)|翻了?[一两]?番"
        r"|翻倍",
        "multiple",
        2,
        "",
    ),
    (
        r"(?<!\w)(?:tripl(?:es?|ed|ing)|thrice|threefold|verdreifach\w*|dreimal so|triplé\w*|triplic\w+|el triple"
        r"|втрое|утро\w+)(?!\w)",
        "multiple",
        3,
        "",
    ),
    (
        r"(?<!\w)(?:quadrupl(?:es?|ed|ing)|fourfold|vervierfach\w*|quadruplé\w*|cuadruplic\w+|quadruplic\w+"
        r"|вчетверо|учетвер\w+)(?!\w)",
        "multiple",
        4,
        "",
    ),
    (
        r"(?<!\w)(?:quintupl(?:es?|ed|ing)|fivefold|verfünffach\w*|quintuplé\w*|quintuplic\w+"
        r"|впятеро)(?!\w)",
        "multiple",
        5,
        "",
    ),
    (
        r"(?<!\w)half(?!\s(?:an?|past|the way|hour)\b|-)(?!\w)|절반|반값|半分|半数|半額|半价|半價|一半|(?<!\w)(?:die|zur|der) hälfte"
        r"|(?<!\w)la (?:moitié|mitad)"
        r"|(?<!\w)a metade|(?<!\w)половин\w*|(?<!\w)نصف(?!\w)|(?<!\w)מחצית",
        "percent",
        50,
        "",
    ),
    (r"(?<!\w)(?:noon|midday|mittags|midi|mediodía|meio-dia)(?!\w)|정오|正午", "time", 720, ""),
    (r"(?<!\w)(?:midnight|mitternacht|minuit|medianoche|meia-noite)(?!\w)|자정|深夜零時|午夜", "time", 0, ""),
    # 하루에 두 번 is twice a day.
    (
        r"하루(?=[\s만도를는]|$)(?!\s?(?:종일|아침|평균|최대|약|\d|[한두세네]\s|다섯|여섯))",
        "number",
        86400,
        "s",
    ),
    (r"이틀", "number", 2 * 86400, "s"),
    (r"사흘", "number", 3 * 86400, "s"),
    (r"나흘", "number", 4 * 86400, "s"),
    (r"닷새", "number", 5 * 86400, "s"),
    (r"엿새", "number", 6 * 86400, "s"),
    (r"이레(?![가-힣])|일주일", "number", 7 * 86400, "s"),
    (r"여드레", "number", 8 * 86400, "s"),
    (r"아흐레", "number", 9 * 86400, "s"),
    (r"열흘", "number", 10 * 86400, "s"),
    (r"보름(?!달)", "number", 15 * 86400, "s"),
    (r"둘째", "ordinal", 2, ""),
    (r"셋째", "ordinal", 3, ""),
    (r"넷째", "ordinal", 4, ""),
    (
        r"첫\s?(?:번\s?째|째|날|해)?(?=[\s에의로]|$)|首(?=[批次个個届屆班位家])|最初|初めて"
        r"|初の",
        "ordinal",
        1,
        "",
    ),
    (
        r"(?<!\w)last(?! (?:year|month"
        r"|week))\b",
        "ordinal",
        -1,
        "",
    ),
    *((rf"(?<!\w)(?:q{n}|{n}q)(?!\w)", "ordinal", n, "quarter") for n in range(1, 5)),
    *_PARTS,
    (
        r"(?<!\w)(?:half(?: an?)?[\s-]hour|halbe stunde|demi-heure|media hora|полчаса)(?!\w)|반\s?시간|半時間|半(?:个)?小时",
        "number",
        1800,
        "s",
    ),
    (r"半年", "number", 6, "month"),
    (r"반년", "number", 6, "month"),
    (r"(?<!\w)(?:fortnight)(?!\w)", "number", 14 * 86400, "s"),
)
WHOLE: Final = tuple((re.compile(pattern), kind, number, unit) for pattern, kind, number, unit in _WHOLE)

NAME = re.compile(r"(?<![\w.,])[2-6][GD](?!\w)")  # 5G, 3D: no grams

# Times of day.
PM = re.compile(
    r"오후|저녁|밤|午後|夕方|夜|下午|晚上|傍晚|p\.?\s?m\.?(?!\w)|afternoon|evening|abends|nachmittags"
    r"|de la (?:tarde|noche)|du soir"
    r"|de l'après-midi|da (?:tarde|noite)|вечера|مساء|בערב|אחר הצהריים"
)
AM = re.compile(
    r"오전|새벽|아침|午前|朝|上午|早上|凌晨|清晨|a\.?\s?m\.?(?!\w)|in the morning|morgens|vormittags"
    r"|de la mañana|du matin|da manhã|утра"
    r"|صباح|בבוקר"
)
PM_BEFORE = re.compile(rf"(?:{PM.pattern})\s?$")
AM_BEFORE = re.compile(rf"(?:{AM.pattern})\s?$")
CLOCK = re.compile(
    r"(?<![0-9a-z:.])(?P<hour>[01]?\d|2[0-4])(?:[:](?P<minute>[0-5]\d)(?::[0-5]\d)?(?![0-9:])"
    r"|[.](?P<dotted>[0-5]\d)(?=\s?(?:uhr|[ap]\.?\s?m))"
    r"|\s?h\s?(?P<french>[0-5]\d)(?!\d|\s?min)|(?=\s?(?:[ap]\.?m\.?(?!\w)|uhr|o'clock)))"
)
HOUR_AFTER = re.compile(
    r"\s?시(?=\s|에|부터|까지|경|쯤|반|이[전후]|로|[.,~)/-]|$|와|를|는|가(?![가-힣])|정각|\d)|\s?時(?!間|代|点|期|々|差)"
    r"|时(?![间代候期机区长隔装而常刻尚差限])|[点點](?:[钟鐘整])?(?![数數心评击擊])|\s?uhr(?!\w)|\s?o'clock|\sheures?(?=\s(?:du|de l))|\s?h(?![\w/]|\s?\d+\s?min)"
)
CLOCK_BEFORE = re.compile(r"(?:(?<!\w)(?:à|a las|a la|às|الساعة|בשעה|в)\s)$")
ENGLISH_AT = re.compile(r"(?<!\w)(?:at|until|till|by|from|before|after)\s$")
AT_ENDS = re.compile(
    r"\s*(?:[.,;:!?)]|$|in the|on (?:mon|tue|wed|thu|fri|sat|sun)|every|each|sharp|to|and|is|when|today"
    r"|tonight)"
)
CHINESE_HOUR = re.compile(r"(?:上午|下午|晚上|早上|凌晨|清晨|中午|傍晚|夜里)\s?$")
HALF = re.compile(r"\s?(?:반(?![가-힣]*[복드])|半(?![径分数]))")  # 세 시 반, 네 시간 반
# Between two values that are one: "2 h 10 min", "850 to 870 dollars".
AND = re.compile(r"\s?(?:and|und|et|y|e|,)?\s?")
RANGE = re.compile(r"\s?(?:[-~〜]|to|and|or|bis|auf|à|a|до|에서|から|至|到|または|또는)\s?")
# £3.8m; behind a currency only, since 3.8m is a length.
SCALES: Final = {"k": 1e3, "m": 1e6, "mn": 1e6, "b": 1e9, "bn": 1e9, "tn": 1e12}
SCALE = re.compile(r"\s?(k|mn?|bn?|tn)(?![^\W_])")
# 1日に約9200台, 하루에 두 번: "one day" is what the rest is counted by.
RATE = re.compile(r"\s?[에に](?=\s?(?:약|평균|최대|約|平均|最大)?\s?[\d一-九한두세네])")
PER_ONE = re.compile(r"[^\s、。]{0,3}?(?:あたり|当たり|につき)")
AN_HOUR = re.compile(r"(?:시속|時速|时速|每小时|毎時)\s?(?:약\s?|約|约)?$")
PER_HOUR = re.compile(r"\s?(?:an hour|per hour|pro stunde|par heure|por hora|в час)(?!\w)|每小时")
YEAR = range(1000, 2200)
