//! Where care is given and by whom: invented facilities and practitioners,
//! the same for every population of a country, whatever its seed.

use crate::chance::{Chance, mix};
use crate::names::{self, FullName, Kin, Lineage};
use crate::words::{Tongue, Words};

/// The system of our facilities' identifiers.
pub(crate) const FACILITY_SYSTEM: &str = "https://carnet.health/id/synthetic/facility";
/// The system of our practitioners' identifiers.
pub(crate) const PRACTITIONER_SYSTEM: &str = "https://carnet.health/id/synthetic/practitioner";

/// How many districts there are; each has a clinic of its own.
pub(crate) const DISTRICTS: usize = 8;
/// Facilities: a clinic per district, two hospitals, a laboratory, the insurer.
pub(crate) const FACILITIES: usize = DISTRICTS + 4;
pub(crate) const LABORATORY: usize = DISTRICTS + 2;
pub(crate) const INSURER: usize = DISTRICTS + 3;
/// Six persons in each clinic, nine in each hospital, one in the laboratory.
pub(crate) const PRACTITIONERS: usize = DISTRICTS * 6 + 18 + 1;

/// What a practitioner does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    Family,
    Paediatrics,
    Nurse,
    Midwife,
    Emergency,
    Internal,
    Surgery,
    Obstetrics,
    Cardiology,
    Nephrology,
    Endocrinology,
    Neonatology,
    Traumatology,
    Laboratory,
}

impl Work {
    pub fn words(self) -> &'static Words {
        match self {
            Work::Family => &["Medicina familiar", "Y học gia đình", "Врач общей практики"],
            Work::Paediatrics => &["Pediatría", "Nhi khoa", "Педиатр"],
            Work::Nurse => &["Enfermería", "Điều dưỡng", "Медицинская сестра"],
            Work::Midwife => &["Partería y enfermería perinatal", "Hộ sinh", "Акушерка"],
            Work::Emergency => &["Urgencias", "Cấp cứu", "Врач неотложной помощи"],
            Work::Internal => &["Medicina interna", "Nội tổng hợp", "Терапевт стационара"],
            Work::Surgery => &["Cirugía general", "Ngoại tổng hợp", "Хирург"],
            Work::Obstetrics => &["Ginecología y obstetricia", "Sản phụ khoa", "Акушер-гинеколог"],
            Work::Cardiology => &["Cardiología", "Tim mạch", "Кардиолог"],
            Work::Nephrology => &["Nefrología", "Thận", "Нефролог"],
            Work::Endocrinology => &["Endocrinología", "Nội tiết", "Эндокринолог"],
            Work::Neonatology => &["Neonatología", "Sơ sinh", "Неонатолог"],
            Work::Traumatology => &["Traumatología y ortopedia", "Chấn thương chỉnh hình", "Травматолог-ортопед"],
            Work::Laboratory => &["Laboratorio clínico", "Xét nghiệm", "Врач клинической лабораторной диагностики"],
        }
    }
}

const CLINIC: [Work; 6] = [Work::Family, Work::Family, Work::Family, Work::Paediatrics, Work::Nurse, Work::Midwife];
const HOSPITAL: [Work; 9] = [Work::Emergency, Work::Internal, Work::Surgery, Work::Obstetrics, Work::Cardiology, Work::Nephrology, Work::Endocrinology, Work::Neonatology, Work::Traumatology];

