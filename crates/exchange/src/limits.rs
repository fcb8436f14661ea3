//! How much of anything one file may hold.

/// Limits that bound the memory of every reader. The defaults hold any honest export seen so far many times over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes (as UTF-8) of one record of a CSV file, which may span lines, or of one line of the other text
    /// formats, or of one whole vCard. This is what bounds the memory of the text readers. 8 MiB.
    pub max_line_bytes: usize,
    /// Bytes (as UTF-8) of one cell. 1 MiB.
    pub max_cell_bytes: usize,
    /// Columns of a file; also distinct flattened keys of an NDJSON file. 1,000.
    pub max_columns: usize,
    /// Data rows of a file. Unlimited, since memory does not depend on it.
    pub max_rows: u64,
    /// Nesting of JSON. 32.
    pub max_depth: usize,
    /// Limits of the archive an XLSX file is.
    pub archive: ArchiveLimits,
}

/// Limits of an archive, counted while it is unpacked, whatever its directory claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveLimits {
    /// Entries. 2,000.
    pub max_entries: usize,
    /// Bytes of all entries unpacked. 2 GiB: about ten million cells; sheets are streamed, so this is time, not memory.
    pub max_unpacked_bytes: u64,
    /// Unpacked bytes of everything but the sheets (shared strings, styles, relations), which stays in memory
    /// while a workbook is read. 128 MiB.
    pub max_resident_bytes: u64,
    /// Unpacked size of one entry as a multiple of its packed size, counted from the first mebibyte on. 100.
    pub max_ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_line_bytes: 8 << 20,
            max_cell_bytes: 1 << 20,
            max_columns: 1000,
            max_rows: u64::MAX,
            max_depth: 32,
            archive: ArchiveLimits::default(),
        }
    }
}

impl Default for ArchiveLimits {
    fn default() -> Self {
        Self {
            max_entries: 2000,
            max_unpacked_bytes: 2 << 30,
            max_resident_bytes: 128 << 20,
            max_ratio: 100,
        }
    }
}
