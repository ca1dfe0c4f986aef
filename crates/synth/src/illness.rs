//! Illnesses that come and go: infections, injuries, small complaints, and
//! the grave ones that end in a ward. Names are ours, codes are ICD-10.

use crate::drugs::*;
use crate::measure::{BLOOD_COUNT, CARDIAC, INFLAMMATION, KIDNEYS, LIVER, Panel, SHORT_COUNT};
use crate::words::Words;

/// Where it is usually treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setting {
    /// A consultation.
    Office,
    /// An emergency room, then home.
    Emergency,
    /// An emergency room, then a ward for some nights.
    Ward,
}

/// Who can have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sex {
    Any,
    Female,
}

/// One illness.
#[derive(Debug)]
pub(crate) struct Illness {
    pub icd: &'static str,
    pub name: Words,
    /// Why the person comes; `{n}` is the number of days.
    pub reasons: &'static [Words],
    pub findings: &'static [Words],
    pub plans: &'static [Words],
    pub drugs: &'static [&'static Drug],
    pub panels: &'static [&'static Panel],
    /// Years of age, both included.
    pub ages: (i32, i32),
    pub sex: Sex,
    /// How common, against the others of the same setting.
    pub weight: u32,
    /// Days until it is over.
    pub lasting: (i32, i32),
    pub fever: bool,
    pub setting: Setting,
    /// A procedure, for those that need one.
    pub procedure: Option<&'static Words>,
    /// What an image shows, for those that need one.
    pub image: Option<(&'static Words, &'static Words)>,
}

const BASE: Illness = Illness {
    icd: "",
    name: ["", "", ""],
    reasons: &[],
    findings: &[],
    plans: &[],
    drugs: &[],
    panels: &[],
    ages: (0, 110),
    sex: Sex::Any,
    weight: 10,
    lasting: (5, 12),
    fever: false,
    setting: Setting::Office,
    procedure: None,
    image: None,
};

