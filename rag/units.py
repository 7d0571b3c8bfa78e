# ruff: noqa: E501 - one row of a table is one line
"""What is counted and measured, and what follows or precedes a number to say so.

Tables only: forms in many languages, each with its canonical unit and how many
of it one is. `rag.values` reads them.
"""

import re
from collections.abc import Mapping
from typing import Final

__all__ = [
    "COUNTED",
    "CURRENCIES",
    "EVERY",
    "GENERIC",
    "MARKS",
    "UNITS",
    "WEEKDAY",
    "WEEKDAYS",
    "unit_pattern",
]

# canonical, factor, forms; "_" stands for a space, a trailing "*" takes any ending.
_MEASURES = """
m 1000 km 킬로미터 キロメートル キロ 公里 千米 kilometre* kilometer* kilómetro* quilômetro* quilómetro* kilomètre* километр* км كيلومتر* كم ק"מ קילומטר* किलोमीटर किमी กิโลเมตร
m 1 m 미터 メートル 米 metre metres meter meters metern metro metros mètre* метр* м متر* מטר* मीटर เมตร
m 0.01 cm 센티미터 센티 センチ 厘米 公分 centimetre* centimeter* zentimeter* centímetro* centimètre* сантиметр* см سنتيمتر* سم ס"מ
m 0.001 mm 밀리미터 ミリ 毫米 millimetre* millimeter* milímetro* millimètre* миллиметр* мм
m 1609.344 mile miles 마일 マイル 英里
m 0.3048 ft foot feet 피트 フィート 英尺
ft2 1 sq_ft square_foot square_feet 제곱피트 평방피트 平方フィート 平方英尺
m2 1000000 km2 ㎢ 제곱킬로미터 平方キロ 平方キロメートル 平方公里 square_kilometre* square_kilometer* quadratkilometer*
m3 1 m3 ㎥ 세제곱미터 입방미터 立方メートル 立方米 cubic_metre* cubic_meter* kubikmeter* metros_cúbicos mètres_cubes
m2 1 m2 ㎡ 제곱미터 평방미터 平方メートル 平方米 square_metre* square_meter* quadratmeter* metros_cuadrados mètres_carrés
m2 10000 ha 헥타르 ヘクタール 公顷 hectare* hektar
g 1000 kg 킬로그램 キログラム 公斤 千克 kilogram* kilo kilos kilogramm* kilogramo* килограмм* кг كيلوغرام* كغ ק"ג קילוגרם किलोग्राम किलो กิโลกรัม
g 1 g 그램 グラム 克 gram grams gramme* gramm gramos грамм* г
g 0.001 mg 밀리그램 ミリグラム 毫克 milligram*
g 1000000 t 톤 トン 吨 噸 tonne* ton tons tonnen tonelada* тонн* طن टन ตัน
l 1 l 리터 リットル 升 litre* liter* litro* литр* л لتر* ליטר* लीटर ลิตร
l 0.001 ml 밀리리터 ミリリットル 毫升 millilitre* milliliter*
s 1 s 초 秒 sec secs second seconds sekunde* seconde secondes segundos секунд* ثانية ثوان שניות
s 60 min 분 分 分間 分钟 分鐘 minute minutes minuten minuto* мин минут* دقيقة دقائق דקה דקות मिनट นาที
s 3600 h 시간 時間 小时 小時 个小时 hour hours hr hrs stunde* std heure heures hora horas час часа часов ساعة ساعات שעה שעות घंटे ชั่วโมง
s 86400 일 일간 日 日間 天 day days tag tage tagen jour* día días dia dias день дня дней يوم أيام يوما יום ימים दिन วัน
s 604800 주 주일 주간 週間 週 周 星期 个星期 week weeks สัปดาห์ woche wochen semaine* semana* недел* أسبوع أسابيع שבוע שבועות
month 1 개월 달 か月 ヶ月 カ月 ヵ月 箇月 个月 個月 month months เดือน monat* mois mes meses mês месяц* شهر أشهر שهر חודש חודשים महीने
month 3 분기 四半期 季度 quarter quarters
month 12 년 년간 年 年間 year years ปี jahr* ans année* año* ano anos год года лет سنة سنوات عام שנה שנים साल वर्ष
c 1 °c ℃ 섭씨 摂氏度 摄氏度 degrees_celsius grad_celsius
turn 1 度
deg 1 ° 도 degree degrees grad degré* grado* градус* درجة
w 1000 kw 킬로와트 キロワット 千瓦 kilowatt* kilovatio* киловатт*
w 1 w 와트 ワット 瓦 watt watts
w 1000000 mw 메가와트 メガワット 兆瓦 megawatt* mégawatt* megavatio* мегаватт* ميغاواط
w 1000000000 gw 기가와트 ギガワット 吉瓦 gigawatt* gigavatio* гигаватт* غيغاواط
wh 1000 kwh 킬로와트시 キロワット時 千瓦时 kilowatt_hour* kilowatt-hour* kilowattstunde* kilowattheure* kilovatios_hora
v 1 v 볼트 ボルト 伏 volt volts
mah 1 mah
byte 1e9 gb 기가바이트 기가 ギガバイト gigabyte*
byte 1e6 mb 메가바이트 megabyte*
byte 1e12 tb 테라바이트 terabyte*
bps 1e6 mbps mbit/s mb/s
bps 1e9 gbps gbit/s
hz 1 hz 헤르츠 ヘルツ 赫兹 hertz
hz 1e3 khz 킬로헤르츠 キロヘルツ 千赫 kilohertz*
hz 1e6 mhz 메가헤르츠 メガヘルツ 兆赫 megahertz*
hz 1e9 ghz 기가헤르츠 ギガヘルツ 吉赫 gigahertz*
hpa 1 hpa 헥토파스칼 ヘクトパスカル 百帕 hectopascal*
m/s 1 m/s
km/h 1 km/h kph км/ч 公里每小时 kilometres_per_hour kilometers_per_hour stundenkilometer* kilómetros_por_hora
db 1 db 데시벨 デシベル 分贝 decibel* dezibel décibel* децибел*
kcal 1 kcal 킬로칼로리 千卡
pp 1 %p %포인트 percentage_point* 퍼센트포인트 ポイント 个百分点 prozentpunkt*
person 1 명 인 사람 人 个人 個人 名 person persons people employee* staff personnes personne person* persona personas pessoa* человек человека люди شخص* أشخاص אנשים איש लोग leute mitarbeiter* mitarbeitende* 职工 员工 लोग คน
book 1 권 冊 册 本书 book books buch bücher bücher* livre livres libro libros livro* книг* كتاب* كتب ספר* किताब*
country 1 개국 나라 カ国 か国 ヶ国 个国家 個國家 国 countries country länder* pays países стран* دول
company 1 개사 회사 社 家公司 company companies firmen unternehmen entreprises empresas компани*
lane 1 차로 차선 車線 车道 lane lanes
city 1 개_도시 개도시 도시 都市 个城市 城市 cities city städte* villes ciudades город*
place 1 곳 군데 개소 か所 カ所 ヶ所 箇所 处 處 places
office 1 사무소 지사 office offices branch branches büro* filiale* bureaux oficina* 支社 分公司
item 1 개 個 个 箇 つ 件 건 가지 점 조각 点 点數 所 piece pieces item items stück pièces piezas штук*
time 1 번 회 차례 回 次 遍 time times mal fois vez veces раз раза مرة مرات פעמים बार
vehicle 1 대 台 辆 輛 คัน unit units car cars vehicle vehicles
age 1 세 살 歳 才 岁 歲 years_old year-old jahre_alt
page 1 쪽 페이지 ページ 页 頁 page pages seite* página*
point 1 점수
floor 1 층 階 层 層 楼 storey* stories étages pisos
copy 1 부 部
line 1 줄 行 条 條
household 1 가구 世帯 户
seat 1 석 席 座 seat seats
sheet 1 장 枚 张 張
animal 1 마리 匹 頭 羽 头 只 隻
kind 1 종 종류 種 種類 种 kinds types varieties species
"""
_MONEY = """
krw 1 원 ウォン 韩元 韓元 韩圆 won wons krw вон* وون
usd 1 달러 ドル 美元 美金 dollar dollars dólar* usd доллар* دولار* דולר*
eur 1 유로 ユーロ 欧元 歐元 euro euros eur евро يورو אירו
jpy 1 엔 円 日元 日圆 yen jpy иен* ين
cny 1 위안 元 人民币 人民元 块 yuan cny rmb юан* يوان
gbp 1 파운드 ポンド 英镑 pound pounds gbp
rub 1 루블 рубл* руб ruble* rouble* rubel ルーブル 卢布
ils 1 שקל שקלים ש"ח
aed 1 درهم
inr 1 रुपये रुपए rupee* rupie* rupia* roupie* 루피 ルピー 卢比
thb 1 บาท baht 바트 バーツ 泰铢
chf 1 franken 프랑 フラン 法郎
vnd 1 đồng dong ドン 越南盾
cent 1 센트 cent cents
"""
MARKS: Final = {
    "$": "usd",
    "us$": "usd",
    "€": "eur",
    "£": "gbp",
    "¥": "yen/yuan",
    "₩": "krw",
    "₽": "rub",
    "₪": "ils",
}
GENERIC: Final = frozenset({"", "item", "vehicle", "place"})
"""Counters that stand for any thing that is counted: 다섯 개 may be five books."""
_COUNTED = "person book country company city lane place office item vehicle copy household seat line page floor sheet animal kind"
COUNTED: Final = frozenset(_COUNTED.split())
"""Units of things, not of time or size."""

