//! Keys and wraps: what a copy without its key is worth, what happens to a swapped one, and a
//! rotation that stops at any moment.

use std::ops::ControlFlow;
use std::sync::Arc;

use access::Role;
use chart::{Chart, Error};
use fhir::ResourceType;
use seal::{InstitutionKey, Stream};
use store::engine::{Engine, Read, Space, Span};
use store::memory::Memory;
use store::{Shape, Store};
use testkit::{block_on, caller, clinic_on, key, settings};

fn other_key(seed: u8) -> InstitutionKey {
    InstitutionKey::new(&mut Stream::new([seed; 32]))
}

async fn patients(chart: &Chart, ids: &[&str]) {
    for id in ids {
        let body = format!(r#"{{"resourceType":"Patient","id":"{id}","name":[{{"family":"Family of {id}"}}]}}"#);
        chart.update(&caller(Role::Integration), ResourceType::PATIENT, id, body.as_bytes(), None).await.unwrap();
    }
}

async fn reads(chart: &Chart, id: &str) -> Result<(), Error> {
    chart.read(&caller(Role::Physician), ResourceType::PATIENT, id).await.map(|_| ())
}

fn rows(engine: &Memory, space: Space) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut rows = Vec::new();
    let mut see = |key: &[u8], value: &[u8]| {
        rows.push((key.to_vec(), value.to_vec()));
        ControlFlow::Continue(())
    };
    engine.scan(space, &Span::all(), &mut see).unwrap();
    rows
}

fn open(data: &Memory, keyring: &Memory, key: &InstitutionKey, older: Option<&InstitutionKey>) -> Result<Store, store::Error> {
    Store::open_between(Arc::new(data.copy()), Arc::new(keyring.copy()), key, older, [8; 32])
}

fn door(store: Store) -> Chart {
    let clinic = testkit::clinic();
    Chart::open(store, clinic.hands, settings()).unwrap()
}

/// A store whose site has a key of its own, and one of the first release.
fn stores() -> [(Arc<Memory>, Arc<Memory>); 2] {
    let made = [true, false].map(|is_apart| {
        let (data, keyring) = (Arc::new(Memory::new()), Arc::new(Memory::new()));
        if is_apart {
            let engine: Arc<dyn Engine> = data.clone();
            Store::create_apart(&engine, &*keyring, &key(), Shape::default(), [5; 32]).unwrap();
        }
        block_on(patients(&clinic_on(data.clone(), keyring.clone(), 1).chart, &["ana", "bea", "eva"]));
        (data, keyring)
    });
    assert!(rows(&made[0].1, Space::Meta).iter().any(|(key, _)| key.starts_with(b"\x01site key")));
    assert!(!rows(&made[1].1, Space::Meta).iter().any(|(key, _)| key.starts_with(b"\x01site key")));
    made
}

#[test]
fn a_store_copied_without_its_key_opens_with_no_other_and_its_keyring_with_no_data_of_another() {
    let [(data, keyring), (other_data, other_keyring)] = stores();
    for (data, keyring) in [(&data, &keyring), (&other_data, &other_keyring)] {
        assert!(matches!(open(data, keyring, &other_key(1), None), Err(store::Error::OtherKey)));
        assert!(open(data, keyring, &key(), None).is_ok());
    }
    assert!(matches!(open(&data, &other_keyring, &key(), None), Err(store::Error::OtherKey)), "a keyring of another site");
    assert!(matches!(open(&data, &Memory::new(), &key(), None), Err(store::Error::OtherKey)), "no keyring at all");
}

#[test]
fn a_keyring_in_use_takes_no_new_store() {
    for (data, keyring) in stores() {
        let empty: Arc<dyn Engine> = Arc::new(Memory::new());
        let made = Store::create_apart(&empty, &*keyring, &key(), Shape::default(), [6; 32]);
        assert!(matches!(made, Err(store::Error::StoreExists)), "{made:?}");
        assert!(open(&data, &keyring, &key(), None).is_ok());
    }
}

