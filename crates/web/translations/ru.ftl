# Слова страниц на русском языке. В четырёх файлах одни и те же ключи.

# ---- рамка каждой страницы
skip-to-content = К содержанию
find-label = Найти пациента
find-placeholder = ФИО, дата рождения или номер документа
find-button = Найти
sign-out = Выйти
language-label = Язык
rail-label = Карта
banner-label = Пациент
keyboard = Клавиши
close = Закрыть
back-to-overview = К обзору
show-all = Все
not-stated = Не указано

keys-title = Клавиши
keys-find = Найти пациента
keys-map = Этот список
keys-go = Затем перейти
keys-off = Отключить однобуквенные клавиши
keys-on = Включить однобуквенные клавиши
keys-without = Страницы работают и без клавиатуры, и без скриптов.

# ---- вход
sign-in-title = Вход
sign-in-intro = Электронная медицинская карта вашей организации.
sign-in-login = Логин
sign-in-password = Пароль
sign-in-button = Войти
sign-in-refused = Логин или пароль неверны.
sign-in-wait = Слишком много попыток с этим логином. Повторите через { $count ->
    [one] { $count } минуту
    [few] { $count } минуты
    [many] { $count } минут
   *[other] { $count } минуты
}.
sign-in-ended = Сеанс завершён. Войдите снова.
sign-in-expired = Страница была открыта слишком долго. Попробуйте ещё раз.
sign-in-trace = Каждое открытие карты записывается; пациент может это увидеть.

# ---- поиск
find-title = Найти пациента
find-help = Любая часть ФИО в любом порядке, е и ё равнозначны; дата рождения; номер документа.
find-example = Примеры: мария иванова 1958 · 14.03.1958 · номер с пробелами или без
find-none = Никто не найден.
find-none-hint = Попробуйте меньше слов, только год рождения или только номер.
find-count = { $count ->
    [one] { $count } пациент
    [few] { $count } пациента
    [many] { $count } пациентов
   *[other] { $count } пациента
}
find-more = Показаны первые { $count }. Добавьте слово или год рождения, чтобы сузить поиск.
find-column-person = Пациент
find-column-born = Дата рождения
find-column-sex = Пол
find-column-identifier = Номер
find-column-place = Место жительства
find-column-seen = Последнее обращение

# ---- кто
born = Дата рождения
born-about = около { $date }
age-about = примерно { $age }
sex = Пол
died = Умер(ла)
age-years = { $count ->
    [one] { $count } год
    [few] { $count } года
    [many] { $count } лет
   *[other] { $count } года
}
age-months = { $count ->
    [one] { $count } месяц
    [few] { $count } месяца
    [many] { $count } месяцев
   *[other] { $count } месяца
}
age-days = { $count ->
    [one] { $count } день
    [few] { $count } дня
    [many] { $count } дней
   *[other] { $count } дня
}
age-at-death = возраст { $age }
gender-male = Мужской
gender-female = Женский
gender-other = Другой
gender-unknown = Неизвестен
name-unknown = ФИО не указано
identifier = Номер
insurance = Страхование
allergy = Аллергия
allergies-none = Аллергоанамнез не отягощён
allergies-none-asked = Аллергоанамнез не отягощён (опрос { $date })
allergies-not-asked = Аллергоанамнез не собран
allergies-copy = Аллергии: в этой копии сведений нет
record-copy = Это неполная копия: человек ушёл из вашего учреждения. Записи других и более поздние не показаны; то, чего здесь нет или что здесь просрочено, может быть известно в другом месте.
banner-more = ещё { $count }
flags-more = { $count ->
    [one] ещё { $count } предупреждение
    [few] ещё { $count } предупреждения
    [many] ещё { $count } предупреждений
   *[other] ещё { $count } предупреждения
}

# ---- разделы карты
section-overview = Обзор
section-timeline = Хронология
section-problems = Диагнозы
section-notes = Записи
section-medicines = Лекарства
section-results = Анализы
section-vitals = Показатели
section-imaging = Визуализация
section-referrals = Направления
section-admissions = Госпитализации
section-plans = Планы ведения
section-vaccinations = Прививки
section-growth = Развитие

# ---- обзор
problems-active = Действующие диагнозы
problems-resolved = Снятые диагнозы
problems-none = Действующих диагнозов не записано.
problem = Диагноз
state = Состояние
since = С
until = По
problem-active = Действует
problem-recurrence = Повторно
problem-relapse = Рецидив
problem-inactive = Неактивен
problem-remission = Ремиссия
problem-resolved = Снят
problem-provisional = Не подтверждён

medicines-current = Принимаемые лекарства
medicines-past = Прежние лекарства
medicines-none = Принимаемых лекарств не записано.
medicine = Лекарство
medicine-how = Способ применения
medicine-on-hold = Приостановлено
medicine-not-given = Не назначать
medicine-reported = Со слов пациента
medicine-stopped = Отменено
medicine-completed = Курс завершён
medicine-cancelled = Аннулировано
medicine-draft = Черновик
dose-times = { $count ->
    [one] { $count } раз
    [few] { $count } раза
    [many] { $count } раз
   *[other] { $count } раза
}
dose-per-day = в день
dose-per-hours = { $count ->
    [1] каждый час
    [one] каждый { $count } час
    [few] каждые { $count } часа
    [many] каждые { $count } часов
   *[other] каждые { $count } часа
}
dose-per-days = { $count ->
    [one] каждый { $count } день
    [few] каждые { $count } дня
    [many] каждые { $count } дней
   *[other] каждые { $count } дня
}
dose-per-week = в неделю
dose-per-month = в месяц
dose-as-needed = при необходимости

results-latest = Последние результаты
results-none = Результатов нет.
result-test = Исследование
result-value = Результат
result-previous = Ранее
result-trend = Динамика
result-high = выше референсного интервала
result-low = ниже референсного интервала
result-critical-high = критически высокий
result-critical-low = критически низкий
result-abnormal = отклонение
result-normal = в пределах референсного интервала
result-absent = Нет значения
result-preliminary = Предварительный
result-corrected = Исправлен
result-yes = Да
result-no = Нет
trend-label = { $name }, от старых к новым: { $values }
trend-reference = Референс

vitals-none = Показатели не записаны.
vital-sign = Показатель
vital-blood-pressure = АД
vital-pulse = ЧСС
vital-saturation = SpO₂
vital-temperature = Температура
vital-breathing = ЧДД
vital-weight = Масса тела
vital-height = Рост
vital-mass-index = ИМТ
vital-head = Окружность головы
unit-mercury = мм рт. ст.
unit-per-minute = в мин

visit-this = Текущий приём
visit-open = Открыт с { $date }
visit-last = Последнее обращение { $date }
visit-never = Обращений не записано.
visit-next = Следующая запись { $date }
days-ago = { $count ->
    [0] сегодня
    [1] вчера
    [one] { $count } день назад
    [few] { $count } дня назад
    [many] { $count } дней назад
   *[other] { $count } дня назад
}

story-latest = Последние обращения
story-none = Обращений не записано.

due-open = Предстоит и ожидается
due-none = Ничего не предстоит и не ожидается.
due-referral = Ответа нет
due-result = Ожидается результат
due-appointment = Запись на приём
due-task = Задача
due-vaccine = Прививка
due-overdue = Просрочено
due-more = И ещё { $count }
due-on = Срок { $date }
due-since = С { $date }
address-today = сегодня { $place }

sources-title = Источники и пробелы
sources-places = { $count ->
    [one] Источники: { $count } организация
    [few] Источники: { $count } организации
    [many] Источники: { $count } организаций
   *[other] Источники: { $count } организации
}
sources-entries = Записей
sources-last-entry = Последняя запись
sources-received = Получено
sources-silent = Ничего с { $date }
sources-unknown = Организация не указана
sources-none = Ничего не получено.
sources-flawed = { $count ->
    [one] { $count } запись сохранена, хотя нарушает правило формата.
    [few] { $count } записи сохранены, хотя нарушают правило формата.
    [many] { $count } записей сохранено, хотя они нарушают правило формата.
   *[other] { $count } записи сохранены, хотя нарушают правило формата.
}

# ---- хронология
timeline-title = Хронология
timeline-kind = Вид
timeline-place = Организация
timeline-everything = Всё клиническое
timeline-every-place = Все организации
timeline-none = Подходящих записей нет.
timeline-events = { $count ->
    [one] { $count } запись
    [few] { $count } записи
    [many] { $count } записей
   *[other] { $count } записи
}
timeline-years = Годы
timeline-no-date = Без даты
timeline-values-more = { $count ->
    [one] и ещё { $count } значение
    [few] и ещё { $count } значения
    [many] и ещё { $count } значений
   *[other] и ещё { $count } значения
}
page-newer = Новее
page-older = Раньше
page-of = Страница { $page } из { $pages }

kind-visit = Амбулаторный приём
kind-home-visit = Вызов на дом
kind-remote-visit = Телемедицинская консультация
kind-emergency = Неотложная помощь
kind-admission = Госпитализация
kind-note = Запись
kind-result = Анализы
kind-measurement = Показатели
kind-history = Анамнез и привычки
kind-problem = Диагноз
kind-allergy = Аллергия
kind-medicine = Лекарство
kind-dispense = Отпуск лекарства
kind-vaccination = Прививка
kind-procedure = Вмешательство
kind-imaging = Визуализация
kind-referral = Направление
kind-plan = План ведения
kind-appointment = Запись на приём
kind-family = Семейный анамнез
kind-device = Изделие
kind-consent = Согласие
kind-administration = Административное
kind-other = Другая запись
kind-person = Пациент

# ---- один документ
document-received = Полученные данные
document-received-note = Как они поступили, для тех, кто подключает системы.
document-received-long = Полученные данные слишком велики, чтобы показать их здесь ({ $count } байт). Полностью их отдаёт интерфейс /fhir.
document-version = Версия { $version }, получена { $date }
document-flawed = Запись сохранена, хотя нарушает правило формата.
document-no-text = В этой записи нет читаемого текста.
document-attachment-other = Вложение типа { $type } здесь показать нельзя.
document-narrative = Текст, как получен
document-visit = Обращение
document-belongs = Записано в этом обращении
document-entered-in-error = Внесено по ошибке

field-status = Состояние
field-what = Что
field-date = Дата
field-period = Период
field-place = Место
field-person = Кто
field-reason = Повод
field-note = Примечание
field-site = Локализация
field-value = Значение
field-conclusion = Заключение
field-diagnosis = Диагноз
field-severity = Тяжесть
field-reaction = Реакция
field-dose = Доза
field-lot = Серия
field-manufacturer = Производитель
field-activity = Мероприятия
field-goal = Цель
field-priority = Срочность
field-description = Описание
field-phone = Телефон
field-address = Адрес
field-contact = Контактное лицо
field-name = ФИО
field-quantity = Количество
field-identifier = Номер
field-policy-holder = Страховщик

status-active = Действует
status-completed = Завершено
status-planned = Запланировано
status-in-progress = Выполняется
status-on-hold = Приостановлено
status-cancelled = Отменено
status-stopped = Прекращено
status-draft = Черновик
status-final = Окончательно
status-preliminary = Предварительно
status-amended = Исправлено
status-registered = Зарегистрировано
status-not-done = Не выполнено
status-booked = Назначено
status-unknown = Неизвестно
status-inactive = Неактивно
severity-mild = Лёгкая
severity-moderate = Средняя
severity-severe = Тяжёлая

