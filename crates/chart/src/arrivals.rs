//! What a FHIR document holds, as arrivals for the door.

use fhir::Value;

use crate::import::{Arrival, content_id};
use crate::transaction::address_of;

/// The resources of a document: the entries of a Bundle, or the one resource it is.
pub fn of<'d>(root: Value<'d>) -> Vec<Arrival<'d>> {
    match entries(root) {
        Some(entries) => entries.map(entry).collect(),
        None => vec![whole(root)],
    }
}

/// The entries of a Bundle that is taken apart; none for anything else.
pub fn entries<'d>(root: Value<'d>) -> Option<impl Iterator<Item = Value<'d>>> {
    let is_bundle = root.string("resourceType").as_deref() == Some("Bundle");
    let taken_apart = root.string("type").is_some_and(|kind| is_taken_apart(kind.as_bytes()));
    (is_bundle && taken_apart && !was_a_resource(root)).then(|| root.get("entry").into_iter().flat_map(|entries| entries.items()))
}

/// True for a document, a message or a collection that bears its id and the version it had at a server: it was a resource
/// there, and is one here. Taken apart, what it quotes of other resources would become the newest of them.
fn was_a_resource(root: Value<'_>) -> bool {
    let quotes = matches!(root.string("type").as_deref(), Some("document" | "message" | "collection"));
    quotes && root.get("id").is_some() && root.path(&["meta", "versionId"]).is_some()
}

/// True for the Bundles that carry resources rather than being one.
pub fn is_taken_apart(kind: &[u8]) -> bool {
    matches!(kind, b"transaction" | b"batch" | b"collection" | b"document" | b"searchset" | b"message" | b"history")
}

/// A resource by itself.
pub fn whole(root: Value<'_>) -> Arrival<'_> {
    named(Arrival { body: Some(root), full_url: None, method: None, url: None, if_none_exist: None })
}

/// An entry of a Bundle.
pub fn entry(entry: Value<'_>) -> Arrival<'_> {
    let request = entry.get("request");
    let text = |name: &str| request.and_then(|request| request.string(name)).map(|text| text.into_owned());
    named(Arrival {
        body: entry.get("resource"),
        // The id is what stands before a version: two persons in their third version are not one.
        full_url: entry.string("fullUrl").map(|url| address_of(&url).to_owned()),
        method: text("method"),
        url: text("url"),
        if_none_exist: text("ifNoneExist"),
    })
}

/// What has no name of its own is named by its content, so that it is the same one the next time.
fn named(mut arrival: Arrival<'_>) -> Arrival<'_> {
    let is_nameless = arrival.full_url.is_none() && arrival.method.as_deref() != Some("DELETE") && arrival.name().is_none();
    if let Some(body) = arrival.body.filter(|_| is_nameless) {
        arrival.full_url = Some(format!("urn:uuid:{}", content_id(body)));
    }
    arrival
}

#[cfg(test)]
mod tests {
    use super::*;
    use fhir::Document;

    fn check(text: &str, expected: &[Option<&str>]) {
        let document = Document::read(text).unwrap();
        let found: Vec<Option<String>> = of(document.root()).iter().map(|arrival| arrival.name().map(|(kind, id)| format!("{kind}/{id}"))).collect();
        assert_eq!(found.iter().map(Option::as_deref).collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn entries_are_told_by_their_full_url_their_address_or_their_id() {
        check(
            r#"{"resourceType":"Bundle","type":"batch","entry":[
                {"fullUrl":"urn:uuid:0a","resource":{"resourceType":"Patient","id":"x"}},
                {"fullUrl":"http://elsewhere.example/fhir/Patient/y","resource":{"resourceType":"Patient"}},
                {"resource":{"resourceType":"Patient","id":"z"}},
                {"resource":{"resourceType":"Patient"},"request":{"method":"PUT","url":"Patient/w"}},
                {"request":{"method":"DELETE","url":"Patient/v"}},
                {"fullUrl":"http://elsewhere.example/fhir/Patient/u/_history/3","resource":{"resourceType":"Patient"}},
                {"fullUrl":"http://elsewhere.example/fhir/Patient/t#x","resource":{"resourceType":"Patient"}}]}"#,
            &[Some("Patient/0a"), Some("Patient/y"), Some("Patient/z"), Some("Patient/w"), Some("Patient/v"), Some("Patient/u"), Some("Patient/t")],
        );
    }

    #[test]
    fn what_has_no_name_is_named_by_its_content() {
        let one = Document::read(r#"{"resourceType":"Patient","gender":"female"}"#).unwrap();
        let same = Document::read("{ \"resourceType\":\"Patient\",\n\"gender\": \"female\" }").unwrap();
        let other = Document::read(r#"{"resourceType":"Patient","gender":"male"}"#).unwrap();
        let name = |document: &Document<'_>| of(document.root())[0].name().unwrap().1;
        assert_eq!(name(&one), name(&same));
        assert_ne!(name(&one), name(&other));
        assert!(fhir::is_id(&name(&one)));
    }

    #[test]
    fn what_others_call_by_no_id_is_named_by_its_content_unless_a_condition_finds_it() {
        let entry = |more: &str| format!(r#"{{"resourceType":"Bundle","type":"batch","entry":[{{"fullUrl":"urn:oid:1.2.3","resource":{{"resourceType":"Patient","gender":"male"}}{more}}}]}}"#);
        let name = |text: &str| of(Document::read(text).unwrap().root())[0].name();
        let alone = Document::read(r#"{"resourceType":"Patient","gender":"male"}"#).unwrap();
        assert_eq!(name(&entry("")), of(alone.root())[0].name());
        assert_eq!(name(&entry(r#","request":{"method":"POST","url":"Patient","ifNoneExist":"gender=male"}"#)), None);
    }

    #[test]
    fn a_bundle_that_is_a_resource_stays_whole() {
        for kind in ["document", "message", "collection"] {
            check(&format!(r#"{{"resourceType":"Bundle","id":"a","meta":{{"versionId":"2"}},"type":"{kind}","entry":[{{"resource":{{"resourceType":"Patient","id":"x"}}}}]}}"#), &[Some("Bundle/a")]);
        }
        check(r#"{"resourceType":"Bundle","id":"a","meta":{"versionId":"2"},"type":"searchset","entry":[{"resource":{"resourceType":"Patient","id":"x"}}]}"#, &[Some("Patient/x")]);
        check(r#"{"resourceType":"Bundle","id":"a","type":"collection","entry":[]}"#, &[]);
        check(r#"{"resourceType":"Bundle","id":"a","type":"batch-response"}"#, &[Some("Bundle/a")]);
    }
}
