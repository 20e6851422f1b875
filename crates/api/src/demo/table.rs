//! Tables as text that people can read and change: a line of headings, then a line for each row, its cells between
//! bars. A cell with nothing in it says nothing.

use std::{fmt::Display, str::FromStr};

/// A row that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{table}, line {line}: {what}")]
pub struct Misprint {
    table: &'static str,
    line: usize,
    what: String,
}

/// Reads a table of `N` columns, row by row.
///
/// # Errors
/// The first row with another number of cells, or with one that `row` does not take.
pub fn read<const N: usize, T>(
    table: &'static str,
    text: &'static str,
    row: impl Fn([&'static str; N]) -> Result<T, String>,
) -> Result<Vec<T>, Misprint> {
    let rows = (1..).zip(text.lines()).skip(1).map(|(line, text)| {
        let cells: Vec<&str> = text.split('|').map(str::trim).collect();
        let cells = <[&str; N]>::try_from(cells)
            .map_err(|cells| format!("{} cells in place of {N}", cells.len()))
            .and_then(&row);
        cells.map_err(|what| Misprint { table, line, what })
    });
    rows.collect()
}

/// A cell that must say something.
///
/// # Errors
/// What is wrong with it.
pub fn cell<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|wrong| format!("{text:?} {wrong}"))
}

/// A cell that may be empty.
///
/// # Errors
/// What is wrong with it.
pub fn optional<T: FromStr<Err: Display>>(text: &str) -> Result<Option<T>, String> {
    (!text.is_empty()).then(|| cell(text)).transpose()
}

/// A cell with any number of things in it, separated by commas.
///
/// # Errors
/// What is wrong with one of them.
pub fn list<T: FromStr<Err: Display>>(text: &str) -> Result<Vec<T>, String> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items.map(cell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misprint_says_where_it_stands() {
        let text = "name | age\nAnn | 7\nBob | seven";
        let read = read("ages", text, |[name, age]| Ok((name, cell::<u8>(age)?)));
        let said = read.unwrap_err().to_string();
        assert!(said.starts_with("ages, line 3: \"seven\""), "{said}");
    }

    #[test]
    fn empty_cells_say_nothing() {
        let text = "name | ages\nAnn |\nBob | 7, 8";
        let read = read("ages", text, |[name, ages]| Ok((name, list::<u8>(ages)?))).unwrap();
        assert_eq!(read, [("Ann", vec![]), ("Bob", vec![7, 8])]);
    }
}
