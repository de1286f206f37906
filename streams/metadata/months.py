"""The names of the months in the languages of the news, and how a name is looked up."""

import unicodedata

# One line a language, January to December; variants are divided by a bar. Spelt as `month_key`
# folds them: lower case, without accents, hamza or tatweel. A name that means two months in two
# languages stands here for neither (listopad: November in Poland, October in Croatia).
_GREGORIAN = """
january|jan february|feb march|mar april|apr may june|jun july|jul august|aug september|sep|sept october|oct november|nov december|dec
januar|janner|janner|jan februar|feber|feb marz|mrz april mai juni|jun juli|jul august|aug september|sep|sept oktober|okt november|nov dezember|dez
enero|ene febrero|feb marzo|mar abril|abr mayo|may junio|jun julio|jul agosto|ago septiembre|setiembre|sep|sept|set octubre|oct noviembre|nov diciembre|dic
janvier|janv|jan fevrier|fevr|fev mars avril|avr mai juin juillet|juil aout|aou septembre|sept octobre|oct novembre|nov decembre|dec
gennaio|gen febbraio|feb marzo|mar aprile|apr maggio|mag giugno|giu luglio|lug agosto|ago settembre|set|sett ottobre|ott novembre|nov dicembre|dic
janeiro|jan fevereiro|fev marco|mar abril|abr maio|mai junho|jun julho|jul agosto|ago setembro|set outubro|out novembro|nov dezembro|dez
januari|jan februari|feb maart|mrt april|apr mei juni|jun juli|jul augustus|aug september|sep oktober|okt november|nov december|dec
januari februari mars april maj juni juli augusti september oktober november december
januar februar mars|marts april mai|maj juni juli august september oktober november desember|december|des
stycznia|styczen|sty lutego|luty|lut marca|marzec|mar kwietnia|kwiecien|kwi maja|maj czerwca|czerwiec|cze lipca|lipiec|lip sierpnia|sierpien|sie wrzesnia|wrzesien|wrz pazdziernika|pazdziernik|paz - grudnia|grudzien|gru
ledna|leden unora|unor brezna|brezen dubna|duben kvetna|kveten cervna|cerven cervence|cervenec srpna|srpen zari rijna|rijen listopadu prosince|prosinec
ocak|oca subat|sub mart|mar nisan|nis mayıs|may haziran|haz temmuz|tem agustos|agu eylul|eyl ekim|eki kasım|kas aralık|ara
января|январь|янв февраля|февраль|фев марта|март|мар апреля|апрель|апр мая|маи июня|июнь|июн июля|июль|июл августа|август|авг сентября|сентябрь|сен|сент октября|октябрь|окт ноября|ноябрь|ноя декабря|декабрь|дек
січня|січень лютого|лютии березня|березень квітня|квітень травня|травень червня|червень липня|липень серпня|серпень вересня|вересень жовтня|жовтень листопада|листопад грудня|грудень
januari pebruari|februari maret april mei|mai juni|jun julai|juli agustus|ogos september oktober november desember|disember
يناير فبراير مارس ابريل مايو يونيو|يونيه يوليو|يوليه اغسطس سبتمبر اكتوبر نوفمبر ديسمبر
كانونالثاني|كانونثاني شباط اذار نيسان ايار حزيران تموز اب ايلول تشرينالاول|تشريناول تشرينالثاني|تشرينثاني كانونالاول|كانوناول
جانفي فيفري مارس افريل|ابريل ماي جوان جويليه|جويلية اوت|غشت سبتمبر|شتنبر اكتوبر نوفمبر|نونبر ديسمبر|دجنبر
ژانويه|ژانویه فوريه|فوریه مارس آوريل|اوریل|اوريل مه|می ژوين|ژوئن|ژوین جولای|ژوییه|ژوئیه اوت|اگست سپتامبر اکتبر نوامبر دسامبر
جنوری|جنوري فروری|فروري مارچ اپریل|اپريل مئی|میی جون جولائی|جولایی اگست ستمبر اکتوبر نومبر دسمبر
जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर|सितम्बर अक्टूबर|अक्तूबर नवंबर|नवम्बर दिसंबर|दिसम्बर
ינואר|בינואר פברואר|בפברואר מרץ|במרץ אפריל|באפריל מאי|במאי יוני|ביוני יולי|ביולי אוגוסט|באוגוסט ספטמבר|בספטמבר אוקטובר|באוקטובר נובמבר|בנובמבר דצמבר|בדצמבר
ιανουαριου|ιαν φεβρουαριου|φεβ μαρτιου|μαρ απριλιου|απρ μαιου|μαι ιουνιου|ιουν ιουλιου|ιουλ αυγουστου|αυγ σεπτεμβριου|σεπ οκτωβριου|οκτ νοεμβριου|νοε δεκεμβριου|δεκ
"""  # noqa: E501
_JALALI = "فروردین اردیبهشت خرداد تیر مرداد|امرداد شهریور مهر ابان اذر دی بهمن اسفند"

_SIGNS = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ي": "ی", "ى": "ی", "ئ": "ی", "ك": "ک", "ة": "ه", "ـ": None}
)


def month_key(word: str) -> str:
    """Return the form in which the name of a month is looked up, whatever its spelling."""
    word = word.replace("İ", "i").lower().replace("ı", "i")
    if word.isascii():
        return word
    word = unicodedata.normalize("NFD", word)
    return "".join(char for char in word if unicodedata.category(char) != "Mn").translate(_SIGNS)


def _table(lines: str) -> dict[str, int]:
    return {
        month_key(name): number
        for line in lines.strip().splitlines()
        for number, names in enumerate(line.split(), 1)
        for name in names.split("|")
        if name != "-"
    }


GREGORIAN = _table(_GREGORIAN)
# The solar calendar of Iran.
JALALI = _table(_JALALI)
