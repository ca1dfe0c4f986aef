//! What is measured: LOINC code, name, unit and reference range of every
//! laboratory value and vital sign a population has.
//!
//! Values are reckoned in the first unit; where a country reports another one,
//! code, unit and range follow it by the factor.

use crate::words::Words;

/// One thing that is measured.
#[derive(Debug)]
pub(crate) struct Measure {
    /// LOINC, in conventional and in molar units.
    pub loinc: [&'static str; 2],
    /// Our short English name.
    pub english: &'static str,
    pub name: Words,
    pub unit: [&'static str; 2],
    /// UCUM.
    pub ucum: [&'static str; 2],
    pub places: [u8; 2],
    /// From the first unit to the second.
    pub factor: f64,
    /// The reference range in the first unit; NaN where it has no such end.
    pub low: f64,
    pub high: f64,
    pub vital: bool,
}

impl PartialEq for Measure {
    fn eq(&self, other: &Measure) -> bool {
        self.loinc == other.loinc
    }
}

const NONE: f64 = f64::NAN;

macro_rules! lab {
    ($id:ident, $loinc:literal, $english:literal, $name:expr, $unit:literal, $ucum:literal, $places:literal, $low:expr, $high:expr) => {
        pub(crate) static $id: Measure = Measure {
            loinc: [$loinc, $loinc],
            english: $english,
            name: $name,
            unit: [$unit, $unit],
            ucum: [$ucum, $ucum],
            places: [$places, $places],
            factor: 1.0,
            low: $low,
            high: $high,
            vital: false,
        };
    };
}
macro_rules! molar {
    ($id:ident, $loinc:expr, $english:literal, $name:expr, $unit:expr, $ucum:expr, $places:expr, $factor:literal, $low:expr, $high:expr) => {
        pub(crate) static $id: Measure = Measure {
            loinc: $loinc,
            english: $english,
            name: $name,
            unit: $unit,
            ucum: $ucum,
            places: $places,
            factor: $factor,
            low: $low,
            high: $high,
            vital: false,
        };
    };
}
macro_rules! vital {
    ($id:ident, $loinc:literal, $english:literal, $name:expr, $unit:expr, $ucum:literal, $places:literal, $low:expr, $high:expr) => {
        pub(crate) static $id: Measure = Measure {
            loinc: [$loinc, $loinc],
            english: $english,
            name: $name,
            unit: $unit,
            ucum: [$ucum, $ucum],
            places: [$places, $places],
            factor: 1.0,
            low: $low,
            high: $high,
            vital: true,
        };
    };
}

const MG_MMOL: [&str; 2] = ["mg/dL", "mmol/L"];

molar!(GLUCOSE, ["1558-6", "14771-0"], "Fasting glucose", ["Glucosa en ayunas", "Glucose máu lúc đói", "Глюкоза натощак"], MG_MMOL, MG_MMOL, [0, 1], 0.0555, 70.0, 100.0);
molar!(CREATININE, ["2160-0", "14682-9"], "Creatinine", ["Creatinina", "Creatinin máu", "Креатинин"], ["mg/dL", "µmol/L"], ["mg/dL", "umol/L"], [2, 0], 88.42, 0.6, 1.2);
molar!(UREA, ["3094-0", "22664-7"], "Urea nitrogen", ["Nitrógeno ureico", "Ure máu", "Мочевина"], MG_MMOL, MG_MMOL, [0, 1], 0.357, 7.0, 20.0);
molar!(CHOLESTEROL, ["2093-3", "14647-2"], "Total cholesterol", ["Colesterol total", "Cholesterol toàn phần", "Общий холестерин"], MG_MMOL, MG_MMOL, [0, 1], 0.02586, NONE, 200.0);
molar!(LDL, ["2089-1", "22748-8"], "LDL cholesterol", ["Colesterol LDL", "LDL-cholesterol", "Холестерин ЛПНП"], MG_MMOL, MG_MMOL, [0, 1], 0.02586, NONE, 130.0);
molar!(HDL, ["2085-9", "14646-4"], "HDL cholesterol", ["Colesterol HDL", "HDL-cholesterol", "Холестерин ЛПВП"], MG_MMOL, MG_MMOL, [0, 1], 0.02586, 40.0, NONE);
molar!(TRIGLYCERIDES, ["2571-8", "14927-8"], "Triglycerides", ["Triglicéridos", "Triglycerid", "Триглицериды"], MG_MMOL, MG_MMOL, [0, 1], 0.01129, NONE, 150.0);
molar!(URATE, ["3084-1", "14933-6"], "Uric acid", ["Ácido úrico", "Acid uric máu", "Мочевая кислота"], ["mg/dL", "µmol/L"], ["mg/dL", "umol/L"], [1, 0], 59.48, 2.6, 7.0);
molar!(HEMOGLOBIN, ["718-7", "718-7"], "Hemoglobin", ["Hemoglobina", "Hemoglobin", "Гемоглобин"], ["g/dL", "g/L"], ["g/dL", "g/L"], [1, 0], 10.0, 12.0, 16.5);
molar!(BILIRUBIN, ["1975-2", "14631-6"], "Total bilirubin", ["Bilirrubina total", "Bilirubin toàn phần", "Билирубин общий"], ["mg/dL", "µmol/L"], ["mg/dL", "umol/L"], [1, 0], 17.1, 0.2, 1.2);

lab!(HBA1C, "4548-4", "Hemoglobin A1c", ["Hemoglobina glucosilada (HbA1c)", "HbA1c", "Гликированный гемоглобин (HbA1c)"], "%", "%", 1, 4.0, 6.0);
lab!(EGFR, "98979-8", "Estimated GFR", ["Tasa de filtración glomerular estimada", "Mức lọc cầu thận ước tính", "Расчётная СКФ"], "mL/min/1.73 m²", "mL/min/{1.73_m2}", 0, 60.0, NONE);
lab!(POTASSIUM, "2823-3", "Potassium", ["Potasio", "Kali máu", "Калий"], "mmol/L", "mmol/L", 1, 3.5, 5.1);
lab!(SODIUM, "2951-2", "Sodium", ["Sodio", "Natri máu", "Натрий"], "mmol/L", "mmol/L", 0, 136.0, 145.0);
lab!(ALBUMINURIA, "9318-7", "Albumin/creatinine ratio, urine", ["Cociente albúmina/creatinina en orina", "Tỷ số albumin/creatinin niệu", "Альбумин/креатинин мочи"], "mg/g", "mg/g", 0, NONE, 30.0);
lab!(ALT, "1742-6", "Alanine aminotransferase", ["Alanina aminotransferasa (ALT)", "ALT (GPT)", "АЛТ"], "U/L", "U/L", 0, 7.0, 40.0);
lab!(AST, "1920-8", "Aspartate aminotransferase", ["Aspartato aminotransferasa (AST)", "AST (GOT)", "АСТ"], "U/L", "U/L", 0, 8.0, 40.0);
lab!(HEMATOCRIT, "4544-3", "Hematocrit", ["Hematocrito", "Hematocrit", "Гематокрит"], "%", "%", 1, 36.0, 49.0);
lab!(LEUKOCYTES, "6690-2", "Leukocytes", ["Leucocitos", "Bạch cầu", "Лейкоциты"], "10³/µL", "10*3/uL", 1, 4.0, 10.0);
lab!(PLATELETS, "777-3", "Platelets", ["Plaquetas", "Tiểu cầu", "Тромбоциты"], "10³/µL", "10*3/uL", 0, 150.0, 400.0);
lab!(MCV, "787-2", "Mean corpuscular volume", ["Volumen corpuscular medio", "Thể tích trung bình hồng cầu (MCV)", "Средний объём эритроцита"], "fL", "fL", 0, 80.0, 100.0);
lab!(ERYTHROCYTES, "789-8", "Erythrocytes", ["Eritrocitos", "Hồng cầu", "Эритроциты"], "10⁶/µL", "10*6/uL", 2, 3.9, 5.7);
lab!(TSH, "3016-3", "Thyrotropin", ["Tirotropina (TSH)", "TSH", "Тиреотропный гормон (ТТГ)"], "mIU/L", "m[IU]/L", 2, 0.4, 4.0);
lab!(CRP, "1988-5", "C-reactive protein", ["Proteína C reactiva", "CRP", "С-реактивный белок"], "mg/L", "mg/L", 1, NONE, 5.0);
lab!(FERRITIN, "2276-4", "Ferritin", ["Ferritina", "Ferritin", "Ферритин"], "ng/mL", "ng/mL", 0, 15.0, 150.0);
lab!(NT_PROBNP, "33762-6", "NT-proBNP", ["NT-proBNP", "NT-proBNP", "NT-proBNP"], "pg/mL", "pg/mL", 0, NONE, 125.0);
lab!(INR, "6301-6", "INR", ["INR", "INR", "МНО"], "1", "{INR}", 1, 0.8, 1.2);
lab!(PSA, "2857-1", "Prostate specific antigen", ["Antígeno prostático específico", "PSA toàn phần", "ПСА общий"], "ng/mL", "ng/mL", 2, NONE, 4.0);
lab!(FEV1, "20150-9", "FEV1", ["VEF1", "FEV1", "ОФВ1"], "L", "L", 2, NONE, NONE);
lab!(FEV1_FVC, "19926-5", "FEV1/FVC", ["Relación VEF1/CVF", "Tỷ số FEV1/FVC", "ОФВ1/ФЖЕЛ"], "%", "%", 0, 75.0, NONE);
lab!(TROPONIN, "89579-7", "Troponin I, high sensitivity", ["Troponina I ultrasensible", "Troponin I độ nhạy cao", "Тропонин I высокочувствительный"], "ng/L", "ng/L", 0, NONE, 26.0);

const BEATS: [&str; 2] = ["/min", "/min"];
const MMHG: [&str; 2] = ["mmHg", "mmHg"];
vital!(PRESSURE, "85354-9", "Blood pressure", ["Presión arterial", "Huyết áp", "Артериальное давление"], MMHG, "mm[Hg]", 0, NONE, NONE);
vital!(SYSTOLIC, "8480-6", "Systolic blood pressure", ["Presión sistólica", "Huyết áp tâm thu", "Систолическое давление"], MMHG, "mm[Hg]", 0, 90.0, 139.0);
vital!(DIASTOLIC, "8462-4", "Diastolic blood pressure", ["Presión diastólica", "Huyết áp tâm trương", "Диастолическое давление"], MMHG, "mm[Hg]", 0, 60.0, 89.0);
vital!(PULSE, "8867-4", "Heart rate", ["Frecuencia cardiaca", "Mạch", "Пульс"], BEATS, "/min", 0, 50.0, 100.0);
vital!(BREATHS, "9279-1", "Respiratory rate", ["Frecuencia respiratoria", "Nhịp thở", "Частота дыхания"], BEATS, "/min", 0, 12.0, 20.0);
vital!(TEMPERATURE, "8310-5", "Body temperature", ["Temperatura", "Nhiệt độ", "Температура"], ["°C", "°C"], "Cel", 1, 36.0, 37.4);
vital!(SATURATION, "59408-5", "Oxygen saturation", ["Saturación de oxígeno", "SpO₂", "Сатурация"], ["%", "%"], "%", 0, 94.0, NONE);
vital!(WEIGHT, "29463-7", "Body weight", ["Peso", "Cân nặng", "Масса тела"], ["kg", "kg"], "kg", 1, NONE, NONE);
vital!(HEIGHT, "8302-2", "Body height", ["Talla", "Chiều cao", "Рост"], ["cm", "cm"], "cm", 1, NONE, NONE);
vital!(BMI, "39156-5", "Body mass index", ["Índice de masa corporal", "Chỉ số khối cơ thể (BMI)", "Индекс массы тела"], ["kg/m²", "kg/m²"], "kg/m2", 1, 18.5, 25.0);
vital!(HEAD, "9843-4", "Head circumference", ["Perímetro cefálico", "Vòng đầu", "Окружность головы"], ["cm", "cm"], "cm", 1, NONE, NONE);
vital!(FUNDUS, "11881-0", "Fundal height", ["Altura uterina", "Bề cao tử cung", "Высота дна матки"], ["cm", "cm"], "cm", 0, NONE, NONE);
vital!(FETAL_PULSE, "55283-6", "Fetal heart rate", ["Frecuencia cardiaca fetal", "Tim thai", "ЧСС плода"], BEATS, "/min", 0, 110.0, 160.0);

/// A laboratory report that gathers several values.
#[derive(Debug)]
pub(crate) struct Panel {
    pub loinc: &'static str,
    pub english: &'static str,
    pub name: Words,
    pub measures: &'static [&'static Measure],
}

pub(crate) static BLOOD_COUNT: Panel = Panel { loinc: "58410-2", english: "Complete blood count", name: ["Biometría hemática", "Tổng phân tích tế bào máu", "Общий анализ крови"], measures: &[&HEMOGLOBIN, &HEMATOCRIT, &ERYTHROCYTES, &MCV, &LEUKOCYTES, &PLATELETS] };
pub(crate) static SHORT_COUNT: Panel = Panel { loinc: "58410-2", english: "Complete blood count", name: ["Biometría hemática", "Tổng phân tích tế bào máu", "Общий анализ крови"], measures: &[&HEMOGLOBIN, &LEUKOCYTES, &PLATELETS] };
pub(crate) static INFLAMMATION: Panel = Panel { loinc: "58410-2", english: "Blood count and C-reactive protein", name: ["Biometría y proteína C reactiva", "Công thức máu và CRP", "Анализ крови и СРБ"], measures: &[&HEMOGLOBIN, &LEUKOCYTES, &PLATELETS, &CRP] };
pub(crate) static LIPIDS: Panel = Panel { loinc: "24331-1", english: "Lipid panel", name: ["Perfil de lípidos", "Bilan lipid máu", "Липидный профиль"], measures: &[&CHOLESTEROL, &LDL, &HDL, &TRIGLYCERIDES] };
pub(crate) static KIDNEYS: Panel = Panel { loinc: "24362-6", english: "Renal function panel", name: ["Función renal", "Chức năng thận", "Функция почек"], measures: &[&CREATININE, &EGFR, &UREA, &POTASSIUM, &SODIUM] };
pub(crate) static KIDNEY_URINE: Panel = Panel { loinc: "9318-7", english: "Albuminuria", name: ["Albuminuria", "Albumin niệu", "Альбуминурия"], measures: &[&ALBUMINURIA] };
pub(crate) static SUGAR: Panel = Panel { loinc: "4548-4", english: "Glycemic control", name: ["Control glucémico", "Kiểm soát đường huyết", "Углеводный обмен"], measures: &[&GLUCOSE, &HBA1C] };
pub(crate) static GLUCOSE_ONLY: Panel = Panel { loinc: "1558-6", english: "Fasting glucose", name: ["Glucosa en ayunas", "Glucose máu lúc đói", "Глюкоза натощак"], measures: &[&GLUCOSE] };
pub(crate) static LIVER: Panel = Panel { loinc: "24325-3", english: "Hepatic function panel", name: ["Función hepática", "Chức năng gan", "Функция печени"], measures: &[&ALT, &AST, &BILIRUBIN] };
pub(crate) static THYROID: Panel = Panel { loinc: "3016-3", english: "Thyrotropin", name: ["Perfil tiroideo", "Xét nghiệm tuyến giáp", "Гормоны щитовидной железы"], measures: &[&TSH] };
pub(crate) static IRON: Panel = Panel { loinc: "2276-4", english: "Iron stores", name: ["Biometría y ferritina", "Công thức máu và ferritin", "Анализ крови и ферритин"], measures: &[&HEMOGLOBIN, &MCV, &FERRITIN] };
pub(crate) static HEART: Panel = Panel { loinc: "33762-6", english: "Heart failure markers", name: ["Marcadores de insuficiencia cardiaca", "Dấu ấn suy tim", "Маркёры сердечной недостаточности"], measures: &[&NT_PROBNP, &CREATININE, &POTASSIUM] };
pub(crate) static CLOTTING: Panel = Panel { loinc: "6301-6", english: "INR", name: ["Tiempo de protrombina (INR)", "INR", "МНО"], measures: &[&INR] };
pub(crate) static SPIROMETRY: Panel = Panel { loinc: "81459-0", english: "Spirometry", name: ["Espirometría", "Hô hấp ký", "Спирометрия"], measures: &[&FEV1, &FEV1_FVC] };
pub(crate) static PROSTATE: Panel = Panel { loinc: "2857-1", english: "Prostate specific antigen", name: ["Antígeno prostático", "PSA", "ПСА"], measures: &[&PSA] };
pub(crate) static CARDIAC: Panel = Panel { loinc: "89579-7", english: "Troponin", name: ["Troponina y función renal", "Troponin và chức năng thận", "Тропонин и функция почек"], measures: &[&TROPONIN, &CREATININE, &POTASSIUM] };
pub(crate) static GOUT: Panel = Panel { loinc: "3084-1", english: "Uric acid", name: ["Ácido úrico", "Acid uric máu", "Мочевая кислота"], measures: &[&URATE, &CREATININE] };
