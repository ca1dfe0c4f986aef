//! Finding concepts while somebody types: by the beginnings of words, without case and accents.
//!
//! * Every word of every name, in all languages, stands once in a sorted table.
//! * All words typed must begin a word of one concept; which one stands first does not matter.

use crate::fold;
use crate::system::Concept;

/// As many concepts are put into the finer order by looking at their names, where more than one word was typed.
const FEW: usize = 2000;

/// The sorted words of a code system.
pub(crate) struct Typing {
    arena: String,
    /// Sorted by the text, then by the concept.
    words: Vec<Word>,
    /// The bytes of each concept's shortest name.
    shortest: Vec<u16>,
    /// The concepts in the order of their codes, capitals or not.
    codes: Vec<u32>,
}

struct Word {
    /// Where it lies in the arena.
    at: u32,
    length: u16,
    /// A name of the concept begins with it.
    is_first: bool,
    concept: u32,
}

impl Typing {
    pub fn new(concepts: &[Concept]) -> Typing {
        let (mut arena, mut words, mut folded) = (String::new(), Vec::<Word>::new(), String::new());
        for (concept, number) in concepts.iter().zip(0u32..) {
            let from = words.len();
            for (name, is_name) in concept.names().map(|name| (name, true)).chain([(&*concept.code, false)]) {
                folded.clear();
                fold::fold_into(name, &mut folded);
                for (place, word) in fold::words(&folded).enumerate().filter(|(_, word)| word.len() <= u16::MAX as usize) {
                    let is_first = is_name && place == 0;
                    match words[from..].iter_mut().find(|known| arena[known.at as usize..][..known.length as usize] == *word) {
                        Some(known) => known.is_first |= is_first,
                        None => {
                            words.push(Word { at: arena.len() as u32, length: word.len() as u16, is_first, concept: number });
                            arena.push_str(word);
                        }
                    }
                }
            }
        }
        let text = |word: &Word| &arena[word.at as usize..][..word.length as usize];
        words.sort_by(|left, right| text(left).cmp(text(right)).then(left.concept.cmp(&right.concept)));
        let length = |concept: &Concept| concept.names().map(str::len).min().map_or(u16::MAX, |length| length.min(u16::MAX as usize) as u16);
        let mut codes: Vec<u32> = (0..concepts.len() as u32).collect();
        codes.sort_by(|left, right| lower(&concepts[*left as usize].code).cmp(lower(&concepts[*right as usize].code)));
        Typing { arena, words, shortest: concepts.iter().map(length).collect(), codes }
    }

    fn text(&self, word: &Word) -> &str {
        &self.arena[word.at as usize..][..word.length as usize]
    }

    /// The words that begin with this one.
    fn beginning(&self, typed: &str) -> &[Word] {
        let first = self.words.partition_point(|word| self.text(word) < typed);
        let rest = self.words[first..].partition_point(|word| self.text(word).starts_with(typed));
        &self.words[first..first + rest]
    }

    /// The concepts meant by a text: a code typed whole first, then what is called so from its first word on, and
    /// shorter names before longer ones.
    pub fn find(&self, text: &str, concepts: &[Concept]) -> Vec<u32> {
        let folded = fold::fold(text);
        let typed: Vec<&[Word]> = fold::words(&folded).map(|word| self.beginning(word)).collect();
        let Some(first) = typed.first() else { return (0..concepts.len() as u32).collect() };
        // The others only have to agree with the rarest.
        let rarest = (0..typed.len()).min_by_key(|place| typed[*place].len()).unwrap_or(0);
        let mut found = numbers(typed[rarest].iter());
        for other in (0..typed.len()).filter(|place| *place != rarest) {
            let agree = numbers(typed[other].iter());
            found.retain(|number| agree.binary_search(number).is_ok());
        }
        let whole = self.called(text.trim(), concepts);
        let called_so = numbers(first.iter().filter(|word| word.is_first));
        // Among very many, looking at each name costs more than it tells: one more letter and they are few.
        let is_looked_at = typed.len() > 1 && found.len() <= FEW;
        let begins = |number: u32| called_so.binary_search(&number).is_ok() && (!is_looked_at || concepts[number as usize].names().any(|name| fold::fold(name).starts_with(&folded)));
        let mut ranked: Vec<u64> = found
            .into_iter()
            .map(|number| u64::from(!whole.contains(&number)) << 49 | u64::from(!begins(number)) << 48 | u64::from(self.shortest[number as usize]) << 32 | u64::from(number))
            .collect();
        ranked.sort_unstable();
        ranked.into_iter().map(|ranked| ranked as u32).collect()
    }

