//! Names as they are given: common ones, put together by chance, so that a
//! namesake of a real person is an accident and nothing more.

use crate::chance::Chance;
use crate::words::Tongue;

const MX_WOMEN: &[&str] = &["María Guadalupe", "Juana", "Verónica", "Leticia", "Alejandra", "Rosa María", "Claudia", "Patricia", "Gabriela", "Adriana", "Fernanda", "Ximena", "Valeria", "Daniela", "Regina", "Camila", "Renata", "Mariana", "Ana Sofía", "Elena", "Beatriz", "Silvia", "Norma", "Teresa", "Yolanda", "Irma", "Martha Elena", "Lourdes", "Paola", "Itzel", "Citlali", "Araceli", "Graciela", "Esperanza", "Josefina", "Carmen", "Lucía", "Isabel", "Natalia", "Jimena"];
const MX_MEN: &[&str] = &["José Luis", "Juan Carlos", "Miguel Ángel", "Jesús", "Francisco", "Antonio", "Alejandro", "Roberto", "Jorge", "Ricardo", "Fernando", "Eduardo", "Javier", "Raúl", "Sergio", "Diego", "Santiago", "Mateo", "Sebastián", "Emiliano", "Leonardo", "Ángel", "Luis Fernando", "Arturo", "Héctor", "Óscar", "Rubén", "Gerardo", "Enrique", "Marco Antonio", "Rafael", "Salvador", "Ramón", "Andrés", "Iker", "Gael", "Tadeo", "Víctor", "Ignacio", "Pedro"];
const MX_FAMILIES: &[&str] = &["Hernández", "García", "Martínez", "López", "González", "Pérez", "Rodríguez", "Sánchez", "Ramírez", "Cruz", "Flores", "Gómez", "Morales", "Vázquez", "Jiménez", "Reyes", "Díaz", "Torres", "Gutiérrez", "Ruiz", "Mendoza", "Aguilar", "Ortiz", "Moreno", "Castillo", "Romero", "Álvarez", "Méndez", "Chávez", "Rivera", "Juárez", "Ramos", "Domínguez", "Herrera", "Medina", "Castro", "Vargas", "Guzmán", "Velázquez", "Muñoz", "Rojas", "Contreras", "Salazar", "Luna", "Ortega", "Guerrero", "Santiago", "Estrada", "Bautista", "Cortés", "Soto", "Alvarado", "Espinoza", "Lara", "Ávila", "Ríos", "Cervantes", "Silva", "Delgado", "Vega", "Márquez", "Sandoval", "Núñez", "Carrillo", "Fuentes", "León", "Ibarra", "Nava", "Peña", "Zúñiga"];

