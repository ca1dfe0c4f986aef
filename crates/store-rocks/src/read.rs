//! Reading: one key, many keys, a span in both directions, a cursor.

use std::ops::ControlFlow;

use rocksdb::{ColumnFamily, DB, DBRawIterator, ReadOptions};
use store::engine::{
    Cursor, Error, Read, Shown, Snapshot, Space, Span, Visit, after_prefix, commit_number_from,
    commit_number_key,
};

use crate::failed;
use crate::tuning::prefix_bytes;

/// The family of a space. All of them were opened with the store.
pub(crate) fn family(db: &DB, space: Space) -> Result<&ColumnFamily, Error> {
    db.cf_handle(space.name()).ok_or_else(|| Error::Damaged {
        what: format!("the family {} is missing", space.name()),
    })
}

/// Reading the newest state, or that of a snapshot.
pub(crate) struct View<'a> {
    db: &'a DB,
    snapshot: Option<&'a rocksdb::Snapshot<'a>>,
}

impl<'a> View<'a> {
    pub(crate) fn new(db: &'a DB, snapshot: Option<&'a rocksdb::Snapshot<'a>>) -> View<'a> {
        View { db, snapshot }
    }

    fn options(&self) -> ReadOptions {
        let mut options = ReadOptions::default();
        if let Some(snapshot) = self.snapshot {
            options.set_snapshot(snapshot);
        }
        options
    }

    fn walk(&self, space: Space, span: &Span, back: bool) -> Result<DBRawIterator<'a>, Error> {
        let mut options = self.options();
        options.set_iterate_lower_bound(span.from.as_slice());
        if let Some(to) = &span.to {
            options.set_iterate_upper_bound(to.as_slice());
        }
        // Within one prefix the filters spare the files that have nothing of it. From
        // the upper end one would enter under the next prefix, so not backwards.
        if !back && within_one_prefix(space, span) {
            options.set_prefix_same_as_start(true);
        } else {
            options.set_total_order_seek(true);
        }
        Ok(self
            .db
            .raw_iterator_cf_opt(family(self.db, space)?, options))
    }
}

fn within_one_prefix(space: Space, span: &Span) -> bool {
    let prefix = prefix_bytes(space).and_then(|length| span.from.get(..length));
    match (prefix, &span.to) {
        (Some(prefix), Some(to)) => after_prefix(prefix).is_none_or(|end| *to <= end),
        // Behind a prefix of all ones nothing follows.
        (Some(prefix), None) => after_prefix(prefix).is_none(),
        _ => false,
    }
}

impl Read for View<'_> {
    fn view(&self, space: Space, key: &[u8], see: &mut dyn FnMut(&[u8])) -> Result<bool, Error> {
        let found = self
            .db
            .get_pinned_cf_opt(family(self.db, space)?, key, &self.options());
        let found = found.map_err(|reason| failed("reading", reason))?;
        Ok(found.map(|value| see(&value)).is_some())
    }

    fn multi_get(&self, space: Space, keys: &[&[u8]]) -> Result<Vec<Option<Vec<u8>>>, Error> {
        let family = family(self.db, space)?;
        let found =
            self.db
                .batched_multi_get_cf_opt(family, keys.iter().copied(), false, &self.options());
        found
            .into_iter()
            .map(|value| match value {
                Ok(value) => Ok(value.map(|value| value.to_vec())),
                Err(reason) => Err(failed("reading", reason)),
            })
            .collect()
    }

    fn scan(&self, space: Space, span: &Span, visit: &mut Visit<'_>) -> Result<(), Error> {
        if span.is_empty() {
            return Ok(());
        }
        let mut walk = self.walk(space, span, false)?;
        walk.seek(&span.from);
        while let Some((key, value)) = walk.item() {
            if visit(key, value) == ControlFlow::Break(()) {
                return Ok(());
            }
            walk.next();
        }
        walk.status().map_err(|reason| failed("scanning", reason))
    }

    fn scan_back(&self, space: Space, span: &Span, visit: &mut Visit<'_>) -> Result<(), Error> {
        if span.is_empty() {
            return Ok(());
        }
        let mut walk = self.walk(space, span, true)?;
        walk.seek_to_last();
        while let Some((key, value)) = walk.item() {
            if visit(key, value) == ControlFlow::Break(()) {
                return Ok(());
            }
            walk.prev();
        }
        walk.status().map_err(|reason| failed("scanning", reason))
    }

    fn cursor(&self, space: Space, span: &Span) -> Result<Box<dyn Cursor + '_>, Error> {
        cursor(self.db, self.snapshot, space, span)
    }

    fn jumps(&self, space: Space) -> Result<Box<dyn Cursor + '_>, Error> {
        jumps(self.db, self.snapshot, space)
    }
}