# ---- физическое развитие
growth-weight = Масса тела к возрасту
growth-height = Рост к возрасту
growth-head = Окружность головы к возрасту
growth-none = Измерений нет.
growth-axis-months = Возраст, месяцы
growth-axis-years = Возраст, годы
growth-point = { $age }: { $value }
growth-note = Показаны только измерения этого ребёнка, без стандартных кривых.
growth-age = Возраст
growth-score = z-оценка
growth-compared = Сравнение со стандартами ВОЗ: медиана, ±2 и ±3 отклонения
growth-corrected = Рождение раньше 37 недель: до двух лет сравнивается скорректированный возраст.
growth-unread = { $count ->
    [one] Не читается { $count } таблица роста этого учреждения.
    [few] Не читаются { $count } таблицы роста этого учреждения.
    [many] Не читаются { $count } таблиц роста этого учреждения.
   *[other] Не читаются { $count } таблицы роста этого учреждения.
}
growth-proportion = Масса тела по росту
growth-weight-for-height = масса по росту
growth-bmi = ИМТ по возрасту
growth-index = Индекс массы тела
growth-no-birth = День рождения неизвестен, поэтому возраст не определить и сравнить не с чем. Исправьте дату рождения. Измерения есть среди жизненных показателей.
growth-implausible = неправдоподобно: проверьте измерение
growth-gestation-unread = Срок беременности при рождении записан так, что его не прочитать: возраст не корректируется. Запишите его в неделях.
growth-unconverted = { $count ->
    [one] Не показано { $count } измерение: записана не масса и не длина в известной единице.
    [few] Не показаны { $count } измерения: записана не масса и не длина в известной единице.
    [many] Не показано { $count } измерений: записана не масса и не длина в известной единице.
   *[other] Не показано { $count } измерения: записана не масса и не длина в известной единице.
}
growth-undated = { $count ->
    [one] У { $count } измерения нет дня: оно не нанесено на график и не сравнивается.
    [few] У { $count } измерений нет дня: они не нанесены на график и не сравниваются.
    [many] У { $count } измерений нет дня: они не нанесены на график и не сравниваются.
   *[other] У { $count } измерения нет дня: они не нанесены на график и не сравниваются.
}
growth-to-come = { $count ->
    [one] { $count } измерение датировано будущим: оно не нанесено на график и не сравнивается.
    [few] { $count } измерения датированы будущим: они не нанесены на график и не сравниваются.
    [many] { $count } измерений датированы будущим: они не нанесены на график и не сравниваются.
   *[other] { $count } измерения датированы будущим: они не нанесены на график и не сравниваются.
}
growth-before-birth = { $count ->
    [one] { $count } измерение датировано до рождения: оно не учтено. Проверьте его дату и дату рождения.
    [few] { $count } измерения датированы до рождения: они не учтены. Проверьте их даты и дату рождения.
    [many] { $count } измерений датированы до рождения: они не учтены. Проверьте их даты и дату рождения.
   *[other] { $count } измерения датированы до рождения: они не учтены. Проверьте их даты и дату рождения.
}

# ---- если что-то не так
error-not-found-title = Не найдено
error-not-found = По этому адресу ничего нет, или вам это недоступно.
error-gone-title = Удалено
error-gone = Эта запись удалена.
error-refused-title = Нет доступа
error-refused = Ваша учётная запись этого не позволяет.
error-form-title = Попробуйте ещё раз
error-form = Форма уже недействительна. Вернитесь, обновите страницу и попробуйте ещё раз. Ничего не изменено.
error-failed-title = Здесь произошла ошибка
error-failed = Карту не удалось прочитать. Это не ваша вина. Если повторится, сообщите администратору время и эту страницу.
refused-busy = Сейчас слишком большая нагрузка, ничего не было начато. Повторите попытку через мгновение.
refused-too-often = Отсюда поступило слишком много запросов. Подождите немного и повторите попытку.
error-home = К поиску

# ---- кто открывал карту
section-openings = Кто смотрел
opening-purpose = Цель
openings-none = Эту карту ещё никто не открывал.
purpose-treatment = Лечение
purpose-operations = Ведение и перенос карт
opening-unknown = Уже неизвестно
role-physician = Врач
role-nurse = Медсестра
role-admissions = Регистратура
role-laboratory = Лаборатория
role-pharmacy = Аптека
role-imaging = Лучевая диагностика
role-records-clerk = Архив
role-programme-officer = Специалист программы
role-auditor = Аудитор
role-privacy-officer = Ответственный за защиту данных
role-operator = Оператор
role-integration = Подключённая система
role-console = Консоль

# ---- второй фактор, новый пароль
factor-title = Добавить второй фактор
factor-required = Ваше учреждение требует от всех второй фактор. Добавьте его сейчас, и работа продолжится.
factor-intro = Приложение на телефоне показывает код, который меняется каждые полминуты. Для входа понадобятся пароль и этот код.
factor-scan = Отсканируйте рисунок в приложении или введите в него буквы ниже.
factor-picture = Рисунок для приложения; буквы ниже означают то же
factor-secret = Буквы для ввода
factor-code = Шесть цифр, которые приложение показывает сейчас
factor-button = Добавить
factor-wrong = Это не те цифры. Проверьте часы телефона и введите следующие.
recovery-title = Резервные коды
recovery-intro = Храните эти коды там, где их найдёте только вы. Каждый один раз заменяет телефон. Больше они не показываются.
recovery-go = Коды сохранены, продолжить
code-title = Второй фактор
code-intro = Пароль верен. Теперь шесть цифр из приложения или резервный код.
code-label = Код
code-refused = Код не подходит или уже использован.
code-other = Войти под другим именем
sign-in-system = Эта учётная запись принадлежит системе. Она работает через API, а не на страницах.
sign-in-forgotten = Забыли пароль?
new-password-title = Новый пароль
new-password-intro = Попросите код в регистратуре или у оператора вашего учреждения. Он действует один час.
new-password-code = Код
new-password-new = Новый пароль
new-password-help = Не меньше 8 знаков, без вашего логина и не из тех, что пробуют первыми.
new-password-button = Сохранить пароль
new-password-refused = Логин и код не подходят друг к другу, или код больше не действует.
new-password-done = Новый пароль сохранён. Войдите с ним.
password-short = В пароле должно быть не меньше 8 знаков.
password-long = Пароль слишком длинный.
password-login = Пароль не должен содержать логин.
password-common = Этот пароль — один из самых частых. Выберите другой.

# ---- своя учётная запись и чужие
account-short = Мои входы
account-title = Мои входы
account-sessions = Где вы сейчас вошли
account-browser = Браузер
account-browser-other = Другой браузер
account-began = Начало
account-used = Последнее действие
account-this = Этот вход
account-end = Завершить
account-here = Продолжить здесь
account-end-all = Завершить все
account-end-all-help = И этот тоже, сразу.
account-factor = Второй фактор
account-factor-on = Включён. Осталось резервных кодов: { $left }.
account-factor-off = Выключен: запись защищена только паролем.
accounts-title = Учётные записи
accounts-intro = Учётные записи, с которыми вы можете работать. Каждое действие записывается с вашим именем.
accounts-none = Таких нет.
accounts-holder = Владелец
accounts-role = Роль
accounts-acts = Что можно сделать
accounts-open = Действует
accounts-blocked = Заблокирована
accounts-out = Вне срока действия
accounts-factor = второй фактор
accounts-code = Код для нового пароля
accounts-end = Завершить входы
accounts-block = Заблокировать
accounts-unblock = Разблокировать
accounts-code-given = Код для { $login }: действует один раз в течение часа. Убедитесь, что его получит нужный человек: больше он не показывается.
accounts-done = Готово для { $login }.

# ---- who has looked
openings-intro = Все, кто смотрел эту карту, сначала последние. Из этого списка ничего нельзя убрать. Если непонятно, зачем кто-то здесь был, задайте вопрос о записи.
openings-newest = Последние записи
question-ask = Спросить об этой записи
question-label = Что вы хотите узнать?
question-send = Отправить вопрос
question-open = Вопрос без ответа
question-answered = Есть ответ
question-answer = Ответ
question-answer-send = Отправить ответ
questions-elsewhere = Вопросы без ответа о других записях
how-open = Доступ к карте.
how-read = Просмотр одной записи карты.
how-search = Карта или её часть найдена поиском.
how-history = Просмотр прежних версий записи.
how-summary = Просмотр всей карты или её сводки.
how-export = Копия карты выгружена из системы.
how-match = Карта сравнивалась с описанием, чтобы установить личность.
how-notify = Получено уведомление об изменении в карте.
how-write = Запись в карту с просмотром прежнего содержания.
how-chart = Просмотр карты на экране.
how-audit = Просмотр этого списка.
how-erased = Удаление карты.

# ---- программа спрашивает
consent-going-on = Продолжаем
consent-go = Продолжить
consent-title = { $program } просит доступ
consent-intro = Если вы согласитесь, браузер вернётся на { $place }, и программа будет работать с вашими правами и не более. Снимите то, что ей не нужно.
consent-about = Карта пациента
consent-wishes = Чего хочет программа
consent-wish = { $what }: { $deeds }
consent-everything = Всё
consent-see = видеть
consent-find = находить
consent-add = добавлять
consent-change = изменять
consent-put = изменять или вносить
consent-delete = удалять
consent-of-person = в карте этого человека
consent-of-all = во всех картах, которые вы можете открыть
consent-only = только
consent-openid = Узнать, что это вы
consent-user = Узнать ваше имя
consent-patient = Узнать, чья карта открыта
consent-encounter = Узнать, какой приём открыт
consent-offline = Сохранять доступ в ваше отсутствие, пока не пройдёт 90 дней без использования
consent-online = Сохранять доступ в течение этого рабочего дня, не более двенадцати часов
consent-trace = Всё, что прочтёт программа, записывается с вашим именем и показывается человеку, о котором идёт речь.
consent-allow = Разрешить
consent-deny = Отказать
consent-again = Другой человек
consent-choose-title = Чья карта?
consent-choose = { $program } работает с картой одного человека. Выберите чьей.
error-over-title = Этот вопрос закрыт
error-over = На него уже ответили, или он ждал слишком долго. Начните заново из программы.
error-program-title = Эту программу нельзя подключить
error-program = Никто никуда не перенаправлен, и ничего не выдано. Сообщите тому, кто ведёт программу.
error-program-reason = Для него:
launch-title = Открыть программу

# ---- programs
programs-title = Программы
programs-intro = Программы, которые могут просить доступ. Узнайте, кто ведёт программу, прежде чем одобрить её; после удаления все её разрешения сразу прекращаются.
programs-name = Программа
programs-wishes = Что она может просить
programs-approved = Одобрена
programs-waits = Ждёт одобрения
programs-approve = Одобрить
programs-remove = Убрать
programs-done = Готово.
programs-public = без секрета
programs-secret = с секретом
programs-keys = с ключом

