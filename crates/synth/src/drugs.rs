//! Medicines by generic name, with ATC code, strength and how they are taken.

use crate::words::{Tongue, Words};

/// In what shape a medicine comes, which decides the verbs around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Tablet,
    Capsule,
    Syrup,
    Inhaler,
    Injection,
    Cream,
    Drops,
    Sachet,
}

/// How often it is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Schedule {
    Morning,
    Night,
    Twice,
    Thrice,
    FourTimes,
    WithMeals,
    AsNeeded,
    Weekly,
    Once,
}

/// One product.
#[derive(Debug)]
pub(crate) struct Drug {
    pub atc: &'static str,
    pub name: Words,
    pub strength: &'static str,
    pub form: Form,
    pub schedule: Schedule,
    /// How many units a dose has: tablets, mL, puffs.
    pub units: Words,
    /// The dose for `doseAndRate`, in UCUM.
    pub dose: (f64, u8, &'static str),
    /// Days one prescription lasts.
    pub days: u32,
}

impl PartialEq for Drug {
    fn eq(&self, other: &Drug) -> bool {
        self.atc == other.atc && self.strength == other.strength
    }
}

impl Drug {
    /// `Metformina 850 mg`
    pub fn title(&self, tongue: Tongue, out: &mut String) {
        out.push_str(tongue.say(&self.name));
        out.push(' ');
        strength(tongue, self.strength, out);
    }

    /// The word for its form: tablet, syrup…
    pub fn form_word(&self, tongue: Tongue) -> &'static str {
        tongue.say(match self.form {
            Form::Tablet => &["tableta", "viên nén", "таблетки"],
            Form::Capsule => &["cápsula", "viên nang", "капсулы"],
            Form::Syrup => &["suspensión oral", "hỗn dịch uống", "суспензия для приёма внутрь"],
            Form::Inhaler => &["aerosol para inhalar", "bình xịt định liều", "аэрозоль для ингаляций"],
            Form::Injection => &["solución inyectable", "dung dịch tiêm", "раствор для инъекций"],
            Form::Cream => &["crema", "kem bôi", "крем"],
            Form::Drops => &["gotas", "thuốc nhỏ", "капли"],
            Form::Sachet => &["sobre", "gói", "порошок"],
        })
    }

