"""The words by which a page's furniture is known, in a dozen languages.

Shape and position come first (`rag.index.clean`); these lists only confirm what a
line at that place is. Each pattern describes one line, stripped of bullets and
link syntax; a phrase is here only if no handbook would say it of its own subject.
"""

# One line a language, where it fits.
# ruff: noqa: E501

import re

__all__ = [
    "ABOUT_AUTHOR",
    "ABOUT_PERSON",
    "BOARD_COLUMN",
    "BUTTON",
    "COOKIES",
    "COOKIE_NOTICE",
    "COPYRIGHT",
    "COUNTER",
    "DISCLAIMER",
    "HOME",
    "NAVIGATION",
    "NETWORK",
    "NEWSLETTER",
    "PAGE_NUMBER",
    "PAGINATION",
    "PROFESSION",
    "READ_ALSO",
    "RELATED",
    "RIGHTS",
    "SECTION",
    "SHARE",
    "SKIP_LINK",
    "SUBSCRIBE",
    "TITLE_COLUMN",
]


def _any(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


SKIP_LINK = _any(
    r"(?:주 ?)?(?:메뉴|본문|콘텐츠)(?:으로|로)? ?(?:바로 ?가기|건너뛰기|이동)",
    r"skip (?:to (?:the )?(?:main )?(?:content|navigation|menu|footer)|navigation|menu)",
    r"jump to (?:content|navigation)",
    r"(?:メイン)?(?:コンテンツ|本文|ナビゲーション)(?:へ|に|を)(?:スキップ|移動|ジャンプ)(?:する)?|本文へ",
    r"跳(?:到|转到|轉到|至|过|過)(?:主要|主)?(?:内容|內容|正文|导航)",
    r"(?:direkt )?zum (?:haupt)?inhalt(?: springen| wechseln)?",
    r"(?:ir|saltar|pasar) al (?:contenido(?: principal)?|menú)",
    r"(?:aller|passer|accéder) (?:directement )?au (?:contenu(?: principal)?|menu)|vai al contenuto",
    r"(?:pular|ir) para o conteúdo|перейти к (?:основному )?(?:содержанию|содержимому|контенту)",
    r"(?:تخط[يى]?|التخطي|انتقل|الانتقال|اذهب) إلى (?:المحتوى|القائمة)(?: الرئيسية?)?|דלג לתוכן(?: הראשי)?",
)

COPYRIGHT = _any(r"\W*(?:copyright\b|©|ⓒ|\(c\) ?(?:19|20)\d\d|저작권자\s*[©ⓒ(:])")
RIGHTS = _any(
    r"all rights? reserved|무단 ?전재|無断転載|禁無断|版[权權]所有|不得[转轉][载載]",
    r"alle rechte vorbehalten",
    r"(?:todos los derechos|tous droits|tutti i diritti|todos os direitos) (?:reservados|réservés|riservati)",
    r"все права защищены|جميع الحقوق محفوظة|כל הזכויות שמורות|alle rechten voorbehouden",
    r"tüm hakları saklıdır",
)

# Of the page itself ("this content is not ..."), never of what staff may or may not do.
_PAGE = r"(?:page|site|article|website|content)"
_FIELD = r"(?:investments?|financial|legal|medical|trading)"
DISCLAIMER = _any(
    rf"(?:we are|this {_PAGE}|the (?:content|information)\b.{{0,60}}).{{0,40}}\b(?:not|nor)\b.{{0,60}}\b{_FIELD} advice",
    rf"(?:we are|(?:publisher|author|site)s? (?:is|are)) not (?:licen[sc]ed|authori[sz]ed|qualified) to .{{0,30}}{_FIELD}",
    rf"nothing (?:here|(?:on|in) this {_PAGE}) .{{0,40}}\b(?:recommendation|{_FIELD} advice)",
    r"(?:content|information|article)\b.{0,60}\bfor (?:general )?(?:information(?:al)?|educational) purposes only",
    r"(?:기사|글|콘텐츠|내용|정보|자료)[는은].{0,40}투자.{0,20}(?:권유|조언|자문|추천).{0,20}(?:아닙니다|아니며|않습니다)",
    r"(?:記事|サイト|ページ|情報|内容).{0,30}投資.{0,15}(?:助言|勧誘|推奨).{0,20}(?:ありません|ではない)",
    r"(?:本文|文章|内容|信息|資訊|本站).{0,30}不(?:构成|構成|作为|作為).{0,15}(?:投资|投資).{0,6}(?:建议|建議)",
    r"(?:inhalte?|artikel|informationen|seite)\b.{0,60}\bkeine (?:anlage|finanz|investitions)\w*(?:beratung|empfehlung)",
    r"(?:contenido|artículo|información|página)\b.{0,60}\bno (?:constituye|es|supone|representa)\b.{0,40}(?:asesor|inversión)",
    r"(?:contenu|article|informations?|page)\b.{0,60}\bne (?:constituen?t|sont?)\b.{0,40}\bconseils?\b.{0,30}"
    r"(?:investissement|financier|placement)",
    r"(?:стать|материал|информаци|сайт).{0,60}не являет.{0,30}инвестиционн",
    r"(?:المحتوى|المقال|المعلومات|الصفحة).{0,60}(?:لا|ليست?) .{0,30}(?:نصيحة|استشارة|مشورة).{0,15}استثمارية",
)

ABOUT_AUTHOR = _any(
    r"about the authors?|(?:저자|글쓴이|필자|기자) ?소개",
    r"(?:著者|筆者|執筆者|ライター|記者)(?:について|紹介|プロフィール)",
    r"この記事を書いた人|(?:作者|記者|记者)(?:简介|簡介|介绍|介紹)|关于作者|關於作者",
    r"über de[nr] autor(?:in)?",
    r"sobre (?:el autor|la autora|o autor)|à propos de l['’]aut(?:eur|rice)|об авторе",
    r"(?:عن|نبذة عن) الكاتبة?|על המחבר",
)
ABOUT_PERSON = re.compile(r"(?i:about|über|sobre|à propos de|об|о|عن)\s+(?P<person>\w[\w’'.-]*)\s+\w.{1,60}")
PROFESSION = _any(
    r"\b(?:journalist|reporter|columnist|correspondent|author|writer|writes|editor|blogger|freelance\w*)\b",
    r"기자|칼럼니스트|작가|저널리스트|記者|ライター|ジャーナリスト|编辑|記者|记者|作家|撰稿",
    r"\b(?:journalistin|redakteur\w*|schreibt|autor\w*|periodista|redactor\w*|escribe|journaliste|rédact\w+|écrit)\b",
    r"журналист|корреспондент|редактор|صحفي|كاتب|מחבר|עיתונאי",
)

# The head of a message board's list; "title" tells it from other tables.
BOARD_COLUMN = _any(
    r"번호|글쓴이|작성자|작성일|등록일|날짜|조회수?|추천|댓글|no\.?|number|author|writer",
    r"posted(?: by)?|date|views?|hits",
    r"番号|投稿者|作成者|日付|投稿日|閲覧数?|编号|編號|序号|作者|日期|发布时间|浏览|點閱|nr\.?|autor",
    r"verfasser|datum|aufrufe",
    r"n[.º°]{0,2}|núm\.?|fecha|visitas|auteur|vues|№|номер|автор|дата|просмотры|رقم|الكاتب|التاريخ",
    r"المشاهدات",
)
TITLE_COLUMN = _any(
    r"제목|title|subject|headline|タイトル|題名|件名|标题|標題|主题|titel|betreff|título|asunto|titre|sujet|заголовок|тема|العنوان"
)

RELATED = _any(
    r"(?:related|recommended|more|latest|popular|trending|top|other) (?:articles?|stories|news|posts|headlines|reading)",
    r"most (?:read|popular|viewed|shared)|you (?:may|might) (?:also )?like|read (?:also|next)",
    r"more from .{1,40}",
    r"(?:관련|추천|인기|최신|주요|많이 본|이 시각|실시간|다른)(?: ?(?:주요|인기))? ?(?:기사|뉴스|글|소식|헤드라인)(?: ?(?:더 ?보기|목록|모음|순위))?",
    r"많이 본 (?:기사|뉴스)",
    r"(?:関連|おすすめ|人気|最新|新着|注目)(?:の)?(?:記事|ニュース)(?:一覧)?",
    r"(?:アクセス|記事)?ランキング|あわせて読みたい|こちらもおすすめ",
    r"(?:相关|相關|推荐|推薦|热门|熱門|最新|更多|延伸)(?:的)?(?:阅读|閱讀|文章|新闻|新聞|报道|報導|资讯)",
    r"猜你喜欢",
    r"(?:ähnliche|weitere|verwandte|mehr|meistgelesene|beliebte|aktuelle) (?:artikel|beiträge|nachrichten|meldungen|themen)",
    r"mehr zum thema|auch interessant|meistgelesen|das könnte (?:sie|dich) auch interessieren",
    r"(?:artículos|noticias|notas|entradas) (?:relacionad[oa]s|recomendad[oa]s|más leíd[oa]s|recientes)",
    r"lo más (?:leído|visto)",
    r"también te puede interesar|te puede interesar",
    r"(?:articles|actualités) (?:liés|similaires|récents|connexes|recommandés)",
    r"(?:à|a) lire (?:aussi|également)|sur le même (?:sujet|thème)|les plus lus|читайте также",
    r"похожие (?:статьи|новости)",
    r"по теме|(?:مقالات|أخبار|مواضيع|مواد) (?:ذات صلة|مشابهة|متعلقة)|اقرأ أيض[اً]+|الأكثر قراءة",
    r"כתבות נוספות",
)

# A label and its headline on one line.
READ_ALSO = _any(
    r"(?:read (?:also|more|next)|see also|related(?: article)?|\[?관련 ?기사\]?|関連記事|[相關关]+阅读|lesen sie auch|auch interessant)\s*[:：>▶-].{4,160}",
    r"(?:l(?:ea|ee) también|te puede interesar|(?:à )?lire aussi|à lire également|читайте также|اقرأ أيض[اً]+|קראו גם)\s*[:：>▶-].{4,160}",
)

_NETWORK = r"facebook|twitter|x|instagram|linkedin|whatsapp|telegram|reddit|pinterest|kakao(?:talk|story)?|line|band|youtube"
NETWORK = _any(
    _NETWORK,
    r"페이스북|트위터|카카오(?:톡|스토리)|네이버 ?(?:밴드|블로그)|라인|밴드|はてな(?:ブックマーク)?",
    r"pocket|note|微信|微博|qq(?:空间)?",
    r"e-?mail|mail|이메일|メール|邮件|فيسبوك|تويتر|واتساب|xing|вконтакте|ok\.ru|tumblr|threads",
    r"bluesky|mastodon",
)
SHARE = _any(
    rf"(?:share|tweet|post|print|copy (?:link|url)|pin it|like)(?: (?:this|it|article|page))?(?:[ :]*(?:on|via|to)? ?(?:{_NETWORK}))?",
    r"(?:기사 ?|글 ?)?(?:공유(?:하기)?|인쇄(?:하기)?|스크랩|프린트)|(?:url|링크|주소) ?복사(?:하기)?",
    r"글자 ?(?:크기)?(?: ?(?:조절|크게|작게|키우기|줄이기))?",
    r"シェア(?:する)?|ツイート(?:する)?|共有(?:する)?|印刷(?:する)?|(?:url|リンク)を?コピー(?:する)?",
    r"分享(?:到|至)?|转发|轉發|收藏|打印|列印|复制链接|複製連結|点赞",
    r"teilen|twittern|drucken|merken|link kopieren|compartir|imprimir|copiar enlace|tuitear|partager",
    r"imprimer|copier le lien",
    r"поделиться|распечатать|скопировать ссылку|مشاركة|شارك|طباعة|نسخ الرابط|שתפו?|condividi|compartilhar",
)

COUNTER = _any(
    r"(?:댓글|조회(?:수)?|좋아요|추천(?:수)?|공감|공유|스크랩)\s*[:(\[]?\s*[\d,.]+\s*(?:개|회|건)?[)\]]?",
    r"[\d,.]+\s*개의 댓글",
    r"(?:comments?|views?|likes?|shares?|replies)\s*[:(\[]\s*[\d,.]+k?\s*[)\]]?",
    r"[\d,.]+k?\s+(?:comments?|views?|likes?|shares|replies)",
    r"(?:コメント|閲覧数?|いいね!?|シェア)\s*[:：(（]?\s*[\d,.]+\s*件?[)）]?|[\d,.]+\s*件のコメント",
    r"(?:评论|評論|阅读|閱讀|浏览|瀏覽|点赞|點讚|分享)(?:数|量|數)?\s*[:：(（]?\s*[\d,.]+万?[)）]?",
    r"[\d,.]+\s*条评论",
    r"[\d,.]+\s+(?:kommentare?|aufrufe|comentarios?|visitas|vistas|commentaires?|vues|комментари\w+|просмотр\w*|تعليق(?:ات)?|مشاهدة)",
    r"(?:kommentare|comentarios|commentaires|комментарии|التعليقات|تعليقات)\s*[:(]\s*[\d,.]+\s*\)?",
)

PAGE_NUMBER = _any(
    r"[-–—]\s*\d{1,4}\s*[-–—]",
    r"(?:page|seite|página|pagina|стр\.?|страница|صفحة|halaman|trang)\s+\d{1,4}(?:\s*(?:of|/|von|de|sur|из|من)\s*\d{1,4})?",
    r"\d{1,4}\s*(?:페이지|쪽)?\s*/\s*(?:총\s*)?\d{1,4}\s*(?:페이지|쪽)",
    r"第?\s*\d{1,4}\s*[页頁]\s*[/，,]?\s*[共全]\s*\d{1,4}\s*[页頁]",
    r"\d{1,4}\s*/\s*\d{1,4}\s*(?:ページ|頁|页)",
)
_TURN = (
    r"prev(?:ious)?(?: page)?|next(?: page)?|first|last|이전(?: ?페이지)?|다음(?: ?페이지)?|처음|맨?끝|前へ|次へ|前のページ|次のページ|最初|最後"
    r"|上一?[页頁]|下一?[页頁]|首[页頁]|末[页頁]|尾[页頁]|zurück|weiter|nächste(?: seite)?|vorherige(?: seite)?|anterior|siguiente|précédente?|suivante?|назад|вперёд|далее|السابق|التالي"
)
_ARROWS = r"[«»‹›<>←→…|・·.\s\[\]]"
PAGINATION = re.compile(
    rf"{_ARROWS}*(?:(?:{_TURN}){_ARROWS}+)?(?:\d{{1,4}}{_ARROWS}+){{2,}}\d{{0,4}}{_ARROWS}*(?P<turn>{_TURN}|[»›→>]+){_ARROWS}*"
    rf"|(?:{_TURN}){_ARROWS}+(?:\d{{1,4}}{_ARROWS}+){{2,}}\d{{0,4}}{_ARROWS}*",
    re.IGNORECASE,
)

COOKIES = _any(r"cookies?\b|쿠키|クッキー|كوكيز|ملفات تعريف الارتباط|файлы? cookie|עוגיות")
COOKIE_NOTICE = _any(
    r"\b(?:we|this (?:web)?site|our (?:web)?site)\b.{0,40}\buses? .{0,30}cookies.{0,200}\b(?:accept|agree|consent|continu)",
    r"(?:당사|저희|본|이|우리) ?(?:웹)?(?:사이트|홈페이지)?[는은가에].{0,30}쿠키.{0,150}동의",
    r"(?:当|本|この)(?:ウェブ)?(?:サイト|社).{0,40}(?:クッキー|cookie).{0,120}同意",
    r"(?:本网站|本網站|本站|我们|我們).{0,20}使用.{0,10}cookie.{0,100}(?:同意|接受)",
    r"(?:wir|diese (?:web)?seite).{0,40}cookies.{0,200}(?:einverstanden|zustimm|akzeptier)",
    r"(?:utilizamos|usamos|este sitio).{0,60}cookies.{0,200}(?:acepta|consient)",
    r"(?:nous utilisons|ce site).{0,60}cookies.{0,200}(?:accept|consent)",
    r"(?:يستخدم|نستخدم).{0,40}(?:كوكيز|ملفات تعريف الارتباط).{0,150}(?:توافق|موافق|قبول)",
    r"(?:мы|сайт) использу.{0,30}cookie.{0,150}соглас",
)
BUTTON = _any(
    r"(?:accept|allow|reject|decline|deny|agree|manage|cookie)(?: (?:all|cookies|settings|preferences|and close|only necessary)){0,3}",
    r"i agree|got it|ok",
    r"(?:모두 |전체 )?(?:동의|수락|거부|허용)(?:합니다|하기|함)?|쿠키 설정|확인",
    r"(?:すべて)?(?:同意|承諾|許可|拒否)(?:する|して閉じる)?|(?:クッキー|cookie)設定",
    r"(?:全部)?(?:接受|同意|拒绝|拒絕)(?:全部|所有)?(?: ?cookies?)?",
    r"(?:alle )?(?:akzeptieren|ablehnen|zustimmen|zulassen)|einstellungen|einverstanden",
    r"(?:aceptar|rechazar|configurar)(?: tod[ao]s?)?(?: las)?(?: cookies)?",
    r"(?:tout )?(?:accepter|refuser)(?: tout)?|paramétrer|personnaliser",
    r"(?:принять|отклонить)(?: вс[её])?|(?:قبول|رفض)(?: الكل| الجميع)?|موافق|אישור",
)

NEWSLETTER = _any(
    r"you (?:are )?receiv\w+ this e-?mail because.{0,150}",
    r"(?:subscribe|sign up)\b[^\d]{0,40}\b(?:newsletter|inbox|mailing list)\b[^\d]{0,40}",
    r"(?:get|join) [^\d]{0,40}\b(?:newsletter|inbox)\b[^\d]{0,20}",
    r"[^\d]{0,30}뉴스레터(?:를|에)? ?(?:무료 ?)?(?:구독|신청|받아)[^\d]{0,20}",
    r"[^\d]{0,30}(?:メールマガジン|メルマガ|ニュースレター)(?:に|を)?(?:登録|購読|受け取)[^\d]{0,15}",
    r"[^\d]{0,20}(?:订阅|訂閱)(?:我们的|我們的)?[^\d]{0,10}(?:邮件|电子报|電子報|新闻|通讯|简报)[^\d]{0,10}",
    r"[^\d]{0,30}\bnewsletter (?:abonnieren|bestellen|anmelden)[^\d]{0,10}",
    r"(?:suscríb[ae]|apúnt)\w* [^\d]{0,20}(?:newsletter|boletín)[^\d]{0,30}",
    r"(?:abonnez|inscrivez)-vous (?:gratuitement )?à [^\d]{0,20}(?:newsletter|lettre d['’]information)[^\d]{0,30}",
    r"подпи(?:шитесь|саться) на [^\d]{0,20}(?:рассылк|новост)[^\d]{0,20}",
    r"اشترك في [^\d]{0,20}(?:النشرة|نشرتنا)[^\d]{0,25}|הירשמו לניוזלטר[^\d]{0,20}",
)
# What stands below such a line: a field and a button.
SUBSCRIBE = _any(
    r"(?:enter )?your e-?mail(?: address)?|e-?mail(?: address)?|subscribe(?: now)?|sign up",
    r"(?:무료 )?구독(?:하기| 신청)?|이메일(?: 주소)?(?:를? 입력.{0,15})?|無料登録|登録する?|購読する",
    r"メールアドレス|立即订阅|立即訂閱|订阅|訂閱|邮箱(?:地址)?",
    r"jetzt (?:kostenlos )?abonnieren|abonnieren|(?:ihre )?e-mail-adresse|suscribirse|suscribirme",
    r"tu correo electrónico",
    r"s['’]abonner|je m['’]abonne|votre (?:e-mail|adresse e-?mail)|подписаться|ваш e-?mail",
    r"اشترك(?: الآن)?|بريدك الإلكتروني|הרשמה",
)

HOME = _any(
    r"home(?:page)?|홈|처음으로|ホーム|トップ(?:ページ)?|top|首页|首頁|主页|startseite|inicio|portada|accueil|главная|الرئيسية|דף הבית"
)
NAVIGATION = _any(
    HOME.pattern,
    r"menu|search|log ?in|sign ?in|log ?out|sign ?up|register|subscribe|about(?: us)?|contact(?: us)?",
    r"site ?map|privacy(?: policy)?|terms(?: (?:of (?:use|service)|& conditions))?|help|advertise",
    r"careers|newsletters?|rss|cookie (?:policy|settings)|imprint|accessibility",
    r"메뉴|전체 ?메뉴|검색|로그인|로그아웃|회원 ?가입|구독|회사 ?소개|이용 ?약관",
    r"개인정보 ?(?:처리 ?방침|취급 ?방침|보호 ?정책)|청소년 ?보호 ?정책|고객 ?센터",
    r"광고 ?(?:문의|안내)|제휴 ?문의|사이트 ?맵|이메일 ?무단 ?수집 ?거부|고충처리(?:인)?|정정보도",
    r"メニュー|検索|ログイン|ログアウト|会員登録|新規登録|お問い合わせ|会社概要|運営会社|利用規約",
    r"プライバシーポリシー|個人情報保護方針|サイトマップ|広告掲載|ヘルプ|特定商取引法に基づく表記",
    r"菜单|選單|搜索|搜尋|登录|登入|注册|註冊|关于我们|關於我們|联系我们|聯絡我們|隐私政策|隱私權政策",
    r"使用条款|服務條款|网站地图|網站地圖|帮助|广告服务|加入我们",
    r"menü|suche|anmelden|abmelden|registrieren|über uns|kontakt|impressum|datenschutz(?:erklärung)?",
    r"agb|nutzungsbedingungen|abo|mediadaten",
    r"menú|buscar|iniciar sesión|acceder|registrarse|suscríbete|quiénes somos|contacto|aviso legal",
    r"(?:política de )?privacidad|política de cookies|mapa del sitio|publicidad",
    r"rechercher?|connexion|se connecter|s['’]inscrire|s['’]abonner|qui sommes-nous \??|à propos",
    r"contact(?:ez-nous)?|mentions légales|(?:politique de )?confidentialité|plan du site|cgu|cgv",
    r"publicité",
    r"меню|поиск|войти|вход|регистрация|о (?:нас|компании|проекте)|контакты|реклама",
    r"политика конфиденциальности|карта сайта|القائمة|بحث|البحث|تسجيل الدخول|تسجيل|من نحن|اتصل بنا",
    r"سياسة الخصوصية|شروط الاستخدام|خريطة الموقع|אודות|צור קשר|חיפוש|התחברות",
)
SECTION = _any(
    r"news|latest|world|politics|business|economy|tech(?:nology)?|science|sports?|culture",
    r"entertainment|opinion|lifestyle|health|video|photos?",
    r"뉴스|속보|정치|경제|산업|증권|사회|국제|세계|문화|스포츠|연예|오피니언|사설|칼럼|라이프|IT|과학",
    r"테크|포토|영상|랭킹|지역|부동산",
    r"ニュース|速報|政治|経済|社会|国際|スポーツ|エンタメ|文化|科学|地域|オピニオン|動画|写真|特集",
    r"ビジネス|テクノロジー",
    r"新闻|新聞|要闻|时政|时事|政治|经济|經濟|财经|財經|社会|社會|国际|國際|体育|體育|娱乐|娛樂|科技",
    r"文化|评论|評論|视频|影音|图片",
    r"nachrichten|politik|wirtschaft|gesellschaft|kultur|wissen(?:schaft)?|technik|digital|meinung",
    r"panorama|regional|reise|gesundheit",
    r"noticias|política|economía|sociedad|cultura|deportes|tecnología|ciencia|opinión|internacional",
    r"salud|vídeos?|gente",
    r"actualités?|politique|économie|société|culture|sciences?|techno(?:logie)?s?|monde|international",
    r"santé|opinions?|vidéos?|planète",
    r"новости|политика|экономика|общество|культура|спорт|технологии|наука|мир|мнения|أخبار|سياسة",
    r"اقتصاد|رياضة|ثقافة|تكنولوجيا|علوم|رأي|منوعات|חדשות|פוליטיקה|כלכלה|ספורט|תרבות",
)