const FACILITY_NAMES: [[&str; FACILITIES]; 3] = [
    [
        "Clínica Familiar Las Jacarandas", "Centro de Salud Los Colibríes", "Clínica Familiar Laguna Azul", "Centro de Salud Cerro Verde",
        "Clínica Familiar San Isidro del Valle", "Centro de Salud Puerto Coral", "Clínica Familiar La Esperanza", "Centro de Salud Nopalera",
        "Hospital General de la Sierra Nueva", "Hospital Regional del Valle", "Laboratorio Regional de Diagnóstico", "Seguro de Salud de Sierra Nueva",
    ],
    [
        "Trạm Y tế xã An Phúc", "Trạm Y tế phường Hoa Sen", "Trạm Y tế xã Suối Xanh", "Trạm Y tế xã Đồi Thông",
        "Trạm Y tế phường Bình An", "Trạm Y tế xã Cửa Biển", "Trạm Y tế xã Hòa Lạc", "Trạm Y tế phường Tân Mai",
        "Bệnh viện Đa khoa khu vực Hòa An", "Bệnh viện Sản Nhi Hòa An", "Trung tâm Xét nghiệm Hòa An", "Quỹ Bảo hiểm y tế Hòa An",
    ],
    [
        "Поликлиника № 901", "Поликлиника № 902", "Поликлиника № 903", "Поликлиника № 904",
        "Поликлиника № 905", "Поликлиника № 906", "Поликлиника № 907", "Поликлиника № 908",
        "Городская больница № 99", "Перинатальный центр № 9", "Централизованная лаборатория № 9", "Страховая компания «Заречье-Мед»",
    ],
];

/// Towns that are on no map: one per district.
const TOWNS: [[&str; DISTRICTS]; 3] = [
    ["Las Jacarandas", "Los Colibríes", "Laguna Azul", "Cerro Verde", "San Isidro del Valle", "Puerto Coral", "La Esperanza", "Nopalera"],
    ["xã An Phúc", "phường Hoa Sen", "xã Suối Xanh", "xã Đồi Thông", "phường Bình An", "xã Cửa Biển", "xã Hòa Lạc", "phường Tân Mai"],
    ["Заречногорск", "Сосновоборье", "Новоозёрск", "Краснополянск", "Березинск", "Верхнереченск", "Лугоград", "Каменка-Северная"],
];
/// States that are on no map.
const STATES: Words = ["Sierra Nueva", "tỉnh Hòa An", "Заречная область"];
const STREETS: [[&str; 24]; 3] = [
    ["Calle Colibrí", "Calle Jacaranda", "Calle Obsidiana", "Calle Maguey", "Calle Turquesa", "Calle Luna Llena", "Calle Ámbar", "Calle Golondrina", "Calle Cempasúchil", "Calle Ahuehuete", "Calle Barro Negro", "Calle Tamarindo", "Calle Mezquite", "Calle Garza Blanca", "Calle Copal", "Calle Alhelí", "Calle Quetzal", "Calle Río Seco", "Calle Nube", "Calle Papalote", "Calle Caracol", "Calle Biznaga", "Calle Lucero", "Calle Nogal Viejo"],
    ["thôn Sen Hồng", "thôn Mây Trắng", "thôn Lúa Vàng", "thôn Tre Xanh", "thôn Chim Én", "thôn Sao Mai", "thôn Suối Đá", "thôn Cau Cao", "thôn Trăng Non", "thôn Gió Lành", "thôn Hạt Gạo", "thôn Bến Đò", "tổ 1", "tổ 2", "tổ 3", "tổ 4", "tổ 5", "tổ 6", "tổ 7", "tổ 8", "tổ 9", "tổ 10", "tổ 11", "tổ 12"],
    ["ул. Подсолнуховая", "ул. Ледяная", "ул. Малиновая", "ул. Снегирёвая", "ул. Звёздный Путь", "ул. Ясеневая Роща", "ул. Дождевая", "ул. Кедровая Падь", "ул. Тихий Омут", "ул. Радужная Даль", "ул. Янтарная Гряда", "ул. Пёстрая", "ул. Облачная", "ул. Медовая", "ул. Ковыльная", "ул. Ивовый Плёс", "ул. Родниковая", "ул. Стрижей", "ул. Берёзовый Дол", "ул. Морошковая", "ул. Рябиновый Яр", "ул. Синичкина", "ул. Туманная", "ул. Вьюжная"],
];

/// A facility's name.
pub(crate) fn facility_name(tongue: Tongue, facility: usize) -> &'static str {
    FACILITY_NAMES[tongue as usize][facility]
}

