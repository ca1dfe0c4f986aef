//! What was answered: the tree of a QuestionnaireResponse.
//!
//! * A group that repeats stands once for each time; a question stands once, with all its answers.
//! * What is empty is not written.

use crate::answer::Answer;
use crate::json::Json;

/// The answers to a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filling {
    /// In the order of the form.
    pub items: Vec<Given>,
}

/// What was given to one item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// Of the item.
    pub link_id: String,
    /// To a question.
    pub answers: Vec<Answer>,
    /// Below a group.
    pub items: Vec<Given>,
}

impl Given {
    /// Nothing yet.
    pub fn of(link_id: &str) -> Given {
        Given { link_id: link_id.to_owned(), ..Given::default() }
    }

    /// True where neither it nor anything below it says anything.
    pub fn is_empty(&self) -> bool {
        self.answers.iter().all(Answer::is_empty) && self.items.iter().all(Given::is_empty)
    }

    pub(crate) fn read(json: &Json) -> Given {
        Given {
            link_id: json.string("linkId").unwrap_or_default().to_owned(),
            answers: json.each("answer").iter().map(Answer::read).collect(),
            items: json.each("item").iter().map(Given::read).collect(),
        }
    }

    pub(crate) fn json(&self) -> Json {
        let mut json = Json::object([("linkId", Json::text(&self.link_id))]);
        let answers: Vec<Json> = self.answers.iter().filter(|answer| !answer.is_empty()).map(Answer::json).collect();
        if !answers.is_empty() {
            json.set("answer", Json::List(answers));
        }
        let items: Vec<Json> = self.items.iter().filter(|one| !one.is_empty()).map(Given::json).collect();
        if !items.is_empty() {
            json.set("item", Json::List(items));
        }
        json
    }
}

impl Filling {
    /// The same answers, each marked as one that somebody still has to confirm; what nobody can change is not.
    pub fn to_be_confirmed(&self, form: &crate::Form) -> Filling {
        fn mark(given: &[Given], items: &[crate::Item]) -> Vec<Given> {
            let one = |one: &Given| {
                let item = items.iter().find(|item| item.link_id == one.link_id)?;
                let is_open = !item.is_read_only && !item.is_hidden && item.calculated.is_none();
                let answer = |answer: &Answer| Answer { is_prefilled: is_open && !answer.is_empty(), items: mark(&answer.items, &item.items), ..answer.clone() };
                Some(Given { link_id: one.link_id.clone(), answers: one.answers.iter().map(answer).collect(), items: mark(&one.items, &item.items) })
            };
            given.iter().filter_map(one).collect()
        }
        Filling { items: mark(&self.items, &form.items) }
    }

    /// Reads the answers of a QuestionnaireResponse.
    pub fn read(response: &Json) -> Filling {
        Filling { items: response.each("item").iter().map(Given::read).collect() }
    }

    /// The items as a QuestionnaireResponse holds them, without what is empty.
    pub fn json(&self) -> Json {
        Json::List(self.items.iter().filter(|one| !one.is_empty()).map(Given::json).collect())
    }

    /// The first answer to an item anywhere, in the order of the form.
    pub fn first(&self, link_id: &str) -> Option<&Answer> {
        fn look<'g>(items: &'g [Given], link_id: &str) -> Option<&'g Answer> {
            items.iter().find_map(|one| {
                let own = (one.link_id == link_id).then(|| one.answers.first()).flatten();
                own.or_else(|| look(&one.items, link_id)).or_else(|| one.answers.iter().find_map(|answer| look(&answer.items, link_id)))
            })
        }
        look(&self.items, link_id)
    }

    /// Every answer that came out of the record and waits to be confirmed.
    pub fn unconfirmed(&self) -> usize {
        fn count(items: &[Given]) -> usize {
            let of = |one: &Given| one.answers.iter().map(|answer| answer.is_prefilled as usize + count(&answer.items)).sum::<usize>() + count(&one.items);
            items.iter().map(of).sum()
        }
        count(&self.items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_and_written_the_same() {
        let text = r#"{"item":[{"linkId":"g","item":[{"linkId":"a","answer":[{"valueDecimal":1.50},{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}]}]},{"linkId":"b","answer":[{"extension":[{"url":"https://carnet.health/fhir/StructureDefinition/form-prefilled","valueBoolean":true}],"valueCoding":{"system":"s","code":"c","display":"d"},"item":[{"linkId":"b1","answer":[{"valueQuantity":{"value":2,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}}]}]}]}]}"#;
        let filling = Filling::read(&Json::read(text).unwrap());
        assert_eq!(format!("{{\"item\":{}}}", filling.json().written()), text);
        assert_eq!((filling.unconfirmed(), filling.first("b1").is_some(), filling.first("zz").is_none()), (1, true, true));
    }

    #[test]
    fn what_is_empty_is_not_written() {
        let filling = Filling { items: vec![Given::of("a"), Given { link_id: "g".into(), items: vec![Given::of("b")], ..Given::default() }] };
        assert_eq!(filling.json().written(), "[]");
    }
}