/// A cursor over a span.
pub(crate) fn cursor<'a>(
    db: &'a DB,
    snapshot: Option<&'a rocksdb::Snapshot<'a>>,
    space: Space,
    span: &Span,
) -> Result<Box<dyn Cursor + 'a>, Error> {
    let walk = View::new(db, snapshot).walk(space, span, false)?;
    Ok(Box::new(Walk {
        walk,
        next: Next::Seek(span.from.clone()),
        span: span.clone(),
    }))
}

/// A cursor that ends behind the prefix of where it was sent to: the filters spare it the files that have nothing of it.
pub(crate) fn jumps<'a>(
    db: &'a DB,
    snapshot: Option<&'a rocksdb::Snapshot<'a>>,
    space: Space,
) -> Result<Box<dyn Cursor + 'a>, Error> {
    let mut options = View::new(db, snapshot).options();
    if prefix_bytes(space).is_some() {
        options.set_prefix_same_as_start(true);
    } else {
        options.set_total_order_seek(true);
    }
    Ok(Box::new(Walk {
        walk: db.raw_iterator_cf_opt(family(db, space)?, options),
        next: Next::End,
        span: Span::all(),
    }))
}

struct Walk<'a> {
    walk: DBRawIterator<'a>,
    span: Span,
    next: Next,
}

/// What the next step of a cursor is.
enum Next {
    Seek(Vec<u8>),
    Step,
    End,
}

impl Cursor for Walk<'_> {
    fn next(&mut self) -> Result<Option<Shown<'_>>, Error> {
        match std::mem::replace(&mut self.next, Next::Step) {
            Next::Seek(key) if self.span.holds(&key) => self.walk.seek(key),
            Next::Step => self.walk.next(),
            Next::Seek(_) | Next::End => {
                self.next = Next::End;
                return Ok(None);
            }
        }
        if !self.walk.valid() {
            self.next = Next::End;
            return self
                .walk
                .status()
                .map(|()| None)
                .map_err(|reason| failed("scanning", reason));
        }
        Ok(self.walk.item())
    }

    fn seek(&mut self, key: &[u8]) {
        self.next = Next::Seek(key.max(&self.span.from).to_vec());
    }
}

/// The state of the database at one moment; the promise is one shard of it.
pub(crate) struct Standing<'a> {
    db: &'a DB,
    snapshot: rocksdb::Snapshot<'a>,
    shard: u8,
}

impl<'a> Standing<'a> {
    pub(crate) fn new(db: &'a DB, shard: u8) -> Standing<'a> {
        Standing {
            db,
            snapshot: db.snapshot(),
            shard,
        }
    }

    fn view_then(&self) -> View<'_> {
        View::new(self.db, Some(&self.snapshot))
    }
}

impl Read for Standing<'_> {
    fn view(&self, space: Space, key: &[u8], see: &mut dyn FnMut(&[u8])) -> Result<bool, Error> {
        self.view_then().view(space, key, see)
    }

    fn multi_get(&self, space: Space, keys: &[&[u8]]) -> Result<Vec<Option<Vec<u8>>>, Error> {
        self.view_then().multi_get(space, keys)
    }

    fn scan(&self, space: Space, span: &Span, visit: &mut Visit<'_>) -> Result<(), Error> {
        self.view_then().scan(space, span, visit)
    }

    fn scan_back(&self, space: Space, span: &Span, visit: &mut Visit<'_>) -> Result<(), Error> {
        self.view_then().scan_back(space, span, visit)
    }

    fn cursor(&self, space: Space, span: &Span) -> Result<Box<dyn Cursor + '_>, Error> {
        cursor(self.db, Some(&self.snapshot), space, span)
    }

    fn jumps(&self, space: Space) -> Result<Box<dyn Cursor + '_>, Error> {
        jumps(self.db, Some(&self.snapshot), space)
    }
}

impl Snapshot for Standing<'_> {
    fn commit_number(&self) -> Result<u64, Error> {
        let mut number = Ok(0);
        self.view(Space::Meta, &commit_number_key(self.shard), &mut |bytes| {
            number = commit_number_from(bytes);
        })?;
        number
    }
}

/// Reads every block of a space, which checks their checksums, without pushing
/// anything out of the cache.
pub(crate) fn verify(db: &DB, space: Space) -> Result<(), Error> {
    let mut options = ReadOptions::default();
    options.set_verify_checksums(true);
    options.fill_cache(false);
    options.set_total_order_seek(true);
    let mut walk = db.raw_iterator_cf_opt(family(db, space)?, options);
    walk.seek_to_first();
    while walk.valid() {
        walk.next();
    }
    walk.status().map_err(|reason| failed("verifying", reason))
}