/// The town of a district.
pub(crate) fn town(tongue: Tongue, district: usize) -> &'static str {
    TOWNS[tongue as usize][district]
}

/// The invented state or province.
pub(crate) fn state(tongue: Tongue) -> &'static str {
    STATES[tongue as usize]
}

/// A street nobody lives in.
pub(crate) fn street(tongue: Tongue, street: usize) -> &'static str {
    STREETS[tongue as usize][street]
}

/// `mx-03`
pub(crate) fn facility_code(country: &country::Country, facility: usize) -> String {
    format!("{}-{:02}", country.code, facility + 1)
}

/// `mx-p-017`
pub(crate) fn practitioner_code(country: &country::Country, practitioner: usize) -> String {
    format!("{}-p-{:03}", country.code, practitioner + 1)
}

/// The hospital that serves a district, or the one for mothers and children.
pub(crate) fn hospital(tongue: Tongue, district: usize, birth: bool) -> usize {
    match (tongue, birth) {
        (Tongue::Spanish, _) => DISTRICTS + district / (DISTRICTS / 2),
        (_, true) => DISTRICTS + 1,
        (_, false) => DISTRICTS,
    }
}

/// Who does this work in a facility; `which` chooses among several.
pub(crate) fn who(facility: usize, work: Work, which: u64) -> usize {
    if facility == LABORATORY {
        return PRACTITIONERS - 1;
    }
    let (first, crew): (usize, &[Work]) = if facility < DISTRICTS {
        (facility * 6, &CLINIC)
    } else {
        (DISTRICTS * 6 + (facility - DISTRICTS) * 9, &HOSPITAL)
    };
    let able: Vec<usize> = (0..crew.len()).filter(|place| crew[*place] == work).collect();
    let place = if able.is_empty() { 0 } else { able[(which % able.len() as u64) as usize] };
    first + place
}

/// What a practitioner does, and where.
pub(crate) fn post(practitioner: usize) -> (usize, Work) {
    if practitioner < DISTRICTS * 6 {
        (practitioner / 6, CLINIC[practitioner % 6])
    } else if practitioner == PRACTITIONERS - 1 {
        (LABORATORY, Work::Laboratory)
    } else {
        let place = practitioner - DISTRICTS * 6;
        (DISTRICTS + place / 9, HOSPITAL[place % 9])
    }
}

/// A practitioner's name and whether she is a woman.
pub(crate) fn practitioner(tongue: Tongue, practitioner: usize) -> (FullName, bool) {
    let mut chance = Chance::new(mix(0xCA12_E700 + tongue as u64, practitioner as u64));
    let woman = matches!(post(practitioner).1, Work::Midwife) || chance.happens(0.55);
    let lineage = Lineage::draw(tongue, &mut chance);
    let kin = if woman { Kin::Mother } else { Kin::Father };
    (names::draw(tongue, lineage, kin, woman, &mut chance), woman)
}

/// `Dra. Elena Ruiz Soto`, as a signature shows it.
pub(crate) fn signature(tongue: Tongue, number: usize) -> String {
    let (name, woman) = practitioner(tongue, number);
    let work = post(number).1;
    let title = match (tongue, work) {
        (Tongue::Spanish, Work::Nurse | Work::Midwife) => if woman { "Enfra. " } else { "Enf. " },
        (Tongue::Spanish, _) => if woman { "Dra. " } else { "Dr. " },
        (Tongue::Vietnamese, Work::Nurse) => "ĐD. ",
        (Tongue::Vietnamese, Work::Midwife) => "NHS. ",
        (Tongue::Vietnamese, _) => "BS. ",
        (Tongue::Russian, _) => "",
    };
    title.to_owned() + &name.text(tongue)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_works_where_the_post_says() {
        for number in 0..PRACTITIONERS {
            let (facility, work) = post(number);
            let able: Vec<usize> = (0..4).map(|which| who(facility, work, which)).collect();
            assert!(able.contains(&number), "{number}");
        }
    }
}