# ---- breaking the glass
purpose-payment = Оплата помощи
purpose-public-health = Общественное здоровье
purpose-emergency = Экстренный доступ к закрытому
glass-title = Экстренный доступ
glass-intro = Закрытые сведения об этом человеке откроются только вам и на ограниченное время. Человек увидит это вместе с вашим именем и причиной, а ответственный за защиту данных спросит, было ли это верно.
glass-reason = Причина
glass-danger = Человек в опасности
glass-cannot-speak = Человек не может говорить за себя
glass-asked = Человек просит об этом
glass-standing-in = Я замещаю лечащего
glass-other = Другая причина
glass-words = Своими словами
glass-break = Открыть закрытое
glass-leave = Не открывать
glass-summary = Для экстренной помощи
glass-until = Закрытое открыто вам до { $time }.
glass-chart = Вся карта
glass-mend = Закрыть сейчас
glass-allergies = Аллергии
glass-blood = Группа крови
glass-contacts = Кому звонить
glass-told = Открыто, хотя было закрыто
glass-was-justified = Причина была веской
glass-was-not = Веской причины не было
glass-unanswered = Ответа ещё нет
glasses-title = Экстренные доступы
glasses-intro = Каждый раз, когда кто-то в вашем учреждении открыл закрытое. Каждый случай требует ответа, и человек его прочтёт.
glasses-none = Ничто не ждёт ответа.
glasses-words = Ваш ответ
glasses-yes = Причина была веской
glasses-no = Веской причины не было
glass-say-why = Выберите причину и коротко напишите, почему.

# ---- люди: их учётные записи, их карта, кто действует за них
role-person = Человек, о котором карта
purpose-own = Чтение собственной карты
purpose-entrusted = Действия за этого человека
sign-in-activate = У вас есть код из медучреждения? Создайте учётную запись
sign-in-send = Забыли пароль? Получите код сообщением
activate-title = Создание учётной записи
activate-intro = С кодом из медучреждения вы выбираете, как входить. После этого вы читаете свою карту.
activate-code = Код с листка или из сообщения
activate-login = Логин, который вы выбираете
login-letters = От 1 до 64 знаков: a–z, цифры, точка, дефис, подчёркивание или @. Прописные и строчные не различаются.
activate-password = Пароль, который вы выбираете
activate-button = Создать
activate-trace = Каждое открытие вашей карты, вами или кем-то ещё, записывается, и вы можете это прочесть.
activate-refused = Такого кода нет, или он больше не действует: код годится один раз, четырнадцать дней и не более шести ошибок. В медучреждении дадут другой.
activate-taken = Этот логин уже занят. Выберите другой; ваш код ещё действует.
forgotten-title = Получить код сообщением
forgotten-intro = Код придёт на адрес, который вы подтвердили на странице «Мои входы». Если адреса нет, код даст медучреждение.
forgotten-sent = Если у этого логина есть подтверждённый адрес, код уже отправлен. Он действует один час и один раз.
forgotten-button = Отправить код
password-same = Это нынешний пароль. Выберите другой.
letter-subject = Ваш код
letter-invite = Код: { $code }. С ним вы создаёте учётную запись на { $site }/sign-in/activate. Действует один раз, до { $until }. Если вы его не просили, ничего не делайте.
letter-renew = Код для нового пароля: { $code }. Введите его на { $site }/sign-in/new-password в течение часа. Если вы его не просили, ничего не делайте.
letter-confirm = Код для подтверждения этого адреса: { $code }. Введите его на странице { $site }/account в течение получаса.
trust-title = Доступ из дома
invite-title = Учётная запись этого человека
invite-intro = У этого человека ещё нет учётной записи. Проверьте, кто перед вами, и дайте код.
invite-evidence = Что вы видели, чтобы узнать, кто это?
invite-evidence-help = Например: паспорт с фотографией. Хранится с вашим именем. Без номеров.
invite-language = Язык страниц
invite-address = Отправить на (можно не заполнять)
invite-address-help = Адрес электронной почты или телефон с + и кодом страны. Если пусто, листок печатается.
invite-button = Дать код
invite-address-wrong = Это не адрес электронной почты и не телефон с + и кодом страны.
invite-evidence-wrong = Напишите, что вы видели: от 1 до 200 знаков.
invite-there = У этого человека уже есть учётная запись.
trust-acting = Кто действует за этого человека
trust-none = Никто не действует за этого человека.
trust-who = Кто
trust-span = С – по
trust-seen = Что видели и кто
trust-end = Прекратить
trust-ended = Прекращено, сразу.
trust-given = Карта доверена. Этот человек видит это здесь.
trust-how = Медучреждение доверяет карту другому, когда человек присутствует или есть документ. Прекратить это можно здесь в любое время.
trust-fields = Выберите, кем является человек, и напишите последний день как 2026-01-31 или оставьте пустым.
trust-login = Никто не входит с таким логином как человек. Тот, кто будет действовать, сначала создаёт учётную запись с кодом со страницы своей карты.
trust-self = Это логин того, чья это карта.
trust-evidence = Напишите, что вы видели: от 1 до 200 знаков.
trust-document-wrong = Такого документа в этой карте нет.
trust-over = Это уже закончилось бы: человек достиг возраста, когда оно прекращается, последний день прошёл, или дата рождения неизвестна. С согласия человека родитель может продолжать до совершеннолетия; после можно назвать только доверенное лицо.
trust-twice = Этот человек уже доверен этому логину. Сначала прекратите то.
trust-many = Столько людей нельзя доверить одному логину, и столько не могут действовать за одного.
proxy-parent = Мать или отец
proxy-guardian = Опекун или попечитель
proxy-carer = Доверенное лицо, названное человеком или документом
proxy-agreed = человек согласился
proxy-no-end = пока кто-нибудь не прекратит
proxy-ended = Прекращено { $date }: { $by }
proxy-holds = Действует сейчас
proxy-over = Закончилось
entrust-title = Доверить эту карту другому
entrust-intro = Родитель или опекун ребёнка либо доверенное лицо. Доступ родителя сам заканчивается в день рождения, с которого страна хранит тайну подростка.
entrust-login = Логин того, кто будет действовать
entrust-kind = В качестве кого
entrust-evidence = Что вы видели? (свидетельство о рождении, акт об опеке, доверенность)
entrust-document = Копия в карте (можно не выбирать)
entrust-document-none = Нет
entrust-until = Последний день (можно не заполнять)
entrust-until-help = Закончится в полночь после этого дня или раньше, по возрасту.
entrust-agreed = Человек здесь и согласен
entrust-button = Доверить
slip-title = Ваш код для чтения карты
slip-open = Откройте этот адрес:
slip-code = Введите этот код:
slip-choose = Выберите логин и пароль, который знаете только вы.
slip-until = Действует до
slip-rules = Код действует один раз. После шести ошибок он недействителен. Ваш пароль никому не нужен: ни врачу, ни чиновнику.
slip-print = Распечатайте эту страницу и отдайте.
slip-sent = Код отправлен на
slip-done = Готово; больше не показывать
mine-title = Моя карта
mine-others = Другие карты, которые вам доступны
mine-own = Ваша
mine-entrusted = Доверена вам
mine-acting = Это не ваша карта: вы действуете за этого человека. Он видит в журнале, что вы здесь были.
mine-next = Что предстоит
mine-medicines = Что я принимаю
mine-allergies = Что мне нельзя давать
mine-results = Мои результаты
mine-results-note = Значение вне нормы не всегда болезнь, а в норме не всегда здоровье. Спросите того, кто вас лечит.
mine-before = раньше: { $value }, { $date }
mine-vaccinations-none = Прививок не записано.
mine-problems = От чего меня лечат
mine-visits = Мои посещения
mine-documents = Письма, заключения и записи
mine-documents-none = Документов нет.
account-password = Пароль
account-current = Нынешний пароль
account-password-help = Везде, кроме этого окна, вы выйдете.
account-password-done = Новый пароль установлен. Везде, кроме этого окна, вы вышли.
account-current-wrong = Нынешний пароль или код неверен. Ничего не изменено.
account-factor-gone = Второй фактор отключён. Добавьте его снова для нового телефона.
account-factor-code = Нынешние шесть цифр или код восстановления
account-factor-remove = Отключить
account-factor-remove-help = Чтобы добавить другой телефон. Везде, кроме этого окна, вы выйдете.
contact-title = Куда отправляются коды
contact-known = Если вы забудете пароль, код придёт на
contact-none = Пока никуда: если вы забудете пароль, поможет только медучреждение.
contact-address = Электронная почта или телефон с + и кодом страны
contact-ask = Отправить код туда
contact-code = Код, который пришёл
contact-confirm = Подтвердить
contact-drop = Не отправлять коды
contact-asked = Код отправлен. Введите его ниже в течение получаса.
contact-too-soon = Код только что отправлен. Подождите две минуты.
contact-not-sent = Код не удалось отправить. Попробуйте позже.
contact-confirmed = Подтверждено: коды можно отправлять туда.
contact-wrong = Это не тот код, или он больше не действует.
contact-dropped = Коды больше не отправляются.

# ---- необычный доступ
error-budget-title = Много людей за короткое время
error-budget = Так за час открылось бы больше разных людей, чем можно вашей учётной записи. Ничего не открыто. Вернитесь позже; если работа требует сейчас, ответственный за приватность вашего учреждения даст больше на сегодня. В экстренном случае есть «Экстренный доступ»: в нём не отказывают.
unusual-title = Необычный доступ
unusual-intro = Открытия, которые требуют объяснения, и те, кто за час открыл или нашёл необычно много разных людей. Каждый случай оценивается один раз, и вывод остаётся с вашим именем.
unusual-none = Ничего необычного.
unusual-of-role = Все с этой ролью в учреждении вместе.
unusual-of-institution = Все в учреждении вместе.
unusual-refused = Отказано
unusual-told = Отмечено
unusual-verdict = Вывод
unusual-verdict-wrong = В выводе от 1 до 500 знаков.
unusual-judge = Сохранить вывод
unusual-judged = Вывод сохранён.
unusual-raise = Дать больше на сегодня
unusual-raised = { $login } может открывать больше людей до конца сегодняшнего дня.
unusual-opened = { $count ->
    [one] За час открыт { $count } человек.
    [few] За час открыто { $count } человека.
    [many] За час открыто { $count } человек.
   *[other] За час открыто { $count } человека.
}
unusual-listed = { $count ->
    [one] За час найден поиском { $count } человек.
    [few] За час найдено поиском { $count } человека.
    [many] За час найдено поиском { $count } человек.
   *[other] За час найдено поиском { $count } человека.
}

