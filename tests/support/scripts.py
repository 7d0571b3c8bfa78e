"""One plain sentence of our own in each of many scripts."""

import unicodedata

SENTENCES = {
    "ko": "도서관은 월요일마다 쉬고, 나머지 날에는 아침 아홉 시에 문을 엽니다.",
    "ko-nfd": unicodedata.normalize("NFD", "회의록은 다음 날까지 모든 직원에게 보냅니다."),
    "ja": "図書館は月曜日が休みで、ほかの日は朝九時に開きます。カードも使えます。",
    "zh": "图书馆每周一闭馆，其余各天早上九点开门。",
    "th": "ห้องสมุดปิดทุกวันจันทร์ และเปิดเวลาเก้าโมงเช้าในวันอื่น",
    "ar": "تُغلق المكتبة كل يوم اثنين وتفتح أبوابها في التاسعة صباحًا في بقية الأيام.",
    "he": "הספרייה סגורה בימי שני ונפתחת בתשע בבוקר בשאר הימים.",
    "hi": "पुस्तकालय हर सोमवार को बंद रहता है और बाकी दिनों में सुबह नौ बजे खुलता है।",
    "el": "Η βιβλιοθήκη κλείνει κάθε Δευτέρα και ανοίγει στις εννέα τις άλλες ημέρες.",
    "ru": "Библиотека закрыта по понедельникам, а в остальные дни открывается в девять утра.",
    "fr": "La bibliothèque est fermée le lundi ; les élèves y accèdent dès neuf heures.",
    "en": "The library is closed on Mondays and opens at nine on all other days.",
    "emoji": "Open at nine 📚 closed on Mondays 🚫!",
}
