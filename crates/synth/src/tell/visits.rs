//! One visit after the other: who sees whom where, and the sentences every
//! kind of visit shares.

use super::results::Value;
use super::*;
use crate::illness::Setting;

/// LOINC codes of the notes, with our words for them.
pub(super) const OUTPATIENT_NOTE: (&str, &str) = ("34131-3", "Outpatient Progress note");
pub(super) const EMERGENCY_NOTE: (&str, &str) = ("34878-9", "Emergency medicine Note");
pub(super) const NURSE_NOTE: (&str, &str) = ("34746-8", "Nurse Note");

impl Teller<'_> {
    pub(super) fn visit(&mut self, life: &Life, visit: &Visit) {
        match visit.purpose {
            Purpose::Birth => self.birth(life, visit),
            Purpose::WellChild => self.well_child(life, visit),
            Purpose::Checkup => self.checkup(life, visit),
            Purpose::Review | Purpose::HomeVisit => self.review(life, visit),
            Purpose::Illness(illness) => match illness.setting {
                Setting::Ward => self.admission(life, visit, illness),
                _ => self.illness(life, visit, illness),
            },
            Purpose::Prenatal(week) => self.prenatal(life, visit, week),
            Purpose::Delivery(caesarean) => self.delivery(life, visit, caesarean),
            Purpose::Postnatal => self.postnatal(life, visit),
            Purpose::HomeCare(number) => self.home_care(life, visit, number),
        }
    }

    pub(super) fn here(&mut self, day: Day, facility: usize, work: Work) -> Here {
        let minute = if matches!(work, Work::Emergency) { self.chance.between(0, 1439) } else { self.chance.between(48, 100) * 10 };
        // Nearly always the same doctor.
        let which = self.person.household.number + u64::from(self.chance.happens(0.12));
        let practitioner = places::who(facility, work, which);
        let signature = places::signature(self.tongue, practitioner);
        Here { encounter: self.id(), at: self.moment(day, minute), facility, practitioner, signature }
    }

    pub(super) fn clinic(&self) -> usize {
        self.person.household.district
    }

    pub(super) fn age(&self, day: Day) -> f64 {
        day.age(self.person.birth)
    }

    pub(super) fn family_work(&self, day: Day) -> Work {
        if self.age(day) < 16.0 { Work::Paediatrics } else { Work::Family }
    }

    pub(super) fn panel(&mut self, here: &Here, panel: &'static Panel, acute: bool, say: &mut String) -> Vec<Value> {
        let day = here.at.day;
        let values: Vec<Value> = panel.measures.iter().map(|measure| self.laboratory(measure, day, acute)).collect();
        self.report(here, panel, &values, say);
        values
    }

    pub(super) fn give(&mut self, visit: &Visit, here: &Here, plan: &mut String) {
        if visit.doses.is_empty() {
            return;
        }
        let tongue = self.tongue;
        let mut names = String::new();
        for dose in &visit.doses {
            self.immunization(dose, here.at.day, Some(here));
            names.push_str(if names.is_empty() { "" } else { ", " });
            names.push_str(&dose.vaccine);
        }
        names.push('.');
        note::add(plan, tongue.say(&["Se aplica:", "Đã tiêm/uống:", "Введено:"]));
        note::add(plan, &names);
    }

    /// `Hombre de 67 años.` — as a note begins.
    pub(super) fn who(&self, day: Day, text: &mut String) {
        let years = day.years_since(self.person.birth);
        let months = (day.0 - self.person.birth.0) * 100 / 3044;
        let tongue = self.tongue;
        let (number, unit): (i32, Words) = if years >= 2 {
            let russian = match years % 10 {
                1 if years % 100 != 11 => "год",
                2..=4 if !(12..=14).contains(&(years % 100)) => "года",
                _ => "лет",
            };
            (years, ["años", "tuổi", russian])
        } else if months >= 1 {
            (months, [if months == 1 { "mes" } else { "meses" }, "tháng tuổi", "мес."])
        } else {
            (day.0 - self.person.birth.0, ["días", "ngày tuổi", "дн."])
        };
        let words: Words = match (years < 12, years < 18, self.person.woman) {
            (true, _, true) => ["Niña de", "Bé gái", "Девочка,"],
            (true, _, false) => ["Niño de", "Bé trai", "Мальчик,"],
            (_, true, true) => ["Adolescente mujer de", "Thiếu nữ", "Девушка,"],
            (_, true, false) => ["Adolescente varón de", "Thiếu niên nam", "Юноша,"],
            (_, _, true) => ["Mujer de", "Người bệnh nữ", "Пациентка,"],
            (_, _, false) => ["Hombre de", "Người bệnh nam", "Пациент,"],
        };
        note::add(text, tongue.say(&words));
        text.push(' ');
        push_padded(text, number.max(0) as u32, 1);
        text.push(' ');
        text.push_str(tongue.say(&unit));
        if !text.ends_with('.') {
            text.push('.');
        }
    }

    /// What one lives with, in a sentence.
    pub(super) fn background(&self, day: Day, text: &mut String) {
        let tongue = self.tongue;
        let mut names = String::new();
        for known in self.known.iter().filter(|known| known.onset <= day) {
            names.push_str(if names.is_empty() { "" } else { ", " });
            names.push_str(&tongue.say(&chronic::of(known.kind).name).to_lowercase());
        }
        if !names.is_empty() {
            names.push('.');
            note::add(text, tongue.say(&["Antecedentes:", "Tiền sử:", "В анамнезе:"]));
            note::add(text, &names);
        }
        let allergy: Option<Words> = match self.allergy {
            Allergy::Penicillin => Some(["Alergia a penicilina.", "Dị ứng penicillin.", "Аллергия на пенициллин."]),
            Allergy::Sulfonamides => Some(["Alergia a sulfonamidas.", "Dị ứng sulfonamid.", "Аллергия на сульфаниламиды."]),
            Allergy::Nsaid => Some(["No tolera naproxeno.", "Không dung nạp naproxen.", "Непереносимость напроксена."]),
            Allergy::Denied if day.0 % 3 == 0 => Some(["Niega alergias.", "Không dị ứng.", "Аллергию отрицает."]),
            _ => None,
        };
        if let Some(allergy) = allergy {
            note::add(text, tongue.say(&allergy));
        }
    }
}
