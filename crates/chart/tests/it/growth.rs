//! Tables of growth as the door finds them: known as soon as written, counted where they cannot be read.

use access::Role;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chart::{Target, growth_table};
use fhir::ResourceType;
use schedule::growth::table::{Sex, read};
use schedule::growth::{Lms, Measure};
use testkit::{block_on, caller};

fn library(text: &str, measure: Measure) -> String {
    let table = read(text, measure, Some(Sex::Girl), false).unwrap().remove(0);
    format!(r#"{{"resourceType":"Library","id":"{}","url":"{}","status":"active","type":{{"coding":[{{"code":"asset-collection"}}]}},"content":[{{"contentType":"text/tab-separated-values","data":"{}"}}]}}"#, table.rows[0].0, growth_table(&table), STANDARD.encode(table.text()))
}

#[test]
fn a_table_counts_from_its_writing_to_its_end() {
    block_on(async {
        let clinic = testkit::clinic();
        let (chart, system, kind) = (&clinic.chart, caller(Role::Integration), ResourceType::named("Library").unwrap());
        assert!(chart.growth().unwrap().is_empty());
        let (young, older) = (library("day L M S\n0 1 10 0.1\n1856 1 20 0.1\n", Measure::WeightForAge), library("day L M S\n1857 1 20 0.1\n6940 1 55 0.1\n", Measure::WeightForAge));
        chart.update(&system, kind, "0", young.as_bytes(), None).await.unwrap();
        let at = |day: f64| chart.growth().unwrap().at(Measure::WeightForAge, Sex::Girl, day);
        assert_eq!((at(0.0), at(6940.0)), (Some(Lms { l: 1.0, m: 10.0, s: 0.1 }), None));
        // The second range beside the first.
        chart.update(&system, kind, "1857", older.as_bytes(), None).await.unwrap();
        assert_eq!((at(0.0).unwrap().m, at(6940.0).unwrap().m), (10.0, 55.0));
        assert_eq!(chart.growth().unwrap().at(Measure::WeightForAge, Sex::Boy, 0.0), None);
        // One that is no table is left out and told.
        let broken = young.replace("\"data\":\"", "\"data\":\"AAAA");
        chart.update(&system, kind, "0", broken.as_bytes(), None).await.unwrap();
        let standards = chart.growth().unwrap();
        assert_eq!((standards.unread, standards.at(Measure::WeightForAge, Sex::Girl, 0.0)), (1, None));
        chart.delete(&system, kind, Target::Id("0"), None).await.unwrap();
        assert_eq!(chart.growth().unwrap().unread, 0);
    });
}