const VN_WOMEN: &[&str] = &["Hoa", "Lan", "Mai", "Hương", "Hằng", "Thảo", "Linh", "Trang", "Ngọc", "Hà", "Thu", "Nga", "Yến", "Phương", "Hạnh", "Dung", "Loan", "Oanh", "Tuyết", "Xuân", "Nhung", "Hiền", "Vân", "Bích", "Châu", "Quỳnh", "Giang", "My", "Nhi", "Trâm", "Diệp", "Thúy", "Liên", "Huệ", "Cúc", "Đào", "Thắm", "Thơm", "Uyên", "Ánh"];
const VN_WOMEN_MIDDLE: &[&str] = &["Thị", "Thị", "Thị", "Thị Thu", "Thị Thanh", "Ngọc", "Thị Kim", "Thị Mỹ", "Khánh", "Bảo", "Thị Minh", "Diệu"];
const VN_MEN: &[&str] = &["Hùng", "Dũng", "Nam", "Tuấn", "Minh", "Anh", "Đức", "Hải", "Long", "Sơn", "Thắng", "Cường", "Quang", "Huy", "Khoa", "Phúc", "Bình", "Tâm", "Tùng", "Việt", "Hiếu", "Trung", "Kiên", "Đạt", "Lâm", "Phong", "Thành", "Toàn", "Vinh", "Hoàng", "Khánh", "Lộc", "Nghĩa", "Quân", "Tài", "Thịnh", "Trí", "Vũ", "Duy", "Mạnh"];
const VN_MEN_MIDDLE: &[&str] = &["Văn", "Văn", "Văn", "Hữu", "Đức", "Quốc", "Minh", "Xuân", "Ngọc", "Gia", "Thanh", "Công", "Đình"];
const VN_FAMILIES: &[&str] = &["Nguyễn", "Nguyễn", "Nguyễn", "Nguyễn", "Nguyễn", "Trần", "Trần", "Lê", "Lê", "Phạm", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý", "Đinh", "Lương", "Mai", "Trịnh", "Đoàn", "Tạ", "Cao", "Lâm", "Hà", "Nông", "Triệu"];

const RU_WOMEN: &[&str] = &["Анна", "Мария", "Елена", "Ольга", "Татьяна", "Наталья", "Ирина", "Светлана", "Екатерина", "Юлия", "Анастасия", "Дарья", "Ксения", "Полина", "Виктория", "Алиса", "София", "Варвара", "Вероника", "Галина", "Людмила", "Валентина", "Нина", "Тамара", "Лариса", "Марина", "Надежда", "Вера", "Любовь", "Зоя", "Раиса", "Кира", "Милана", "Алина", "Евгения", "Алёна", "Таисия", "Ульяна", "Лидия", "Маргарита"];
/// A man's name and the patronymics made from it, of a woman and of a man.
const RU_MEN: &[(&str, &str, &str)] = &[
    ("Александр", "Александровна", "Александрович"), ("Сергей", "Сергеевна", "Сергеевич"), ("Дмитрий", "Дмитриевна", "Дмитриевич"), ("Андрей", "Андреевна", "Андреевич"), ("Алексей", "Алексеевна", "Алексеевич"), ("Максим", "Максимовна", "Максимович"), ("Евгений", "Евгеньевна", "Евгеньевич"), ("Иван", "Ивановна", "Иванович"), ("Михаил", "Михайловна", "Михайлович"), ("Артём", "Артёмовна", "Артёмович"), ("Николай", "Николаевна", "Николаевич"), ("Владимир", "Владимировна", "Владимирович"), ("Павел", "Павловна", "Павлович"), ("Константин", "Константиновна", "Константинович"), ("Виктор", "Викторовна", "Викторович"), ("Юрий", "Юрьевна", "Юрьевич"), ("Олег", "Олеговна", "Олегович"), ("Роман", "Романовна", "Романович"), ("Игорь", "Игоревна", "Игоревич"), ("Тимофей", "Тимофеевна", "Тимофеевич"), ("Матвей", "Матвеевна", "Матвеевич"), ("Кирилл", "Кирилловна", "Кириллович"), ("Лев", "Львовна", "Львович"), ("Пётр", "Петровна", "Петрович"), ("Фёдор", "Фёдоровна", "Фёдорович"), ("Георгий", "Георгиевна", "Георгиевич"), ("Степан", "Степановна", "Степанович"), ("Анатолий", "Анатольевна", "Анатольевич"), ("Василий", "Васильевна", "Васильевич"), ("Григорий", "Григорьевна", "Григорьевич"), ("Борис", "Борисовна", "Борисович"), ("Глеб", "Глебовна", "Глебович"),
];
/// A family name of a man; a woman's follows from its ending.
const RU_FAMILIES: &[&str] = &["Иванов", "Смирнов", "Кузнецов", "Попов", "Васильев", "Петров", "Соколов", "Михайлов", "Новиков", "Фёдоров", "Морозов", "Волков", "Алексеев", "Лебедев", "Семёнов", "Егоров", "Павлов", "Козлов", "Степанов", "Николаев", "Орлов", "Андреев", "Макаров", "Никитин", "Захаров", "Зайцев", "Соловьёв", "Борисов", "Яковлев", "Григорьев", "Романов", "Воробьёв", "Сергеев", "Кузьмин", "Фролов", "Александров", "Дмитриев", "Королёв", "Гусев", "Киселёв", "Ильин", "Максимов", "Поляков", "Сорокин", "Виноградов", "Ковалёв", "Белов", "Медведев", "Антонов", "Тарасов", "Жуков", "Баранов", "Филиппов", "Комаров", "Давыдов", "Беляев", "Герасимов", "Богданов", "Осипов", "Сидоров", "Матвеев", "Титов", "Марков", "Миронов", "Крылов", "Куликов", "Карпов", "Власов", "Мельников", "Денисов", "Белинский", "Островский"];

/// A name in the order FHIR wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FullName {
    pub family: String,
    /// Mexican names: the father's and the mother's half of the family name.
    pub halves: Option<(&'static str, &'static str)>,
    pub given: Vec<&'static str>,
}

