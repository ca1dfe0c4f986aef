//! What stands on a paper, in words that are final: a template adds none of its own.

/// The language a paper is set in: what a reader that reads aloud takes it for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    /// Spanish
    Es,
    /// Vietnamese
    Vi,
    /// Russian
    Ru,
    /// English
    En,
}

impl Language {
    /// From its code; English where there is no other.
    pub fn of(code: &str) -> Language {
        match code {
            "es" => Language::Es,
            "vi" => Language::Vi,
            "ru" => Language::Ru,
            _ => Language::En,
        }
    }

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Language::Es => "es",
            Language::Vi => "vi",
            Language::Ru => "ru",
            Language::En => "en",
        }
    }
}

/// One paper.
#[derive(Clone, Debug)]
pub struct Paper {
    /// What it is written in.
    pub language: Language,
    /// The kind of document: names no person, because it is also the title of the file.
    pub title: String,
    /// Official, proposed, amended, out of force: what is to be known about the whole.
    pub marks: Vec<String>,
    /// Who issues it; empty where nobody said.
    pub institution: String,
    /// What the form says of itself at its head, a line each: its number, the law it follows. On a template with a
    /// letterhead only.
    pub letterhead: Vec<String>,
    /// Whom it is about.
    pub person: Vec<Field>,
    /// What is to be known about that, in one line; empty where there is nothing.
    pub person_note: String,
    /// When and by whom it was written.
    pub written: Vec<Field>,
    /// Whom it is about, once more and short: the head of every page but the first.
    pub running: String,
    /// What it says.
    pub parts: Vec<Part>,
    /// Who signed it.
    pub signed: Vec<Signed>,
    /// What was added to it later, each a document of its own.
    pub added: Vec<Added>,
    /// What is added or that nothing is, in one line; empty where nobody asks.
    pub added_note: String,
    /// Said at its end, small.
    pub notes: Vec<String>,
    /// That it is a copy or a certificate, and where its truth can be looked up.
    pub copy: Option<Copy>,
    /// `Page {} of {}` in the language, with the two places.
    pub page_of: String,
}

/// A label and what stands behind it.
#[derive(Clone, PartialEq, Debug)]
pub struct Field {
    /// What it is.
    pub label: String,
    /// What was said.
    pub value: String,
}

/// A part of what a paper says.
#[derive(Clone, PartialEq, Debug)]
pub enum Part {
    /// Parts under a heading.
    Group {
        /// The heading; may be empty.
        label: String,
        /// What lies in it.
        parts: Vec<Part>,
    },
    /// A question and its answers.
    Field {
        /// What was asked.
        label: String,
        /// What was answered.
        answers: Vec<Answer>,
        /// What hangs on the answer.
        parts: Vec<Part>,
    },
    /// Rows that were answered alike.
    Table {
        /// The heading of the whole; may be empty.
        label: String,
        /// The headings of its columns.
        head: Vec<String>,
        /// Its rows, each with as many cells as there are headings.
        rows: Vec<Vec<String>>,
    },
}

/// One answer.
#[derive(Clone, PartialEq, Debug)]
pub struct Answer {
    /// Its words.
    pub text: String,
    /// It says why there is none.
    pub is_absent: bool,
}

/// A signature, in words.
#[derive(Clone, Debug)]
pub struct Signed {
    /// Who, as they were called then, in which capacity, with which licence.
    pub by: String,
    /// When, and what a check of it said.
    pub at: String,
}

/// A document that was added to another, printed behind it.
#[derive(Clone, Debug)]
pub struct Added {
    /// What it is called here.
    pub title: String,
    /// When and by whom it was written.
    pub written: Vec<Field>,
    /// What it says.
    pub parts: Vec<Part>,
    /// Who signed it.
    pub signed: Vec<Signed>,
}

/// What makes a paper one that can be looked up.
#[derive(Clone, Debug)]
pub struct Copy {
    /// Certified copy, its number, who gave it: lines of the stamp.
    pub lines: Vec<String>,
    /// How it is looked up.
    pub how: String,
    /// What is looked up, as it is typed.
    pub code: String,
    /// What the code to scan says; an address, without anything about the person.
    pub scanned: String,
    /// What the picture is, for whoever does not see it.
    pub picture: String,
}