    /// The route in words.
    pub fn route_word(&self, tongue: Tongue) -> &'static str {
        tongue.say(match self.form {
            Form::Inhaler => &["Inhalada", "Hít", "Ингаляционно"],
            Form::Injection => &["Subcutánea", "Tiêm dưới da", "Подкожно"],
            Form::Cream => &["Cutánea", "Bôi ngoài da", "Наружно"],
            Form::Drops => &["Tópica", "Nhỏ tại chỗ", "Местно"],
            _ => &["Oral", "Uống", "Внутрь"],
        })
    }

    /// The whole instruction for the person who takes it.
    pub fn instruction(&self, tongue: Tongue, days: u32, out: &mut String) {
        let verb = tongue.say(match self.form {
            Form::Tablet | Form::Capsule | Form::Syrup | Form::Sachet => &["Tomar ", "Uống ", "Принимать внутрь по "],
            Form::Inhaler => &["Inhalar ", "Hít ", "Ингаляции по "],
            Form::Injection => &["Aplicar ", "Tiêm ", "Вводить подкожно по "],
            Form::Cream => &["Aplicar ", "Bôi ", "Наносить "],
            Form::Drops => &["Aplicar ", "Nhỏ ", "Капать по "],
        });
        out.push_str(verb);
        out.push_str(tongue.say(&self.units));
        out.push_str(tongue.say(match self.schedule {
            Schedule::Morning => &[" cada 24 horas, por la mañana", ", ngày 1 lần, buổi sáng", " 1 раз в день утром"],
            Schedule::Night => &[" cada 24 horas, por la noche", ", ngày 1 lần, buổi tối", " 1 раз в день вечером"],
            Schedule::Twice => &[" cada 12 horas", ", ngày 2 lần, sáng và tối", " 2 раза в день"],
            Schedule::Thrice => &[" cada 8 horas", ", ngày 3 lần", " 3 раза в день"],
            Schedule::FourTimes => &[" cada 6 horas", ", cách mỗi 6 giờ", " каждые 6 часов"],
            Schedule::WithMeals => &[" con el desayuno y la cena", ", ngày 2 lần, trong bữa ăn", " 2 раза в день во время еды"],
            Schedule::AsNeeded => &[" en caso necesario, máximo cada 8 horas", " khi cần, cách nhau ít nhất 8 giờ", " при необходимости, не чаще чем через 8 часов"],
            Schedule::Weekly => &[" una vez por semana", ", mỗi tuần 1 lần", " 1 раз в неделю"],
            Schedule::Once => &[" en dosis única", ", liều duy nhất", " однократно"],
        }));
        if self.schedule != Schedule::Once && days > 0 {
            out.push_str(tongue.say(&[" durante ", ", trong ", ", курс "]));
            crate::day::push_padded(out, days, 1);
            out.push_str(tongue.say(&[" días", " ngày", " дн."]));
        }
    }

    /// Times, in how many of which unit, for `Timing.repeat`.
    pub fn frequency(&self) -> (u32, u32, &'static str) {
        match self.schedule {
            Schedule::Morning | Schedule::Night => (1, 1, "d"),
            Schedule::Twice | Schedule::WithMeals => (2, 1, "d"),
            Schedule::Thrice | Schedule::AsNeeded => (3, 1, "d"),
            Schedule::FourTimes => (4, 1, "d"),
            Schedule::Weekly => (1, 1, "wk"),
            Schedule::Once => (1, 1, "d"),
        }
    }
}

/// `0.4 mg` as it is printed: `0,4 mg`, `0,4 мг`.
fn strength(tongue: Tongue, text: &str, out: &mut String) {
    for (place, word) in text.split(' ').enumerate() {
        if place > 0 {
            out.push(' ');
        }
        if tongue == Tongue::Spanish {
            out.push_str(word);
            continue;
        }
        for (place, part) in word.split('/').enumerate() {
            if place > 0 {
                out.push('/');
            }
            out.push_str(match (tongue, part) {
                (Tongue::Russian, "mg") => "мг",
                (Tongue::Russian, "µg") => "мкг",
                (Tongue::Russian, "g") => "г",
                (Tongue::Russian, "mL") => "мл",
                (Tongue::Russian, "U") => "ЕД",
                (Tongue::Russian, "IU") => "МЕ",
                _ => {
                    out.extend(part.chars().map(|sign| if sign == '.' { ',' } else { sign }));
                    continue;
                }
            });
        }
    }
}

const ONE_TABLET: Words = ["1 tableta", "1 viên", "1 таблетке"];
const ONE_CAPSULE: Words = ["1 cápsula", "1 viên", "1 капсуле"];

macro_rules! drug {
    ($id:ident, $atc:literal, $name:expr, $strength:literal, $form:ident, $schedule:ident, $units:expr, $dose:expr, $days:literal) => {
        pub(crate) static $id: Drug = Drug {
            atc: $atc,
            name: $name,
            strength: $strength,
            form: Form::$form,
            schedule: Schedule::$schedule,
            units: $units,
            dose: $dose,
            days: $days,
        };
    };
}

