//! Compression with the contexts of the thread kept warm.
//!
//! A frame is one of zstd (RFC 8878) with its content size, without checksum and
//! dictionary number (the seal has both) and without the four magic bytes in front.

use std::cell::RefCell;

use zstd::zstd_safe::{CCtx, CParameter, DCtx, get_frame_content_size};

use crate::Error;
use crate::dictionaries::{DictionaryId, LEVEL, prepared};

const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Room that each thread keeps; a rare larger value gives its room back.
const KEPT_BYTES: usize = 1 << 20;

struct Work {
    compress: CCtx<'static>,
    /// The dictionary the context refers to at the moment.
    refers_to: Option<u8>,
    decompress: DCtx<'static>,
    frame: Vec<u8>,
}

thread_local! {
    static WORK: RefCell<Work> = RefCell::new(Work {
        compress: CCtx::create(),
        refers_to: None,
        decompress: DCtx::create(),
        frame: Vec::new(),
    });
}

/// Compresses, and lends the frame.
pub(crate) fn compressed<T>(
    plain: &[u8],
    dictionary: DictionaryId,
    using: impl FnOnce(&[u8]) -> T,
) -> Result<T, Error> {
    WORK.with_borrow_mut(|work| {
        work.refer_to(dictionary.number())?;
        work.frame.clear();
        work.frame
            .reserve(zstd::zstd_safe::compress_bound(plain.len()));
        work.compress
            .compress2(&mut work.frame, plain)
            .map_err(|_| Error::NotCompressed)?;
        let result = using(work.frame.get(MAGIC.len()..).ok_or(Error::NotCompressed)?);
        work.give_back();
        Ok(result)
    })
}

/// Lets `fill` write a frame of `length` bytes (and say whether it could), then
/// appends what it decompresses to, at most `limit` bytes.
pub(crate) fn decompressed(
    length: usize,
    dictionary: u8,
    limit: usize,
    out: &mut Vec<u8>,
    fill: impl FnOnce(&mut [u8]) -> Result<(), Error>,
) -> Result<(), Error> {
    WORK.with_borrow_mut(|work| {
        let dictionary = prepared(dictionary)?;
        work.frame.clear();
        work.frame.extend_from_slice(&MAGIC);
        work.frame.resize(MAGIC.len() + length, 0);
        fill(&mut work.frame[MAGIC.len()..])?;
        let size = get_frame_content_size(&work.frame)
            .ok()
            .flatten()
            .ok_or(Error::NotDecompressed)?;
        if size > limit as u64 {
            return Err(Error::TooLarge { limit_bytes: limit });
        }
        let start = out.len();
        out.reserve(size as usize);
        let mut end = std::io::Cursor::new(&mut *out);
        end.set_position(start as u64);
        let result = match dictionary {
            Some(dictionary) => work.decompress.decompress_using_ddict(
                &mut end,
                &work.frame,
                &dictionary.decompress,
            ),
            None => work.decompress.decompress(&mut end, &work.frame),
        };
        work.give_back();
        match result {
            Ok(count) if count as u64 == size => Ok(()),
            _ => {
                out.truncate(start);
                Err(Error::NotDecompressed)
            }
        }
    })
}

impl Work {
    fn refer_to(&mut self, dictionary: u8) -> Result<(), Error> {
        if self.refers_to == Some(dictionary) {
            return Ok(());
        }
        let prepared = prepared(dictionary)?;
        self.refers_to = None;
        let refused = |_| Error::NotCompressed;
        self.compress
            .set_parameter(CParameter::DictIdFlag(false))
            .map_err(refused)?;
        self.compress
            .set_parameter(CParameter::CompressionLevel(LEVEL))
            .map_err(refused)?;
        match prepared {
            Some(prepared) => self
                .compress
                .ref_cdict(&prepared.compress)
                .map_err(refused)?,
            None => self.compress.disable_dictionary().map_err(refused)?,
        };
        self.refers_to = Some(dictionary);
        Ok(())
    }

    fn give_back(&mut self) {
        if self.frame.capacity() > KEPT_BYTES {
            self.frame = Vec::new();
        }
    }
}
