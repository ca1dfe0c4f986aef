//! Chains, `_has` and includes: compared with what a slow look at everything says, on both
//! engines; and nothing hidden shows through them.

use std::collections::BTreeSet;
use std::sync::Arc;

use access::Role;
use chart::Chart;
use store::engine::Engine;
use store::memory::Memory;
use store_rocks::{Options, Rocks};
use testkit::{block_on, caller, clinic_on};

use crate::door::{Chance, all_pages, created, ids, query, search};

const FAMILIES: [&str; 4] = ["Ríos", "Nguyễn", "Петрова", "Okafor"];
const CODES: [&str; 3] = ["8480-6", "718-7", "4548-4"];

struct Person {
    id: String,
    family: &'static str,
    organization: usize,
}

struct Known {
    organizations: Vec<String>,
    persons: Vec<Person>,
    /// Id, whose, which code, and whether it hangs on an encounter.
    observations: Vec<(String, usize, &'static str, bool)>,
}

async fn made(chart: &Chart, chance: &mut Chance) -> Known {
    let mut known = Known { organizations: Vec::new(), persons: Vec::new(), observations: Vec::new() };
    for number in 0..3 {
        known.organizations.push(created(chart, &format!(r#"{{"resourceType":"Organization","name":"Clinic {number}"}}"#)).await);
    }
    for _ in 0..24 {
        let (family, organization) = (chance.one(&FAMILIES), chance.below(3));
        let family = FAMILIES.into_iter().find(|one| *one == family).unwrap();
        let body = format!(r#"{{"resourceType":"Patient","name":[{{"family":"{family}"}}],"managingOrganization":{{"reference":"Organization/{}"}}}}"#, known.organizations[organization]);
        known.persons.push(Person { id: created(chart, &body).await, family, organization });
    }
    for number in 0..80 {
        let (whose, code) = (chance.below(24), CODES[chance.below(3)]);
        let patient = &known.persons[whose].id;
        let has_encounter = chance.below(2) == 0;
        let encounter = match has_encounter {
            true => {
                let body = format!(r#"{{"resourceType":"Encounter","status":"finished","class":{{"code":"AMB"}},"subject":{{"reference":"Patient/{patient}"}},"serviceProvider":{{"reference":"Organization/{}"}},"period":{{"start":"2025-01-01","end":"2025-01-01"}}}}"#, known.organizations[known.persons[whose].organization]);
                format!(r#","encounter":{{"reference":"Encounter/{}"}}"#, created(chart, &body).await)
            }
            false => String::new(),
        };
        let body = format!(
            r#"{{"resourceType":"Observation","status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"{code}"}}]}},"subject":{{"reference":"Patient/{patient}"}},"effectiveDateTime":"2025-01-{:02}"{encounter}}}"#,
            1 + number % 28
        );
        known.observations.push((created(chart, &body).await, whose, code, has_encounter));
    }
    known
}

/// One random question, and who answers it as far as what is known says.
fn question(known: &Known, chance: &mut Chance) -> (&'static str, String, BTreeSet<String>) {
    let (family, code, organization) = (FAMILIES[chance.below(4)], CODES[chance.below(3)], chance.below(3));
    let clinic = format!("Clinic%20{organization}");
    let of = |wanted: &dyn Fn(&(String, usize, &'static str, bool)) -> bool| known.observations.iter().filter(|one| wanted(one)).map(|one| one.0.clone()).collect();
    let persons = |wanted: &dyn Fn(usize, &Person) -> bool| known.persons.iter().enumerate().filter(|(number, one)| wanted(*number, one)).map(|(_, one)| one.id.clone()).collect();
    let has = |number: usize| known.observations.iter().any(|one| one.1 == number && one.2 == code);
    match chance.below(8) {
        0 => ("Observation", format!("patient.family={family}"), of(&|one| known.persons[one.1].family == family)),
        1 => ("Observation", format!("patient.organization.name={clinic}"), of(&|one| known.persons[one.1].organization == organization)),
        2 => ("Observation", format!("code={code}&patient.family={family}"), of(&|one| one.2 == code && known.persons[one.1].family == family)),
        3 => ("Observation", format!("encounter.service-provider.name={clinic}"), of(&|one| one.3 && known.persons[one.1].organization == organization)),
        4 => ("Patient", format!("_has:Observation:patient:code={code}"), persons(&|number, _| has(number))),
        5 => ("Patient", format!("_has:Observation:patient:code={code}&family={family}"), persons(&|number, one| one.family == family && has(number))),
        6 => (
            "Organization",
            format!("_has:Patient:organization:family={family}"),
            known.organizations.iter().enumerate().filter(|(number, _)| known.persons.iter().any(|one| one.organization == *number && one.family == family)).map(|(_, id)| id.clone()).collect(),
        ),
        _ => ("Observation", format!("patient.family={family}&patient.organization.name={clinic}"), of(&|one| known.persons[one.1].family == family && known.persons[one.1].organization == organization)),
    }
}

fn compare(data: Arc<dyn Engine>, keyring: Arc<dyn Engine>, seed: u64) {
    let clinic = clinic_on(data, keyring, seed as u8);
    let mut chance = Chance(seed);
    block_on(async {
        let known = made(&clinic.chart, &mut chance).await;
        for _ in 0..150 {
            let (of, text, expect) = question(&known, &mut chance);
            for page in ["", "&_count=3", "&_count=7&_sort=_id"] {
                let found = all_pages(&clinic.chart, &query(of, &format!("{text}{page}"))).await.unwrap();
                assert_eq!(found.len(), found.iter().collect::<BTreeSet<_>>().len(), "twice: {of}?{text}{page}, seed {seed}");
                assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), expect, "{of}?{text}{page}, seed {seed}");
            }
        }
    });
}

#[test]
fn links_find_what_a_look_at_everything_finds() {
    for seed in 1..4 {
        compare(Arc::new(Memory::new()), Arc::new(Memory::new()), seed);
    }
}

#[test]
fn links_find_the_same_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let open = |name: &str| -> Arc<dyn Engine> { Arc::new(Rocks::open(&folder.path().join(name), &Options::small()).unwrap()) };
    compare(open("record"), open("keyring"), 11);
}

#[test]
fn what_is_hidden_shows_through_no_link() {
    let clinic = testkit::clinic();
    block_on(async {
        let chart = &clinic.chart;
        let organization = created(chart, r#"{"resourceType":"Organization","name":"North"}"#).await;
        created(chart, &format!(r#"{{"resourceType":"Patient","name":[{{"family":"Hidden"}}],"managingOrganization":{{"reference":"Organization/{organization}"}}}}"#)).await;
        // An operator sees organisations, and no person.
        let operator = caller(Role::Operator);
        let page = search(chart, &operator, "Organization", "name=north").await.unwrap();
        assert_eq!(ids(&page), [organization.clone()]);
        for text in ["_has:Patient:organization:family=hidden", "name=north&_has:Patient:organization:family=hidden"] {
            let page = search(chart, &operator, "Organization", text).await.unwrap();
            assert!(page.items.is_empty() && page.total == Some(0), "{text}");
        }
        let page = search(chart, &operator, "Organization", "name=north&_revinclude=Patient:organization").await.unwrap();
        assert_eq!(page.items.len(), 1);
        for (of, text) in [("Patient", "organization.name=north"), ("Patient", "organization.name=north&_total=accurate"), ("Observation", "patient.family=hidden")] {
            let page = search(chart, &operator, of, text).await.unwrap();
            assert!(page.items.is_empty() && page.total.unwrap_or_default() == 0, "{of}?{text}");
        }
    });
}