drug!(METFORMIN_500, "A10BA02", ["Metformina", "Metformin", "Метформин"], "500 mg", Tablet, WithMeals, ONE_TABLET, (500.0, 0, "mg"), 90);
drug!(METFORMIN, "A10BA02", ["Metformina", "Metformin", "Метформин"], "850 mg", Tablet, WithMeals, ONE_TABLET, (850.0, 0, "mg"), 90);
drug!(DAPAGLIFLOZIN, "A10BK01", ["Dapagliflozina", "Dapagliflozin", "Дапаглифлозин"], "10 mg", Tablet, Morning, ONE_TABLET, (10.0, 0, "mg"), 90);
drug!(INSULIN, "A10AE04", ["Insulina glargina", "Insulin glargin", "Инсулин гларгин"], "100 U/mL", Injection, Night, ["14 unidades", "14 đơn vị", "14 единиц"], (14.0, 0, "[IU]"), 90);
drug!(LOSARTAN, "C09CA01", ["Losartán", "Losartan", "Лозартан"], "50 mg", Tablet, Twice, ONE_TABLET, (50.0, 0, "mg"), 90);
drug!(AMLODIPINE, "C08CA01", ["Amlodipino", "Amlodipin", "Амлодипин"], "5 mg", Tablet, Morning, ONE_TABLET, (5.0, 0, "mg"), 90);
drug!(AMLODIPINE_10, "C08CA01", ["Amlodipino", "Amlodipin", "Амлодипин"], "10 mg", Tablet, Morning, ONE_TABLET, (10.0, 0, "mg"), 90);
drug!(CHLORTHALIDONE, "C03BA04", ["Clortalidona", "Clorthalidon", "Хлорталидон"], "25 mg", Tablet, Morning, ["media tableta", "nửa viên", "½ таблетки"], (12.5, 1, "mg"), 90);
drug!(BISOPROLOL, "C07AB07", ["Bisoprolol", "Bisoprolol", "Бисопролол"], "5 mg", Tablet, Morning, ONE_TABLET, (5.0, 0, "mg"), 90);
drug!(ATORVASTATIN, "C10AA05", ["Atorvastatina", "Atorvastatin", "Аторвастатин"], "20 mg", Tablet, Night, ONE_TABLET, (20.0, 0, "mg"), 90);
drug!(ATORVASTATIN_40, "C10AA05", ["Atorvastatina", "Atorvastatin", "Аторвастатин"], "40 mg", Tablet, Night, ONE_TABLET, (40.0, 0, "mg"), 90);
drug!(ASPIRIN, "B01AC06", ["Ácido acetilsalicílico", "Aspirin", "Ацетилсалициловая кислота"], "100 mg", Tablet, Morning, ONE_TABLET, (100.0, 0, "mg"), 90);
drug!(FUROSEMIDE, "C03CA01", ["Furosemida", "Furosemid", "Фуросемид"], "40 mg", Tablet, Morning, ONE_TABLET, (40.0, 0, "mg"), 90);
drug!(SPIRONOLACTONE, "C03DA01", ["Espironolactona", "Spironolacton", "Спиронолактон"], "25 mg", Tablet, Morning, ONE_TABLET, (25.0, 0, "mg"), 90);
drug!(APIXABAN, "B01AF02", ["Apixabán", "Apixaban", "Апиксабан"], "5 mg", Tablet, Twice, ONE_TABLET, (5.0, 0, "mg"), 90);
drug!(SALBUTAMOL, "R03AC02", ["Salbutamol", "Salbutamol", "Сальбутамол"], "100 µg", Inhaler, AsNeeded, ["2 disparos", "2 nhát", "2 дозы"], (200.0, 0, "ug"), 60);
drug!(BECLOMETASONE, "R03BA01", ["Beclometasona", "Beclometason", "Беклометазон"], "100 µg", Inhaler, Twice, ["2 disparos", "2 nhát", "2 дозы"], (200.0, 0, "ug"), 60);
drug!(BUDESONIDE_FORMOTEROL, "R03AK07", ["Budesonida/formoterol", "Budesonid/formoterol", "Будесонид/формотерол"], "160/4.5 µg", Inhaler, Twice, ["1 inhalación", "1 nhát", "1 ингаляции"], (160.0, 0, "ug"), 60);
drug!(TIOTROPIUM, "R03BB04", ["Tiotropio", "Tiotropium", "Тиотропия бромид"], "18 µg", Capsule, Morning, ["1 cápsula inhalada", "1 viên hít", "1 капсуле через ингалятор"], (18.0, 0, "ug"), 90);
drug!(LEVOTHYROXINE, "H03AA01", ["Levotiroxina", "Levothyroxin", "Левотироксин натрия"], "100 µg", Tablet, Morning, ONE_TABLET, (100.0, 0, "ug"), 90);
drug!(OMEPRAZOLE, "A02BC01", ["Omeprazol", "Omeprazol", "Омепразол"], "20 mg", Capsule, Morning, ONE_CAPSULE, (20.0, 0, "mg"), 28);
drug!(SERTRALINE, "N06AB06", ["Sertralina", "Sertralin", "Сертралин"], "50 mg", Tablet, Morning, ONE_TABLET, (50.0, 0, "mg"), 90);
drug!(ALLOPURINOL, "M04AA01", ["Alopurinol", "Allopurinol", "Аллопуринол"], "100 mg", Tablet, Morning, ONE_TABLET, (100.0, 0, "mg"), 90);
drug!(TAMSULOSIN, "G04CA02", ["Tamsulosina", "Tamsulosin", "Тамсулозин"], "0.4 mg", Capsule, Night, ONE_CAPSULE, (0.4, 1, "mg"), 90);
drug!(ALENDRONATE, "M05BA04", ["Ácido alendrónico", "Acid alendronic", "Алендроновая кислота"], "70 mg", Tablet, Weekly, ONE_TABLET, (70.0, 0, "mg"), 84);
drug!(CALCIUM, "A12AX", ["Calcio con vitamina D", "Calci và vitamin D", "Кальция карбонат + колекальциферол"], "500 mg/400 IU", Tablet, Twice, ONE_TABLET, (500.0, 0, "mg"), 90);
drug!(IRON_SULFATE, "B03AA07", ["Sulfato ferroso", "Sắt (II) sulfat", "Железа сульфат"], "200 mg", Tablet, Morning, ONE_TABLET, (200.0, 0, "mg"), 90);
drug!(FOLIC_ACID, "B03BB01", ["Ácido fólico", "Acid folic", "Фолиевая кислота"], "0.4 mg", Tablet, Morning, ONE_TABLET, (0.4, 1, "mg"), 90);
drug!(VITAMIN_D, "A11CC05", ["Colecalciferol", "Colecalciferol (vitamin D3)", "Колекальциферол"], "400 IU", Drops, Morning, ["1 gota", "1 giọt", "1 капле"], (400.0, 0, "[IU]"), 90);
drug!(SUMATRIPTAN, "N02CC01", ["Sumatriptán", "Sumatriptan", "Суматриптан"], "50 mg", Tablet, AsNeeded, ONE_TABLET, (50.0, 0, "mg"), 30);
drug!(PROPRANOLOL, "C07AA05", ["Propranolol", "Propranolol", "Пропранолол"], "40 mg", Tablet, Twice, ONE_TABLET, (40.0, 0, "mg"), 90);
drug!(LORATADINE, "R06AX13", ["Loratadina", "Loratadin", "Лоратадин"], "10 mg", Tablet, Morning, ONE_TABLET, (10.0, 0, "mg"), 10);
drug!(PARACETAMOL, "N02BE01", ["Paracetamol", "Paracetamol", "Парацетамол"], "500 mg", Tablet, AsNeeded, ONE_TABLET, (500.0, 0, "mg"), 5);
drug!(PARACETAMOL_SYRUP, "N02BE01", ["Paracetamol", "Paracetamol", "Парацетамол"], "120 mg/5 mL", Syrup, AsNeeded, ["5 mL", "5 mL", "5 мл"], (120.0, 0, "mg"), 5);
drug!(IBUPROFEN, "M01AE01", ["Ibuprofeno", "Ibuprofen", "Ибупрофен"], "400 mg", Tablet, Thrice, ONE_TABLET, (400.0, 0, "mg"), 5);
drug!(NAPROXEN, "M01AE02", ["Naproxeno", "Naproxen", "Напроксен"], "250 mg", Tablet, Twice, ONE_TABLET, (250.0, 0, "mg"), 7);
drug!(AMOXICILLIN, "J01CA04", ["Amoxicilina", "Amoxicillin", "Амоксициллин"], "500 mg", Capsule, Thrice, ONE_CAPSULE, (500.0, 0, "mg"), 7);
drug!(AMOXICILLIN_SYRUP, "J01CA04", ["Amoxicilina", "Amoxicillin", "Амоксициллин"], "250 mg/5 mL", Syrup, Twice, ["7.5 mL", "7,5 mL", "7,5 мл"], (375.0, 0, "mg"), 7);
drug!(AZITHROMYCIN, "J01FA10", ["Azitromicina", "Azithromycin", "Азитромицин"], "500 mg", Tablet, Morning, ONE_TABLET, (500.0, 0, "mg"), 3);
drug!(NITROFURANTOIN, "J01XE01", ["Nitrofurantoína", "Nitrofurantoin", "Нитрофурантоин"], "100 mg", Capsule, Twice, ONE_CAPSULE, (100.0, 0, "mg"), 5);
drug!(CEFTRIAXONE, "J01DD04", ["Ceftriaxona", "Ceftriaxon", "Цефтриаксон"], "1 g", Injection, Morning, ["1 g", "1 g", "1 г"], (1.0, 0, "g"), 7);
drug!(REHYDRATION, "A07CA", ["Electrolitos orales", "Oresol", "Регидратационная соль"], "20.5 g", Sachet, AsNeeded, ["1 sobre disuelto en 1 litro de agua", "1 gói pha trong 1 lít nước", "раствор из 1 пакета на 1 л воды"], (20.5, 1, "g"), 3);
drug!(ALBENDAZOLE, "P02CA03", ["Albendazol", "Albendazol", "Альбендазол"], "400 mg", Tablet, Once, ONE_TABLET, (400.0, 0, "mg"), 1);
drug!(HYDROCORTISONE, "D07AA02", ["Hidrocortisona", "Hydrocortison", "Гидрокортизон"], "1 %", Cream, Twice, ["capa fina", "một lớp mỏng", "тонким слоем"], (1.0, 0, "g"), 7);
drug!(CHLORAMPHENICOL, "S01AA01", ["Cloranfenicol", "Cloramphenicol", "Хлорамфеникол"], "0.5 %", Drops, FourTimes, ["1 gota", "1 giọt", "1 капле"], (1.0, 0, "[drp]"), 7);
drug!(OSELTAMIVIR, "J05AH02", ["Oseltamivir", "Oseltamivir", "Осельтамивир"], "75 mg", Capsule, Twice, ONE_CAPSULE, (75.0, 0, "mg"), 5);
drug!(PREDNISOLONE, "H02AB06", ["Prednisolona", "Prednisolon", "Преднизолон"], "20 mg", Tablet, Morning, ["2 tabletas", "2 viên", "2 таблетки"], (40.0, 0, "mg"), 5);
drug!(CLOPIDOGREL, "B01AC04", ["Clopidogrel", "Clopidogrel", "Клопидогрел"], "75 mg", Tablet, Morning, ONE_TABLET, (75.0, 0, "mg"), 90);
drug!(DONEPEZIL, "N06DA02", ["Donepezilo", "Donepezil", "Донепезил"], "5 mg", Tablet, Night, ONE_TABLET, (5.0, 0, "mg"), 90);
drug!(CEPHALEXIN, "J01DB01", ["Cefalexina", "Cephalexin", "Цефалексин"], "500 mg", Capsule, FourTimes, ONE_CAPSULE, (500.0, 0, "mg"), 7);
