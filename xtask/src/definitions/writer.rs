//! Bytes of the table: varints, lists, sections and the shared strings.

use std::collections::HashMap;

/// Bytes being written.
#[derive(Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub fn number(&mut self, mut value: usize) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    pub fn optional(&mut self, value: Option<usize>) {
        self.number(value.map_or(0, |value| value + 1));
    }

    pub fn list<T>(&mut self, items: &[T], mut one: impl FnMut(&mut Writer, &T)) {
        self.number(items.len());
        for item in items {
            one(self, item);
        }
    }

    pub fn inline(&mut self, text: &str) {
        self.number(text.len());
        self.raw(text.as_bytes());
    }

    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// A part that the reader may skip.
    pub fn body(&mut self, body: Writer) {
        self.number(body.bytes.len());
        self.raw(&body.bytes);
    }

    pub fn section(&mut self, section: Writer) {
        let length = u32::try_from(section.bytes.len()).expect("a section is far under 4 GiB");
        self.raw(&length.to_le_bytes());
        self.raw(&section.bytes);
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// The shared strings, each once, in order of first use.
#[derive(Default)]
pub struct Strings {
    texts: Vec<String>,
    places: HashMap<String, usize>,
}

impl Strings {
    pub fn place(&mut self, text: &str) -> usize {
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        let place = self.texts.len();
        self.texts.push(text.to_owned());
        self.places.insert(text.to_owned(), place);
        place
    }

    pub fn section(&self) -> Writer {
        let mut writer = Writer::default();
        writer.list(&self.texts, |w, text| w.number(text.len()));
        for text in &self.texts {
            writer.raw(text.as_bytes());
        }
        writer
    }
}
