//! Forms from the outside: read, filled, completed, extracted.

mod carried;
mod extracted;
mod filled;
mod kept;
mod shipped;

use forms::{Around, Filling, Form, Json, Laid, lay_out};
pub use shipped::{Shipped, around};

/// A form of these items, as JSON.
pub fn form(items: &str) -> Form {
    let text = format!(r#"{{"resourceType":"Questionnaire","url":"https://example.org/q","version":"1","status":"active","item":[{items}]}}"#);
    let form = Form::read(&text).unwrap();
    assert_eq!(form.issues, [], "{items}");
    form
}

/// Answers, as the items of a response.
pub fn answers(items: &str) -> Filling {
    Filling::read(&Json::read(&format!(r#"{{"item":[{items}]}}"#)).unwrap())
}

/// What is wrong, as `place word bound`.
pub fn faults(form: &Form, filling: &Filling) -> Vec<String> {
    fn gather(laid: &Laid<'_>, found: &mut Vec<String>) {
        found.extend(laid.faults.iter().map(|fault| format!("{} {} {}", laid.place, fault.word(), fault.bound()).trim_end().to_owned()));
        laid.rows.iter().flatten().for_each(|one| gather(one, found));
    }
    let (laid, own) = lay_out(form, filling, &around(""), &Shipped);
    let mut found: Vec<String> = own.iter().map(|fault| format!("form {}", fault.word())).collect();
    laid.iter().for_each(|one| gather(one, &mut found));
    found
}

/// The places that are asked.
pub fn asked(form: &Form, filling: &Filling, around: &Around<'_>) -> Vec<String> {
    fn gather(laid: &Laid<'_>, found: &mut Vec<String>) {
        if laid.is_enabled {
            found.push(laid.place.trim_start_matches(':').to_owned());
        }
        laid.rows.iter().flatten().for_each(|one| gather(one, found));
    }
    let mut found = Vec::new();
    lay_out(form, filling, around, &Shipped).0.iter().for_each(|one| gather(one, &mut found));
    found
}
