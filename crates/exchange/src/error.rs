//! What can be wrong with a file, said so that a person can find the place and a program can translate the sentence.

use crate::encoding::Encoding;

/// Everything that can go wrong while a file is read or written.
///
/// `Display` is an English sentence for logs; what a person sees is made from [`code`](Self::code) and
/// [`fields`](Self::fields). Rows are data rows counted from 1 (0 is the header row), lines are physical lines
/// of the file counted from 1, columns are counted from 1, offsets are bytes of the file counted from 0.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExchangeError {
    /// Reading or writing failed below us.
    #[error("reading or writing failed: {0}")]
    Io(#[from] std::io::Error),
    /// The file is of a kind that is known and not read (old XLS, PDF, a JSON array, gzip ...).
    #[error("files of the kind {found} are not read")]
    UnsupportedFormat {
        /// Short name of what was found.
        found: &'static str,
    },
    /// There is nothing in the file.
    #[error("the file is empty")]
    EmptyFile,
    /// Bytes that do not exist in the encoding the file is read with.
    #[error("byte {offset} (line {line}) is not {encoding}")]
    WrongEncoding {
        /// The encoding that was assumed.
        encoding: Encoding,
        /// Offset of the first bad byte in the file.
        offset: u64,
        /// The line it stands in.
        line: u64,
    },
    /// A NUL character, which no text file has: a binary file or a wrong encoding.
    #[error("byte {offset} (line {line}) is NUL")]
    NulByte {
        /// Offset of the NUL in the file.
        offset: u64,
        /// The line it stands in.
        line: u64,
    },
    /// One line or one record is longer than the limit. An unclosed quote early in the file does this too.
    #[error("the record that starts in line {line} is longer than {limit} bytes")]
    LineTooLong {
        /// Where the record starts.
        line: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// One cell is longer than the limit.
    #[error("row {row}, column {column} is longer than {limit} bytes")]
    CellTooLong {
        /// Data row.
        row: u64,
        /// Column.
        column: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// More columns than the limit.
    #[error("row {row} has more than {limit} columns")]
    TooManyColumns {
        /// Data row, 0 for the header.
        row: u64,
        /// The limit.
        limit: u64,
    },
    /// More rows than the limit.
    #[error("more than {limit} rows")]
    TooManyRows {
        /// The limit.
        limit: u64,
    },
    /// Two columns with one name.
    #[error("columns {first} and {second} are both named {name:?}")]
    DuplicateHeader {
        /// The name.
        name: String,
        /// First column of that name.
        first: u64,
        /// Second column of that name.
        second: u64,
    },
    /// A column that is needed is not there.
    #[error("there is no column {name:?}")]
    MissingColumn {
        /// The name looked for.
        name: String,
    },
    /// A quoted cell is still open where the file ends: the file was cut.
    #[error("the file ends inside the quoted cell of the record that starts in line {line}")]
    UnterminatedQuote {
        /// Where the record starts.
        line: u64,
    },
    /// A row has more cells than there are columns.
    #[error("row {row} (line {line}) has {found} cells, the header has {expected}")]
    LongRow {
        /// Data row.
        row: u64,
        /// Line.
        line: u64,
        /// Cells found.
        found: u64,
        /// Columns of the header.
        expected: u64,
    },
    /// A line that is not JSON.
    #[error("line {line} is not JSON: column {column}: {message}")]
    BadJson {
        /// Line.
        line: u64,
        /// Column in the line.
        column: u64,
        /// What the parser says, in English.
        message: String,
    },
    /// A line that is JSON but not an object.
    #[error("line {line} is not a JSON object")]
    NotAnObject {
        /// Line.
        line: u64,
    },
    /// JSON nested deeper than the limit.
    #[error("line {line} is nested deeper than {limit}")]
    TooDeep {
        /// Line.
        line: u64,
        /// The limit.
        limit: u64,
    },
    /// Two members of one object end in the same column.
    #[error("line {line} has {key:?} twice")]
    DuplicateKey {
        /// Line.
        line: u64,
        /// The flattened key.
        key: String,
    },
    /// The archive cannot be read: cut, damaged or not a ZIP.
    #[error("the archive is damaged: {message}")]
    BadArchive {
        /// What the library says, in English.
        message: String,
    },
    /// More entries than the limit.
    #[error("the archive has {found} entries, more than {limit}")]
    TooManyEntries {
        /// Entries.
        found: u64,
        /// The limit.
        limit: u64,
    },
    /// Unpacked it is larger than the limit.
    #[error("the archive unpacks to more than {limit} bytes (at {entry:?})")]
    ArchiveTooLarge {
        /// The entry at which the limit was reached.
        entry: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// One entry unpacks to more than the allowed multiple of its packed size.
    #[error("{entry:?} unpacks to more than {limit} times its size")]
    ArchiveRatio {
        /// The entry.
        entry: String,
        /// The limit as a multiple.
        limit: u64,
    },
    /// An absolute name, a name with `..`, a symbolic link, or one name twice.
    #[error("the archive has a forbidden entry {entry:?}")]
    ForbiddenEntry {
        /// The entry.
        entry: String,
    },
    /// The workbook is protected by a password.
    #[error("the workbook is protected by a password")]
    Encrypted,
    /// An XML part declares a document type or entities.
    #[error("{entry:?} declares entities")]
    XmlEntities {
        /// The entry.
        entry: String,
    },
    /// The text of one cell, or one tag, is longer than the limit.
    #[error("{entry:?} has a cell longer than {limit} bytes")]
    XmlTextTooLong {
        /// The entry.
        entry: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// The archive is sound but is not a workbook that can be read.
    #[error("the workbook cannot be read: {message}")]
    BadWorkbook {
        /// What the library says, in English.
        message: String,
    },
    /// There is no sheet of that name.
    #[error("there is no sheet {name:?}")]
    NoSuchSheet {
        /// The name looked for.
        name: String,
    },
    /// A sheet has more columns than a spreadsheet may have, or a row more cells than there are columns.
    #[error("a sheet has at most {limit} columns")]
    SheetTooWide {
        /// The limit.
        limit: u64,
    },
    /// A card is not closed: the file was cut, or the next card begins inside it.
    #[error("the card that starts in line {line} has no end")]
    UnterminatedCard {
        /// Where the card starts.
        line: u64,
    },
    /// Something stands outside of a card.
    #[error("line {line} is outside of a card")]
    OutsideCard {
        /// Line.
        line: u64,
    },
    /// The position to resume from does not belong to this file.
    #[error("the file has changed: there is no byte {offset} to go on from")]
    StalePosition {
        /// The offset asked for.
        offset: u64,
    },
    /// A header file of ours is wrong. Cannot happen with the ones that are built in; a test reads them all.
    #[error("the preset is wrong: {message}")]
    BadPreset {
        /// What is wrong, in English.
        message: String,
    },
}

impl ExchangeError {
    /// The stable key under which a translation of this error is found.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "file-io",
            Self::UnsupportedFormat { .. } => "file-unsupported-format",
            Self::EmptyFile => "file-empty",
            Self::WrongEncoding { .. } => "file-wrong-encoding",
            Self::NulByte { .. } => "file-nul-byte",
            Self::LineTooLong { .. } => "file-line-too-long",
            Self::CellTooLong { .. } => "file-cell-too-long",
            Self::TooManyColumns { .. } => "file-too-many-columns",
            Self::TooManyRows { .. } => "file-too-many-rows",
            Self::DuplicateHeader { .. } => "file-duplicate-header",
            Self::MissingColumn { .. } => "file-missing-column",
            Self::UnterminatedQuote { .. } => "file-unterminated-quote",
            Self::LongRow { .. } => "file-long-row",
            Self::BadJson { .. } => "file-bad-json",
            Self::NotAnObject { .. } => "file-json-not-object",
            Self::TooDeep { .. } => "file-json-too-deep",
            Self::DuplicateKey { .. } => "file-json-duplicate-key",
            Self::BadArchive { .. } => "file-bad-archive",
            Self::TooManyEntries { .. } => "file-archive-too-many-entries",
            Self::ArchiveTooLarge { .. } => "file-archive-too-large",
            Self::ArchiveRatio { .. } => "file-archive-ratio",
            Self::ForbiddenEntry { .. } => "file-archive-forbidden-entry",
            Self::Encrypted => "file-encrypted",
            Self::XmlEntities { .. } => "file-xml-entities",
            Self::XmlTextTooLong { .. } => "file-xml-text-too-long",
            Self::BadWorkbook { .. } => "file-bad-workbook",
            Self::NoSuchSheet { .. } => "file-no-such-sheet",
            Self::SheetTooWide { .. } => "file-sheet-too-wide",
            Self::UnterminatedCard { .. } => "file-unterminated-card",
            Self::OutsideCard { .. } => "file-outside-card",
            Self::StalePosition { .. } => "file-stale-position",
            Self::BadPreset { .. } => "file-bad-preset",
        }
    }

    /// The data of the error, by the names a translation uses.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Io(e) => vec![("message", e.to_string())],
            Self::UnsupportedFormat { found } => vec![("found", (*found).to_owned())],
            Self::EmptyFile | Self::Encrypted => vec![],
            Self::WrongEncoding {
                encoding,
                offset,
                line,
            } => {
                vec![
                    ("encoding", encoding.to_string()),
                    ("offset", offset.to_string()),
                    ("line", line.to_string()),
                ]
            }
            Self::NulByte { offset, line } => {
                vec![("offset", offset.to_string()), ("line", line.to_string())]
            }
            Self::LineTooLong { line, limit } | Self::TooDeep { line, limit } => {
                vec![("line", line.to_string()), ("limit", limit.to_string())]
            }
            Self::CellTooLong { row, column, limit } => {
                vec![
                    ("row", row.to_string()),
                    ("column", column.to_string()),
                    ("limit", limit.to_string()),
                ]
            }
            Self::TooManyColumns { row, limit } => {
                vec![("row", row.to_string()), ("limit", limit.to_string())]
            }
            Self::TooManyRows { limit } | Self::SheetTooWide { limit } => vec![("limit", limit.to_string())],
            Self::DuplicateHeader { name, first, second } => {
                vec![
                    ("name", name.clone()),
                    ("first", first.to_string()),
                    ("second", second.to_string()),
                ]
            }
            Self::MissingColumn { name } | Self::NoSuchSheet { name } => vec![("name", name.clone())],
            Self::UnterminatedQuote { line }
            | Self::NotAnObject { line }
            | Self::UnterminatedCard { line }
            | Self::OutsideCard { line } => vec![("line", line.to_string())],
            Self::LongRow {
                row,
                line,
                found,
                expected,
            } => vec![
                ("row", row.to_string()),
                ("line", line.to_string()),
                ("found", found.to_string()),
                ("expected", expected.to_string()),
            ],
            Self::BadJson {
                line,
                column,
                message,
            } => {
                vec![
                    ("line", line.to_string()),
                    ("column", column.to_string()),
                    ("message", message.clone()),
                ]
            }
            Self::DuplicateKey { line, key } => vec![("line", line.to_string()), ("key", key.clone())],
            Self::BadArchive { message } | Self::BadWorkbook { message } | Self::BadPreset { message } => {
                vec![("message", message.clone())]
            }
            Self::TooManyEntries { found, limit } => {
                vec![("found", found.to_string()), ("limit", limit.to_string())]
            }
            Self::ArchiveTooLarge { entry, limit }
            | Self::ArchiveRatio { entry, limit }
            | Self::XmlTextTooLong { entry, limit } => {
                vec![("entry", entry.clone()), ("limit", limit.to_string())]
            }
            Self::ForbiddenEntry { entry } | Self::XmlEntities { entry } => vec![("entry", entry.clone())],
            Self::StalePosition { offset } => vec![("offset", offset.to_string())],
        }
    }

    /// Whether the reader can go on with the next row after this error: the fault is in one row, and where the
    /// next one begins is known. After any other error a reader gives no more rows.
    pub fn is_row_error(&self) -> bool {
        matches!(
            self,
            Self::CellTooLong { .. }
                | Self::LongRow { .. }
                | Self::BadJson { .. }
                | Self::NotAnObject { .. }
                | Self::TooDeep { .. }
                | Self::DuplicateKey { .. }
                | Self::OutsideCard { .. }
        )
    }
}