# ---- прививки
vaccinations-due = Пора сделать
vaccinations-later = Позже
vaccinations-given = Сделанные
vaccinations-settled = Завершённые, закрытые и противопоказанные
vaccinations-none-due = Сегодня ничего делать не нужно.
vaccinations-none-given = Прививок в карте нет.
vaccinations-unread = Не удалось прочитать
vaccinations-unread-why = Вакцина или дата этих записей не читаются, поэтому они не учтены. Исправьте их до вакцинации.
vaccinations-calendar = Календарь: { $country }
vaccinations-source = Откуда этот календарь
vaccinations-proposal = Наименьший и предельный возраст, интервалы, догоняющая вакцинация и противопоказания предложены и ждут подтверждения врача. Решение за вами.
vaccinations-no-birth = День рождения неизвестен, поэтому возраст не определить. Исправьте дату рождения, чтобы увидеть, что пора сделать.
vaccinations-no-country = Ни номер, ни адрес не говорят, чей календарь применим. Добавьте их, чтобы увидеть, что пора сделать.
vaccination-vaccine = Вакцина
vaccination-days = День
vaccination-why = Почему
vaccination-counts = Засчитана
vaccination-dose = { $series }, доза { $number }
vaccination-proposed = Предложение
vaccination-beside = Не входит в этот календарь.
vaccination-inexact = День неизвестен: взят последний возможный.
vaccination-not-judged = Не оценена.
vaccine-code = Вакцина с кодом CVX { $code }
vaccine-overdue = Просрочена
vaccine-due = Пора
vaccine-not-yet = Ещё рано
vaccine-contraindicated = Не вводить
vaccine-complete = Завершена
vaccine-closed = Закрыта
vaccine-day-recommended = рекомендуется
vaccine-day-earliest = не раньше
vaccine-day-latest = не позже
span-birth = рождение
span-years = { $count ->
    [one] { $count } год
    [few] { $count } года
    [many] { $count } лет
   *[other] { $count } года
}
span-months = { $count ->
    [one] { $count } месяц
    [few] { $count } месяца
    [many] { $count } месяцев
   *[other] { $count } месяца
}
span-days = { $count ->
    [one] { $count } день
    [few] { $count } дня
    [many] { $count } дней
   *[other] { $count } дня
}
span-hours = { $count ->
    [one] { $count } час
    [few] { $count } часа
    [many] { $count } часов
   *[other] { $count } часа
}
reason-age-reached = Рекомендуемый возраст наступил: { $age }.
reason-age-not-reached = Рекомендуемый возраст не наступил: { $age }.
reason-gap-over = Интервал после дозы от { $day } прошёл: { $gap }.
reason-gap-not-over = Интервал после дозы от { $day } не прошёл: { $gap }.
reason-live-not-over = { $day } введена живая вакцина ({ $vaccine }): в тот же день или с интервалом { $gap }.
reason-week-not-reached = С { $week }-й недели беременности.
reason-pregnancy = Вводится при беременности.
reason-pregnancy-week = Вводится при беременности, с { $week }-й недели.
reason-too-old = Поздно: после этого возраста не вводится: { $age }.
reason-earlier-missing = { $count ->
    [one] Нет предыдущей дозы, и ввести её уже нельзя.
    [few] Сначала нужны { $count } дозы, и ввести их уже нельзя.
    [many] Сначала нужны { $count } доз, и ввести их уже нельзя.
   *[other] Сначала нужны { $count } дозы, и ввести их уже нельзя.
}
reason-all-given = { $count ->
    [one] Введена { $count } доза, больше не нужно.
    [few] Введены все { $count } дозы.
    [many] Введены все { $count } доз.
   *[other] Введены все { $count } дозы.
}
reason-one-is-enough = С этого возраста достаточно одной дозы: { $age }.
reason-forbidden = Противопоказание: { $what }.
reason-postponed = Отложена: { $what }.
reason-instead = Другая вакцина, потому что: { $what }.
reason-instead-from = Другая вакцина с этого возраста: { $age }.
reason-risk = Схема для группы риска: { $what }.
reason-late-start = Схема для начавших позже, с возраста: { $age }.
reason-after-vaccine = Схема для тех, кому вводили эту вакцину: { $vaccine }.
reason-refused = Отказ от { $day }.
reason-too-young = слишком рано по возрасту; засчиталась бы с { $day }.
reason-too-soon = слишком рано после предыдущей дозы; засчиталась бы с { $day }.
reason-too-soon-after-live = слишком рано после другой живой вакцины; засчиталась бы с { $day }.
reason-same-day = вторая доза за один день.
reason-in-part = защищает только от части этих болезней.
reason-pregnancy-ended = Беременность, о которой говорит карта, завершилась { $day }: она больше ничему не препятствует.
reason-pregnancy-over = Беременность, о которой карта говорит с { $day }, считается завершённой спустя 45 недель: она больше ничему не препятствует. Запишите в карту её окончание.
reason-maybe-same = известен только месяц или год, и это может быть доза от { $day }. Она будет засчитана, когда будет записан её день.
reason-wrong-vaccine = для этой дозы нужна другая вакцина.
reason-before-birth = дата раньше рождения.
reason-in-future = дата в будущем.
reason-subpotent = слабее положенного: не засчитывается.
reason-died = Человек умер.
reason-extra = больше доз не требовалось.
reason-not-in-plan = Календарь не предусматривает такой дозы для этого человека.
series-tuberculosis = Туберкулёз
series-hepatitis-b = Гепатит B
series-hepatitis-a = Гепатит A
series-dtp = Дифтерия, столбняк, коклюш
series-polio = Полиомиелит
series-polio-oral = Полиомиелит, оральная
series-polio-inactivated = Полиомиелит, инъекция
series-hib = Гемофильная инфекция типа b
series-rotavirus = Ротавирус
series-pneumococcal = Пневмококк
series-influenza = Грипп
series-covid = COVID-19
series-mmr = Корь, краснуха, паротит
series-measles = Корь
series-rubella = Краснуха
series-varicella = Ветряная оспа
series-hpv = Вирус папилломы человека
series-japanese-encephalitis = Японский энцефалит
series-pertussis-pregnancy = Коклюш, при беременности
series-tetanus-pregnancy = Столбняк, при беременности
contraindication-immunodeficiency = иммунодефицит
contraindication-hiv = ВИЧ-инфекция
contraindication-severe-combined-immunodeficiency = тяжёлый комбинированный иммунодефицит
contraindication-intussusception = инвагинация кишечника
contraindication-pregnancy = беременность
contraindication-low-birth-weight = масса тела менее 2000 г либо малая масса при рождении, пока вес не записан
contraindication-seizures = судороги без лихорадки или прогрессирующее заболевание нервной системы
risk-chronic = хроническое заболевание
risk-hiv = ВИЧ
risk-day-care = детские ясли
risk-no-pertussis = без вакцины против коклюша
risk-hepatitis-b-contact = гепатит B у матери или в семье

# ---- у кого просрочено
overdue-title = Просроченные прививки
overdue-facility = Название учреждения
overdue-choose = Показать учреждения
overdue-facilities = { $count ->
    [one] { $count } учреждение
    [few] { $count } учреждения
    [many] { $count } учреждений
   *[other] { $count } учреждения
}
overdue-no-facility = Учреждения с таким названием нет. Введите начало одного из слов названия.
overdue-looked-at = { $count ->
    [one] Просмотрен { $count } человек младше 18 лет
    [few] Просмотрено { $count } человека младше 18 лет
    [many] Просмотрено { $count } человек младше 18 лет
   *[other] Просмотрено { $count } человека младше 18 лет
}
overdue-none = Среди просмотренных просроченных прививок ни у кого нет.
overdue-unjudged = Не удалось оценить
overdue-since = { $series }, с { $day }
overdue-next = Просмотреть следующих
overdue-undated = { $count ->
    [one] Просмотрен { $count } человек без даты рождения
    [few] Просмотрено { $count } человека без даты рождения
    [many] Просмотрено { $count } человек без даты рождения
   *[other] Просмотрено { $count } человека без даты рождения
}
overdue-next-undated = Смотреть следующих без даты рождения
overdue-areas = По регионам, из людей на этой странице
overdue-area-all = Все
overdue-area-none = Неизвестно
overdue-traced = Каждый просмотренный увидит это в журнале своей карты.

# ---- карта ребёнка
section-card = Карта ребёнка
card-complete = Насколько полна карта
card-score = { $percent } %: есть { $said } из { $asked }
card-no-gaps = В карте есть всё, что в ней должно быть.
card-gap-birth-weight = Нет массы тела при рождении.
card-gap-gestation = Нет срока беременности при рождении.
card-gap-gestation-unread = Срок беременности при рождении записан так, что его не прочитать: запишите его в неделях.
card-gap-allergies = Об аллергии не спрашивали.
card-gap-guardian = Не указан родитель или опекун.
card-gap-national-number = Нет номера национального регистра.
card-gap-facility = Не указана поликлиника.
card-gap-examination = Нет осмотра в возрасте { $age }.
card-gap-vaccination = Просрочены прививки: { $series }.
examinations-title = Профилактические осмотры
examinations-note = День, когда измерены масса или длина тела, считается осмотром.
card-undated = День этих измерений неизвестен, поэтому осмотром они не считаются: { $dates }. Укажите день, чтобы они были учтены.
examination-parts = Кто смотрит и что измеряется
examination-done = Проведён
examination-missed = Пропущен
examination-late = Опаздывает
examination-due = Пора
examination-not-yet = Ещё рано
examination-part-paediatrician = педиатр
examination-part-neurologist = невролог
examination-part-paediatric-surgeon = детский хирург
examination-part-ophthalmologist = офтальмолог
examination-part-dentist = стоматолог
examination-part-abdomen-ultrasound = УЗИ брюшной полости
examination-part-kidneys-ultrasound = УЗИ почек
examination-part-hips-ultrasound = УЗИ тазобедренных суставов
examination-part-heart-ultrasound = УЗИ сердца
examination-part-brain-ultrasound = нейросонография
examination-part-newborn-screening = неонатальный скрининг
examination-part-hearing-screening = аудиологический скрининг
examination-part-growth = физическое развитие
examination-part-development = психомоторное развитие

# Один человек под двумя записями
same-title = Записан дважды?
same-merged = Объединено с этой картой
same-merged-intro = Здесь показано и то, что записано под этими регистрациями. У каждой остаётся своя карта, поэтому объединение можно отменить.
same-undo = Отменить
same-undo-button = Это два человека
same-reason = Почему, одной строкой и без имён
same-say-why = Напишите причину одной строкой, не больше 500 букв.
same-refused = Сейчас это невозможно: одна из записей уже объединена или её только что изменили. Посмотрите ещё раз.
same-likely = Возможно, тот же человек
same-nobody = Никого.
same-find = Найти кого-то другого
same-find-label = Имя, дата рождения или номер
same-certain = несомненно
same-probable = вероятно
same-possible = возможно
same-name = Имя
same-other-names = Другие имена
same-address = Адрес
same-telecom = Телефон, почта
same-contact = Контакты
same-entries = Записей
compare-title = Оба рядом
compare-agrees = Одинаково?
compare-same = одинаково
compare-differs = различается
compare-merge = Это один человек?
compare-intro = Тогда остаётся одна регистрация, и она ведёт к обеим картам. Ничего не переписывается, объединение можно отменить.
compare-stays = Какая остаётся
compare-button = Это один человек
compare-leave = Оставить как есть
later-title = Записанное, пока они были одним
later-intro = Оба снова сами по себе. Записанное, пока они были одним, лежит там, где написано: отметьте то, что относится к другому.
later-of = В карте: { $name }
later-nothing = Здесь ничего не записано.
later-changed = Изменено, пока были одним: проверьте
later-deleted = Удалено, пока были одним
later-choose = Относится к: { $name }
later-button = Перенести отмеченное
later-moved = { $count ->
    [one] Перенесена { $count } запись.
    [few] Перенесены { $count } записи.
    [many] Перенесено { $count } записей.
   *[other] Перенесено { $count } записей.
}
later-along = { $entry } относится к отмеченному: отметьте и это.
compare-two = Это два человека
compare-two-button = Оставить раздельно
duplicates-title = Записаны дважды?
duplicates-intro = Каждая новая регистрация сравнивается со всеми другими. Посмотрите обе и решите.
duplicates-none = Никто не ждёт решения.
duplicates-waiting = { $count ->
    [one] Ждёт { $count } пара.
    [few] Ждут { $count } пары.
    [many] Ждёт { $count } пар.
   *[other] Ждёт { $count } пар.
}
task-birth-notification = Уведомление о рождении для органа регистрации
task-birth-annulment = Свидетельство о рождении аннулировано: орган регистрации отзывает запись
task-birth-correction = Свидетельство о рождении исправлено: орган регистрации принимает к сведению
task-newborn-amended = Свидетельство о рождении исправлено, а в этой карте с тех пор указано другое: { $elements }. Проверьте карту
task-newborn-annulled = Свидетельство о рождении этой карты аннулировано: проверьте карту
number-doubt-check = { $number }: контрольная цифра не сходится
number-doubt-placeholder = { $number }: ничей номер: одни нули, одна повторённая цифра или общий номер для иностранцев
number-doubt = { $number }: такого номера быть не может
number-doubt-birth-to-come = { $number }: указывает на рождение в будущем
life-doubt-birth-to-come = дата рождения в будущем
life-doubt-birth-long-ago = дата рождения слишком давняя
life-doubt-no-date = такой даты рождения нет
life-doubt-death-to-come = дата смерти в будущем
life-doubt-death-before-birth = смерть раньше рождения
life-doubt-death-told = в документе сказано, что человек умер: { $day }
banner-merged = { $count ->
    [one] Объединена { $count } регистрация
    [few] Объединены { $count } регистрации
    [many] Объединено { $count } регистраций
   *[other] Объединено { $count } регистраций
}

