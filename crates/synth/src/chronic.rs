//! Conditions that stay: who has them, how they are treated step by step, and
//! what a follow-up says about them. Names are ours, codes are ICD-10.

use crate::drugs::*;
use crate::measure::*;
use crate::words::Words;

/// Which condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Hypertension,
    Diabetes,
    Kidney,
    Lipids,
    Obesity,
    Coronary,
    HeartFailure,
    Fibrillation,
    Asthma,
    Copd,
    Thyroid,
    Depression,
    Knee,
    Osteoporosis,
    Prostate,
    Gout,
    Migraine,
    Anaemia,
    Frailty,
    Dementia,
}

/// What is true of everyone who has it.
#[derive(Debug)]
pub(crate) struct Chronic {
    pub kind: Kind,
    pub icd: &'static str,
    pub name: Words,
    /// What a follow-up says when it is controlled, and when it is not.
    /// `{bp}`, `{a1c}`, `{egfr}`, `{ldl}` stand for the day's values.
    pub steady: Words,
    pub unsteady: Words,
    pub plan_steady: Words,
    pub plan_unsteady: Words,
    /// Treatment, one step after the other; each step replaces the one before.
    pub steps: &'static [&'static [&'static Drug]],
    pub panels: &'static [&'static Panel],
    /// Days between two reviews.
    pub review_days: i32,
}

macro_rules! chronic {
    ($kind:ident, $icd:literal, $name:expr, $steady:expr, $unsteady:expr, $plan_steady:expr, $plan_unsteady:expr, $steps:expr, $panels:expr, $days:literal) => {
        Chronic { kind: Kind::$kind, icd: $icd, name: $name, steady: $steady, unsteady: $unsteady, plan_steady: $plan_steady, plan_unsteady: $plan_unsteady, steps: $steps, panels: $panels, review_days: $days }
    };
}

