//! Finding concepts while somebody types: by the beginnings of words, without case and accents.
//!
//! * Every word of every name, in all languages, stands once in a sorted table.
//! * All words typed must begin a word of one concept; which one stands first does not matter.

use crate::fold;
use crate::system::Concept;
use std::collections::HashSet;

/// As many concepts are put into the finer order: names that begin with what was typed first.
const FEW: usize = 2000;

/// The sorted words of a code system.
pub(crate) struct Typing {
    arena: String,
    /// Where a word lies in the arena, and whose it is; sorted by the word.
    words: Vec<(u32, u16, u32)>,
}

impl Typing {
    pub fn new(concepts: &[Concept]) -> Typing {
        let (mut arena, mut words, mut folded) = (String::new(), Vec::new(), String::new());
        for (concept, number) in concepts.iter().zip(0u32..) {
            let from = words.len();
            for name in concept.names().chain([&*concept.code]) {
                folded.clear();
                fold::fold_into(name, &mut folded);
                for word in fold::words(&folded).filter(|word| word.len() <= u16::MAX as usize) {
                    let known = words[from..].iter().any(|(at, length, _): &(u32, u16, u32)| &arena[*at as usize..][..*length as usize] == word);
                    if !known {
                        words.push((arena.len() as u32, word.len() as u16, number));
                        arena.push_str(word);
                    }
                }
            }
        }
        let at = |word: &(u32, u16, u32)| &arena[word.0 as usize..][..word.1 as usize];
        words.sort_by(|left, right| at(left).cmp(at(right)).then(left.2.cmp(&right.2)));
        Typing { arena, words }
    }

    fn word(&self, place: usize) -> &str {
        let (at, length, _) = self.words[place];
        &self.arena[at as usize..][..length as usize]
    }

    /// Whose words begin with this one.
    fn beginning<'t>(&'t self, typed: &'t str) -> impl Iterator<Item = u32> + 't {
        let first = self.words.partition_point(|word| &self.arena[word.0 as usize..][..word.1 as usize] < typed);
        (first..self.words.len()).take_while(move |place| self.word(*place).starts_with(typed)).map(|place| self.words[place].2)
    }

    /// The concepts meant by a text: a code typed whole first, then shorter names before longer ones.
    pub fn find(&self, text: &str, concepts: &[Concept]) -> Vec<u32> {
        let folded = fold::fold(text);
        let mut typed: Vec<&str> = fold::words(&folded).collect();
        // The longest is the rarest: the others only have to agree.
        typed.sort_by_key(|word| std::cmp::Reverse(word.len()));
        let Some((rarest, others)) = typed.split_first() else { return (0..concepts.len() as u32).collect() };
        let mut found: HashSet<u32> = self.beginning(rarest).collect();
        for other in others {
            let agree: HashSet<u32> = self.beginning(other).filter(|number| found.contains(number)).collect();
            found = agree;
        }
        let mut found: Vec<u32> = found.into_iter().collect();
        // Among very many the finer order costs more than it tells: one more letter and they are few.
        let is_few = found.len() <= FEW;
        let begins = |name: &str| !is_few || fold::fold(name).starts_with(&folded);
        let mut ranked: Vec<(bool, bool, usize, u32)> = found
            .drain(..)
            .map(|number| {
                let concept = &concepts[number as usize];
                let length = concept.names().map(str::len).min().unwrap_or(usize::MAX);
                (!concept.code.eq_ignore_ascii_case(text.trim()), found_late(concept, &begins), length, number)
            })
            .collect();
        ranked.sort_unstable();
        ranked.into_iter().map(|(.., number)| number).collect()
    }
}

/// True where no name begins with what was typed: only a later word does.
fn found_late(concept: &Concept, begins: &dyn Fn(&str) -> bool) -> bool {
    !concept.names().any(begins)
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
