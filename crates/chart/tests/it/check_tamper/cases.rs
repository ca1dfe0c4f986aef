//! What a host can do to the bytes, and by which words each is noticed.

use store::engine::{Read, Space};

use crate::check_tamper::story::{ENTRY, Host, LINE, OPENING, added, of_length};

/// What a host did; the act; words of the finding it must lead to; whether a repair mends it.
pub type Case = (&'static str, fn(&Host), &'static str, bool);

pub const CASES: &[Case] = &[
    ("a byte of a sealed version is changed", |host| host.flip(Space::Record, &host.entries(&host.story.ana)[0]), "does not open", false),
    ("a version is dropped", |host| host.drop(Space::Record, &host.entries(&host.story.ana)[1]), "does not agree with its head", false),
    ("a tombstone is dropped", |host| {
        // Of a new entry with two versions, the newer one comes first.
        let both = of_length(added(&host.story.changed.data, &host.story.deleted.data, Space::Record), ENTRY);
        assert_eq!(both.len(), 2);
        host.drop(Space::Record, &both[0]);
    }, "does not agree with its head", false),
    ("an older head is put back", |host| {
        let head = host.head(&host.story.ana);
        host.put(Space::Record, &head, &host.story.changed.data.get(Space::Record, &head).unwrap().unwrap());
    }, "does not agree with its head", false),
    ("a head is dropped", |host| host.drop(Space::Record, &host.head(&host.story.ana)), "lost its head", false),
    ("a head becomes another record's", |host| host.swap(Space::Record, &host.head(&host.story.ana), &host.head(&host.story.mother)), "did not open", false),
    ("an older state of a whole record is put back", |host| host.put_back(&host.story.ana, &host.story.named), "a record was rolled back or cut", false),
    ("a whole record is dropped", |host| host.put_back(&host.story.mother, &host.story.two), "that are not in their records", false),
    ("a version is copied to another place of its record", |host| {
        let entries = host.entries(&host.story.ana);
        let mut elsewhere = entries[0].clone();
        elsewhere[14] ^= 0x40;
        host.put(Space::Record, &elsewhere, &host.value(Space::Record, &entries[0]));
    }, "a version does not open", false),
    ("a version is moved to another person's record", |host| {
        let key = host.entries(&host.story.ana)[0].clone();
        let value = host.value(Space::Record, &key);
        host.drop(Space::Record, &key);
        host.put(Space::Record, &[&host.story.mother[..], &key[8..]].concat(), &value);
    }, "a version does not open", false),
    ("two versions change places", |host| {
        let entries = host.entries(&host.story.ana);
        host.swap(Space::Record, &entries[0], &entries[1]);
    }, "a version does not open", false),
    ("a guest pointer is dropped", |host| {
        let guests = of_length(added(&host.story.four.data, &host.story.named.data, Space::Record), 17);
        assert_eq!(guests.len(), 1);
        host.drop(Space::Record, &guests[0]);
    }, "does not agree with its head", false),
    ("a key that is none of ours is put among the records", |host| host.put(Space::Record, b"ab", b"rubbish"), "not in the keyring", false),
    ("a key that is none of ours is put into a record", |host| host.put(Space::Record, &[&host.story.ana[..], &[7]].concat(), b"rubbish"), "no known kind", false),
    ("the keys of two records change places", |host| {
        let [one, other] = host.wraps();
        let (first, second) = (host.keyring.get(Space::Record, &one).unwrap().unwrap(), host.keyring.get(Space::Record, &other).unwrap().unwrap());
        host.keyring.tamper(Space::Record, &one, Some(&second));
        host.keyring.tamper(Space::Record, &other, Some(&first));
    }, "its key does not open", false),
    ("the key of a record is dropped", |host| host.keyring.tamper(Space::Record, &host.wraps()[0], None), "not in the keyring", false),
    ("a posting is dropped", |host| host.drop(Space::Posting, &host.keys(Space::Posting)[3]), "lost a posting", true),
    ("all postings are dropped", |host| host.keys(Space::Posting).iter().for_each(|key| host.drop(Space::Posting, key)), "lost a posting", true),
    ("a foreign posting is added", |host| {
        let mut key = host.keys(Space::Posting)[0].clone();
        key[20] ^= 1;
        host.put(Space::Posting, &key, b"");
    }, "postings, the records call for", true),
    ("a posting is moved to another shard", |host| {
        let mut key = host.keys(Space::Posting)[0].clone();
        host.drop(Space::Posting, &key);
        key[0] ^= 1;
        host.put(Space::Posting, &key, b"");
    }, "lost a posting", true),
    ("a locator is dropped", |host| host.drop(Space::Locator, &host.keys(Space::Locator)[0]), "lost its locator", true),
    ("two locators change places", |host| {
        let locators = host.keys(Space::Locator);
        host.swap(Space::Locator, &locators[0], &locators[1]);
    }, "leads elsewhere", true),
    ("a locator is added", |host| host.put(Space::Locator, &[7; 10], &[7; 16]), "locators, the records call for", true),
    ("a claim is forged", |host| {
        let claims = host.keys(Space::Claim);
        host.swap(Space::Claim, &claims[0], &claims[1]);
    }, "a claim does not open", true),
    ("a claim is added", |host| host.put(Space::Claim, &[7; 16], &host.value(Space::Claim, &host.keys(Space::Claim)[0])), "claims, the records call for", true),
    ("a claim is dropped", |host| host.drop(Space::Claim, &host.keys(Space::Claim)[0]), "lost its claim", true),
    ("a claim that was given up is put back", |host| {
        let given_up = added(&host.story.unclaimed.data, &host.story.deleted.data, Space::Claim);
        assert!(!given_up.is_empty());
        host.put(Space::Claim, &given_up[0], &host.story.deleted.data.get(Space::Claim, &given_up[0]).unwrap().unwrap());
    }, "claims, the records call for", true),
    ("a line of the log is dropped", |host| host.drop(Space::Log, &host.lines(&host.story.named, &host.story.changed, LINE)[0]), "something was taken out or put in", false),
    ("a line of the log is dropped and the number of commits made to fit", |host| {
        let line = &host.lines(&host.story.named, &host.story.changed, LINE)[0];
        host.drop(Space::Log, line);
        host.lower_commit_number(line[0]);
    }, "lines were taken out of the log", false),
    ("a line of the log is changed", |host| host.flip(Space::Log, &host.lines(&host.story.named, &host.story.changed, LINE)[0]), "do not open", false),
    ("a line of the log is put in a second time", |host| {
        let line = host.lines(&host.story.named, &host.story.changed, LINE)[0].clone();
        let mut again = line.clone();
        again[13] ^= 1;
        host.put(Space::Log, &again, &host.value(Space::Log, &line));
    }, "do not open", false),
    ("a line is put into the log of a shard there is not", |host| host.put(Space::Log, &[200; LINE], b"rubbish"), "shard 200", false),
    ("the number of commits is changed", |host| host.lower_commit_number(host.story.ana[0]), "something was taken out or put in", false),
    ("an opening is dropped", |host| host.drop(Space::Log, &host.lines(&host.story.dated, &host.story.last, OPENING)[0]), "are not those its lines tell of", false),
    ("an opening is dropped with its line", |host| {
        let opening = host.lines(&host.story.dated, &host.story.last, OPENING)[0].clone();
        let of_its_time = |line: &Vec<u8>| line[0] == opening[0] && line[2..10] == opening[9..17];
        let line = host.lines(&host.story.dated, &host.story.last, LINE).into_iter().find(of_its_time).unwrap();
        host.drop(Space::Log, &opening);
        host.drop(Space::Log, &line);
    }, "something was taken out or put in", false),
    ("two openings change places", |host| {
        let openings = host.lines(&host.story.dated, &host.story.last, OPENING);
        host.swap(Space::Log, &openings[0], &openings[1]);
    }, "are not those its lines tell of", false),
    ("two openings change places in the tree", |host| {
        let leaves = host.leaves();
        host.swap(Space::Meta, &leaves[0], &leaves[1]);
    }, "dropped, changed or reordered", false),
    ("a leaf of the tree is changed", |host| host.flip(Space::Meta, &host.leaves()[0]), "dropped, changed or reordered", false),
    ("the last leaf of the tree is dropped", |host| host.drop(Space::Meta, host.leaves().last().unwrap()), "some were taken out or put in", false),
    ("a leaf in the middle of the tree is dropped", |host| host.drop(Space::Meta, &host.leaves()[0]), "some were taken out or put in", false),
    ("a leaf leads to another opening", |host| {
        let leaves = host.leaves();
        let mut leaf = host.value(Space::Meta, &leaves[0]);
        leaf[32..].copy_from_slice(&host.value(Space::Meta, &leaves[1])[32..]);
        host.put(Space::Meta, &leaves[0], &leaf);
    }, "dropped, changed or reordered", false),
    ("an opening is put in at the end and dated back", |host| {
        let leaves = host.leaves();
        let mut after = leaves.last().unwrap().clone();
        *after.last_mut().unwrap() += 1;
        host.put(Space::Meta, &after, &host.value(Space::Meta, &leaves[0]));
    }, "dated before those in front of them", false),
    ("a hash above the openings is put in", |host| host.put(Space::Meta, &[3, 1, 0, 0, 0, 0, 0, 0, 0, 0], &[7; 32]), "hashes above the openings", false),
    ("an older note of the months in use is put back", |host| {
        let note = host.months_note();
        host.put(Space::Meta, &note, &host.story.unclaimed.data.get(Space::Meta, &note).unwrap().unwrap());
    }, "months in use", true),
    ("the note of the months in use is dropped", |host| {
        host.drop(Space::Meta, &host.months_note());
    }, "months in use", true),
    ("the accounts are changed", |host| {
        let note = host.keys(Space::Meta).into_iter().find(|key| key[0] == 2 && host.story.dated.data.get(Space::Meta, key).unwrap().is_none()).unwrap();
        host.flip(Space::Meta, &note);
    }, "do not open; accounts", false),
];