/// All of them, in the order of [`Kind`].
pub(crate) static CHRONIC: &[Chronic] = &[
    chronic!(Hypertension, "I10",
        ["Hipertensión arterial esencial", "Tăng huyết áp nguyên phát", "Эссенциальная артериальная гипертензия"],
        ["Presión arterial en metas, {bp} mmHg", "Huyết áp đạt mục tiêu, {bp} mmHg", "Целевое давление достигнуто, {bp} мм рт. ст."],
        ["Presión arterial fuera de metas, {bp} mmHg", "Huyết áp chưa đạt mục tiêu, {bp} mmHg", "Давление выше целевого, {bp} мм рт. ст."],
        ["continuar el mismo esquema y el registro en casa", "tiếp tục phác đồ, theo dõi huyết áp tại nhà", "продолжить терапию, дневник давления дома"],
        ["reforzar dieta baja en sal y ajustar el antihipertensivo", "giảm muối, điều chỉnh thuốc hạ áp", "ограничить соль, усилить гипотензивную терапию"],
        &[&[&LOSARTAN], &[&LOSARTAN, &AMLODIPINE], &[&LOSARTAN, &AMLODIPINE_10, &CHLORTHALIDONE]], &[&KIDNEYS], 120),
    chronic!(Diabetes, "E11.9",
        ["Diabetes mellitus tipo 2", "Đái tháo đường típ 2", "Сахарный диабет 2 типа"],
        ["Diabetes controlada, HbA1c {a1c} %", "Đường huyết kiểm soát tốt, HbA1c {a1c} %", "Диабет компенсирован, HbA1c {a1c} %"],
        ["Descontrol glucémico, HbA1c {a1c} %", "Đường huyết chưa kiểm soát, HbA1c {a1c} %", "Гликемия вне цели, HbA1c {a1c} %"],
        ["revisión de pies sin lesiones, seguir plan de alimentación", "khám bàn chân không tổn thương, duy trì chế độ ăn", "осмотр стоп без повреждений, соблюдать диету"],
        ["intensificar el tratamiento y enviar a nutrición", "tăng bậc điều trị, tư vấn dinh dưỡng", "усилить сахароснижающую терапию, консультация диетолога"],
        &[&[&METFORMIN_500], &[&METFORMIN], &[&METFORMIN, &DAPAGLIFLOZIN], &[&METFORMIN, &DAPAGLIFLOZIN, &INSULIN]], &[&SUGAR, &KIDNEY_URINE], 110),
    chronic!(Kidney, "N18.3",
        ["Enfermedad renal crónica, estadio 3", "Bệnh thận mạn giai đoạn 3", "Хроническая болезнь почек, стадия 3"],
        ["Función renal estable, TFG {egfr}", "Chức năng thận ổn định, MLCT {egfr}", "Функция почек стабильна, СКФ {egfr}"],
        ["Descenso de la función renal, TFG {egfr}", "Chức năng thận giảm, MLCT {egfr}", "Снижение функции почек, СКФ {egfr}"],
        ["evitar antiinflamatorios, hidratación, control semestral", "tránh thuốc chống viêm, uống đủ nước, kiểm tra mỗi 6 tháng", "избегать НПВП, питьевой режим, контроль раз в полгода"],
        ["suspender nefrotóxicos y enviar a nefrología", "ngừng thuốc độc thận, chuyển khám chuyên khoa thận", "отменить нефротоксичные препараты, консультация нефролога"],
        &[&[]], &[&KIDNEYS, &KIDNEY_URINE], 150),
    chronic!(Lipids, "E78.5",
        ["Dislipidemia", "Rối loạn lipid máu", "Дислипидемия"],
        ["Lípidos en metas, LDL {ldl}", "Lipid máu đạt mục tiêu, LDL {ldl}", "Липиды в целевом диапазоне, ЛПНП {ldl}"],
        ["LDL {ldl}, por encima de la meta", "LDL {ldl}, chưa đạt mục tiêu", "ЛПНП {ldl}, выше цели"],
        ["mantener la estatina", "duy trì statin", "продолжить статин"],
        ["aumentar la estatina y reducir grasas saturadas", "tăng liều statin, giảm mỡ bão hòa", "увеличить дозу статина, ограничить насыщенные жиры"],
        &[&[&ATORVASTATIN], &[&ATORVASTATIN_40]], &[&LIPIDS, &LIVER], 180),
    chronic!(Obesity, "E66.9",
        ["Obesidad", "Béo phì", "Ожирение"],
        ["Peso a la baja", "Cân nặng giảm dần", "Масса тела снижается"],
        ["Sin cambio de peso", "Cân nặng không đổi", "Масса тела без динамики"],
        ["caminar 30 minutos al día", "đi bộ 30 phút mỗi ngày", "ходьба 30 минут в день"],
        ["plan de alimentación y actividad física, meta de 5 % en seis meses", "chế độ ăn và vận động, mục tiêu giảm 5 % trong 6 tháng", "план питания и активности, цель — минус 5 % за полгода"],
        &[&[]], &[&GLUCOSE_ONLY], 240),
    chronic!(Coronary, "I25.1",
        ["Cardiopatía isquémica crónica", "Bệnh tim thiếu máu cục bộ mạn", "Хроническая ишемическая болезнь сердца"],
        ["Sin angina desde la última cita", "Không đau ngực từ lần khám trước", "Приступов стенокардии после прошлого приёма нет"],
        ["Angina de esfuerzo ocasional", "Thỉnh thoảng đau ngực khi gắng sức", "Редкие приступы стенокардии при нагрузке"],
        ["continuar antiagregante, estatina y betabloqueador", "tiếp tục kháng tiểu cầu, statin, chẹn beta", "продолжить антиагрегант, статин и бета-блокатор"],
        ["ajustar betabloqueador, electrocardiograma y envío a cardiología", "chỉnh chẹn beta, điện tim, khám tim mạch", "коррекция бета-блокатора, ЭКГ, консультация кардиолога"],
        &[&[&ASPIRIN, &BISOPROLOL]], &[&LIPIDS], 150),
    chronic!(HeartFailure, "I50.9",
        ["Insuficiencia cardiaca", "Suy tim", "Хроническая сердечная недостаточность"],
        ["Clase funcional II, sin edema", "NYHA II, không phù", "ФК II, отёков нет"],
        ["Edema de piernas y disnea de esfuerzo, clase funcional III", "Phù chân, khó thở khi gắng sức, NYHA III", "Отёки голеней и одышка при нагрузке, ФК III"],
        ["peso diario, restricción de sal, mismo diurético", "cân mỗi ngày, hạn chế muối, giữ nguyên lợi tiểu", "ежедневное взвешивание, ограничение соли, прежний диуретик"],
        ["aumentar furosemida una semana, laboratorio y revisión en siete días", "tăng furosemid một tuần, xét nghiệm, tái khám sau 7 ngày", "увеличить фуросемид на неделю, анализы, осмотр через 7 дней"],
        &[&[&FUROSEMIDE, &SPIRONOLACTONE, &BISOPROLOL]], &[&HEART], 90),
    chronic!(Fibrillation, "I48.9",
        ["Fibrilación auricular", "Rung nhĩ", "Фибрилляция предсердий"],
        ["Frecuencia controlada, sin sangrado", "Tần số thất kiểm soát, không chảy máu", "Частота контролируется, кровотечений нет"],
        ["Palpitaciones, frecuencia mayor a 100", "Hồi hộp, tần số trên 100", "Сердцебиение, частота более 100"],
        ["continuar anticoagulante, vigilar función renal", "tiếp tục chống đông, theo dõi chức năng thận", "продолжить антикоагулянт, контроль функции почек"],
        ["ajustar control de frecuencia", "điều chỉnh thuốc kiểm soát tần số", "коррекция урежающей терапии"],
        &[&[&APIXABAN, &BISOPROLOL]], &[&KIDNEYS, &CLOTTING], 120),
    chronic!(Asthma, "J45.9",
        ["Asma bronquial", "Hen phế quản", "Бронхиальная астма"],
        ["Asma controlada, usa el rescate menos de dos veces por semana", "Hen kiểm soát, dùng thuốc cắt cơn dưới 2 lần/tuần", "Астма контролируется, препарат скорой помощи реже 2 раз в неделю"],
        ["Asma mal controlada, síntomas nocturnos", "Hen chưa kiểm soát, triệu chứng về đêm", "Астма не контролируется, ночные симптомы"],
        ["técnica inhalatoria correcta, mismo esquema", "kỹ thuật hít đúng, giữ nguyên phác đồ", "техника ингаляции правильная, терапия прежняя"],
        ["subir un escalón de tratamiento, revisar técnica y desencadenantes", "tăng một bậc điều trị, xem lại kỹ thuật hít và yếu tố khởi phát", "увеличить ступень терапии, проверить технику и триггеры"],
        &[&[&SALBUTAMOL], &[&SALBUTAMOL, &BECLOMETASONE], &[&SALBUTAMOL, &BUDESONIDE_FORMOTEROL]], &[&SPIROMETRY], 120),
    chronic!(Copd, "J44.9",
        ["Enfermedad pulmonar obstructiva crónica", "Bệnh phổi tắc nghẽn mạn tính", "Хроническая обструктивная болезнь лёгких"],
        ["Disnea estable, sin exacerbaciones", "Khó thở ổn định, không có đợt cấp", "Одышка стабильна, обострений нет"],
        ["Más tos y disnea de esfuerzo", "Ho nhiều hơn, khó thở khi gắng sức", "Усиление кашля и одышки при нагрузке"],
        ["continuar broncodilatador, ejercicios respiratorios", "tiếp tục giãn phế quản, tập thở", "продолжить бронхолитик, дыхательная гимнастика"],
        ["ciclo corto de esteroide, insistir en dejar de fumar", "corticoid ngắn ngày, tư vấn cai thuốc lá", "короткий курс стероида, отказ от курения"],
        &[&[&TIOTROPIUM, &SALBUTAMOL]], &[&SPIROMETRY], 150),
    chronic!(Thyroid, "E03.9",
        ["Hipotiroidismo", "Suy giáp", "Гипотиреоз"],
        ["Función tiroidea normal con la dosis actual", "Bình giáp với liều hiện tại", "Эутиреоз на текущей дозе"],
        ["Cansancio, TSH elevada", "Mệt mỏi, TSH tăng", "Утомляемость, ТТГ повышен"],
        ["misma dosis en ayunas, TSH en seis meses", "giữ liều, uống lúc đói, kiểm tra TSH sau 6 tháng", "прежняя доза натощак, ТТГ через полгода"],
        ["ajustar levotiroxina y repetir TSH en ocho semanas", "chỉnh liều levothyroxin, kiểm tra lại TSH sau 8 tuần", "коррекция левотироксина, ТТГ через 8 недель"],
        &[&[&LEVOTHYROXINE]], &[&THYROID], 200),
    chronic!(Depression, "F32.1",
        ["Episodio depresivo moderado", "Giai đoạn trầm cảm vừa", "Депрессивный эпизод средней степени"],
        ["Mejor ánimo y sueño, sin ideas de muerte", "Khí sắc và giấc ngủ tốt hơn, không ý tưởng tự sát", "Настроение и сон лучше, суицидальных мыслей нет"],
        ["Ánimo bajo y desinterés, sin ideación suicida", "Khí sắc trầm, mất hứng thú, không ý tưởng tự sát", "Сниженное настроение, утрата интереса, суицидальных мыслей нет"],
        ["continuar seis meses más, seguir con psicología", "tiếp tục thêm 6 tháng, tham vấn tâm lý", "продолжить ещё 6 месяцев, психотерапия"],
        ["iniciar antidepresivo, cita en dos semanas, red de apoyo", "bắt đầu thuốc chống trầm cảm, tái khám sau 2 tuần", "начать антидепрессант, приём через 2 недели"],
        &[&[&SERTRALINE]], &[], 90),
    chronic!(Knee, "M17.9",
        ["Gonartrosis", "Thoái hóa khớp gối", "Гонартроз"],
        ["Dolor tolerable, camina sin apoyo", "Đau chịu được, đi lại không cần gậy", "Боль терпимая, ходит без опоры"],
        ["Dolor de rodilla al subir escaleras", "Đau gối khi lên cầu thang", "Боль в колене при подъёме по лестнице"],
        ["ejercicios de cuádriceps", "tập cơ tứ đầu đùi", "упражнения для квадрицепса"],
        ["paracetamol, bajar de peso, rehabilitación", "paracetamol, giảm cân, phục hồi chức năng", "парацетамол, снижение веса, реабилитация"],
        &[&[&PARACETAMOL]], &[], 240),
    chronic!(Osteoporosis, "M81.0",
        ["Osteoporosis posmenopáusica", "Loãng xương sau mãn kinh", "Постменопаузальный остеопороз"],
        ["Sin fracturas nuevas", "Không gãy xương mới", "Новых переломов нет"],
        ["Dolor dorsal", "Đau lưng giữa", "Боль в спине"],
        ["seguir bifosfonato, prevenir caídas", "tiếp tục bisphosphonat, phòng té ngã", "продолжить бисфосфонат, профилактика падений"],
        ["radiografía de columna dorsal", "chụp X-quang cột sống ngực", "рентгенография грудного отдела"],
        &[&[&ALENDRONATE, &CALCIUM]], &[], 240),
    chronic!(Prostate, "N40",
        ["Hiperplasia prostática benigna", "Tăng sản lành tính tuyến tiền liệt", "Доброкачественная гиперплазия предстательной железы"],
        ["Nicturia de una vez", "Tiểu đêm 1 lần", "Никтурия 1 раз"],
        ["Chorro débil y nicturia de tres veces", "Tia tiểu yếu, tiểu đêm 3 lần", "Слабая струя, никтурия 3 раза"],
        ["continuar alfa bloqueador", "tiếp tục chẹn alpha", "продолжить альфа-блокатор"],
        ["iniciar alfa bloqueador, antígeno prostático", "bắt đầu chẹn alpha, xét nghiệm PSA", "начать альфа-блокатор, ПСА"],
        &[&[&TAMSULOSIN]], &[&PROSTATE], 240),
    chronic!(Gout, "M10.9",
        ["Gota", "Bệnh gút", "Подагра"],
        ["Sin ataques, ácido úrico en metas", "Không có cơn gút, acid uric đạt mục tiêu", "Приступов нет, мочевая кислота в цели"],
        ["Ataque en el primer dedo del pie", "Cơn gút khớp bàn ngón chân cái", "Приступ в первом пальце стопы"],
        ["continuar alopurinol, evitar alcohol", "tiếp tục allopurinol, kiêng rượu bia", "продолжить аллопуринол, исключить алкоголь"],
        ["antiinflamatorio cinco días y luego ajustar alopurinol", "chống viêm 5 ngày rồi chỉnh allopurinol", "НПВП 5 дней, затем коррекция аллопуринола"],
        &[&[&ALLOPURINOL]], &[&GOUT], 200),
    chronic!(Migraine, "G43.9",
        ["Migraña", "Đau nửa đầu (migraine)", "Мигрень"],
        ["Una crisis al mes", "Mỗi tháng một cơn", "Один приступ в месяц"],
        ["Más de cuatro crisis al mes", "Trên bốn cơn mỗi tháng", "Более четырёх приступов в месяц"],
        ["triptán en crisis", "triptan khi có cơn", "триптан при приступе"],
        ["iniciar profilaxis, diario de cefaleas", "bắt đầu dự phòng, ghi nhật ký đau đầu", "начать профилактику, дневник головной боли"],
        &[&[&SUMATRIPTAN], &[&SUMATRIPTAN, &PROPRANOLOL]], &[], 200),
    chronic!(Anaemia, "D50.9",
        ["Anemia por deficiencia de hierro", "Thiếu máu thiếu sắt", "Железодефицитная анемия"],
        ["Hemoglobina en ascenso", "Hemoglobin tăng dần", "Гемоглобин растёт"],
        ["Cansancio y palidez", "Mệt mỏi, da xanh", "Слабость и бледность"],
        ["hierro tres meses más para llenar reservas", "sắt thêm 3 tháng để bù dự trữ", "железо ещё 3 месяца для восполнения запасов"],
        ["iniciar hierro oral y buscar la causa", "bắt đầu sắt uống, tìm nguyên nhân", "начать препараты железа, искать причину"],
        &[&[&IRON_SULFATE]], &[&IRON], 120),
    chronic!(Frailty, "R54",
        ["Fragilidad del adulto mayor", "Hội chứng dễ bị tổn thương ở người cao tuổi", "Старческая астения"],
        ["Independiente en casa con bastón", "Tự sinh hoạt trong nhà với gậy", "Обслуживает себя в пределах дома, ходит с тростью"],
        ["Dos caídas en seis meses", "Té ngã hai lần trong 6 tháng", "Два падения за полгода"],
        ["ejercicios de equilibrio, revisión de medicamentos", "tập thăng bằng, rà soát thuốc", "упражнения на равновесие, ревизия лекарств"],
        ["visita domiciliaria, adaptar baño, valorar visión", "thăm khám tại nhà, sửa nhà tắm, kiểm tra thị lực", "визит на дом, приспособить ванную, проверить зрение"],
        &[&[]], &[&BLOOD_COUNT], 120),
    chronic!(Dementia, "F03",
        ["Demencia", "Sa sút trí tuệ", "Деменция"],
        ["Sin cambios de conducta", "Hành vi ổn định", "Поведение без изменений"],
        ["Desorientación nocturna", "Lú lẫn về đêm", "Ночная дезориентация"],
        ["apoyo al cuidador, misma dosis", "hỗ trợ người chăm sóc, giữ liều", "поддержка ухаживающих, доза прежняя"],
        ["descartar infección, higiene del sueño", "loại trừ nhiễm trùng, vệ sinh giấc ngủ", "исключить инфекцию, режим сна"],
        &[&[&DONEPEZIL]], &[], 150),
];

/// The row of a condition.
pub(crate) fn of(kind: Kind) -> &'static Chronic {
    &CHRONIC[kind as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_stands_in_the_order_of_its_kinds() {
        for (place, chronic) in CHRONIC.iter().enumerate() {
            assert_eq!(chronic.kind as usize, place);
        }
    }
}
