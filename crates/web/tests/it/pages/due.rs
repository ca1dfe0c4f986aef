//! What is due: vaccinations, a child's card, and who of a facility is behind.

use super::*;

#[tokio::test]
async fn what_is_due_is_said_with_its_reason_and_what_does_not_count_too() {
    let house = house();
    let (session, _) = sign_in(&house).await;
    for (language, words) in [
        ("en", &["Overdue", "Hexavalente", "Diphtheria, tetanus, whooping cough, dose 1", "The recommended age is reached: 2 months.", "too young; would have counted from 23/07/2026", "Vacuna sin clave", "The day is not known", "✓ Tuberculosis, dose 1"][..]),
        ("es", &["Atrasada", "Ya tiene la edad recomendada: 2 meses.", "edad insuficiente; habría contado desde el 23/07/2026"][..]),
        ("vi", &["Quá hạn", "Đã đến tuổi nên tiêm: 2 tháng.", "chưa đủ tuổi"][..]),
        ("ru", &["Просрочена", "Рекомендуемый возраст наступил: 2 месяца.", "засчиталась бы с 23.07.2026"][..]),
    ] {
        let (status, _, page) = get(&house, "/person/child/vaccinations", &format!("{session}; carnet_language={language}")).await;
        assert_eq!(status, StatusCode::OK);
        for word in words {
            assert!(page.contains(word), "{language} does not say {word}: {page}");
        }
        // The overdue stand above what is only due or comes later.
        let overdue = page.find(words[0]).unwrap();
        assert!(page.find("chip warn").is_none_or(|due| overdue < due));
    }
    let (_, _, empty) = get(&house, "/person/empty/vaccinations", &format!("{session}; carnet_language=en")).await;
    assert!(empty.contains("Neither a number nor the address") && empty.contains("No vaccination is recorded."));
}

#[tokio::test]
async fn a_childs_card_names_its_gaps_and_its_examinations() {
    let house = house();
    let (session, _) = sign_in(&house).await;
    let (_, _, page) = get(&house, "/person/child/card", &format!("{session}; carnet_language=en")).await;
    for words in ["The weight at birth is not recorded.", "A parent or guardian is not recorded.", "No examination at the age of 2 months.", "Vaccinations are overdue: Rotavirus.", "Missed", "Late", "4 months", "newborn screening"] {
        assert!(page.contains(words), "the card does not say {words}: {page}");
    }
    assert!(!page.contains("The facility is not recorded."));
    assert!(get(&house, "/person/empty/card", &format!("{session}; carnet_language=en")).await.2.contains("Neither a number nor the address"));
}

/// The address of the link whose text begins so.
fn desk_link(page: &str, text: &str) -> String {
    let before = page.split(&format!(">{text} <")).next().unwrap();
    before.rsplit("<a href=\"").next().unwrap().split('"').next().unwrap().replace("&#38;", "&")
}

#[tokio::test]
async fn a_facility_sees_who_is_behind_and_since_when() {
    let house = house();
    let (session, _) = sign_in(&house).await;
    let cookies = format!("{session}; carnet_language=en");
    let (_, _, choice) = get(&house, "/overdue?name=Clinic", &cookies).await;
    assert!(choice.contains("href=\"/overdue/clinic\"") && choice.contains("Clinic &#60;b&#62;One"));
    let (_, _, page) = get(&house, "/overdue/clinic", &cookies).await;
    assert!(page.contains("href=\"/person/child/vaccinations\"") && page.contains("Rotavirus, since 15/08/2026"), "{page}");
    assert!(page.contains("1 person under 18 looked at") && page.contains("href=\"/overdue/clinic?cursor=more\""));
    assert!(!get(&house, "/overdue/clinic?cursor=more", &cookies).await.2.contains("cursor=more\">Look"));
    // Of whom no birth date is known stands there too, once, and says why.
    assert!(page.contains("1 person without a birth date looked at") && page.contains("href=\"/person/undated\"") && page.contains("The birth date is not known to the day") && page.contains("href=\"/overdue/clinic?undated=further\""), "{page}");
    assert!(!get(&house, "/overdue/clinic?cursor=more", &cookies).await.2.contains("/person/undated"));
    let further = get(&house, "/overdue/clinic?undated=further", &cookies).await.2;
    assert!(further.contains("/person/undated") && !further.contains("/person/child/") && !further.contains("under 18 looked at") && !further.contains("undated=further\">Look"), "{further}");
    // By where they live: the choice goes on to the next page, and one that nobody knows chooses nothing.
    let puebla = desk_link(&page, "Puebla");
    assert!(puebla.starts_with("/overdue/clinic?area=mx-"), "{page}");
    let there = get(&house, &puebla, &cookies).await.2;
    assert!(there.contains("/person/undated") && !there.contains("/person/child/vaccinations") && there.contains("aria-current=\"true\">Puebla"), "{there}");
    assert!(there.contains(&format!("href=\"{}&#38;area=", "/overdue/clinic?cursor=more")) && there.contains(&format!("href=\"{}&#38;area=", "/overdue/clinic?undated=further")), "{there}");
    assert!(get(&house, "/overdue/clinic?area=zz-1", &cookies).await.2.contains("/person/child/vaccinations"));
}
