//! The words of a note: the day's values and phrases put together in the
//! person's language. Phrases alternate by chance, so that two notes of the
//! same illness are not the same text.

use crate::chance::Chance;
use crate::day::{push_decimal, push_padded};
use crate::words::{Tongue, Words};

/// What a visit says, section by section.
#[derive(Debug, Default, Clone)]
pub(crate) struct Note {
    pub reason: String,
    pub history: String,
    pub findings: String,
    pub assessment: String,
    /// Advice and what comes next.
    pub plan: String,
    /// What was prescribed, line by line.
    pub treatment: String,
}

impl Note {
    /// The sections that say something, with their headings.
    pub fn sections(&self, tongue: Tongue) -> impl Iterator<Item = (&'static str, &str)> {
        let texts = [&self.reason, &self.history, &self.findings, &self.assessment, &self.treatment, &self.plan];
        HEADINGS.iter().zip(texts).filter(|(_, text)| !text.is_empty()).map(move |(heading, text)| (tongue.say(heading), text.as_str()))
    }
}

/// Headings of the six sections.
const HEADINGS: [Words; 6] = [
    ["Motivo de consulta", "Lý do khám", "Жалобы"],
    ["Padecimiento actual y antecedentes", "Bệnh sử", "Анамнез"],
    ["Exploración física", "Khám lâm sàng", "Объективно"],
    ["Valoración", "Đánh giá", "Оценка"],
    ["Tratamiento", "Điều trị", "Назначения"],
    ["Plan", "Hướng xử trí", "План"],
];

const GENERAL: &[Words] = &[
    ["Buen estado general, hidratación y coloración adecuadas.", "Toàn trạng tốt, tỉnh táo, không mất nước.", "Общее состояние удовлетворительное, сознание ясное, тургор сохранён."],
    ["Consciente, coopera a la exploración, mucosas húmedas.", "Tỉnh, tiếp xúc tốt, niêm mạc hồng, ẩm.", "В сознании, контакт доступен, слизистые влажные, обычной окраски."],
    ["Alerta, marcha normal, sin datos de alarma.", "Tỉnh táo, đi lại bình thường, không dấu hiệu nguy hiểm.", "Активность обычная, походка не изменена, угрожающих симптомов нет."],
    ["Ruidos cardiacos rítmicos, campos pulmonares ventilados, abdomen blando.", "Tim đều, phổi thông khí tốt, bụng mềm.", "Тоны сердца ясные, ритмичные, в лёгких дыхание проводится, живот мягкий."],
    ["Sin edema de extremidades, pulsos presentes, piel íntegra.", "Không phù, mạch ngoại vi rõ, da lành.", "Отёков нет, периферическая пульсация сохранена, кожа чистая."],
];

const HISTORIES: &[Words] = &[
    ["Sin cambios en el apetito ni en el sueño.", "Ăn ngủ bình thường.", "Аппетит и сон не нарушены."],
    ["Niega contactos enfermos en casa.", "Trong nhà không ai ốm.", "Больных в семье нет."],
    ["Se automedicó con té y reposo sin mejoría.", "Đã tự nghỉ ngơi, uống nước ấm nhưng chưa đỡ.", "Домашние средства без эффекта."],
    ["Un familiar con cuadro parecido la semana pasada.", "Người nhà có triệu chứng tương tự tuần trước.", "Похожие симптомы у родственника на прошлой неделе."],
    ["Sin viajes recientes.", "Không đi xa gần đây.", "Из поездок за последнее время — нет."],
    ["Tolera bien la vía oral.", "Ăn uống được.", "Пищу и питьё усваивает."],
];

const ADHERENCE: &[Words] = &[
    ["Toma sus medicamentos a diario, sin efectos adversos.", "Uống thuốc đều hằng ngày, không tác dụng phụ.", "Принимает лекарства ежедневно, побочных эффектов нет."],
    ["Olvidó algunas tomas durante un viaje.", "Quên vài liều khi đi xa.", "Были пропуски приёма в поездке."],
    ["Camina tres veces por semana y cuida la dieta.", "Đi bộ ba lần mỗi tuần, chú ý ăn uống.", "Ходит пешком трижды в неделю, соблюдает диету."],
    ["Refiere mareo ocasional al levantarse.", "Thỉnh thoảng chóng mặt khi đứng dậy.", "Изредка головокружение при вставании."],
    ["Duerme unas seis horas, días de mucha tensión.", "Ngủ khoảng sáu tiếng, hay căng thẳng.", "Спит около шести часов, частое напряжение."],
    ["Vive con su familia, que acompaña a la consulta.", "Sống cùng gia đình, có người nhà đi cùng.", "Живёт с семьёй, на приёме с родственником."],
];

