//! What RocksDB is told, and why.

use rocksdb::{
    BlockBasedOptions, Cache, ChecksumType, DBCompressionType, DBRecoveryMode,
    Options as RocksOptions, SliceTransform,
};
use store::engine::Space;

/// What an operator may choose. Memory is bounded by the first two together, plus
/// what snapshots hold.
#[derive(Clone, Debug)]
pub struct Options {
    /// Memory for blocks, indexes and filters that were read, in bytes.
    pub cache_bytes: usize,
    /// Memory for what is written and not yet in sorted files, in bytes, all spaces
    /// together.
    pub write_buffer_bytes: usize,
    /// Threads that flush and compact.
    pub background_jobs: i32,
    /// Files held open at most; -1 for all of them, which a large store wants.
    pub open_files: i32,
    /// Batches that may wait for the committer before a writer has to.
    pub queued_batches: usize,
    /// Bytes of batches that are written and synced together at most.
    pub group_bytes: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            cache_bytes: 512 << 20,
            write_buffer_bytes: 128 << 20,
            background_jobs: 2,
            // Below the 1,024 that many systems allow a process, with room for sockets.
            open_files: 512,
            queued_batches: 512,
            group_bytes: 8 << 20,
        }
    }
}

impl Options {
    /// Little memory, for tests and tools.
    pub fn small() -> Options {
        Options {
            cache_bytes: 8 << 20,
            write_buffer_bytes: 8 << 20,
            ..Options::default()
        }
    }

    /// The options of the database as a whole.
    pub(crate) fn database(&self, create: bool) -> RocksOptions {
        let mut options = RocksOptions::default();
        options.create_if_missing(create);
        options.create_missing_column_families(create);
        options.set_paranoid_checks(true);
        // A power cut may tear the last, unacknowledged record of the log, and then
        // AbsoluteConsistency would refuse to open a store that lost nothing. So we
        // stop at the first torn record. Should it have been an acknowledged one, in
        // the middle of the log, then the commit numbers of shards and the PROGRESS
        // file tell; and a whole log that is missing or short, the manifest tells.
        options.set_wal_recovery_mode(DBRecoveryMode::PointInTime);
        options.set_track_and_verify_wals_in_manifest(true);
        // No manual log flush, no log recycling, no unordered or pipelined writes:
        // each had bugs that lost acknowledged data, and one thread writes anyway.
        options.set_manual_wal_flush(false);
        options.set_recycle_log_file_num(0);
        options.set_unordered_write(false);
        options.set_enable_pipelined_write(false);
        options.set_allow_concurrent_memtable_write(false);
        // Families seldom written would otherwise keep old logs alive for ever.
        options.set_max_total_wal_size(2 * self.write_buffer_bytes.max(32 << 20) as u64);
        options.set_db_write_buffer_size(self.write_buffer_bytes);
        options.set_max_background_jobs(self.background_jobs);
        options.set_max_open_files(self.open_files);
        // Files go to the disk while they are written, not all at the end, which
        // would hold up the next commit.
        options.set_bytes_per_sync(1 << 20);
        options.set_keep_log_file_num(4);
        options.set_max_log_file_size(4 << 20);
        options.set_stats_dump_period_sec(0);
        options.set_stats_persist_period_sec(0);
        options
    }

    /// The options of each space's family, sharing one cache.
    pub(crate) fn family(&self, space: Space, cache: &Cache) -> RocksOptions {
        let mut table = BlockBasedOptions::default();
        table.set_block_cache(cache);
        table.set_block_size(16 << 10);
        table.set_format_version(7);
        table.set_checksum_type(ChecksumType::XXH3);
        // Indexes and filters count against the cache: memory stays bounded.
        table.set_cache_index_and_filter_blocks(true);
        table.set_pin_l0_filter_and_index_blocks_in_cache(true);
        table.set_optimize_filters_for_memory(true);

        let mut options = RocksOptions::default();
        // Values are sealed and tokens are random: nothing would become smaller.
        options.set_compression_type(DBCompressionType::None);
        options.set_level_compaction_dynamic_level_bytes(true);
        options.set_write_buffer_size((self.write_buffer_bytes / 2).max(1 << 20));
        options.set_max_write_buffer_number(4);
        if let Some(length) = prefix_bytes(space) {
            options.set_prefix_extractor(SliceTransform::create_fixed_prefix(length));
        }
        match space {
            Space::Record => {
                table.set_bloom_filter(10.0, false);
                options.set_memtable_prefix_bloom_ratio(0.05);
                options.set_target_file_size_base(64 << 20);
            }
            Space::Posting => {
                // Asked for those of a term, and whether a resource has one: both are in the filter.
                table.set_whole_key_filtering(true);
                table.set_bloom_filter(10.0, false);
                options.set_target_file_size_base(64 << 20);
            }
            Space::Locator | Space::Claim => {
                // Read one by one, and often to learn that there is none.
                table.set_bloom_filter(10.0, false);
                table.set_block_size(4 << 10);
                options.set_memtable_whole_key_filtering(true);
                options.set_memtable_prefix_bloom_ratio(0.02);
            }
            Space::Log | Space::Meta => {}
        }
        options.set_block_based_table_factory(&table);
        options
    }
}

/// The leading bytes of keys that are asked for together: the record, or the shard
/// and term of a posting. Changing them needs new files.
pub(crate) fn prefix_bytes(space: Space) -> Option<usize> {
    match space {
        Space::Record => Some(8),
        Space::Posting => Some(11),
        Space::Locator | Space::Claim | Space::Log | Space::Meta => None,
    }
}
