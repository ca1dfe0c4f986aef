//! Pregnancy, birth, and the visits of those who grow.

use super::clinical::{Class, Diagnosis};
use super::results::{Signs, Value};
use super::visits::{NURSE_NOTE, OUTPATIENT_NOTE};
use super::*;
use crate::measure as m;

impl Teller<'_> {
    pub(super) fn prenatal(&mut self, life: &Life, visit: &Visit, week: i32) {
        let tongue = self.tongue;
        let day = visit.day;
        let here = self.here(day, self.clinic(), if week % 8 == 0 { Work::Midwife } else { Work::Family });
        let first_day = day.plus(-week * 7);
        let current = self.pregnancy.filter(|(_, began)| (began.0 - first_day.0).abs() < 60);
        let id = match current {
            Some((id, _)) => id,
            None => self.id(),
        };
        self.pregnancy = Some((id, first_day));
        let diagnosis = Diagnosis { id, icd: "Z34.9", name: self.say(&["Supervisión de embarazo normal", "Theo dõi thai kỳ bình thường", "Наблюдение нормальной беременности"]) };
        let mut note = Note::default();
        let mut number = String::new();
        push_padded(&mut number, week as u32, 1);
        note.reason = note::filled(self.say(&["Control prenatal, {n} semanas", "Khám thai, {n} tuần", "Наблюдение беременности, {n} нед."]), &[("{n}", &number)]);
        self.who(day, &mut note.history);
        note::add_one(&mut note.history, tongue, if week > 19 { &[["Percibe movimientos fetales, sin sangrado.", "Thai máy tốt, không ra huyết.", "Шевеления плода ощущает, выделений нет."], ["Sin cefalea ni edema, movimientos fetales presentes.", "Không đau đầu, không phù, thai máy.", "Головной боли и отёков нет, плод шевелится."]] } else { &[["Náusea matutina leve.", "Buồn nôn nhẹ buổi sáng.", "Лёгкая утренняя тошнота."], ["Sin sangrado ni dolor.", "Không đau, không ra huyết.", "Болей и выделений нет."]] }, &mut self.chance);
        self.background(day, &mut note.history);
        let mut signs = self.usual_signs(day, false, true);
        signs.height = None;
        signs.saturation = None;
        signs.temperature = None;
        self.signs(&here, &signs, &mut note.findings);
        if week >= 20 {
            let fundus = f64::from(week) - 1.0 + self.chance.bell() * 0.8;
            let pulse = (143.0 + self.chance.bell() * 6.0).round();
            self.single(&here, Value { measure: &m::FUNDUS, value: fundus });
            self.single(&here, Value { measure: &m::FETAL_PULSE, value: pulse });
            note::add(&mut note.findings, self.say(&["Altura uterina acorde, frecuencia cardiaca fetal ", "Bề cao tử cung phù hợp, tim thai ", "Высота дна матки соответствует сроку, ЧСС плода "]));
            push_decimal(&mut note.findings, pulse, 0);
            note.findings.push_str(tongue.say(&["/min.", " lần/phút.", "/мин."]));
        }
        if matches!(week, 8 | 28) {
            self.panel(&here, &m::BLOOD_COUNT, false, &mut note.findings);
            self.panel(&here, &m::GLUCOSE_ONLY, false, &mut note.findings);
        }
        if matches!(week, 12 | 20 | 32) {
            let finding = self.say(match week {
                12 => &["Embrión único vivo, longitud cráneo-caudal acorde, translucencia nucal normal.", "Một thai sống, chiều dài đầu mông phù hợp, độ mờ da gáy bình thường.", "Один живой плод, копчико-теменной размер соответствует сроку, воротниковое пространство в норме."],
                20 => &["Feto único, anatomía sin alteraciones, placenta corporal posterior, líquido normal.", "Một thai, hình thái bình thường, nhau bám mặt sau thân tử cung, ối bình thường.", "Один плод, анатомия без особенностей, плацента по задней стенке, воды в норме."],
                _ => &["Feto cefálico, crecimiento en percentil 50, líquido amniótico normal.", "Ngôi đầu, phát triển bách phân vị 50, ối bình thường.", "Головное предлежание, рост по 50 перцентилю, околоплодные воды в норме."],
            });
            let name = self.say(&["Ultrasonido obstétrico", "Siêu âm thai", "УЗИ плода"]);
            self.image(&here, name, finding);
            note::add(&mut note.findings, finding);
        }
        note.assessment = note::filled(self.say(&["Embarazo de {n} semanas de evolución normal.", "Thai {n} tuần, diễn tiến bình thường.", "Беременность {n} нед., течение нормальное."]), &[("{n}", &number)]);
        let drug = if week < 14 { &drugs::FOLIC_ACID } else { &drugs::IRON_SULFATE };
        if matches!(week, 8 | 16 | 28) {
            let active = life.expecting.is_some_and(|first| first.plus(week * 7) <= day && week == 28) || day.plus(90) > self.life_end;
            self.prescription(&here, drug, 90, active, None, Some(&diagnosis), &mut note.treatment);
        }
        let expecting = life.expecting.is_some_and(|first| day >= first);
        if current.is_none() {
            let over = if expecting { None } else { Some(day.plus((39 - week).max(1) * 7)) };
            self.condition(&here, &diagnosis, first_day, over, true);
        }
        if matches!(week, 28 | 30)
            && !visit.doses.iter().any(|dose| dose.target == country::Target::Pregnant)
            && let Some(dose) = self.registry.country.immunisation.iter().find(|dose| dose.target == country::Target::Pregnant)
            && !self.doses.contains(&dose.id.as_str())
        {
            self.immunization(dose, day, Some(&here));
            note::add(&mut note.plan, &dose.vaccine);
            note.plan.push('.');
        }
        note::add_one(&mut note.plan, tongue, &[
            ["Datos de alarma obstétrica explicados.", "Đã dặn dấu hiệu nguy hiểm thai kỳ.", "Разъяснены тревожные признаки беременности."],
            ["Hierro y ácido fólico, dieta variada.", "Sắt và acid folic, ăn đa dạng.", "Железо и фолиевая кислота, полноценное питание."],
            ["Plan de parto y traslado conversado con la familia.", "Đã bàn kế hoạch sinh với gia đình.", "Обсуждён план родов с семьёй."],
        ], &mut self.chance);
        note::return_in(&mut note.plan, tongue, if week < 28 { 28 } else if week < 36 { 14 } else { 7 });
        self.encounter_resource(&here, Class::Ambulatory, self.say(&["Control prenatal", "Khám thai", "Наблюдение беременности"]), 25, &note, std::slice::from_ref(&diagnosis), life);
        self.document(&here, self.say(&["Nota de control prenatal", "Phiếu khám thai", "Запись наблюдения беременной"]), OUTPATIENT_NOTE, 24, &note);
    }

    pub(super) fn delivery(&mut self, life: &Life, visit: &Visit, caesarean: bool) {
        let tongue = self.tongue;
        let facility = places::hospital(tongue, self.clinic(), true);
        let here = self.here(visit.day, facility, Work::Obstetrics);
        let (icd, words, procedure): (&str, Words, Words) = if caesarean {
            ("O82.9", ["Parto único por cesárea", "Sinh mổ đơn thai", "Роды путём кесарева сечения"], ["Cesárea tipo Kerr", "Mổ lấy thai", "Кесарево сечение"])
        } else {
            ("O80.9", ["Parto único espontáneo", "Sinh thường đơn thai", "Самопроизвольные роды"], ["Atención de parto eutócico", "Đỡ đẻ thường", "Ведение физиологических родов"])
        };
        let diagnosis = Diagnosis { id: self.id(), icd, name: tongue.say(&words) };
        let mut note = Note { reason: self.say(if caesarean { &["Cesárea por desproporción cefalopélvica", "Mổ lấy thai do bất xứng đầu chậu", "Кесарево сечение: клинически узкий таз"] } else { &["Trabajo de parto en fase activa", "Chuyển dạ pha hoạt động", "Активная фаза родов"] }).to_owned(), ..Note::default() };
        self.who(visit.day, &mut note.history);
        self.background(visit.day, &mut note.history);
        let signs = self.usual_signs(visit.day, false, false);
        self.pregnancy = None;
        self.signs(&here, &signs, &mut note.findings);
        self.panel(&here, &m::SHORT_COUNT, false, &mut note.findings);
        note.assessment = self.say(&["Nacimiento de término sin complicaciones, sangrado habitual.", "Sinh đủ tháng không biến chứng, lượng máu mất bình thường.", "Срочные роды без осложнений, кровопотеря физиологическая."]).to_owned();
        note.plan = self.say(&["Lactancia inmediata, vigilancia del puerperio, orientación en anticoncepción.", "Cho bú sớm, theo dõi hậu sản, tư vấn kế hoạch hóa gia đình.", "Раннее прикладывание, наблюдение послеродового периода, консультация по контрацепции."]).to_owned();
        self.prescription(&here, &drugs::PARACETAMOL, 5, false, None, Some(&diagnosis), &mut note.treatment);
        self.procedure(&here, tongue.say(&procedure), here.at.plus(150), if caesarean { 55 } else { 30 }, Some(&diagnosis));
        self.condition(&here, &diagnosis, visit.day, Some(visit.day.plus(if caesarean { 3 } else { 2 })), false);
        let days = if caesarean { 3 } else { 2 };
        let minutes = (1440 * days - 200).min((self.life_end.0 - visit.day.0) * 1440 + 240);
        self.encounter_resource(&here, Class::Inpatient, self.say(&["Hospitalización por parto", "Nhập viện sinh", "Госпитализация на роды"]), minutes, &note, std::slice::from_ref(&diagnosis), life);
        self.summary(&here, self.say(&["Nota de egreso obstétrico", "Tóm tắt ra viện sau sinh", "Выписной эпикриз родильного отделения"]), minutes, &note);
    }

    pub(super) fn birth(&mut self, life: &Life, visit: &Visit) {
        let tongue = self.tongue;
        let facility = places::hospital(tongue, self.clinic(), true);
        let here = self.here(visit.day, facility, Work::Neonatology);
        let diagnosis = Diagnosis { id: self.id(), icd: "Z38.0", name: self.say(&["Nacido vivo único, en hospital", "Trẻ sinh sống, đơn thai, tại bệnh viện", "Один ребёнок, рождённый в стационаре"]) };
        let mut note = Note::default();
        let weeks = self.chance.between(37, 41);
        let mut number = String::new();
        push_padded(&mut number, weeks as u32, 1);
        note.reason = note::filled(self.say(&["Recién nacido de {n} semanas de gestación", "Trẻ sơ sinh, thai {n} tuần", "Новорождённый, срок гестации {n} нед."]), &[("{n}", &number)]);
        note.history = self.say(&["Parto en hospital, llanto inmediato, contacto piel a piel. Apgar 8 al minuto y 9 a los cinco.", "Sinh tại bệnh viện, khóc ngay, da kề da. Apgar 8 phút thứ nhất, 9 phút thứ năm.", "Роды в стационаре, закричал сразу, контакт кожа к коже. Апгар 8 и 9 баллов."]).to_owned();
        let signs = Signs { pulse: Some((138.0 + self.chance.bell() * 7.0).round()), breaths: Some(44.0), temperature: Some(36.8), weight: Some(self.body.weight(visit.day)), height: Some(self.body.height(visit.day)), head: Some(self.body.head(visit.day)), ..Signs::default() };
        let mut findings = String::new();
        self.signs(&here, &signs, &mut findings);
        note::add(&mut findings, self.say(&["Fontanela normotensa, caderas estables, reflejos presentes.", "Thóp phẳng, khớp háng vững, phản xạ tốt.", "Большой родничок не напряжён, тазобедренные суставы стабильны, рефлексы живые."]));
        note.findings = findings;
        note.assessment = self.say(&["Recién nacido sano de término.", "Trẻ sơ sinh đủ tháng khỏe mạnh.", "Здоровый доношенный новорождённый."]).to_owned();
        note.plan = self.say(&["Alojamiento conjunto, lactancia a libre demanda, tamiz metabólico y auditivo.", "Nằm cùng mẹ, bú theo nhu cầu, sàng lọc sơ sinh và thính lực.", "Совместное пребывание, кормление по требованию, неонатальный и аудиологический скрининг."]).to_owned();
        self.give(visit, &here, &mut note.plan);
        self.condition(&here, &diagnosis, visit.day, Some(visit.day.plus(2)), false);
        self.procedure(&here, self.say(&["Tamiz metabólico neonatal", "Sàng lọc sơ sinh lấy máu gót chân", "Неонатальный скрининг"]), here.at.plus(1500), 10, None);
        let minutes = (2 * 1440 - here.at.minute + 660).min((self.life_end.0 - visit.day.0).max(1) * 1440);
        self.encounter_resource(&here, Class::Inpatient, self.say(&["Nacimiento", "Sinh", "Рождение"]), minutes, &note, std::slice::from_ref(&diagnosis), life);
        self.summary(&here, self.say(&["Nota de egreso del recién nacido", "Tóm tắt ra viện trẻ sơ sinh", "Выписной эпикриз новорождённого"]), minutes, &note);
    }

    pub(super) fn postnatal(&mut self, life: &Life, visit: &Visit) {
        let tongue = self.tongue;
        let here = self.here(visit.day, self.clinic(), Work::Midwife);
        let mut note = Note { reason: self.say(&["Control de puerperio", "Khám sau sinh", "Послеродовой осмотр"]).to_owned(), ..Note::default() };
        self.who(visit.day, &mut note.history);
        note::add(&mut note.history, self.say(&["Lactancia materna sin dificultad, loquios escasos.", "Cho con bú tốt, sản dịch ít.", "Кормит грудью, лохии скудные."]));
        let signs = self.usual_signs(visit.day, false, true);
        self.signs(&here, &signs, &mut note.findings);
        note::general(&mut note.findings, tongue, &mut self.chance);
        note.assessment = self.say(&["Puerperio fisiológico, ánimo conservado.", "Hậu sản bình thường, tinh thần ổn định.", "Послеродовой период без осложнений, настроение ровное."]).to_owned();
        note.plan = self.say(&["Continuar hierro tres meses, cita de planificación familiar.", "Tiếp tục sắt 3 tháng, hẹn kế hoạch hóa gia đình.", "Железо ещё три месяца, консультация по планированию семьи."]).to_owned();
        if self.chance.happens(0.5) {
            self.prescription(&here, &drugs::IRON_SULFATE, 90, visit.day.plus(90) > self.life_end, None, None, &mut note.treatment);
        }
        self.encounter_resource(&here, Class::Ambulatory, self.say(&["Control de puerperio", "Khám hậu sản", "Послеродовой осмотр"]), 20, &note, &[], life);
        self.document(&here, self.say(&["Nota de puerperio", "Phiếu khám hậu sản", "Запись послеродового осмотра"]), OUTPATIENT_NOTE, 18, &note);
    }

    pub(super) fn well_child(&mut self, life: &Life, visit: &Visit) {
        let tongue = self.tongue;
        let day = visit.day;
        let work = if self.chance.happens(0.2) { Work::Nurse } else { self.family_work(day) };
        let here = self.here(day, self.clinic(), work);
        let mut note = Note::default();
        let vaccines = !visit.doses.is_empty();
        note.reason = self.say(if vaccines { &["Control de niño sano y vacunación", "Khám sức khỏe trẻ em và tiêm chủng", "Профилактический осмотр и вакцинация"] } else { &["Control de niño sano", "Khám sức khỏe trẻ em định kỳ", "Профилактический осмотр ребёнка"] }).to_owned();
        self.who(day, &mut note.history);
        let age = self.age(day);
        let milestones: &[Words] = match age {
            ..0.3 => &[["Lactancia materna exclusiva, gana peso.", "Bú mẹ hoàn toàn, tăng cân tốt.", "Грудное вскармливание, прибавка в весе достаточная."], ["Fija la mirada y sonríe.", "Biết nhìn theo, mỉm cười.", "Фиксирует взгляд, улыбается."]],
            ..0.8 => &[["Se sienta con apoyo, inició alimentación complementaria.", "Ngồi có đỡ, bắt đầu ăn dặm.", "Сидит с поддержкой, введён прикорм."], ["Balbucea y toma objetos.", "Bập bẹ, cầm nắm đồ vật.", "Лепечет, берёт игрушки."]],
            ..1.6 => &[["Camina con ayuda, dice papá y mamá.", "Tập đi, nói được ba, mẹ.", "Ходит с поддержкой, говорит «мама», «папа»."], ["Come de la dieta familiar.", "Ăn cùng gia đình.", "Ест с общего стола."]],
            ..4.0 => &[["Corre, arma frases de tres palabras.", "Chạy, nói câu ba từ.", "Бегает, говорит фразами."], ["Duerme bien, juega con otros niños.", "Ngủ ngon, chơi với trẻ khác.", "Спит хорошо, играет с детьми."]],
            _ => &[["Buen aprovechamiento escolar.", "Học tập tốt.", "Успеваемость хорошая."], ["Hace deporte dos veces por semana.", "Chơi thể thao hai lần mỗi tuần.", "Занимается спортом дважды в неделю."], ["Usa pantallas tres horas al día.", "Dùng màn hình ba giờ mỗi ngày.", "Экранное время — три часа в день."]],
        };
        note::add_one(&mut note.history, tongue, milestones, &mut self.chance);
        self.background(day, &mut note.history);
        let mut signs = self.usual_signs(day, false, true);
        signs.breaths = None;
        signs.saturation = None;
        signs.systolic = signs.systolic.filter(|_| age > 6.0);
        signs.height = Some(self.body.height(day));
        let mut findings = String::new();
        self.signs(&here, &signs, &mut findings);
        note::general(&mut findings, tongue, &mut self.chance);
        note.findings = findings;
        if (age - 1.0).abs() < 0.05 || (age - 6.0).abs() < 0.2 || self.chance.happens(0.05) {
            self.panel(&here, &m::SHORT_COUNT, false, &mut note.findings);
        }
        note.assessment = self.say(&["Crecimiento y desarrollo adecuados para la edad.", "Phát triển thể chất và tâm thần vận động phù hợp lứa tuổi.", "Физическое и нервно-психическое развитие по возрасту."]).to_owned();
        self.give(visit, &here, &mut note.plan);
        note::add_one(&mut note.plan, tongue, &[
            ["Cepillado de dientes, prevención de accidentes en casa.", "Vệ sinh răng miệng, phòng tai nạn trong nhà.", "Гигиена полости рта, профилактика травм дома."],
            ["Alimentación variada, sin bebidas azucaradas.", "Ăn đa dạng, không nước ngọt.", "Разнообразное питание, без сладких напитков."],
            ["Reacciones leves a las vacunas explicadas.", "Đã dặn phản ứng nhẹ sau tiêm.", "Разъяснены возможные реакции на прививки."],
        ], &mut self.chance);
        if age < 1.0 && self.chance.happens(0.35) {
            self.prescription(&here, &drugs::VITAMIN_D, 90, day.plus(90) > self.life_end, None, None, &mut note.treatment);
        }
        let next = if age < 1.0 { 45 } else if age < 3.0 { 150 } else { 360 };
        note::return_in(&mut note.plan, tongue, next);
        let kind = self.say(&["Control de niño sano", "Khám trẻ khỏe", "Профилактический осмотр"]);
        self.encounter_resource(&here, Class::Ambulatory, kind, 25, &note, &[], life);
        self.document(&here, self.say(&["Nota de control de niño sano", "Phiếu khám trẻ khỏe", "Запись профилактического осмотра"]), if work == Work::Nurse { NURSE_NOTE } else { OUTPATIENT_NOTE }, 22, &note);
    }
}