# Карта прививок, которую человек носит с собой
certificate-title = Карта прививок с кодом
certificate-intro = Кто сканирует код, видит имя, дату рождения и прививки ниже, и что их подписало это учреждение. Проверка не требует связи с этим сервером и ничего ему не сообщает.
certificate-trial = У этого сервера нет адреса https: приложения, которые проверяют карты, их не примут. Они для пробы.
certificate-nothing = Ни у одной прививки в карте нет кода и даты.
certificate-no-person = Карты нет: в записи нет имени или даты рождения, а карта должна назвать и то и другое. Добавьте недостающее.
certificate-file = То же файлом для приложения
certificate-left-out = { $count ->
    [one] { $count } запись не вошла ни в одну карту: прививка не сделана или не засчитана, датирована будущим либо нет кода или даты.
    [few] { $count } записи не вошли ни в одну карту: прививки не сделаны или не засчитаны, датированы будущим либо нет кода или даты.
    [many] { $count } записей не вошли ни в одну карту: прививки не сделаны или не засчитаны, датированы будущим либо нет кода или даты.
   *[other] { $count } записей не вошли ни в одну карту: прививки не сделаны или не засчитаны, датированы будущим либо нет кода или даты.
}
certificate-second = { $count ->
    [one] { $count } запись не вошла ни в одну карту: возможно, это повторная запись дозы, которая в ней уже есть (известен только месяц или год, либо запись сделана дважды). Запишите день или отметьте запись как ошибочную.
    [few] { $count } записи не вошли ни в одну карту: возможно, это повторные записи доз, которые в ней уже есть (известен только месяц или год, либо запись сделана дважды). Запишите дни или отметьте записи как ошибочные.
    [many] { $count } записей не вошли ни в одну карту: возможно, это повторные записи доз, которые в ней уже есть (известен только месяц или год, либо запись сделана дважды). Запишите дни или отметьте записи как ошибочные.
   *[other] { $count } записи не вошли ни в одну карту: возможно, это повторные записи доз, которые в ней уже есть (известен только месяц или год, либо запись сделана дважды). Запишите дни или отметьте записи как ошибочные.
}
certificate-picture = Код карты прививок
certificate-issuer = Подписано:

passkey-title = Ключи доступа
passkey-intro = С ключом доступа вы входите с помощью блокировки устройства: пальца, лица или PIN-кода. Он открывает только этот сайт, и никто не заставит ввести его в другом месте.
passkey-yours = Ваши ключи
passkey-none = Пока нет ни одного.
passkey-name = Название
passkey-name-help = Чтобы узнать его потом, например «телефон» или «ключ отделения».
passkey-name-wrong = Дайте ключу название не длиннее 60 букв.
passkey-made = Добавлен
passkey-used = Последнее использование
passkey-never = ещё не было
passkey-synced = Может быть на нескольких ваших устройствах
passkey-single = Только на одном устройстве
passkey-add = Добавить ключ доступа
passkey-elsewhere = Ключи доступа создаются на { $address }, в браузере, который их знает.
passkey-done = Ключ доступа добавлен. Теперь можно входить только с ним.
passkey-gone = Ключ доступа удалён. Везде, кроме этого окна, вы вышли.
passkey-password-wrong = Нынешний пароль неверен. Ничего не изменено.
passkey-unproved = Ответ устройства не подошёл или пришёл слишком поздно. Попробуйте ещё раз.
passkey-many = У вас десять ключей. Сначала удалите один.
passkey-there = Этот ключ доступа уже есть.
passkey-failed = Устройство не ответило. Попробуйте ещё раз или войдите с паролем.
passkey-remove = Удалить ключ доступа
passkey-remove-help = Везде, кроме этого окна, вы выйдете.
passkey-which = Какой
sign-in-passkey = Войти с ключом доступа
sign-in-passkey-refused = Этот ключ доступа не открывает здесь учётной записи. Попробуйте ещё раз или войдите с паролем.

asked-title = Вопросы
asked-intro = Что люди спрашивают о том, кто в вашем учреждении открывал их карту. Ваш ответ остаётся в карте, и они читают его в разделе «Кто смотрел».
asked-none = Никто не ждёт ответа.
asked-about = Запись журнала
asked-say = В ответе от 1 до 2000 знаков.
duty-title = Ждёт вашего ответа
duty-none = ничего
duty-waiting = { $count ->
    [one] ждёт { $count }
    [few] ждут { $count }
    [many] ждут { $count }
   *[other] ждут { $count }
}
duty-since = с { $time }
sign-title = Открытия, о которых стоит спросить
sign-own = Насколько можно судить, это собственная карта открывшего.
sign-address = Человек живёт по тому же адресу.
sign-contact = У человека тот же телефон или адрес электронной почты.
sign-related = Карта называет открывшего родственником или контактным лицом.
sign-namesake = Полный тёзка, и учреждение его не наблюдает.
sign-colleague = Человек тоже работает здесь, и учреждение его не наблюдает.
sign-well-known = Человек широко известен, и учреждение его не наблюдает.
sign-night = Была ночь, и учреждение человека не наблюдало. Сообщается один раз за ночь.
unusual-many = Много людей за час

sign-in-provider = Войти через { $name }
provider-title = Нужен ещё код
provider-intro = { $name } сообщил, кто вы, но не то, какая карта ваша. Введите код, который дало медучреждение; после этого достаточно { $name }.
provider-button = Связать и продолжить
provider-taken = Эта учётная запись поставщика уже связана.
provider-unlike = Код принадлежит не тому, кого назвал поставщик. Спросите в медучреждении.
provider-refused = Ваша учётная запись здесь закрыта. Спросите в медучреждении.
provider-late = Прошло слишком много времени, или вход начат в другом браузере. Попробуйте ещё раз.
provider-denied = Поставщик вас не впустил. Попробуйте ещё раз или войдите с паролем.
provider-unproved = Ответ поставщика ничего не доказывает. Попробуйте ещё раз или войдите с паролем.
provider-unreachable = Поставщик недоступен. Попробуйте позже или войдите с паролем.

allowed-title = Программы, которым я разрешил доступ
allowed-intro = Что программы могут делать от вашего имени, потому что вы согласились. Отозванное прекращается сразу.
allowed-none = Действующих разрешений программам нет.
allowed-span = С { $began }, не позже чем до { $until }.
allowed-gone = Программа, которую убрали
allowed-withdraw = Отозвать
allowed-withdraw-help = Программе придётся спросить вас снова.
allowed-withdrawn = Отозвано. Программа больше ничего не получит.

