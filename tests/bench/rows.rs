//! Rows in the text format of PostgreSQL's COPY: columns parted by tabs, rows by line ends, `\N` for NULL.

use chrono::{DateTime, Utc};

/// Rows that are being written, column by column.
#[derive(Default)]
pub struct Rows {
    text: String,
    row_begun: bool,
}

impl Rows {
    /// No rows.
    pub const fn new() -> Self {
        Self { text: String::new(), row_begun: false }
    }

    /// A text.
    pub fn text(&mut self, value: &str) -> &mut Self {
        self.next();
        for c in value.chars() {
            match c {
                '\\' => self.text.push_str("\\\\"),
                '\t' => self.text.push_str("\\t"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                c => self.text.push(c),
            }
        }
        self
    }

    /// A text, or NULL.
    pub fn maybe(&mut self, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.text(value),
            None => self.raw("\\N"),
        }
    }

    /// A number.
    pub fn number(&mut self, value: i64) -> &mut Self {
        self.raw(&value.to_string())
    }

    /// A number, or NULL.
    pub fn maybe_number(&mut self, value: Option<i64>) -> &mut Self {
        match value {
            Some(value) => self.number(value),
            None => self.maybe(None),
        }
    }

    /// An instant in microseconds, or NULL.
    pub fn instant(&mut self, value: Option<DateTime<Utc>>) -> &mut Self {
        self.maybe_number(value.map(|at| at.timestamp_micros()))
    }

    /// A yes or no.
    pub fn flag(&mut self, value: bool) -> &mut Self {
        self.raw(if value { "t" } else { "f" })
    }

    /// Ends the row.
    pub fn end(&mut self) {
        self.text.push('\n');
        self.row_begun = false;
    }

    /// The bytes to send.
    pub fn into_bytes(self) -> Vec<u8> {
        self.text.into_bytes()
    }

    fn raw(&mut self, value: &str) -> &mut Self {
        self.next();
        self.text.push_str(value);
        self
    }

    fn next(&mut self) {
        if self.row_begun {
            self.text.push('\t');
        }
        self.row_begun = true;
    }
}
