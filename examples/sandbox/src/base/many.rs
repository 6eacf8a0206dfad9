//! Many rows in one statement.

use std::fmt::Write;

/// So many rows go into one statement; what is left over goes in row by row. There are two texts then, each prepared once.
const TOGETHER: usize = 100;

/// An insertion of many rows.
pub(crate) struct Many {
    together: String,
    alone: String,
}

impl Many {
    /// With what stands before the values, how many each row has, and what stands behind them.
    pub(crate) fn new(before: &str, columns: usize, behind: &str) -> Self {
        let text = |rows: usize| {
            let mut text = format!("{before} VALUES ");
            for row in 0..rows {
                text.push_str(if row == 0 { "(" } else { ", (" });
                for column in 0..columns {
                    let comma = if column == 0 { "" } else { ", " };
                    // Writing to a string does not fail.
                    let _ = write!(text, "{comma}${}", row * columns + column + 1);
                }
                text.push(')');
            }
            format!("{text} {behind}")
        };
        Self { together: text(TOGETHER), alone: text(1) }
    }

    /// Each statement with the rows that go into it.
    pub(crate) fn statements<'a, T>(
        &'a self,
        rows: &'a [T],
    ) -> impl Iterator<Item = (&'a str, &'a [T])> {
        let whole = rows.chunks_exact(TOGETHER);
        let rest = whole.remainder().chunks(1).map(|row| (self.alone.as_str(), row));
        whole.map(|rows| (self.together.as_str(), rows)).chain(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_goes_in_once_and_in_its_order() {
        let many = Many::new("INSERT INTO t (a, b)", 2, "ON CONFLICT DO NOTHING");
        assert_eq!(many.alone, "INSERT INTO t (a, b) VALUES ($1, $2) ON CONFLICT DO NOTHING");
        assert!(many.together.contains("($1, $2), ($3, $4)") && many.together.contains("$200)"));
        for count in [0, 1, 99, 100, 101, 250] {
            let rows: Vec<usize> = (0..count).collect();
            let statements: Vec<_> = many.statements(&rows).collect();
            let all: Vec<usize> = statements.iter().flat_map(|(_, rows)| rows.to_vec()).collect();
            assert_eq!(all, rows);
            assert_eq!(statements.len(), count / TOGETHER + count % TOGETHER);
        }
    }
}