impl FullName {
    /// As it is written on a card.
    pub fn text(&self, tongue: Tongue) -> String {
        let mut text = String::with_capacity(48);
        if tongue != Tongue::Spanish {
            text.push_str(&self.family);
        }
        for given in &self.given {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(given);
        }
        if tongue == Tongue::Spanish {
            text.push(' ');
            text.push_str(&self.family);
        }
        text
    }
}

/// What a household hands down: family names by their place in the lists.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lineage {
    /// The father's two family names and the mother's two; Vietnam and
    /// Russia use the first of each.
    pub father: (u8, u8),
    pub mother: (u8, u8),
    /// The father's given name, for patronymics.
    pub father_given: u8,
}

impl Lineage {
    pub fn draw(tongue: Tongue, chance: &mut Chance) -> Lineage {
        let families = match tongue {
            Tongue::Spanish => MX_FAMILIES.len(),
            Tongue::Vietnamese => VN_FAMILIES.len(),
            Tongue::Russian => RU_FAMILIES.len(),
        } as u64;
        let mut family = || chance.below(families) as u8;
        let father = (family(), family());
        let mother = (family(), family());
        Lineage { father, mother, father_given: chance.below(32) as u8 }
    }
}

/// Which place in the family a name is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kin {
    Father,
    Mother,
    Child,
}

/// The name of one member of a family.
pub(crate) fn draw(tongue: Tongue, lineage: Lineage, kin: Kin, woman: bool, chance: &mut Chance) -> FullName {
    match tongue {
        Tongue::Spanish => {
            let (first, second) = match kin {
                Kin::Father => lineage.father,
                Kin::Mother => lineage.mother,
                Kin::Child => (lineage.father.0, lineage.mother.0),
            };
            let halves = (MX_FAMILIES[usize::from(first)], MX_FAMILIES[usize::from(second)]);
            let given = *chance.pick(if woman { MX_WOMEN } else { MX_MEN });
            FullName { family: [halves.0, " ", halves.1].concat(), halves: Some(halves), given: given.split(' ').collect() }
        }
        Tongue::Vietnamese => {
            let family = if kin == Kin::Mother { lineage.mother.0 } else { lineage.father.0 };
            let (middles, names) = if woman { (VN_WOMEN_MIDDLE, VN_WOMEN) } else { (VN_MEN_MIDDLE, VN_MEN) };
            let given = vec![*chance.pick(middles), *chance.pick(names)];
            FullName { family: VN_FAMILIES[usize::from(family)].to_owned(), halves: None, given }
        }
        Tongue::Russian => {
            let family = RU_FAMILIES[usize::from(lineage.father.0)];
            let father = match kin {
                Kin::Child => usize::from(lineage.father_given),
                _ => chance.below(RU_MEN.len() as u64) as usize,
            };
            let own = match kin {
                Kin::Father => RU_MEN[usize::from(lineage.father_given)].0,
                _ if woman => chance.pick(RU_WOMEN),
                _ => chance.pick(RU_MEN).0,
            };
            let patronymic = if woman { RU_MEN[father].1 } else { RU_MEN[father].2 };
            let family = if woman { feminine(family) } else { family.to_owned() };
            FullName { family, halves: None, given: vec![own, patronymic] }
        }
    }
}

/// `Кузнецов` becomes `Кузнецова`, `Островский` becomes `Островская`.
fn feminine(family: &str) -> String {
    match family.strip_suffix("ий") {
        Some(stem) => [stem, "ая"].concat(),
        None => [family, "а"].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_bears_the_names_its_country_gives() {
        let lineage = Lineage { father: (0, 1), mother: (2, 3), father_given: 1 };
        let mut chance = Chance::new(5);
        let mexican = draw(Tongue::Spanish, lineage, Kin::Child, true, &mut chance);
        assert_eq!(mexican.family, "Hernández Martínez");
        let vietnamese = draw(Tongue::Vietnamese, lineage, Kin::Child, false, &mut chance);
        assert_eq!(vietnamese.family, "Nguyễn");
        let russian = draw(Tongue::Russian, lineage, Kin::Child, true, &mut chance);
        assert_eq!((russian.family.as_str(), russian.given[1]), ("Иванова", "Сергеевна"));
    }
}