# ---- формы
sign-document = Подписать
sign-go = Подписать…
sign-as = Вы подписываете как
sign-by-institution = Документ подписывает и организация.
sign-password = Ваш пароль
sign-code = Код второго фактора
sign-why = Ваш ключ открывается только для этой подписи и снова закрывается.
sign-do = Подписать
sign-not-yet = Ещё нет
sign-how = Подписанное больше не изменяется. Исправление — это новая версия с причиной и новой подписью; эта остаётся доступной для чтения.
sign-annul = Отозвать документ
sign-annul-do = Подписать отзыв
sign-annul-how = Документ остаётся доступным, в нём указано, что он отозван и почему. Всё, что из него следовало в карте, помечается как ошибка.
sign-annulled = Документ отозван.
sign-out-of-force = Отозван
sign-done = Подписано.
sign-signed = Подписан
sign-wrong = Неверно. Ничего не подписано.
sign-later = { $count ->
    [one] Слишком много попыток. Повторите через { $count } минуту.
    [few] Слишком много попыток. Повторите через { $count } минуты.
    [many] Слишком много попыток. Повторите через { $count } минут.
   *[other] Слишком много попыток. Повторите через { $count } минуты.
}
sign-changed = Документ тем временем изменился. Просмотрите его ещё раз перед подписью.
sign-refused = Правила карты не допускают эту подпись: подписывает только тот, кто завершил форму.
sign-no-licence = Эту форму подписывает специалист с лицензией (сертификатом), а в вашей учётной записи её нет. Её может добавить тот, кто ведёт учётные записи.
sign-licence = лицензия { $number }
sign-list = Подписи
sign-institution = Организация
sign-elsewhere = Подписано в другой организации
sign-version = Версия
sign-see = Посмотреть эту версию
sign-evidence = Файл для проверки в другом месте
sign-old = Это прежняя версия в том виде, в каком она подписана.
sign-newest = Последняя версия
sign-good = Подпись верна
sign-good-revoked-later = Верна; сертификат отозван позже, { $time }
sign-doubt-no-signature = Подпись не читается
sign-doubt-altered = Документ изменён после подписания
sign-doubt-another-document = Подпись относится к другому документу
sign-doubt-another-key = Подписано не тем ключом, что в сертификате
sign-doubt-unknown-authority = Сертификат выдан центром, которому здесь не доверяют
sign-doubt-expired = Срок сертификата истёк до подписания
sign-doubt-not-yet = Сертификат ещё не действовал
sign-doubt-revoked = Сертификат отозван до подписания
sign-doubt-list = Список отозванных сертификатов — не от этого центра
sign-doubt-algorithm = Алгоритм подписи здесь неизвестен
sign-doubt-another-name = В подписи указано не то лицо, что в сертификате
signing-key-title = Ваш ключ подписи
signing-key-help = Если кто-то мог подписать за вас, отзовите сертификат. Подписанное раньше остаётся в силе; при следующей подписи создаётся новый ключ.
signing-key-revoke = Отозвать
signing-key-revoked = Сертификат отозван.
signing-key-none = Нет ключа для отзыва.
papers-title = Бумаги и копии
papers-none = Бумажных экземпляров этого документа ещё нет.
paper-number = №
paper-made = Изготовлено
paper-asked = Кто запросил
paper-given = Кто выдал
paper-code = Код
paper-make = Изготовить заверенную копию
paper-who-asks = Кто запрашивает
paper-make-how = Копия получает номер и код. В этом списке остаётся, что она изготовлена, для кого и кем.
paper-certificate = Справка
paper-copy = Заверенная копия
paper-short = Копия для работодателя или школы, без диагноза
paper-refused = Эту бумагу изготовить нельзя: документ должен быть подписан, а кто запрашивает — указано не длиннее 200 знаков.
paper-annulled = Этот документ отозван: бумаг по нему не изготавливают и не принимают.
paper-picture = Код для проверки этой бумаги
paper-person = Лицо
paper-signed = Подписано
paper-electronic = Подлинник — электронный документ. Эта бумага проверяется по коду.
paper-look-up = Проверка по коду
paper-back = К документу
paper-pdf = PDF для хранения или печати
paper-page = Страница { $page } из { $pages }
paper-failed = Не удалось подготовить PDF. Документ есть в карте, его можно прочитать на его странице.
form-missing = Формы этого документа здесь нет. Ответы показаны с краткими именами, которые они носят; здесь по ним ничего не исправляют, не подписывают и не копируют.
form-missing-draft = Формы этого черновика здесь нет. Ответы показаны с краткими именами, которые они носят; черновик можно удалить и начать заново по форме, которая здесь есть.
paper-unsigned = Не подписано
paper-version = Версия { $version } этого документа, напечатана по шаблону { $template }.
paper-register-changed = После подписания сведения о человеке в реестре изменились.
paper-added = { $count ->
    [one] За документом следует { $count } дополнение.
    [few] За документом следуют { $count } дополнения.
    [many] За документом следуют { $count } дополнений.
   *[other] За документом следует { $count } дополнения.
}
paper-added-none = Когда изготовлена эта копия, к документу ничего не было добавлено.
paper-added-without = Это копия одного документа, без того, что могло быть к нему добавлено.
paper-digest = Отпечаток того, из чего она изготовлена (SHA-256)
form-registered-today = При подписании человек был записан так, как указано выше. Сегодня:
paper-once = Используется один раз
paper-use = Использовать сейчас
paper-use-how = Нажмите, когда человек пришёл с бумагой. После этого использовать её снова нельзя.
paper-used-now = Принято. Использовать снова нельзя.
paper-used-before = Эта бумага уже использована.
paper-expired-use = Срок этой бумаги истёк. Подписавший может выдать новую.
paper-once-elsewhere = Документ подписан в другой организации. Использован ли он там или где-либо ещё, здесь неизвестно: спросите у выдавшего, прежде чем принять.
paper-once-left = Карта передана другой организации { $time }. Использована ли бумага там, здесь неизвестно: спросите там, прежде чем принять.
paper-once-asked = Я спросил(а) там: бумага не использована.
paper-once-ask = Эту бумагу могли использовать в другой организации. Спросите там и подтвердите это.
paper-certificate-none = У этой справки ещё нет кода: при подписании он не был создан.
paper-certificate-make = Изготовить справку с кодом
verify-title = Подлинна ли эта бумага?
verify-intro = Введите код с бумаги или отсканируйте картинку.
verify-look = Проверить
verify-absent = Бумаги с таким кодом и такой подробностью нет. Сверьте и то и другое с бумагой.
verify-kind = Что это
verify-issuer = Кем выдано
verify-day = От
verify-good = Действует
verify-replaced = Заменена новой версией
verify-revoked = Отозвана
verify-expired = Срок истёк
verify-used = Уже использована
verify-unsure = Действует; использована ли в другом месте, здесь неизвестно
verify-detail = Подробность с бумаги
verify-detail-how = Дата рождения, как в бумаге, или не менее четырёх последних знаков номера человека. Тогда будет показано, что написано в бумаге.
verify-show = Показать содержание
verify-compare = Сверьте это с бумагой слово в слово.
verify-compare-more = Часть написанного в бумаге никого больше не касается и здесь не показана. Сверьте остальное с бумагой слово в слово.
verify-another = Другая бумага
verify-authority = Чьи это подписи
verify-authority-intro = Эта организация удостоверяет ключи своих сотрудников. Кто проверяет подписанный документ в другом месте, сверяет этот отпечаток.
verify-fingerprint = Отпечаток (SHA-256)
verify-authority-file = Сертификат файлом
verify-card-title = Проверить прививочную карту
verify-card-intro = Вставьте то, что прочитал сканер (начинается с shc:/), или текст файла карты. Ничего не сохраняется.
verify-card-text = Карта
verify-card-do = Проверить
verify-card-good = Карта подлинная
verify-card-none = Это не прививочная карта.
verify-card-unknown = Карта подписана не этой организацией.
verify-card-forged = Карта изменена или подделана.
verify-card-early = Карта ещё не действует.
verify-card-revoked = Карта отозвана.
certificate-take-back = Отозвать выданные карты
certificate-take-back-how = Если карта попала в чужие руки или была неверной: все карты этого человека, выданные до сих пор, будут отклонены при проверке. Новую можно выдать сразу.
certificate-take-back-do = Отозвать
form-fault-ends-before = Последний день раньше первого или раньше сегодняшнего.
form-fault-not-whole-day = Даты в этом документе указываются вместе с числом.
form-fault-overlaps = Часть этих дней входит в другой документ ({ $bound }). Начните после него или отзовите тот.
form-fault-too-many-days = Один документ — не более { $bound } дней. На остальные выдайте следующий.
form-fault-too-many-in-all = Подряд возможно не более { $bound } дней.
form-fault-needs-commission = Свыше { $bound } дней подряд решает врачебная комиссия: укажите её решение.
form-fault-follows-nothing = Указано продолжение, но накануне ничего не заканчивается. Выберите первичный вид или начните на следующий день.
form-fault-begins-too-early = Начинается не раньше { $bound }.
form-fault-begins-too-late = Начинается не позже { $bound }: для более позднего дня выдайте документ ближе к нему.
form-fault-holds-too-long = День – не позже { $bound }.
form-fault-born-to-come = Рождение указано в будущем: проверьте день и час.
form-fault-mother-is-man = По карте это мужчина. Свидетельство о рождении заполняется в карте матери.
form-fault-mother-died = По карте мать умерла раньше этого дня. Проверьте обе даты.
form-fault-mother-age = В этот день возраст матери, по её дате рождения, вне пределов { $bound } лет. Проверьте обе даты.
form-fault-person-died = По карте человек умер раньше последнего дня этого документа. Проверьте обе даты.
form-fault-person-is-man = По карте это мужчина. Документ такого вида выдаётся по беременности или родам.
form-fault-person-age = В первый день возраст человека, по дате рождения, вне пределов { $bound } лет. Проверьте обе даты.
form-fault-weight-for-weeks = Масса не соответствует сроку беременности (ожидается: { $bound }). Проверьте то и другое.
form-fault-born-already = На этого ребёнка уже есть свидетельство о рождении ({ $bound }). Откройте его и исправьте; при многоплодных родах укажите, какой по счёту.
form-fault-born-beside-single = Другое свидетельство ({ $bound }) говорит, что ребёнок, рождённый в эти дни, был один. Если это его близнец, исправьте то свидетельство: роды многоплодные, какой по счёту. Если это тот же ребёнок, исправьте то вместо этого.
form-fault-born-too-near = Другое свидетельство ({ $bound }) сообщает о родах этой матери, и между ними нет времени для беременности такого срока. Проверьте день и срок в обоих; у близнецов в обоих указано, что роды многоплодные и какой ребёнок по счёту.
form-fault-which-newborn = Зарегистрировано больше одного новорождённого этой матери и этого дня, который может быть этим ребёнком. Укажите здесь, какой он по счёту и час рождения; если они указаны, пусть тот, кто ведёт регистр, сначала внесёт их в карты новорождённых.
paper-short-do = Без диагноза
forms-title = Формы
forms-drafts = Незаконченные черновики
forms-begin = Заполнить форму
forms-completed = Заполненные формы
forms-none = Здесь нет форм.
forms-none-completed = Ни одна форма ещё не заполнена.
forms-find = Найти форму
forms-find-button = Найти
forms-found = Найденные формы
forms-found-none = Формы с таким названием нет. Подойдут слова названия на любом из четырёх языков.
forms-all = Все формы для этого человека
forms-often = Чаще всего
forms-kind-visit = Приёмы
forms-kind-hospital = Стационар
forms-kind-programme = Программы
forms-kind-prevention = Дети, прививки, профилактика
forms-kind-paper = Справки и выписки
forms-kind-consent = Согласие и отказ
forms-kind-other = Другие формы
forms-others = { $count ->
    [one] { $count } форма для другого возраста или пола. Её можно найти по названию.
    [few] { $count } формы для другого возраста или пола. Их можно найти по названию.
    [many] { $count } форм для другого возраста или пола. Их можно найти по названию.
   *[other] { $count } формы для другого возраста или пола. Их можно найти по названию.
}
forms-form = Форма
forms-written = Записано
forms-by = Кем
forms-fill = Заполнить
forms-official = Официальная
forms-proposed = Предложенная
forms-standing = Официальная: прочитанный источник называет поля формы. Предложенная: такого источника не нашлось; поля предложены нами и правилом не являются.
forms-amendment = Исправление
forms-amended = Исправлено
forms-unknown = Форма, которой здесь нет
forms-back = Все формы этого человека
form-yes = Да
form-no = Нет
form-no-answer = Нет ответа
form-nothing = ничего
form-other = Другое, словами
form-required = Нужен ответ
form-unit = Единица
form-more = Подробнее
form-attachment = Вложение
form-find = Найти
form-no-list = Справочника этих кодов здесь нет: запишите словами.
form-found-more = Первые { $count }; введите больше, чтобы уточнить.
form-add = Добавить строку
form-remove = Убрать
form-save = Сохранить черновик
form-complete = Завершить
form-discard = Удалить черновик
form-discarded = Черновик удалён. Его история остаётся.
form-how = Каждое сохранение остаётся. Частью карты становится только завершённое.
form-saved = Сохранено { $time }
form-saving = Сохраняется …
form-not-saved = Ещё не сохранено; попробуем снова.
form-conflict-short = Эту форму сохранил кто-то другой. Нажмите «Сохранить», чтобы увидеть обе версии.
form-conflict = Тем временем форму сохранил кто-то другой. Ваше ещё не записано, и ничего не потеряно: где другая версия отличается, она стоит под полем. Поправьте нужное и сохраните снова.
form-changed = Форма изменилась после открытия этой страницы. Ничего ещё не записано: введённое вами ниже, кроме вариантов и количеств. Проверьте, выберите заново и сохраните.
form-completed-meanwhile = Тем временем форма завершена. Введённое вами не записано; действует то, что ниже.
form-theirs = В другой версии:
form-overtaken = Этот документ исправлен после начала этого исправления; если его завершить, внесённое тем временем пропадёт без упоминания.
form-overtaken-see = Документ как он есть
form-anew = Начать заново
form-anew-how = Изменённое вами остаётся в черновике; остальное — как в новой версии, а где они расходятся, показаны обе. Этим ничего не завершается.
form-anew-done = Начато заново с новой версии. Изменённое вами стоит в полях; где та версия говорит иное, это стоит под полем.
form-overtaken-annulled = Этот документ утратил силу после начала этого исправления: его больше ничто не исправляет. Удалите черновик.
form-parts = Разделы
form-confirm-one = Из карты: проверено
form-confirm-all = Всё верно
form-absent-label = Нет ответа, потому что …
form-absent-unknown = Неизвестно
form-absent-not-asked = Не спрашивали
form-absent-declined = Отказ от ответа
form-refused = То, что следует из формы, нарушает правило карты. Черновик сохранён; сообщите тому, кто ведёт формы.
form-source = Откуда поля:
form-followed = Что из неё следует в карте
form-amend = Исправить
form-amend-reason = Причина
form-amend-how = Форма откроется черновиком с этими ответами. По завершении она станет новой версией; прежняя останется в истории.
form-amend-begin = Начать исправление
form-amend-wrong = Для исправления нужна причина не длиннее тысячи знаков.
form-fault-missing = Нужен ответ.
form-fault-too-few = Нужно не меньше { $bound }.
form-fault-too-many = Не больше { $bound }.
form-fault-too-long = Не больше { $bound } знаков.
form-fault-too-short = Не меньше { $bound } знаков.
form-fault-not-number = Это не число.
form-fault-not-whole = Это не целое число.
form-fault-grouped = Это число можно прочитать двояко. Пишите тысячи без знака (1500), а дробь через запятую (1,5); если после запятой три цифры, добавьте ноль (1,2340).
form-fault-too-small = Не меньше { $bound }.
form-fault-too-large = Не больше { $bound }.
form-fault-too-precise = После запятой не больше { $bound } знаков.
form-fault-not-date = Это не дата.
form-fault-not-time = Это не время.
form-fault-not-address = Это не веб-адрес.
form-fault-pattern = Запись не в нужном виде.
form-fault-not-offered = Такого варианта нет.
form-fault-no-unit = Не указана единица.
form-fault-unit-not-offered = Такой единицы нет.
form-fault-wrong-type = Есть ответ, о котором форма не спрашивает.
form-fault-unconfirmed = Взято из карты: проверьте и подтвердите.
form-fault-rule = Нарушено правило формы.
form-found = { $count ->
    [one] Найден { $count }.
    [few] Найдено { $count }.
    [many] Найдено { $count }.
   *[other] Найдено { $count }.
}
form-wrong = { $count ->
    [one] Ещё { $count } замечание
    [few] Ещё { $count } замечания
    [many] Ещё { $count } замечаний
   *[other] Ещё { $count } замечания
}
form-flaws = { $count ->
    [one] { $count } часть формы не читается и пропущена. Сообщите тому, кто ведёт формы.
    [few] { $count } части формы не читаются и пропущены. Сообщите тому, кто ведёт формы.
    [many] { $count } частей формы не читаются и пропущены. Сообщите тому, кто ведёт формы.
   *[other] { $count } части формы не читаются и пропущены. Сообщите тому, кто ведёт формы.
}
form-unconfirmed = { $count ->
    [one] { $count } ответ взят из карты и ещё не подтверждён.
    [few] { $count } ответа взяты из карты и ещё не подтверждены.
    [many] { $count } ответов взяты из карты и ещё не подтверждены.
   *[other] { $count } ответа взяты из карты и ещё не подтверждены.
}
form-done = { $count ->
    [one] Завершено. Из формы следует { $count } запись карты.
    [few] Завершено. Из формы следуют { $count } записи карты.
    [many] Завершено. Из формы следуют { $count } записей карты.
   *[other] Завершено. Из формы следуют { $count } записи карты.
}

