//! What this house writes down of an act: to what it was done, when, why, by whom and from what.
//!
//! * Whatever an act is, its Provenance is made here, with its elements in one order.
//! * Nothing here knows who may act, or whether they did.
//!
//! <https://hl7.org/fhir/R4/provenance.html>

use ::forms::Json;
use access::Account;
use fhir::{Moment, ResourceType};

/// The codes of what happened to a record.
const LIFECYCLE: &str = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle";

/// A Provenance in the making.
pub(crate) struct Provenance {
    id: Option<String>,
    targets: Vec<Json>,
    recorded_at: Moment,
    reason: Option<String>,
    activity: Option<Json>,
    agent: Json,
    entities: Vec<Json>,
    signatures: Vec<Json>,
}

/// Who did something.
pub(crate) struct Agent {
    /// A CodeableConcept of how they took part.
    pub kind: Option<Json>,
    /// In which role, as a word.
    pub role: Option<&'static str>,
    /// A Reference to them.
    pub who: Json,
    /// A Reference to whom they did it for.
    pub on_behalf_of: Option<Json>,
}

impl Provenance {
    /// Of something done to the targets, each a Reference.
    pub fn of(targets: Vec<Json>, recorded_at: Moment, agent: Agent) -> Provenance {
        Provenance { id: None, targets, recorded_at, reason: None, activity: None, agent: agent.json(), entities: Vec::new(), signatures: Vec::new() }
    }

    /// Under an id that was chosen.
    pub fn named(self, id: &str) -> Provenance {
        Provenance { id: Some(id.to_owned()), ..self }
    }

    /// Why, in words.
    pub fn because(self, reason: Option<&str>) -> Provenance {
        Provenance { reason: reason.map(str::to_owned), ..self }
    }

    /// What was done, as a Coding.
    pub fn doing(self, act: Json) -> Provenance {
        Provenance { activity: Some(Json::object([("coding", Json::List(vec![act]))])), ..self }
    }

    /// What was done, by a code of the [life of a record](http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle).
    pub fn living(self, code: &str) -> Provenance {
        self.doing(Json::object([("system", Json::text(LIFECYCLE)), ("code", Json::text(code))]))
    }

    /// From what, each with the [part it took](https://hl7.org/fhir/R4/valueset-provenance-entity-role.html) and a Reference.
    pub fn from(mut self, role: &str, whats: impl IntoIterator<Item = Json>) -> Provenance {
        self.entities.extend(whats.into_iter().map(|what| Json::object([("role", Json::text(role)), ("what", what)])));
        self
    }

    /// With what was signed of it.
    pub fn signed(self, signatures: Vec<Json>) -> Provenance {
        Provenance { signatures, ..self }
    }

    /// The resource.
    pub fn json(self) -> Json {
        let mut json = Json::object([("resourceType", Json::text("Provenance"))]);
        if let Some(id) = self.id {
            json.set("id", Json::Text(id));
        }
        json.set("target", Json::List(self.targets));
        json.set("recorded", Json::text(self.recorded_at.to_string()));
        if let Some(reason) = self.reason {
            json.set("reason", Json::List(vec![Json::object([("text", Json::Text(reason))])]));
        }
        if let Some(activity) = self.activity {
            json.set("activity", activity);
        }
        json.set("agent", Json::List(vec![self.agent]));
        for (name, list) in [("entity", self.entities), ("signature", self.signatures)] {
            if !list.is_empty() {
                json.set(name, Json::List(list));
            }
        }
        json
    }

    /// The text of the resource.
    pub fn written(self) -> String {
        self.json().written()
    }

    /// The entry of a transaction that creates it.
    pub fn posted(self) -> Json {
        Json::object([("resource", self.json()), ("request", Json::object([("method", Json::text("POST")), ("url", Json::text("Provenance"))]))])
    }
}

impl Agent {
    /// Nothing is known of them but who they are.
    pub fn known_as(who: Json) -> Agent {
        Agent { kind: None, role: None, who, on_behalf_of: None }
    }

    /// An account, by its number, which outlives every name.
    pub fn of_account(account: &Account) -> Agent {
        let display = if account.display.is_empty() { &account.login } else { &account.display };
        let identifier = Json::object([("system", Json::text(Account::SYSTEM)), ("value", Json::text(account.number.to_string()))]);
        Agent::known_as(Json::object([("identifier", identifier), ("display", Json::text(display))]))
    }

    fn json(self) -> Json {
        let mut json = Json::Object(Vec::new());
        if let Some(kind) = self.kind {
            json.set("type", kind);
        }
        if let Some(role) = self.role {
            json.set("role", Json::List(vec![Json::object([("text", Json::text(role))])]));
        }
        json.set("who", self.who);
        if let Some(on_behalf_of) = self.on_behalf_of {
            json.set("onBehalfOf", on_behalf_of);
        }
        json
    }
}

/// A Reference to an address.
pub(crate) fn reference(address: &str) -> Json {
    Json::object([("reference", Json::text(address))])
}

/// A Reference to a version.
pub(crate) fn versioned(kind: ResourceType, id: &str, version: u32) -> Json {
    reference(&format!("{kind}/{id}/_history/{version}"))
}

/// True where a text is of a Provenance that tells of the life of a record.
pub(crate) fn tells_of_a_life(text: &str) -> bool {
    text.contains(LIFECYCLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Moment = Moment(1_767_261_600_000);

    #[test]
    fn what_is_not_said_has_no_element() {
        let told = Provenance::of(vec![reference("Observation/o")], AT, Agent::known_as(Json::object([("display", Json::text("x"))])));
        assert_eq!(told.written(), r#"{"resourceType":"Provenance","target":[{"reference":"Observation/o"}],"recorded":"2026-01-01T10:00:00.000Z","agent":[{"who":{"display":"x"}}]}"#);
    }

    #[test]
    fn all_that_is_said_comes_in_one_order() {
        let agent = Agent { kind: Some(Json::object([("text", Json::text("author"))])), role: Some("doctor"), who: reference("Practitioner/p"), on_behalf_of: Some(reference("Organization/o")) };
        let told = Provenance::of(vec![versioned(ResourceType::PATIENT, "p", 2)], AT, agent);
        let told = told.signed(vec![Json::Null]).from("source", [reference("Binary/b")]).living("amend").because(Some("a \"line\"")).named("n");
        assert_eq!(
            told.posted().written(),
            concat!(
                r#"{"resource":{"resourceType":"Provenance","id":"n","target":[{"reference":"Patient/p/_history/2"}],"recorded":"2026-01-01T10:00:00.000Z","reason":[{"text":"a \"line\""}],"#,
                r#""activity":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle","code":"amend"}]},"#,
                r#""agent":[{"type":{"text":"author"},"role":[{"text":"doctor"}],"who":{"reference":"Practitioner/p"},"onBehalfOf":{"reference":"Organization/o"}}],"#,
                r#""entity":[{"role":"source","what":{"reference":"Binary/b"}}],"signature":[null]},"request":{"method":"POST","url":"Provenance"}}"#
            )
        );
    }

    #[test]
    fn an_account_is_named_by_its_number_and_shown_by_its_name() {
        let account = Account { number: 7, login: "ana".into(), display: String::new(), role: access::Role::Physician, institution: String::new(), language: "es".into() };
        assert_eq!(Agent::of_account(&account).json().written(), format!(r#"{{"who":{{"identifier":{{"system":"{}","value":"7"}},"display":"ana"}}}}"#, Account::SYSTEM));
    }
}
