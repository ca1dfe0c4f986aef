//! What can go wrong with the store, by what an operator can do about it.

use crate::engine;

/// The store could not do it. Carries no content.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The engine failed.
    #[error("the storage engine failed")]
    Engine(#[from] engine::Error),
    /// A sealed thing did not open: damage, or another place's bytes.
    #[error("sealed data did not open")]
    Seal(#[from] seal::Error),
    /// What lies there is not what was written; run `carnet check`.
    #[error("the store is damaged: {0}; run `carnet check`")]
    Damaged(&'static str),
    /// The record's key is not in the keyring.
    #[error("the key of a record is not in the keyring; restore the keyring from its backup")]
    KeyMissing,
    /// The store was made with another institution key.
    #[error("this store was sealed with another institution key, or its keyring is another store's; give the key it is sealed with now")]
    OtherKey,
    /// The institution's key is being changed.
    #[error("the institution's key is being changed already; go on with `carnet keys rotate`")]
    Rotating,
    /// The record of a person was erased.
    #[error("the record was erased")]
    Erased,
    /// The folder holds no store yet.
    #[error("there is no store here yet; create one with `carnet init` or `carnet demo`")]
    NoStore,
    /// There is a store already.
    #[error("there is a store here already")]
    StoreExists,
    /// The façade's own format is newer.
    #[error("the record has format {found}, this program knows {known}; use a newer program")]
    NewerFormat {
        /// The format of the store.
        found: u32,
        /// The newest this program reads.
        known: u32,
    },
    /// The store is older than the anchor says it was.
    #[error("the store has lost commits: shard {shard} is at {found}, the anchor saw {anchored}; restore the newest backup or accept the loss with `carnet check --accept-rollback`")]
    RolledBack {
        /// Which shard.
        shard: u8,
        /// The store's commit number.
        found: u64,
        /// The number the anchor holds.
        anchored: u64,
    },
    /// The log of openings is not the one a checkpoint vouches for.
    #[error("the log of openings is not the one of the checkpoint kept outside, which saw {anchored} of them where there are {found}: openings were dropped, changed, reordered or back-dated; restore the newest backup or accept the loss with `carnet check --accept-rollback`")]
    LogRewritten {
        /// How many openings there are.
        found: u64,
        /// How many the checkpoint saw.
        anchored: u64,
    },
    /// A checkpoint or a proof is not of this log.
    #[error("the checkpoint does not stand")]
    Checkpoint(#[from] ledger::NoteError),
    /// Somebody asked with a permission for another record or act.
    #[error("the permission does not cover this")]
    NotCovered,
}

/// Why a commit was refused; nothing of it was written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Refused {
    /// A type and id that should be new exists: the change's place in the list.
    #[error("change {0}: the id is taken")]
    IdTaken(usize),
    /// A unique identifier is held by another resource.
    #[error("change {0}: a unique identifier is held by another resource")]
    ClaimTaken(usize),
    /// Somebody else wrote to one of the records in between; read and try again.
    #[error("a record has moved on")]
    RecordMoved,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] Error),
}