# How long a record is kept
held-record = Карта удерживается и не стирается.
held-kind = Есть документы, которые удерживаются и не стираются ({ $kind }).
held-until = До { $day }.
held-open = До снятия удержания.
held-by = Потребовал(а) { $login }: { $reason }.
kept-until = Хранится не менее чем до { $day }.
kept-undated = Срок хранения назвать нельзя: ни у одной записи нет дня, от которого он отсчитывается.
kept-by-writing = { $count ->
    [one] { $count } запись не говорит, когда она сделана, и считается со дня, когда её здесь записали в последний раз
    [few] { $count } записи не говорят, когда они сделаны, и считаются со дня, когда их здесь записали в последний раз
    [many] { $count } записей не говорят, когда они сделаны, и считаются со дня, когда их здесь записали в последний раз
   *[other] { $count } записи не говорят, когда они сделаны, и считаются со дня, когда их здесь записали в последний раз
}
kept-for-life = { $count ->
    [one] Хранится всю жизнь и не менее { $count } года после неё.
    [few] Хранится всю жизнь и не менее { $count } лет после неё.
    [many] Хранится всю жизнь и не менее { $count } лет после неё.
   *[other] Хранится всю жизнь и не менее { $count } года после неё.
}

# ---- для чего нужны двое

agreements-title = Второй человек
agreements-intro = Чтобы удалить человека или выгрузить всю базу, нужны двое. Прежде чем согласиться, спросите того, кто просит; ваш ответ остаётся в журнале с вашим именем.
agreements-none = Никто не ждёт вашего ответа.
agreements-erasure = Удалить человека навсегда
agreements-export = Выгрузить всю базу
agreements-persons = Выгрузить карты всех людей
agreements-asked = Просит
agreements-no-reason = Причина не указана.
agreements-until = До { $time }
agreements-by = Согласие
agreements-agree = Согласиться на один раз
agreements-agree-standing = Согласиться на 30 дней
agreements-why-not = Почему нет
agreements-decline = Отказать
agreements-withdraw = Отозвать согласие
agreements-agreed = Вы согласились.
agreements-declined = Вы отказали.
agreements-withdrawn = Согласие отозвано.
agreements-reason-wrong = Укажите причину: от 1 до 500 знаков в одну строку.

# ---- учреждение, где нужны ключи доступа, и поставщик, связанный позже

sign-in-passkey-only = Здесь входят только с ключом доступа: выберите вход с ключом доступа. Если вы потеряли его, обратитесь к тому, кто ведёт учётные записи.
passkey-required = Здесь входят только с ключом доступа. Добавьте его сейчас; после этого вы входите с ним, а не с паролем.
passkey-last = Это ваш последний ключ доступа, а без него здесь не войти. Сначала добавьте другой.
accounts-no-passkey = ещё нет ключа доступа
provider-link = Входить и через { $name }
provider-link-title = Связать учётную запись
provider-link-ask = { $name } сообщает нам, кто вы. Впускать вас по этому подтверждению в эту учётную запись?
provider-link-yes = Связать
provider-link-no = Не надо
provider-linked = Связано. Теперь вы входите любым из двух способов.
provider-is-linked = { $name } впускает вас.
provider-unlink = Убрать связь
provider-unlink-help = Нужен ваш пароль: с ним вы будете входить потом. Кто вошёл через поставщика, тот выйдет.
provider-unlinked = Связь убрана.
provider-unlike-account = Поставщик называет другого человека, не того, чья это карта. Обратитесь в поликлинику.

# ---- кто платит, к какому подразделению прикреплён человек и переход в другое учреждение

section-coverage = Полис и прикрепление
coverage-title = Страхование
coverage-covered = Сегодня застрахован
coverage-uncovered = Сегодня никто не платит
coverage-none = Страхование не записано.
coverage-payor = Кто платит
coverage-payor-treats = { $name } (лечит)
coverage-payor-asked = Выбранное учреждение по своей записи лечит, и оно платит за этого человека.
coverage-number = Номер
coverage-number-wrong = номер не подходит к своему виду
coverage-from = С
coverage-until = По
coverage-now = действует
coverage-past = закончилось
coverage-later = начнётся позже
coverage-void = не действует
coverage-overlaps = пересекается с другим
coverage-gap = { $count ->
    [one] Никто не платил { $count } день
    [few] Никто не платил { $count } дня
    [many] Никто не платил { $count } дней
   *[other] Никто не платил { $count } дня
}
coverage-end = Закончить
coverage-end-button = Закончится в этот день
coverage-last-day = Последний день
coverage-last-day-if = Последний день, если известен
coverage-first-day = Первый день
coverage-desk = В регистратуре
coverage-find = Найти подразделение, учреждение или страховщика
coverage-find-help = Найденное можно выбрать ниже. Без поиска здесь те, кого называет карта.
coverage-found-none = С таким названием ничего не найдено.
coverage-find-first = Сначала найдите подразделение или страховщика.
coverage-begin = Начинается страхование
coverage-begin-button = Начнётся в этот день
coverage-kind = Вид
coverage-kind-public = государственное страхование
coverage-kind-subsidised = льготная программа
coverage-kind-extended = дополнительное страхование
coverage-kind-private = частное страхование
coverage-scheme = Вид номера
coverage-scheme-none = другой, не проверяется
coverage-fault = Сейчас это невозможно: кто-то только что это изменил. Посмотрите снова.
coverage-fault-payor = Выберите, кто платит, и вид страхования.
coverage-fault-payor-asked = По своей записи выбранное учреждение лечит. Если оно платит за этого человека, выберите его снова и отметьте это; иначе выберите, кто платит.
coverage-fault-overlaps = Новое страхование начинается раньше, чем закончился последний день прежних: пусть оно начнётся на следующий день.
coverage-fault-day = Проверьте дни: последний не раньше первого, и законченное не продлевается.
coverage-fault-no-first-day = Первого дня не существует, или он указан не полностью: проверьте его.
coverage-fault-no-last-day = Последнего дня не существует, или он указан не полностью: проверьте его.
coverage-fault-far-first-day = Первый день слишком далеко: проверьте год.
coverage-fault-far-last-day = Последний день слишком далеко: проверьте год.
coverage-fault-before-birth = Первый день раньше даты рождения человека: проверьте обе даты.
coverage-fault-ended-already = Эта страховка к тому дню уже закончилась, а законченное не продлевается.
coverage-fault-ends-before = Последний день раньше первого.
coverage-fault-number = Номер не подходит к своему виду: неверна длина или контрольная цифра.
coverage-fault-unit = Выберите другое подразделение. Сменить можно на любое; перевод ведёт в другое учреждение из того, к которому человек относится; закрытое подразделение никого не принимает.
coverage-fault-not-a-unit = Выберите другое подразделение: к страховщику, плательщику или лаборатории никого не прикрепляют. Если там и лечат, это должно быть указано в его записи (тип prov).
unit-title = Прикрепление
unit-column = Подразделение
unit-now = сейчас
unit-past = раньше
unit-transferred = переведён в другое учреждение
unit-none = Ни к чему не прикреплён.
unit-none-desk = Найдите подразделение ниже и прикрепите человека.
unit-new = Новое подразделение
unit-change = Сменить подразделение
unit-change-intro = Одно действие: сотрудники нового подразделения сразу видят всю карту. Прежние остаются в списке, а нового семейного врача назначают там.
unit-change-button = Прикрепить к этому подразделению
transfer = Перевести в другое учреждение
transfer-intro = Новое учреждение сразу видит всю карту. Прежнее сохраняет то, что написало само, и остального больше не видит, кроме экстренных случаев. Ничего не удаляется.
transfer-ends = Какое страхование заканчивается
transfer-payor = Кто платит теперь
transfer-payor-none = пока неизвестно
transfer-button = Перевести