/// All of them.
pub(crate) static ILLNESSES: &[Illness] = &[
    Illness {
        icd: "J06.9",
        name: ["Infección aguda de vías respiratorias superiores", "Nhiễm khuẩn hô hấp trên cấp", "Острая инфекция верхних дыхательных путей"],
        reasons: &[
            ["Tos y escurrimiento nasal de {n} días de evolución", "Ho, chảy mũi {n} ngày", "Кашель и насморк в течение {n} дн."],
            ["Dolor de garganta, estornudos y malestar general desde hace {n} días", "Đau họng, hắt hơi, mệt mỏi {n} ngày nay", "Боль в горле, чихание и слабость, {n} дн."],
            ["Congestión nasal y tos seca nocturna, {n} días", "Nghẹt mũi, ho khan về đêm {n} ngày", "Заложенность носа и сухой ночной кашель, {n} дн."],
        ],
        findings: &[
            ["Faringe hiperémica sin exudado, rinorrea hialina, campos pulmonares limpios", "Họng đỏ, không có mủ, chảy mũi trong, phổi thông khí tốt", "Зев гиперемирован, налётов нет, отделяемое из носа прозрачное, в лёгких хрипов нет"],
            ["Mucosa nasal edematosa, otoscopia normal, murmullo vesicular conservado", "Niêm mạc mũi phù nề, tai bình thường, rì rào phế nang rõ", "Слизистая носа отёчна, отоскопия без особенностей, дыхание везикулярное"],
        ],
        plans: &[
            ["Hidratación abundante, control de la fiebre, lavado nasal con solución salina; no requiere antibiótico", "Uống nhiều nước, hạ sốt khi cần, rửa mũi bằng nước muối sinh lý; không cần kháng sinh", "Обильное питьё, контроль температуры, промывание носа солевым раствором; антибиотик не показан"],
            ["Reposo relativo y alimentación habitual; volver si hay dificultad para respirar", "Nghỉ ngơi, ăn uống bình thường; tái khám nếu khó thở", "Домашний режим, обычное питание; повторный приём при одышке"],
        ],
        drugs: &[&PARACETAMOL, &LORATADINE],
        weight: 100,
        fever: true,
        ..BASE
    },
    Illness {
        icd: "J02.9",
        name: ["Faringitis aguda", "Viêm họng cấp", "Острый фарингит"],
        reasons: &[
            ["Dolor al tragar y fiebre de {n} días", "Nuốt đau, sốt {n} ngày", "Боль при глотании и температура {n} дн."],
            ["Odinofagia intensa desde hace {n} días", "Đau họng nhiều {n} ngày", "Сильная боль в горле, {n} дн."],
        ],
        findings: &[
            ["Amígdalas crecidas con exudado blanquecino, adenopatía cervical dolorosa", "Amidan to, có giả mạc trắng, hạch cổ đau", "Миндалины увеличены, с белым налётом, шейные лимфоузлы болезненны"],
            ["Faringe roja, sin exudado, sin adenopatías", "Họng đỏ, không giả mạc, không hạch", "Зев красный, налётов и увеличенных лимфоузлов нет"],
        ],
        plans: &[
            ["Antibiótico completo aunque mejore antes; líquidos fríos", "Uống đủ liều kháng sinh dù đỡ sớm; uống nước mát", "Пройти полный курс антибиотика; прохладное питьё"],
        ],
        drugs: &[&AMOXICILLIN, &PARACETAMOL],
        ages: (3, 60),
        weight: 35,
        fever: true,
        ..BASE
    },
    Illness {
        icd: "J20.9",
        name: ["Bronquitis aguda", "Viêm phế quản cấp", "Острый бронхит"],
        reasons: &[
            ["Tos con expectoración amarillenta desde hace {n} días", "Ho đờm vàng {n} ngày", "Кашель с желтоватой мокротой {n} дн."],
            ["Tos persistente que impide dormir, {n} días", "Ho dai dẳng, mất ngủ {n} ngày", "Упорный кашель, мешающий спать, {n} дн."],
        ],
        findings: &[
            ["Estertores gruesos bilaterales que se modifican con la tos, sin tiraje", "Ran ngáy hai bên thay đổi khi ho, không rút lõm lồng ngực", "Жёсткое дыхание, рассеянные сухие хрипы, меняющиеся при кашле"],
        ],
        plans: &[
            ["Manejo sintomático; radiografía si no mejora en una semana", "Điều trị triệu chứng; chụp X-quang nếu không đỡ sau một tuần", "Симптоматическое лечение; рентгенография при отсутствии улучшения через неделю"],
        ],
        drugs: &[&SALBUTAMOL, &PARACETAMOL],
        ages: (2, 100),
        weight: 30,
        fever: true,
        lasting: (10, 21),
        ..BASE
    },
    Illness {
        icd: "A09",
        name: ["Gastroenteritis aguda", "Viêm dạ dày ruột cấp", "Острый гастроэнтерит"],
        reasons: &[
            ["Evacuaciones líquidas, {n} días, y vómito", "Tiêu chảy phân lỏng {n} ngày, nôn", "Жидкий стул {n} дн., рвота"],
            ["Diarrea y dolor abdominal tipo cólico desde hace {n} días", "Tiêu chảy, đau quặn bụng {n} ngày", "Диарея и схваткообразные боли в животе, {n} дн."],
        ],
        findings: &[
            ["Mucosas poco húmedas, peristalsis aumentada, abdomen blando sin datos de irritación", "Môi hơi khô, nhu động ruột tăng, bụng mềm, không phản ứng thành bụng", "Слизистые суховаты, перистальтика усилена, живот мягкий, симптомов раздражения брюшины нет"],
        ],
        plans: &[
            ["Vida suero oral a libre demanda, dieta habitual, datos de alarma explicados", "Bù nước bằng Oresol theo nhu cầu, ăn bình thường, đã dặn dấu hiệu nguy hiểm", "Пероральная регидратация, обычная диета, разъяснены признаки обезвоживания"],
        ],
        drugs: &[&REHYDRATION, &PARACETAMOL],
        weight: 45,
        lasting: (3, 8),
        ..BASE
    },
    Illness {
        icd: "H66.9",
        name: ["Otitis media aguda", "Viêm tai giữa cấp", "Острый средний отит"],
        reasons: &[["Dolor de oído y fiebre desde hace {n} días", "Đau tai, sốt {n} ngày", "Боль в ухе и температура {n} дн."]],
        findings: &[["Membrana timpánica abombada y eritematosa, sin perforación", "Màng nhĩ phồng, đỏ, chưa thủng", "Барабанная перепонка выбухает, гиперемирована, перфорации нет"]],
        plans: &[["Antibiótico por siete días, revisión del oído al terminar", "Kháng sinh 7 ngày, khám lại tai khi hết thuốc", "Антибиотик 7 дней, осмотр уха после курса"]],
        drugs: &[&AMOXICILLIN_SYRUP, &PARACETAMOL_SYRUP],
        ages: (0, 10),
        weight: 50,
        fever: true,
        ..BASE
    },
    Illness {
        icd: "L20.9",
        name: ["Dermatitis atópica", "Viêm da cơ địa", "Атопический дерматит"],
        reasons: &[["Comezón y placas rojas en pliegues desde hace {n} días", "Ngứa, mảng đỏ ở nếp gấp {n} ngày", "Зуд и красные пятна в складках кожи, {n} дн."]],
        findings: &[["Placas eritematosas descamativas en fosas antecubitales, sin sobreinfección", "Mảng đỏ bong vảy ở khuỷu tay, không bội nhiễm", "Эритематозно-сквамозные очаги в локтевых сгибах, без вторичного инфицирования"]],
        plans: &[["Emoliente dos veces al día, baños breves con agua tibia", "Dưỡng ẩm ngày hai lần, tắm nhanh nước ấm", "Эмоленты дважды в день, недолгое купание в тёплой воде"]],
        drugs: &[&HYDROCORTISONE],
        ages: (0, 25),
        weight: 25,
        lasting: (14, 40),
        ..BASE
    },
    Illness {
        icd: "B82.9",
        name: ["Parasitosis intestinal", "Nhiễm giun đường ruột", "Кишечный паразитоз"],
        reasons: &[["Dolor abdominal y prurito anal nocturno, {n} días", "Đau bụng, ngứa hậu môn về đêm {n} ngày", "Боли в животе и ночной зуд, {n} дн."]],
        findings: &[["Abdomen blando, depresible, sin visceromegalias", "Bụng mềm, gan lách không to", "Живот мягкий, печень и селезёнка не увеличены"]],
        plans: &[["Desparasitar a toda la familia, lavado de manos", "Tẩy giun cả nhà, rửa tay thường xuyên", "Лечение всей семьи, мытьё рук"]],
        drugs: &[&ALBENDAZOLE],
        ages: (2, 14),
        weight: 18,
        ..BASE
    },
    Illness {
        icd: "H10.9",
        name: ["Conjuntivitis", "Viêm kết mạc", "Конъюнктивит"],
        reasons: &[["Ojo rojo con secreción desde hace {n} días", "Mắt đỏ, có ghèn {n} ngày", "Покраснение глаза с отделяемым, {n} дн."]],
        findings: &[["Hiperemia conjuntival, secreción amarillenta, agudeza visual conservada", "Kết mạc cương tụ, tiết tố vàng, thị lực bình thường", "Гиперемия конъюнктивы, желтоватое отделяемое, острота зрения не снижена"]],
        plans: &[["Aseo ocular, no compartir toallas", "Vệ sinh mắt, không dùng chung khăn", "Туалет глаз, отдельное полотенце"]],
        drugs: &[&CHLORAMPHENICOL],
        weight: 18,
        ..BASE
    },
    Illness {
        icd: "N39.0",
        name: ["Infección de vías urinarias", "Nhiễm khuẩn đường tiết niệu", "Инфекция мочевыводящих путей"],
        reasons: &[
            ["Ardor al orinar y urgencia desde hace {n} días", "Tiểu buốt, tiểu gấp {n} ngày", "Жжение при мочеиспускании и частые позывы, {n} дн."],
            ["Disuria y dolor suprapúbico, {n} días", "Tiểu rắt, đau hạ vị {n} ngày", "Дизурия и боль над лоном, {n} дн."],
        ],
        findings: &[["Dolor suprapúbico leve, Giordano negativo", "Ấn đau nhẹ hạ vị, rung thận âm tính", "Лёгкая болезненность над лоном, симптом поколачивания отрицательный"]],
        plans: &[["Antibiótico cinco días, abundantes líquidos, urocultivo si recurre", "Kháng sinh 5 ngày, uống nhiều nước, cấy nước tiểu nếu tái phát", "Антибиотик 5 дней, обильное питьё, посев мочи при рецидиве"]],
        drugs: &[&NITROFURANTOIN, &PARACETAMOL],
        ages: (15, 100),
        sex: Sex::Female,
        weight: 45,
        ..BASE
    },
    Illness {
        icd: "M54.5",
        name: ["Lumbalgia", "Đau thắt lưng", "Боль внизу спины"],
        reasons: &[
            ["Dolor lumbar tras cargar peso, {n} días", "Đau thắt lưng sau khi bê vật nặng {n} ngày", "Боль в пояснице после подъёма тяжести, {n} дн."],
            ["Dolor de espalda baja que empeora al inclinarse, {n} días", "Đau lưng tăng khi cúi {n} ngày", "Боль в нижней части спины, усиливается при наклоне, {n} дн."],
        ],
        findings: &[["Contractura paravertebral, Lasègue negativo, fuerza y sensibilidad conservadas", "Co cứng cơ cạnh sống, Lasègue âm tính, cơ lực và cảm giác bình thường", "Напряжение паравертебральных мышц, симптом Ласега отрицательный, сила и чувствительность сохранены"]],
        plans: &[["Mantenerse activo, calor local, ejercicios de estiramiento", "Duy trì vận động, chườm ấm, tập giãn cơ", "Сохранять активность, сухое тепло, упражнения на растяжение"]],
        drugs: &[&NAPROXEN, &PARACETAMOL],
        ages: (18, 90),
        weight: 45,
        lasting: (10, 40),
        ..BASE
    },
    Illness {
        icd: "K29.7",
        name: ["Gastritis", "Viêm dạ dày", "Гастрит"],
        reasons: &[["Ardor en la boca del estómago desde hace {n} días", "Nóng rát thượng vị {n} ngày", "Жжение в эпигастрии, {n} дн."]],
        findings: &[["Dolor epigástrico a la palpación, sin rebote", "Ấn đau thượng vị, không phản ứng", "Болезненность в эпигастрии, симптомов раздражения нет"]],
        plans: &[["Evitar irritantes y antiinflamatorios, comidas pequeñas; endoscopia si hay datos de alarma", "Tránh chất kích thích và thuốc chống viêm, chia nhỏ bữa ăn; nội soi nếu có dấu hiệu báo động", "Исключить раздражающую пищу и НПВП, дробное питание; ЭГДС при тревожных симптомах"]],
        drugs: &[&OMEPRAZOLE],
        ages: (15, 85),
        weight: 35,
        lasting: (14, 35),
        ..BASE
    },
    Illness {
        icd: "R51",
        name: ["Cefalea", "Đau đầu", "Головная боль"],
        reasons: &[["Dolor de cabeza opresivo desde hace {n} días", "Đau đầu kiểu bó chặt {n} ngày", "Давящая головная боль, {n} дн."]],
        findings: &[["Exploración neurológica normal, fondo de ojo sin edema de papila", "Khám thần kinh bình thường, không phù gai thị", "Неврологический статус без особенностей, застойных дисков нет"]],
        plans: &[["Diario de cefaleas, higiene del sueño", "Ghi nhật ký đau đầu, ngủ đủ giấc", "Дневник головной боли, режим сна"]],
        drugs: &[&PARACETAMOL],
        ages: (12, 80),
        weight: 22,
        ..BASE
    },
    Illness {
        icd: "J10.1",
        name: ["Influenza", "Cúm mùa", "Грипп"],
        reasons: &[["Fiebre alta de inicio súbito, dolor muscular y tos, {n} días", "Sốt cao đột ngột, đau cơ, ho {n} ngày", "Внезапная высокая температура, ломота в мышцах, кашель, {n} дн."]],
        findings: &[["Aspecto agudamente enfermo, faringe hiperémica, sin dificultad respiratoria", "Vẻ mặt nhiễm trùng, họng đỏ, không khó thở", "Состояние средней тяжести, зев гиперемирован, одышки нет"]],
        plans: &[["Antiviral en las primeras 48 horas, aislamiento en casa, vacuna el próximo otoño", "Kháng virus trong 48 giờ đầu, cách ly tại nhà, tiêm vắc xin mùa sau", "Противовирусный препарат в первые 48 часов, домашняя изоляция, вакцинация следующей осенью"]],
        drugs: &[&OSELTAMIVIR, &PARACETAMOL],
        ages: (5, 100),
        weight: 22,
        fever: true,
        ..BASE
    },
    Illness {
        icd: "U07.1",
        name: ["COVID-19", "COVID-19", "COVID-19"],
        reasons: &[["Fiebre, tos y pérdida del olfato, {n} días", "Sốt, ho, mất mùi {n} ngày", "Температура, кашель, потеря обоняния, {n} дн."]],
        findings: &[["Campos pulmonares bien ventilados, sin datos de dificultad respiratoria", "Phổi thông khí đều, không suy hô hấp", "Дыхание проводится во все отделы, дыхательной недостаточности нет"]],
        plans: &[["Aislamiento, oxímetro en casa, acudir si la saturación baja de 92 %", "Cách ly, theo dõi SpO₂ tại nhà, đến viện nếu dưới 92 %", "Изоляция, пульсоксиметрия дома, обратиться при сатурации ниже 92 %"]],
        drugs: &[&PARACETAMOL],
        ages: (3, 100),
        weight: 22,
        fever: true,
        lasting: (8, 20),
        ..BASE
    },
    Illness {
        icd: "L03.9",
        name: ["Celulitis", "Viêm mô tế bào", "Флегмона мягких тканей"],
        reasons: &[["Pierna roja, caliente y dolorosa desde hace {n} días", "Chân đỏ, nóng, đau {n} ngày", "Покраснение, жар и боль в голени, {n} дн."]],
        findings: &[["Placa eritematosa caliente de bordes mal definidos en pierna, pulsos presentes", "Mảng đỏ nóng giới hạn không rõ ở cẳng chân, mạch rõ", "На голени участок гиперемии без чётких границ, пульсация сохранена"]],
        plans: &[["Elevar la extremidad, marcar el borde, revisar en 48 horas", "Kê cao chân, đánh dấu bờ, khám lại sau 48 giờ", "Возвышенное положение, отметить границу, осмотр через 48 часов"]],
        drugs: &[&CEPHALEXIN, &PARACETAMOL],
        panels: &[&INFLAMMATION],
        ages: (25, 95),
        weight: 12,
        fever: true,
        ..BASE
    },
    // The emergency room.
    Illness {
        icd: "S93.4",
        name: ["Esguince de tobillo", "Bong gân cổ chân", "Растяжение связок голеностопного сустава"],
        reasons: &[["Torcedura de tobillo al bajar escalones", "Trẹo cổ chân khi xuống cầu thang", "Подвёрнута нога на лестнице"], ["Dolor e inflamación del tobillo tras jugar fútbol", "Đau, sưng cổ chân sau đá bóng", "Боль и отёк голеностопа после футбола"]],
        findings: &[["Edema y dolor en ligamento peroneoastragalino anterior, apoyo posible", "Sưng đau dây chằng sên mác trước, còn đi được", "Отёк и болезненность передней таранно-малоберцовой связки, опора возможна"]],
        plans: &[["Hielo, vendaje elástico, apoyo progresivo en 48 horas", "Chườm lạnh, băng thun, tập đi dần sau 48 giờ", "Холод, эластичный бинт, постепенная нагрузка через 48 часов"]],
        drugs: &[&IBUPROFEN],
        ages: (8, 70),
        weight: 40,
        lasting: (14, 40),
        setting: Setting::Emergency,
        image: Some((&["Radiografía de tobillo", "X-quang cổ chân", "Рентгенография голеностопного сустава"], &["Sin trazo de fractura. Aumento de partes blandas en la región lateral.", "Không thấy đường gãy xương. Phù nề phần mềm mặt ngoài.", "Костно-травматических изменений нет. Отёк мягких тканей по латеральной поверхности."])),
        ..BASE
    },
    Illness {
        icd: "S52.5",
        name: ["Fractura de radio distal", "Gãy đầu dưới xương quay", "Перелом дистального отдела лучевой кости"],
        reasons: &[["Caída con apoyo sobre la mano, dolor y deformidad de muñeca", "Ngã chống tay, đau và biến dạng cổ tay", "Падение на руку, боль и деформация запястья"]],
        findings: &[["Deformidad en dorso de tenedor, pulsos y sensibilidad distales conservados", "Biến dạng hình lưng dĩa, mạch và cảm giác đầu chi bình thường", "Штыкообразная деформация, пульс и чувствительность кисти сохранены"]],
        plans: &[["Inmovilización con yeso por seis semanas, control radiográfico en siete días", "Bó bột 6 tuần, chụp kiểm tra sau 7 ngày", "Гипсовая иммобилизация на 6 недель, контрольный снимок через 7 дней"]],
        drugs: &[&PARACETAMOL],
        ages: (6, 90),
        weight: 18,
        lasting: (45, 70),
        setting: Setting::Emergency,
        procedure: Some(&["Reducción cerrada e inmovilización con yeso", "Nắn kín và bó bột", "Закрытая репозиция, гипсовая иммобилизация"]),
        image: Some((&["Radiografía de muñeca", "X-quang cổ tay", "Рентгенография лучезапястного сустава"], &["Fractura metafisaria distal del radio con angulación dorsal de 15 grados.", "Gãy hành xương đầu dưới xương quay, gập góc mặt lưng 15 độ.", "Метафизарный перелом дистального отдела лучевой кости с угловым смещением к тылу 15 градусов."])),
        ..BASE
    },
    Illness {
        icd: "S61.9",
        name: ["Herida de la mano", "Vết thương bàn tay", "Рана кисти"],
        reasons: &[["Herida cortante en la mano con cuchillo de cocina", "Vết thương bàn tay do dao bếp", "Порез кисти кухонным ножом"]],
        findings: &[["Herida lineal de 3 cm, sin lesión tendinosa, llenado capilar normal", "Vết thương dài 3 cm, không tổn thương gân, tưới máu tốt", "Линейная рана 3 см, сухожилия целы, капиллярное наполнение нормальное"]],
        plans: &[["Aseo y sutura con cuatro puntos, retiro en diez días, revisar esquema de tétanos", "Rửa, khâu 4 mũi, cắt chỉ sau 10 ngày, kiểm tra tiêm uốn ván", "Обработка, 4 шва, снять через 10 дней, уточнить прививки от столбняка"]],
        drugs: &[&PARACETAMOL, &CEPHALEXIN],
        ages: (5, 80),
        weight: 30,
        lasting: (10, 16),
        setting: Setting::Emergency,
        procedure: Some(&["Sutura de herida", "Khâu vết thương", "Наложение швов"]),
        ..BASE
    },
    Illness {
        icd: "R07.4",
        name: ["Dolor torácico", "Đau ngực", "Боль в груди"],
        reasons: &[["Dolor en el pecho de dos horas de evolución", "Đau ngực 2 giờ nay", "Боль в груди в течение двух часов"]],
        findings: &[["Ruidos cardiacos rítmicos sin soplos, dolor reproducible a la palpación costal", "Tim đều, không tiếng thổi, ấn đau thành ngực", "Тоны сердца ритмичные, шумов нет, боль воспроизводится при пальпации рёбер"]],
        plans: &[["Electrocardiograma y troponinas sin cambios; alta con vigilancia y cita en consulta", "Điện tim và troponin không thay đổi; cho về theo dõi, hẹn khám", "ЭКГ и тропонин без динамики; выписка под наблюдение, назначен приём"]],
        drugs: &[&PARACETAMOL],
        panels: &[&CARDIAC],
        ages: (30, 95),
        weight: 25,
        lasting: (1, 4),
        setting: Setting::Emergency,
        ..BASE
    },
    Illness {
        icd: "T78.4",
        name: ["Reacción alérgica", "Phản ứng dị ứng", "Аллергическая реакция"],
        reasons: &[["Ronchas y comezón generalizada después de comer", "Nổi mề đay, ngứa toàn thân sau ăn", "Крапивница и зуд после еды"]],
        findings: &[["Habones diseminados, sin edema de labios ni sibilancias", "Mề đay rải rác, không phù môi, không khò khè", "Распространённые волдыри, отёка губ и хрипов нет"]],
        plans: &[["Antihistamínico, evitar el alimento sospechoso, datos de anafilaxia explicados", "Kháng histamin, tránh thức ăn nghi ngờ, đã dặn dấu hiệu phản vệ", "Антигистаминный препарат, исключить подозреваемый продукт, разъяснены признаки анафилаксии"]],
        drugs: &[&LORATADINE, &PREDNISOLONE],
        ages: (2, 70),
        weight: 15,
        lasting: (2, 6),
        setting: Setting::Emergency,
        ..BASE
    },
    // The ward.
    Illness {
        icd: "J18.9",
        name: ["Neumonía", "Viêm phổi", "Пневмония"],
        reasons: &[["Fiebre, tos y dificultad para respirar de {n} días", "Sốt, ho, khó thở {n} ngày", "Температура, кашель и одышка {n} дн."]],
        findings: &[["Estertores crepitantes en base derecha, polipnea, sin cianosis", "Ran nổ đáy phổi phải, thở nhanh, không tím", "Крепитация в нижних отделах справа, тахипноэ, цианоза нет"]],
        plans: &[["Antibiótico intravenoso, oxígeno suplementario, pasar a vía oral al ceder la fiebre", "Kháng sinh tĩnh mạch, thở oxy, chuyển uống khi hết sốt", "Антибиотик внутривенно, кислород, перевод на приём внутрь после нормализации температуры"]],
        drugs: &[&CEFTRIAXONE, &AZITHROMYCIN, &PARACETAMOL],
        panels: &[&INFLAMMATION, &KIDNEYS],
        ages: (0, 105),
        weight: 35,
        lasting: (10, 25),
        fever: true,
        setting: Setting::Ward,
        image: Some((&["Radiografía de tórax", "X-quang ngực thẳng", "Рентгенография органов грудной клетки"], &["Opacidad alveolar en el lóbulo inferior derecho. Sin derrame pleural.", "Đám mờ phế nang thùy dưới phải. Không tràn dịch màng phổi.", "Инфильтрация в нижней доле правого лёгкого. Плеврального выпота нет."])),
        ..BASE
    },
    Illness {
        icd: "K35.8",
        name: ["Apendicitis aguda", "Viêm ruột thừa cấp", "Острый аппендицит"],
        reasons: &[["Dolor abdominal que migró a la fosa iliaca derecha, 1 día", "Đau bụng chuyển xuống hố chậu phải 1 ngày", "Боль в животе, сместившаяся в правую подвздошную область, 1 сутки"]],
        findings: &[["Dolor en punto de McBurney, rebote positivo", "Ấn đau điểm McBurney, phản ứng dội dương tính", "Болезненность в точке Мак-Бурнея, симптом Щёткина — Блюмберга положительный"]],
        plans: &[["Apendicectomía laparoscópica, alta a los dos días, retiro de puntos en consulta", "Cắt ruột thừa nội soi, ra viện sau hai ngày, cắt chỉ ngoại trú", "Лапароскопическая аппендэктомия, выписка через два дня, снятие швов амбулаторно"]],
        drugs: &[&CEFTRIAXONE, &PARACETAMOL],
        panels: &[&INFLAMMATION],
        ages: (6, 60),
        weight: 14,
        lasting: (10, 20),
        fever: true,
        setting: Setting::Ward,
        procedure: Some(&["Apendicectomía laparoscópica", "Phẫu thuật nội soi cắt ruột thừa", "Лапароскопическая аппендэктомия"]),
        ..BASE
    },
    Illness {
        icd: "K80.2",
        name: ["Colelitiasis", "Sỏi túi mật", "Желчнокаменная болезнь"],
        reasons: &[["Dolor en hipocondrio derecho después de comer grasa, {n} días", "Đau hạ sườn phải sau ăn mỡ {n} ngày", "Боль в правом подреберье после жирной пищи, {n} дн."]],
        findings: &[["Murphy positivo, sin ictericia", "Dấu Murphy dương tính, không vàng da", "Симптом Мёрфи положительный, желтухи нет"]],
        plans: &[["Colecistectomía laparoscópica programada en este internamiento", "Cắt túi mật nội soi trong đợt nằm viện này", "Лапароскопическая холецистэктомия в эту госпитализацию"]],
        drugs: &[&CEFTRIAXONE, &PARACETAMOL],
        panels: &[&LIVER, &BLOOD_COUNT],
        ages: (25, 85),
        weight: 14,
        lasting: (10, 20),
        setting: Setting::Ward,
        procedure: Some(&["Colecistectomía laparoscópica", "Phẫu thuật nội soi cắt túi mật", "Лапароскопическая холецистэктомия"]),
        image: Some((&["Ultrasonido de hígado y vías biliares", "Siêu âm gan mật", "УЗИ печени и желчного пузыря"], &["Vesícula con litos móviles de hasta 12 mm, pared de 3 mm, vía biliar no dilatada.", "Túi mật có sỏi di động đến 12 mm, thành 3 mm, đường mật không giãn.", "В желчном пузыре подвижные конкременты до 12 мм, стенка 3 мм, протоки не расширены."])),
        ..BASE
    },
    Illness {
        icd: "A97.1",
        name: ["Dengue con signos de alarma", "Sốt xuất huyết Dengue có dấu hiệu cảnh báo", "Лихорадка денге"],
        reasons: &[["Fiebre de {n} días, dolor retroocular y vómito", "Sốt {n} ngày, đau hốc mắt, nôn", "Лихорадка {n} дн., боль за глазами, рвота"]],
        findings: &[["Exantema, prueba de torniquete positiva, dolor abdominal leve", "Phát ban, dấu dây thắt dương tính, đau bụng nhẹ", "Сыпь, проба жгута положительная, умеренная боль в животе"]],
        plans: &[["Hidratación vigilada, plaquetas y hematocrito cada 12 horas", "Bù dịch theo dõi sát, tiểu cầu và hematocrit mỗi 12 giờ", "Контролируемая регидратация, тромбоциты и гематокрит каждые 12 часов"]],
        drugs: &[&PARACETAMOL, &REHYDRATION],
        panels: &[&SHORT_COUNT, &LIVER],
        ages: (4, 70),
        weight: 14,
        lasting: (7, 14),
        fever: true,
        setting: Setting::Ward,
        ..BASE
    },
    Illness {
        icd: "I63.9",
        name: ["Infarto cerebral", "Nhồi máu não", "Инфаркт мозга"],
        reasons: &[["Debilidad súbita del brazo y la pierna derechos, dificultad para hablar", "Đột ngột yếu tay chân phải, nói khó", "Внезапная слабость в правых конечностях, нарушение речи"]],
        findings: &[["Hemiparesia derecha 3/5, disartria, NIHSS 7", "Yếu nửa người phải 3/5, nói khó, NIHSS 7", "Правосторонний гемипарез 3 балла, дизартрия, NIHSS 7"]],
        plans: &[["Antiagregación y estatina, rehabilitación temprana, control estricto de la presión", "Kháng tiểu cầu và statin, phục hồi chức năng sớm, kiểm soát chặt huyết áp", "Антиагрегант и статин, ранняя реабилитация, строгий контроль давления"]],
        drugs: &[&CLOPIDOGREL, &ATORVASTATIN_40],
        panels: &[&BLOOD_COUNT, &KIDNEYS, &CARDIAC],
        ages: (58, 100),
        weight: 10,
        lasting: (60, 180),
        setting: Setting::Ward,
        image: Some((&["Tomografía de cráneo", "CT sọ não", "КТ головного мозга"], &["Hipodensidad en territorio de la arteria cerebral media izquierda. Sin hemorragia.", "Giảm tỷ trọng vùng động mạch não giữa trái. Không xuất huyết.", "Гиподенсивный очаг в бассейне левой средней мозговой артерии. Кровоизлияния нет."])),
        ..BASE
    },
    Illness {
        icd: "S72.0",
        name: ["Fractura de cuello de fémur", "Gãy cổ xương đùi", "Перелом шейки бедренной кости"],
        reasons: &[["Caída en casa, dolor de cadera e imposibilidad para caminar", "Ngã tại nhà, đau háng, không đi được", "Падение дома, боль в тазобедренном суставе, не может идти"]],
        findings: &[["Miembro pélvico acortado y en rotación externa, pulsos presentes", "Chân ngắn, xoay ngoài, mạch mu chân rõ", "Конечность укорочена и ротирована кнаружи, пульс на стопе есть"]],
        plans: &[["Hemiartroplastia en las primeras 48 horas, tromboprofilaxis, rehabilitación", "Thay khớp háng bán phần trong 48 giờ, dự phòng huyết khối, tập phục hồi", "Эндопротезирование в первые 48 часов, профилактика тромбозов, реабилитация"]],
        drugs: &[&PARACETAMOL, &CALCIUM],
        panels: &[&BLOOD_COUNT, &KIDNEYS],
        ages: (68, 105),
        weight: 12,
        lasting: (90, 200),
        setting: Setting::Ward,
        procedure: Some(&["Hemiartroplastia de cadera", "Thay khớp háng bán phần", "Эндопротезирование тазобедренного сустава"]),
        image: Some((&["Radiografía de pelvis", "X-quang khung chậu", "Рентгенография таза"], &["Fractura subcapital desplazada del fémur derecho.", "Gãy dưới chỏm xương đùi phải, di lệch.", "Субкапитальный перелом правой бедренной кости со смещением."])),
        ..BASE
    },
];

/// The illness with this ICD-10 code.
#[cfg(test)]
pub(crate) fn by_code(icd: &str) -> Option<&'static Illness> {
    ILLNESSES.iter().find(|illness| illness.icd == icd)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_illness_can_be_written_in_three_languages() {
        for illness in ILLNESSES {
            for words in [illness.reasons, illness.findings, illness.plans] {
                assert!(!words.is_empty(), "{}", illness.icd);
                assert!(words.iter().flatten().all(|text| !text.is_empty()), "{}", illness.icd);
            }
        }
        assert!(by_code("J18.9").is_some());
    }
}
