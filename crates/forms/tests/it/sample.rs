//! The forms of the packs beside their samples: for whom each is written, what is typed, and what follows.

use forms::{Form, Item, sheet};

/// The fields of a sample, and that everything asked was on the page.
pub fn fields(form: &Form, text: &str) -> Vec<(String, String)> {
    fn link_ids(items: &[Item], found: &mut Vec<String>) {
        for item in items {
            found.push(item.link_id.clone());
            link_ids(&item.items, found);
        }
    }
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let mut fields: Vec<(String, String)> = lines.filter_map(|line| line.split_once(' ')).map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let mut all = Vec::new();
    link_ids(&form.items, &mut all);
    for (name, _) in &fields {
        let link_id = name.rsplit(':').next().unwrap();
        assert!(all.iter().any(|one| one == link_id), "{name} is not in the form");
    }
    for link_id in all {
        fields.extend([format!("p::{link_id}"), format!("p:0:{link_id}"), format!("p:1:{link_id}")].map(|name| (name, "1".to_owned())));
    }
    fields
}

/// A sample beside its sheet, and what its head says: for whom it is written, and what follows.
pub struct Sample {
    /// `mx/forms/nota-evolucion`.
    pub name: String,
    pub form: Form,
    pub text: String,
}

impl Sample {
    pub fn said(&self, word: &str) -> Option<&str> {
        self.text.lines().find_map(|line| line.strip_prefix(&format!("# {word}: ")))
    }

    /// What follows from it, counted by type.
    pub fn follows(&self) -> &str {
        // What follows from the first six stood in a test before it stood in the samples.
        let first = [
            ("mx/forms/nota-evolucion", "Condition:1 MedicationRequest:1 Observation:9"),
            ("mx/forms/historia-clinica", "AllergyIntolerance:1 Condition:1 MedicationRequest:1 Observation:8"),
            ("vn/forms/ngoai-tru-chung", "AllergyIntolerance:1 Condition:1 MedicationRequest:1 Observation:9"),
            ("vn/forms/to-khai-y-te", "Observation:1"),
            ("ru/forms/025u-konsultaciya", "AllergyIntolerance:1 Condition:1 MedicationRequest:1 Observation:8"),
            ("ru/forms/079u", "AllergyIntolerance:1 Observation:5"),
        ];
        first.iter().find(|(name, _)| *name == self.name).map_or_else(|| self.said("follows").unwrap_or_else(|| panic!("{} does not say what follows", self.name)), |(_, follows)| follows)
    }

    /// The person of the sample: a woman of 35 years, unless it says somebody else.
    pub fn patient(&self) -> (&str, &str) {
        self.said("person").map_or(("female", "1990-05-01"), |said| said.split_once(' ').unwrap())
    }
}

/// The sheets of all packs with their samples, in the order of their names.
pub fn samples() -> Vec<Sample> {
    let packs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../country/packs");
    let mut found = Vec::new();
    for country in country::all() {
        for entry in std::fs::read_dir(packs.join(&country.code).join("forms")).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{}/forms/{}", country.code, path.file_stem().unwrap().to_str().unwrap());
            if path.extension().is_some_and(|ending| ending == "form") {
                let sheet = std::fs::read_to_string(&path).unwrap();
                let form = Form::read(&sheet::questionnaire(&sheet, &country::form_part).unwrap_or_else(|flaw| panic!("{name}: {flaw}"))).unwrap();
                let text = std::fs::read_to_string(path.with_extension("sample")).unwrap_or_else(|_| panic!("{name} has no sample"));
                found.push(Sample { name, form, text });
            }
        }
    }
    found.sort_by(|left, right| left.name.cmp(&right.name));
    found
}
