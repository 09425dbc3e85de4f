//! A table of texts, for a terminal or as Markdown.

use std::fmt::Write;

/// A table. The first column is a name and stands left; the others are figures and stand right.
#[derive(Debug)]
pub struct Grid(Vec<Vec<String>>);

impl Grid {
    /// A table with these column heads.
    pub fn new(heads: &[&str]) -> Self {
        Self(vec![heads.iter().map(|&head| head.to_owned()).collect()])
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<String>) {
        self.0.push(cells);
    }

    /// As aligned text.
    pub fn text(&self) -> String {
        let widths = self.widths();
        let mut text = String::new();
        for row in &self.0 {
            writeln!(text, "{}", padded(row, &widths).join("  ").trim_end()).ok();
        }
        text
    }

    /// As Markdown, aligned in the source too.
    pub fn markdown(&self) -> String {
        let widths = self.widths();
        let mut text = String::new();
        for (index, row) in self.0.iter().enumerate() {
            writeln!(text, "| {} |", padded(row, &widths).join(" | ")).ok();
            if index == 0 {
                writeln!(text, "| {} |", rule(&widths).join(" | ")).ok();
            }
        }
        text
    }

    fn widths(&self) -> Vec<usize> {
        let columns = self.0.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.0.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        (0..columns).map(width).collect()
    }
}

fn padded(row: &[String], widths: &[usize]) -> Vec<String> {
    let cells = row.iter().zip(widths).enumerate();
    cells
        .map(|(column, (cell, width))| match column {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        })
        .collect()
}

fn rule(widths: &[usize]) -> Vec<String> {
    let rule = |(column, width): (usize, &usize)| match column {
        0 => "-".repeat(*width),
        _ => "-".repeat(width.saturating_sub(1)) + ":",
    };
    widths.iter().enumerate().map(rule).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> Grid {
        let mut grid = Grid::new(&["What", "µs"]);
        grid.row(vec!["one thing".to_owned(), "7".to_owned()]);
        grid.row(vec!["two".to_owned(), "1234".to_owned()]);
        grid
    }

    #[test]
    fn text_is_aligned() {
        assert_eq!(grid().text(), "What         µs\none thing     7\ntwo        1234\n");
    }

    #[test]
    fn markdown_has_a_rule_below_the_heads() {
        let expected = "| What      |   µs |\n| --------- | ---: |\n\
                        | one thing |    7 |\n| two       | 1234 |\n";
        assert_eq!(grid().markdown(), expected);
    }
}