Forms = Mapping[str, tuple[str, float]]


def _table(rows: str) -> dict[str, tuple[str, float]]:
    found: dict[str, tuple[str, float]] = {}
    for row in rows.strip().split("\n"):
        unit, factor, *forms = row.split(" ")
        found |= {form.replace("_", " "): (unit, float(factor)) for form in forms}
    return found


UNITS: Final[Forms] = _table(_MEASURES)
CURRENCIES: Final[Forms] = _table(_MONEY)

EVERY: Final = {
    "ko": "월화수목금토일",
    "ja": "月火水木金土日",
    "zh": "一二三四五六日",
}
_WEEKDAYS = """
monday mondays mon montag montags lundi lunes segunda-feira lunedì понедельник* الاثنين الإثنين δευτέρα* วันจันทร์ सोमवार
tuesday tuesdays tue dienstag dienstags mardi martes terça-feira martedì вторник* الثلاثاء τρίτη วันอังคาร मंगलवार
wednesday wednesdays wed mittwoch mittwochs mercredi miércoles quarta-feira mercoledì сред* الأربعاء τετάρτη τετάρτες วันพุธ बुधवार
thursday thursdays thu donnerstag donnerstags jeudi jueves quinta-feira giovedì четверг* الخميس πέμπτη πέμπτες วันพฤหัส* गुरुवार
friday fridays fri freitag freitags vendredi viernes sexta-feira venerdì пятниц* الجمعة παρασκευή* παρασκευές วันศุกร์ शुक्रवार
saturday saturdays sat samstag samstags sonnabend samedi sábado sábados sabato суббот* السبت σάββατο* σάββατα วันเสาร์ शनिवार
sunday sundays sun sonntag sonntags dimanche domingo domingos domenica воскресень* الأحد κυριακή* κυριακές วันอาทิตย์ रविवार
"""
_NO_WEEKDAY_ALONE = frozenset({"sun", "sat", "mon", "wed", "сред*"})
WEEKDAY: Final = {
    form: day
    for day, row in enumerate(_WEEKDAYS.strip().split("\n"))
    for form in row.split(" ")
    if form not in _NO_WEEKDAY_ALONE
}