const SAFETY: &[Words] = &[
    ["Acudir a urgencias si hay fiebre mayor de 38.5 °C o dificultad para respirar.", "Đến cấp cứu nếu sốt trên 38,5 °C hoặc khó thở.", "При температуре выше 38,5 °C или одышке — вызвать скорую помощь."],
    ["Se explican datos de alarma y se resuelven dudas.", "Đã giải thích dấu hiệu nguy hiểm và giải đáp thắc mắc.", "Разъяснены тревожные симптомы, даны ответы на вопросы."],
    ["Cita abierta si no mejora.", "Tái khám bất cứ lúc nào nếu không đỡ.", "Повторный приём при отсутствии улучшения."],
    ["Se entregan indicaciones por escrito.", "Đã đưa hướng dẫn bằng văn bản.", "Рекомендации выданы на руки."],
];

/// Appends one phrase after another, with a space between.
pub(crate) fn add(text: &mut String, phrase: &str) {
    if !text.is_empty() && !phrase.is_empty() {
        text.push(' ');
    }
    text.push_str(phrase);
}

/// Appends one of several phrases.
pub(crate) fn add_one(text: &mut String, tongue: Tongue, phrases: &[Words], chance: &mut Chance) {
    add(text, tongue.say(chance.pick(phrases)));
}

/// General impressions of a body that was looked at.
pub(crate) fn general(text: &mut String, tongue: Tongue, chance: &mut Chance) {
    let first = chance.below(GENERAL.len() as u64) as usize;
    add(text, tongue.say(&GENERAL[first]));
    if chance.happens(0.6) {
        add(text, tongue.say(&GENERAL[(first + 1 + chance.below(3) as usize) % GENERAL.len()]));
    }
}

/// A sentence of context in an acute illness.
pub(crate) fn history(text: &mut String, tongue: Tongue, chance: &mut Chance) {
    add_one(text, tongue, HISTORIES, chance);
    if chance.happens(0.4) {
        add_one(text, tongue, HISTORIES, chance);
    }
}

/// A sentence about taking medicines and living.
pub(crate) fn adherence(text: &mut String, tongue: Tongue, chance: &mut Chance) {
    let first = chance.below(ADHERENCE.len() as u64) as usize;
    add(text, tongue.say(&ADHERENCE[first]));
    if chance.happens(0.5) {
        add(text, tongue.say(&ADHERENCE[(first + 1 + chance.below(4) as usize) % ADHERENCE.len()]));
    }
}

/// What to do if it gets worse.
pub(crate) fn safety(text: &mut String, tongue: Tongue, fever: bool, chance: &mut Chance) {
    // The first is about fever.
    add_one(text, tongue, if fever { SAFETY } else { &SAFETY[1..] }, chance);
}

/// Makes the first letter a capital.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// A number in the person's own notation.
pub(crate) fn number(text: &mut String, tongue: Tongue, value: f64, places: u8) {
    let start = text.len();
    push_decimal(text, value, places);
    if tongue != Tongue::Spanish
        && let Some(point) = text[start..].find('.')
    {
        text.replace_range(start + point..=start + point, ",");
    }
}

/// A phrase with its `{…}` filled in.
pub(crate) fn filled(phrase: &str, values: &[(&str, &str)]) -> String {
    let mut text = phrase.to_owned();
    for (name, value) in values {
        if text.contains(name) {
            text = text.replace(name, value);
        }
    }
    text
}

/// `en 14 días` and the like.
pub(crate) fn return_in(text: &mut String, tongue: Tongue, days: u32) {
    let (number, words): (u32, Words) = if days >= 60 {
        ((days + 15) / 30, ["meses", "tháng", "мес."])
    } else if days >= 14 {
        ((days + 3) / 7, ["semanas", "tuần", "нед."])
    } else {
        (days.max(2), ["días", "ngày", "дн."])
    };
    add(text, tongue.say(&["Cita en", "Tái khám sau", "Явка через"]));
    text.push(' ');
    push_padded(text, number, 1);
    text.push(' ');
    text.push_str(tongue.say(&words));
    if !text.ends_with('.') {
        text.push('.');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_filled_and_numbers_follow_the_language() {
        assert_eq!(filled("HbA1c {a1c} %", &[("{a1c}", "7,4")]), "HbA1c 7,4 %");
        let mut text = String::new();
        number(&mut text, Tongue::Russian, 36.6, 1);
        return_in(&mut text, Tongue::Russian, 92);
        assert_eq!(text, "36,6 Явка через 3 мес.");
        assert_eq!(capital("елена"), "Елена");
    }
}