    /// Whose code is the text, in capitals or not.
    fn called(&self, text: &str, concepts: &[Concept]) -> Vec<u32> {
        let code = |number: &u32| &*concepts[*number as usize].code;
        let first = self.codes.partition_point(|number| lower(code(number)).lt(lower(text)));
        self.codes[first..].iter().copied().take_while(|number| code(number).eq_ignore_ascii_case(text)).collect()
    }
}

/// Whose words these are, each concept once, in their order.
fn numbers<'w>(words: impl Iterator<Item = &'w Word>) -> Vec<u32> {
    let mut found: Vec<u32> = words.map(|word| word.concept).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The bytes of a code without the difference of capitals.
fn lower(code: &str) -> impl Iterator<Item = u8> {
    code.bytes().map(|byte| byte.to_ascii_lowercase())
}

/// Whether a name answers what was typed, word by word: the slow and obvious way.
pub(crate) fn answers<'n>(names: impl Iterator<Item = &'n str>, text: &str) -> bool {
    let typed = fold::fold(text);
    let words: Vec<String> = names.map(fold::fold).collect();
    fold::words(&typed).all(|asked| words.iter().any(|name| fold::words(name).any(|word| word.starts_with(asked))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::tests::animals;

    #[test]
    fn words_are_found_by_their_beginnings_in_any_language() {
        let system = animals();
        let codes = |text: &str| system.typed(text).iter().map(|number| system.concepts[*number as usize].code.to_string()).collect::<Vec<_>>();
        for (text, expect) in [("cat", vec!["C"]), ("GAT dom", vec!["C"]), ("meo", vec!["C"]), ("кош", vec!["C"]), ("dom", vec!["D", "C"]), ("k", vec!["K"]), ("xyz", vec![]), ("dog domestic", vec!["D"])] {
            assert_eq!(codes(text), expect, "{text}");
        }
        assert_eq!(system.typed("").len(), system.concepts.len());
    }

    #[test]
    fn what_is_called_so_stands_before_what_only_mentions_it() {
        let text = r#"{"resourceType":"CodeSystem","url":"urn:order","status":"active","content":"complete","concept":[
            {"code":"1","display":"Pain"},{"code":"2","display":"Back pain"},{"code":"3","display":"Painful urination"},{"code":"4","display":"Of pain","designation":[{"language":"es","value":"Pain relief for long"}]},
            {"code":"PAIN","display":"Something else altogether, mentioned with its code"},{"code":"6","display":"Pain in the back"},{"code":"7","display":"In the back pain"}]}"#;
        let system = crate::System::read(fhir::Document::read(text).unwrap().root()).unwrap();
        let codes = |text: &str| system.typed(text).iter().map(|number| &*system.concepts[*number as usize].code).collect::<Vec<_>>().join(" ");
        assert_eq!(codes("pain"), "PAIN 1 4 6 3 2 7");
        assert_eq!(codes("back pain"), "2 6 7");
        assert_eq!(codes("pain ba"), "2 6 7");
        assert_eq!(codes("pain in"), "6 7");
    }

    #[test]
    fn the_table_finds_what_looking_at_each_name_finds() {
        let system = animals();
        for text in ["d", "do", "dom", "gato", "nha", "a", "domestic d", "mèo", "C"] {
            let mut quick = system.typed(text);
            quick.sort_unstable();
            let slow: Vec<u32> = (0..system.concepts.len() as u32)
                .filter(|number| {
                    let concept = &system.concepts[*number as usize];
                    answers(concept.names().chain([&*concept.code]), text)
                })
                .collect();
            assert_eq!(quick, slow, "{text}");
        }
    }
}