# First letters of words that only begin like a counter: 3주년, 5분의, 2인분, 個人, 年代.
_NOT_BEFORE = {
    "주": "년식민차", "분": "의야류", "개": "발인조선막년", "대": "로표학비응형", "도": "시록", "점": "심", "일": "본반부정",
    "인": "분치도트", "회": "사원의장", "번": "째호", "세": "계금트대기", "석": "유사", "부": "터서분", "초": "과기반", "원": "칙래",
    "명": "령", "권": "리한", "년": "대", "사람": "들이서", "달": "러", "점수": "제", "회사": "원",
    "分": "の之店公", "年": "代度生级級齢", "日": "本元圆游", "人": "工気气口", "社": "会員员",
    "国": "内家际際", "点": "击心", "次": "の", "度": "目", "回": "目", "元": "旦", "部": "分", "条": "件", "席": "位",
    "米": "ド国", "克": "服", "升": "级", "円": "形", "本书": "店", "キロ": "グメワバ",
}  # fmt: skip


def _alternation(forms: Mapping[str, object]) -> str:
    """Return a pattern for any of *forms*, the longest first; words end where words end."""
    pieces = []
    for form in sorted(forms, key=len, reverse=True):
        stem = re.escape(form.rstrip("*")).replace(r"\ ", r"\s")
        spaced = form[-1] == "*" or re.match(r"[a-z\u00c0-\u05ff\u0600-\u06ff\u0900-\u097f]", form[-1])
        if form in _NOT_BEFORE:
            end = rf"(?![{_NOT_BEFORE[form]}])"
        else:
            end = (r"[^\W\d_]*" if form[-1] == "*" else "") + (_word_end(form) if spaced else "")
        pieces.append(stem + end)
    return "|".join(pieces)


def _word_end(form: str) -> str:
    """Return what ends a word like *form*: a particle of another script may follow "25 °C" at once."""
    return r"(?![0-9a-z\u00c0-\u024f])" if re.match(r"[a-z]", form[-1]) else r"(?![^\W_])"


def unit_pattern(forms: Mapping[str, object], before: str = "") -> re.Pattern[str]:
    """Return a pattern with any of *forms* as its group ``unit``, *before* it what may stand between."""
    return re.compile(rf"{before}(?P<unit>{_alternation(forms)})")


WEEKDAYS: Final = re.compile(
    rf"(?<![^\W_])(?P<word>{_alternation(WEEKDAY)})|(?<![가-힣])(?P<ko>[월화수목금토일])요일"
    r"|(?P<ja>[月火水木金土日])曜|(?:星期|周|週|礼拜|禮拜)(?P<zh>[一二三四五六日天])"
)