forms-said-person = Со слов пациента
forms-said-proxy = Со слов представителя
forms-said-you = С ваших слов
mine-forms = Формы для вас
send-check = Проверить и отправить
send-draft = Каждое сохранение остаётся. Врачам видно только то, что вы отправили.
send-title = Отправка
send-as = Отправляет
send-do = Отправить
send-not-yet = Пока нет
send-how = Это войдёт в карту как ваши слова, с именем и временем. Потом оно не меняется: чтобы исправить, отправьте форму ещё раз.
send-consent = Согласие или отказ действует с момента отправки, пока вы не отправите другое.
send-changed = Форма тем временем изменилась. Посмотрите её ещё раз перед отправкой.
send-done = Отправлено. Врачам это показано как ваши слова.
form-take = Продолжить с этими ответами
form-take-how = Откроется черновик со словами пациента. Вы подтверждаете каждый ответ, и завершённое — ваше; слова пациента остаются как есть.
vaccine-refused = Отказ от { $day }
overdue-refused = { $since } (отказ от { $day })
form-addendum = Дополнение
form-addendum-open = Открыть дополнение с подписями
form-appends = Дополнение к документу:
form-append = Дополнить
form-append-how = Дополнение — отдельный документ со своей подписью. Подписанный документ остаётся как есть, оба показываются вместе. Чтобы исправить ошибку, внесите исправление.
form-append-wrong = Дополняется только подписанный действующий документ, и если здесь есть форма для этого.
form-append-annulled = К отозванному документу ничего не добавляется. Напишите нужное отдельным документом; черновик дополнения можно удалить.
forms-addendum-alone = Дополнение начинают с документа, к которому оно относится: откройте подписанный документ и нажмите «Дополнить».
form-fault-too-costly = Форма слишком сложна в месте «{ $bound }»: вычислить или спросить это нельзя. Сообщите тому, кто ведёт формы.
form-fault-not-begun = Сведения из карты сюда не перенесены: их вычисление обошлось бы слишком дорого. Заполните сами и сообщите тому, кто ведёт формы.
form-fault-left-out = Из карты сюда не поместилось записей: { $bound }. Посмотрите их в карте и укажите здесь важное.
form-fault-unsettled = Формулы формы противоречат друг другу в месте «{ $bound }». Сообщите тому, кто ведёт формы.

# What happened after a vaccination.
event-title = Что случилось после прививки
event-intro = Что наблюдали после дозы. О причине это ничего не говорит; кто будет вводить следующую, увидит это и взвесит.
event-dose = После какой дозы
event-what = Что случилось
event-words = Словами
event-day = Началось
event-serious = Угрожало жизни, привело в больницу или оставило последствия
event-write = Записать
event-fault-dose = Выберите дозу этой карты.
event-fault-what = Укажите, что случилось; если другое — словами.
event-fault-day = День не раньше дозы и не в будущем.
event-fever = Лихорадка
event-local-reaction = Реакция в месте введения
event-rash = Сыпь
event-crying = Плач в течение часов
event-seizure = Судороги
event-collapse = Коллапс или вялость
event-anaphylaxis = Анафилаксия
event-intussusception = Инвагинация кишечника
event-other = Другое
event-is-serious = серьёзно
event-add = Записать реакцию
reason-after-event = После предыдущей дозы { $day } что-то случилось: взвесьте это перед следующей.
reason-after-serious-event = После предыдущей дозы { $day } случилось серьёзное: о следующей решает врач.

# Milestones of development.
milestones-title = Развитие
milestone = Что ребёнок умеет
milestone-ages = Возраст
milestones-note = Поздно — только то, что искали и не увидели. Родившихся до 37 недель сравнивают по скорректированному возрасту до двух лет.
milestone-is-reached = Умеет
milestone-is-late = Поздно
milestone-is-unknown = Никто не записал
milestone-is-skipped = Делают не все
milestone-is-now = Его время
milestone-is-not-yet = Позже
milestone-why-late = Искали и не увидели; почти все дети умеют это к возрасту { $age }.
card-gap-milestone = Не записано, умеет ли ребёнок: { $milestone }
milestone-smiles = Улыбается людям
milestone-holds-head = Держит голову
milestone-rolls = Переворачивается
milestone-sits-alone = Сидит без опоры
milestone-stands-with-help = Стоит с поддержкой
milestone-crawls = Ползает на четвереньках
milestone-walks-with-help = Ходит с поддержкой
milestone-stands-alone = Стоит без опоры
milestone-walks-alone = Ходит самостоятельно
milestone-first-words = Говорит слова
milestone-phrases = Говорит фразами

# ---- где человек живёт

section-address = Адрес
address-title = Где человек живёт
address-none = Адрес не указан.
address-kind = Для чего
address-use-home = проживание
address-use-work = работа
address-use-temp = временно
address-use-billing = счета
address-now = сейчас
address-past = раньше
address-since = с { $year } года { $place }
address-mend = Исправить
address-mend-title = Исправить адрес
address-mend-help = Меняется то, что записано неверно; прежняя версия остаётся в истории. Область, которой больше нет, остаётся как записана. Тому, кто переехал, записывают новый адрес.
address-mend-button = Исправить
address-move = Человек переезжает
address-move-help = Новый адрес начинается с первого дня, нынешний заканчивается накануне. Ничего не теряется.
address-move-button = Записать новый адрес
address-move-instead = Вместо этого человек переезжает
address-country = Страна
address-country-button = Показать её список
address-country-name = Название страны
address-elsewhere = другая
address-state = Область, край, республика, город
address-state-help = Наберите начало и выберите. В списке то, что есть сегодня.
address-as-typed = В списке этого нет: записать, как набрано
address-district = Район или округ
address-city = Населённый пункт
address-line = Улица и дом
address-postal = Почтовый индекс
address-fault-state = В списке этой страны такого нет. Выберите из списка или отметьте, что записать, как набрано.
address-fault-ended = Этого больше нет. Сегодня это { $place }: выберите его.
address-fault-kept = То, что было записано, стало этим. Адрес хранит записанное, а страница рядом говорит, что это сегодня. Оставьте так или запишите, что человек переехал.
address-fault-day = Проверьте первый день: он не в будущем и не раньше начала нынешнего адреса. Если тот неверен, исправьте его.
address-fault-no-day = Проверьте первый день: его не существует, или он указан не полностью. Напишите год, месяц и день.
address-fault-place = Проверьте адрес: в нём есть хотя бы место, и каждая часть — короткая строка.
death-title = Смерть
death-record = Записать смерть
death-correct = Исправить дату смерти
death-help = Каждый, кто откроет карту, увидит, что человек умер. Проверьте ещё раз, о ком речь. Дату, которая неизвестна, не угадывают.
death-day = Дата смерти
death-time = Время, если известно
death-undated = Дата никому не известна
death-known-from = Откуда это известно (свидетельство, сообщение), одной строкой и без имён
death-button = Записать
death-take-back = Отменить: записано не тому человеку
death-take-back-help = Карта больше не будет говорить, что человек умер. Записанное останется в истории.
death-take-back-button = Отменить
death-fault-day = Проверьте дату: укажите существующую или отметьте, что она никому не известна, и оставьте дату и время пустыми.
death-fault-to-come = Проверьте дату и время: смерть записывают после того, как она наступила.
death-fault-birth = Проверьте дату: она раньше даты рождения человека.
life-fault-record = Другие данные этого человека не могут быть верны, например дата рождения. Сначала исправьте их.

# ---- where an entry was written

field-institution = Учреждение
institution-not-stated = учреждение не указано
openings-from-elsewhere = Из другого учреждения
openings-from-elsewhere-intro = Эти просмотры были в другом учреждении, до того как карта пришла сюда. Оно сообщило о них, когда передавало карту; это его слова, и к журналу выше они не относятся.
openings-from-elsewhere-more = { $count ->
    [one] Не показан { $count } более ранний просмотр.
    [few] Не показаны { $count } более ранних просмотра.
    [many] Не показано { $count } более ранних просмотров.
   *[other] Не показано { $count } более раннего просмотра.
}

register-title = Зарегистрировать человека
register-kind = Кто это
register-kind-known = С документами
register-kind-foreigner = Иностранец с паспортом
register-kind-unknown = Неизвестный, экстренно
register-kind-newborn = Новорождённый, мать уже здесь
register-newborn-of = Зарегистрировать новорождённого
register-country = Страна документов
register-country-button = Показать её поля
register-born = Дата рождения
register-born-help = День, месяц и год; или только год, если больше неизвестно. Можно пропустить, если её сообщает номер.
register-age = Или примерный возраст, лет
register-age-help = Сохраняется как год рождения с пометкой, что он оценён.
register-age-alone = Примерный возраст, лет
register-mother = Мать
register-mother-help = Её номер или имя. Если открыть её карту и прийти оттуда, искать не нужно.
register-mother-seek = Найти
register-mother-this = Это мать
register-mother-other = Другая мать
register-mother-none = Сначала зарегистрируйте её; как неизвестную, если она не может назваться.
register-mother-missing = Новорождённого регистрируют с матерью: найдите и выберите её.
register-born-day = День рождения
register-born-day-help = День, месяц и год.
register-born-time = Время рождения
register-born-time-help = Часы и минуты, например 9:15.
register-birth-order = Который по счёту
register-birth-order-help = Различает близнецов, в том числе для свидетельства о рождении.
register-birth-single = единственный
register-birth-nth = { $place }-й из нескольких
register-same-mother = Та же мать, тот же день.
register-former-number = Раньше этот номер был у этого человека: проверьте, чей он.
register-passport = Номер паспорта
register-passport-country = Страна выдачи
register-passport-country-help = Три буквы, как в паспорте: FRA, CHN.
register-contact = Кому сообщить, имя
register-contact-telephone = Кому сообщить, телефон
register-place = Где найден
register-place-help = Вместе с временным номером различает нескольких неизвестных.
register-number-help = С пробелами или без. То, что он сообщает, вводить не нужно.
register-look-again = Никто ещё не зарегистрирован: проверьте отмеченные поля.
register-fault-missing = Это нужно указать.
register-fault-unreadable = Это не читается: сравните с документом.
register-fault-impossible = Это в будущем или слишком давно: проверьте год.
register-fault-short = Не хватает знаков: сравните с документом.
register-fault-long = Лишние знаки: сравните с документом.
register-fault-sign = Один знак не может стоять на своём месте: буквы и цифры похожи.
register-fault-no-digit = Здесь одни буквы: не хватает цифр номера. Сверьте с документом.
register-fault-birth = Даты рождения в номере не существует: сравните с документом.
register-fault-region = Региона из номера нет в списке: сравните с документом.
register-fault-check = Контрольная цифра не сходится: один знак неверен или два переставлены.
register-fault-placeholder = Это одни нули, одна повторённая цифра или общий номер для иностранцев: введите номер из документа или оставьте пустым.
register-fault-birth-to-come = Номер указывает на рождение в будущем: сравните цифры века и года с документом.
register-fault-contradicts = Дата рождения и возраст противоречат друг другу: исправьте одно или оставьте одно пустым.
register-held = Этот человек уже зарегистрирован: у кого-то тот же номер. Откройте эту карту или исправьте номер.
register-held-elsewhere = Номер принадлежит уже зарегистрированному. Сейчас никто не зарегистрирован. Посмотрите снова или спросите регистратуру.
register-likely-help = Если это тот человек, откройте карту. Если никто не подходит, зарегистрируйте ниже.
register-this = Это он или она
register-agrees = Совпадает: { $what }.
register-differs = Отличается: { $what }.
register-limit-twins = Возможно, близнец.
register-limit-country = Указаны разные страны.
register-limit-number = Другой личный номер.
register-limit-other = Номер может быть чужим.
register-warnings = Что не сходится
register-says-birth = { $number } сообщает другую дату рождения.
register-says-sex = { $number } сообщает другой пол.
register-confirm = Сверено с документами: записать как введено.
register-button = Зарегистрировать
register-new-button = Зарегистрировать как нового
register-again-button = Проверить снова
