//! Answers carried over to a document that was changed meanwhile.

use super::{answers, form};
use forms::carried;

#[test]
fn what_somebody_changed_stays_and_the_rest_is_as_the_newer_document_says() {
    let form = form(
        r#"{"linkId":"a","type":"string"},{"linkId":"b","type":"string"},{"linkId":"g","type":"group","item":[{"linkId":"x","type":"string"},{"linkId":"y","type":"choice","answerOption":[{"valueCoding":{"code":"1"}},{"valueCoding":{"code":"2"}}]}]},
           {"linkId":"r","type":"group","repeats":true,"item":[{"linkId":"z","type":"string"}]}"#,
    );
    let text = |id: &str, value: &str| format!(r#"{{"linkId":"{id}","answer":[{{"valueString":"{value}"}}]}}"#);
    let code = |code: &str, display: &str| format!(r#"{{"linkId":"y","answer":[{{"valueCoding":{{"code":"{code}","display":"{display}"}}}}]}}"#);
    let group = |id: &str, items: &[String]| format!(r#"{{"linkId":"{id}","item":[{}]}}"#, items.join(","));
    let row = |value: &str| group("r", &[text("z", value)]);
    let cases: [(&str, Vec<String>, Vec<String>, Vec<String>, Vec<String>); 8] = [
        ("nobody changed it", vec![text("a", "1")], vec![text("a", "1")], vec![text("a", "1")], vec![text("a", "1")]),
        ("only the newer one", vec![text("a", "1")], vec![text("a", "1")], vec![text("a", "2")], vec![text("a", "2")]),
        ("only the draft", vec![text("a", "1"), text("b", "1")], vec![text("a", "3"), text("b", "1")], vec![text("a", "1"), text("b", "2")], vec![text("a", "3"), text("b", "2")]),
        ("both", vec![text("a", "1")], vec![text("a", "3")], vec![text("a", "2")], vec![text("a", "3")]),
        ("taken out of the draft", vec![text("a", "1"), text("b", "1")], vec![text("b", "1")], vec![text("a", "2"), text("b", "1")], vec![text("b", "1")]),
        (
            "beside each other in a group, and a code that is only called otherwise is no change",
            vec![group("g", &[text("x", "1"), code("1", "one")])],
            vec![group("g", &[text("x", "3"), code("1", "uno")])],
            vec![group("g", &[text("x", "1"), code("2", "two")])],
            vec![group("g", &[text("x", "3"), code("2", "two")])],
        ),
        ("rows are somebody's as a whole", vec![row("1"), row("2")], vec![row("1"), row("3")], vec![row("1"), row("2"), row("4")], vec![row("1"), row("3")]),
        ("what the newer form does not ask", vec![], vec![text("gone", "1"), text("b", "1")], vec![text("a", "2")], vec![text("a", "2"), text("b", "1")]),
    ];
    for (case, base, mine, newest, expect) in cases {
        let of = |items: &[String]| answers(&items.join(","));
        assert_eq!(carried(&form, &of(&base), &of(&mine), &of(&newest)).json().written(), of(&expect).json().written(), "{case}");
    }
}