#[test]
fn what_was_swapped_or_spliced_is_noticed_before_it_is_shown() {
    let [(data, keyring), _] = stores();
    let persons = |engine: &Memory, length: usize| -> Vec<(Vec<u8>, Vec<u8>)> {
        let in_use: Vec<Vec<u8>> = rows(&data, Space::Record).into_iter().filter(|(key, _)| key.len() == 9 && key[7] & 3 == 0).map(|(key, _)| key[..8].to_vec()).collect();
        rows(engine, Space::Record).into_iter().filter(|(key, _)| key.len() == length && in_use.contains(&key[..8].to_vec())).collect()
    };
    let acts: [(&str, &dyn Fn(&Memory, &Memory)); 5] = [
        ("two wraps change places", &|_, keyring| {
            let wraps = persons(keyring, 16);
            keyring.tamper(Space::Record, &wraps[0].0, Some(&wraps[1].1));
            keyring.tamper(Space::Record, &wraps[1].0, Some(&wraps[0].1));
        }),
        ("a person becomes another, wrap and all", &|data, keyring| {
            let wraps = persons(keyring, 16);
            let (one, two) = (wraps[0].0[..8].to_vec(), wraps[1].0[..8].to_vec());
            keyring.tamper(Space::Record, &wraps[1].0, Some(&wraps[0].1));
            for (key, _) in rows(data, Space::Record).into_iter().filter(|(key, _)| key.starts_with(&two)) {
                data.tamper(Space::Record, &key, None);
            }
            for (key, value) in rows(data, Space::Record).into_iter().filter(|(key, _)| key.starts_with(&one)) {
                data.tamper(Space::Record, &[&two[..], &key[8..]].concat(), Some(&value));
            }
        }),
        ("a version of another person is spliced in", &|data, _| {
            let versions = persons(data, 19);
            data.tamper(Space::Record, &versions[1].0, Some(&versions[0].1));
        }),
        ("the wraps are dropped", &|_, keyring| {
            for (key, _) in persons(keyring, 16) {
                keyring.tamper(Space::Record, &key, None);
            }
        }),
        ("a wrap is put under another key's name", &|_, keyring| {
            for (key, value) in persons(keyring, 16) {
                keyring.tamper(Space::Record, &key, None);
                keyring.tamper(Space::Record, &[&key[..8], &other_key(1).fingerprint()].concat(), Some(&value));
            }
        }),
    ];
    for (act, tamper) in acts {
        let (data, keyring) = (data.copy(), keyring.copy());
        tamper(&data, &keyring);
        let chart = door(open(&data, &keyring, &key(), None).unwrap());
        let failed = block_on(async { [reads(&chart, "ana").await, reads(&chart, "bea").await, reads(&chart, "eva").await] });
        assert!(failed.iter().any(|read| matches!(read, Err(Error::Store(_)))), "{act}: {failed:?}");
        assert!(!chart.check(&caller(Role::Console), &mut |_| {}).unwrap().is_sound(), "{act}");
    }
}

