"""The words by which a line says what its date is of: the day of publication, or another.

Made by hand, because CLDR names the months and the fields of a date but not what it is of:
the labels of imprints, bylines, forms and registers in the languages that `rag.values.dates`
reads, looked up in the translations of the same form (a passport for birth and expiry, a
company register for founding, a law for taking effect, an invitation for the rest), and
stems where a language inflects. A label that is in no list counts as another one, so a
missing word costs a date and never makes a wrong one.
"""

import re

__all__ = ["OTHER", "PUBLISHED", "UPDATED", "is_of_another"]

# One line a language, or a family of short ones.

PUBLISHED = re.compile(
    "입력|등록일?|게시일?|작성일|작성일시|발행일?|배포일|보도일|기사입력|승인|송고"
    "|公開|掲載|投稿|配信|発行|作成日|发布|發布|发表|發表|刊登|发文日期|發文日期|公布"
    r"|\b(?:published|posted|issued|released|publication date|date of issue|first published|release date)\b"
    "|veröffentlicht|erschienen|erstellt am|ausgegeben|publié|paru le|mis en ligne|publicado|publicada"
    "|publicação|fecha de publicación|emitido|pubblicato"
    "|gepubliceerd|publicerad|udgivet|publisert|julkaistu"
    "|opublikowano|publikováno|közzétéve|publicat|δημοσιεύτηκε|δημοσίευση|опубликован|дата публикации"
    "|опубліковано"
    "|yayın tarihi|yayınlan|diterbitkan|dipublikasikan|ngày đăng|xuất bản|เผยแพร่|ลงวันที่"
    "|نشر|תאריך פרסום|פורסם|प्रकाशित|প্রকাশিত",
    re.IGNORECASE,
)
UPDATED = re.compile(
    "수정|개정|갱신|업데이트|최종|更新|改訂|改定|改正|修订|修訂|修改|最后编辑"
    r"|\b(?:updated|revised|modified|revision|last changed|as of|version|rev|edition|printed)\b"
    "|ausgabe|auflage|édition|edición|edizione|edição"
    "|aktualisiert|stand:?|geändert|überarbeitet|mis à jour|mise à jour|modifié|révisé|actualizad|revisad"
    "|modificad|atualizad|aggiornat|bijgewerkt|uppdaterad|opdateret"
    "|oppdatert|päivitetty|zaktualizowano|aktualizováno"
    "|frissítve|actualizat|ενημερώθηκε|обновлен|изменен|оновлено"
    "|güncellen|diperbarui|cập nhật|ปรับปรุง|แก้ไข"
    "|تحديث|עודכן|अद्यतन|হালনাগাদ",
    re.IGNORECASE,
)
# Of a life, a house, a contract, a law, an event.
OTHER = re.compile(
    "일시|마감|기한|까지|부터|예정|다음 |차기|생년월일|출생|태어|사망|별세|설립|창립|창업|창간"
    "|개업|개관|개교|개원|준공|착공|건립|입사|퇴사|임명|취임|계약일|체결|시행|발효|만료|유효|접수|기념일|결혼"
    "|日時|締切|期限|まで|から|次回|生年月日|生まれ|出生|死去|没年|逝世|設立|創立|創業|創刊|開業"
    "|開館|開校|開店|竣工|着工|入社|退社"
    "|就任|契約日|締結|施行|発効|有効|截止|为止|起至|下次|成立|创办|创立|創辦|创刊|开业|開業|开馆|建成|入职|生效|實施|实施|到期|签订|簽訂"
    r"|\b(?:when|deadline|due|until|expir\w+|born|birth\w*|d\.?o\.?b"
    r"|died|death|starts?|ends?|next|since|founded|founding"
    r"|foundation|established|establishment|incorporated|formed|opened"
    r"|opening|launched|built|completed|inaugurated|joined"
    r"|hired|appointed|married|signed|contract|effective|in force"
    r"|valid|held|event|anniversary|delivered|received|invoice"
    r"|purchased|warranty|checked|tested|inspected|measured|taken)\b"
    "|frist|bis zum|nächste|gebor|geburt|gestorb|todes|gegründ"
    "|gründung|errichtet|eröffn|erbaut|gültig|in kraft|ab dem"
    "|eingestellt|vertrag|unterzeichnet|verheiratet"
    "|jusqu|échéance|prochain|naissance|née? le|né\\(e\\)|décès|décédé"
    "|fond[ée]e?|fondation|création|créée?|ouvert|inaugur"
    "|construit|en vigueur|applicable|valable|embauch|contrat|signé"
    "|hasta|plazo|próxim|nacid|nacimiento|fallec|muert|fundad|fundaci"
    "|constitu|inaugura|construid|apertura|vigente|vigencia"
    "|en vigor|válid|contrato|firmad|até|nascid|nascimento|falec|fundaç|abertura|em vigor"
    "|entro|scadenza|prossim|nat[oa] (?:il|a|nel)|nascita|è morto|decess"
    "|fondat|fondazione|costituit|apertura|in vigore|valid"
    "|gebor|overled|opgericht|geopend|van kracht|geldig|född|död"
    "|grundad|öppnad|giltig|født|fødsel|stiftet|grundlagt|åbnet"
    "|syntym|kuoll|perust|avattu|voimassa|urodz|zmar|założ|otwar|ważn|naroz|zemř|založen|otevřen|platn"
    "|született|alapít|érvényes|născut|fondat|înființ|γεννήθ|γέννηση|ίδρυσ|ιδρύθ|ισχύ"
    r"|(?<!\w)до(?!\w)|срок|следующ|рожд|родил|умер|скончал|основан|учрежд"
    "|открыт|построен|действует с|вступает в силу|действителен"
    "|народж|засновано|чинн|doğum|ölüm|kuruluş|kuruldu|açılış"
    "|yürürlük|geçerli|lahir|wafat|didirikan|berlaku"
    "|ngày sinh|thành lập|hiệu lực|เกิด|ก่อตั้ง|เปิดทำการ|มีผล|หมดอายุ|ครั้งถัดไป"
    "|حتى|القادم|ميلاد|ولد|وفاة|تأسس|تأسيس|افتتاح|سارية|ساري|نفاذ|صالح"
    "|עד|הבא|לידה|נולד|נפטר|נוסד|הוקם|הקמה|בתוקף|תוקף"
    "|अगली|जन्म|मृत्यु|स्थापना|लागू|मान्य|জন্ম|প্রতিষ্ঠা",
    re.IGNORECASE,
)
# Labels that name a date and say no more: that of the text.
_DATE = re.compile(
    r"(?:date|날짜|일자|작성|日付|日期|datum|fecha|data|dato|dátum"
    r"|ημερομηνία|дата|tarih|tanggal|ngày|วันที่|تاريخ|التاريخ"
    r"|תאריך|दिनांक|तारीख|তারিখ|päiväys|päivämäärä)",
    re.IGNORECASE,
)
# "Founded: 22 May 1934"; not the hour in "14:00".
_LABEL = re.compile(r"([^\W\d][^:：|]*)[:：](?!\d)")


def is_of_another(text: str) -> bool:
    """Tell whether a date in or behind *text* is said to be another than that of the text itself."""
    if OTHER.search(text):
        return True
    label = _LABEL.search(text)
    return label is not None and not any(each.search(label[1]) for each in (_DATE, PUBLISHED, UPDATED))