#[test]
fn a_record_whose_key_is_missing_is_not_an_empty_one_and_gets_no_second_key() {
    let (data, keyring) = (Arc::new(Memory::new()), Arc::new(Memory::new()));
    let organization = ResourceType::named("Organization").unwrap();
    let update = async |chart: &Chart, id: &str| {
        let body = format!(r#"{{"resourceType":"Organization","id":"{id}","name":"Clinic"}}"#);
        chart.update(&caller(Role::Integration), organization, id, body.as_bytes(), None).await.map(|_| ())
    };
    block_on(async {
        let chart = clinic_on(data.clone(), keyring.clone(), 1).chart;
        patients(&chart, &["ana"]).await;
        update(&chart, "clinic").await.unwrap();
        // A keyring from before either was written.
        let whole = rows(&keyring, Space::Record);
        for (key, _) in &whole {
            keyring.tamper(Space::Record, key, None);
        }
        let chart = clinic_on(data.clone(), keyring.clone(), 2).chart;
        let exported = chart.export(&caller(Role::Console), &[], None, &mut |_| ControlFlow::Continue(())).await;
        assert!(matches!(exported, Err(Error::Store(store::Error::KeyMissing))), "{exported:?}");
        let mut refused = 0;
        for number in 0..64 {
            match update(&chart, &format!("o{number}")).await {
                Err(Error::Store(store::Error::KeyMissing)) => refused += 1,
                taken => taken.unwrap(),
            }
        }
        assert!(refused > 0, "some of them lie where the first does");
        for (key, value) in &whole {
            keyring.tamper(Space::Record, key, Some(value));
        }
        let chart = clinic_on(data.clone(), keyring.clone(), 3).chart;
        reads(&chart, "ana").await.unwrap();
        chart.read(&caller(Role::Physician), organization, "clinic").await.unwrap();
        assert!(chart.check(&caller(Role::Console), &mut |_| {}).unwrap().is_sound());
    });
}

#[test]
fn a_rotation_that_stops_anywhere_opens_with_both_keys_and_goes_on() {
    for (data, keyring) in stores() {
        let next = other_key(1);
        let mut moments = vec![("before it began", keyring.copy())];
        let store = Store::open(data.clone(), keyring.clone(), &key(), [8; 32]).unwrap();
        store.begin_rotation(&next).unwrap();
        moments.push(("nothing moved", keyring.copy()));
        assert!(store.end_rotation().is_err(), "the old key is not forgotten while it is needed");
        let moved = store.move_wraps(&mut |_| moments.push(("in the middle", keyring.copy()))).unwrap();
        assert!(moved >= 256, "{moved}");
        moments.push(("all moved", keyring.copy()));
        store.end_rotation().unwrap();
        moments.push(("ended", keyring.copy()));
        drop(store);
        for (moment, keyring) in &moments {
            let is_known = Store::is_known(keyring, &next).unwrap();
            assert_eq!(is_known, *moment != "before it began", "{moment}");
            if !is_known {
                continue;
            }
            let store = open(&data, keyring, &next, Some(&key())).unwrap();
            store.begin_rotation(&next).unwrap();
            store.move_wraps(&mut |_| {}).unwrap();
            store.end_rotation().unwrap();
            assert_eq!(store.wraps().unwrap().keys().collect::<Vec<_>>(), [&next.fingerprint()], "{moment}");
            let chart = door(store);
            block_on(async {
                for id in ["ana", "bea", "eva"] {
                    reads(&chart, id).await.unwrap_or_else(|cause| panic!("{moment}: {id}: {cause:?}"));
                }
            });
            assert!(chart.check(&caller(Role::Console), &mut |_| {}).unwrap().is_sound(), "{moment}");
        }
        let ended = &moments.last().unwrap().1;
        assert!(open(&data, ended, &next, None).is_ok());
        assert!(matches!(open(&data, ended, &key(), None), Err(store::Error::OtherKey)), "the old key opens nothing any more");
    }
}

#[test]
fn people_come_go_and_are_erased_while_wraps_move() {
    let (data, keyring) = stores()[0].clone();
    let store = Store::open(data, keyring, &key(), [8; 32]).unwrap();
    let (chart, next) = (door(store), other_key(1));
    let console = caller(Role::Console);
    block_on(async {
        chart.begin_rotation(&console, &next).unwrap();
        // New records are under the new key at once, and old ones are read under the old.
        patients(&chart, &["ida"]).await;
        reads(&chart, "ana").await.unwrap();
        let decided = chart.decide_erasure(&console, "bea", "case 7").await.unwrap();
        let mut is_erased = false;
        let runtime = tokio::runtime::Handle::current();
        let other = chart.clone();
        tokio::task::block_in_place(|| {
            let mut erase = |_| {
                if !std::mem::replace(&mut is_erased, true) {
                    runtime.block_on(other.erase(&caller(Role::Console), decided.erasure)).unwrap();
                }
            };
            chart.move_wraps(&console, &mut erase).unwrap()
        });
        chart.end_rotation(&console).unwrap();
        patients(&chart, &["zoe"]).await;
        for id in ["ana", "eva", "ida", "zoe"] {
            reads(&chart, id).await.unwrap_or_else(|cause| panic!("{id}: {cause:?}"));
        }
        assert!(matches!(reads(&chart, "bea").await, Err(Error::NotFound)));
        let seen = chart.check(&console, &mut |_| {}).unwrap();
        assert!(seen.is_sound(), "{:#?}", seen.findings);
        let acts: Vec<&str> = chart.site_journal().unwrap().iter().map(|entry| entry.act.word()).collect();
        assert_eq!(acts, ["turn-key", "erase", "retire-key"]);
    });
}
