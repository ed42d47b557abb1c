//! A recognizer of `scf.index_switch … case 0 {…} default {…}`. Where MLIR's parser fails after a region of it was read, it
//! frees the values of the region, though operations outside may use them.

use super::is_i64;

/// What was read of a switch.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Read {
    /// The tokens before its first case.
    Head,
    /// `case`.
    Case,
    /// `case` and a number, or `default`: a region is next.
    Label {
        /// Whether it is `default`.
        last: bool,
    },
    /// The region of a case, or a part of it.
    Region,
}

/// The switches around a token, each with the number of brackets around it.
#[derive(Default)]
pub(super) struct Switches(Vec<(usize, Read)>);

impl Switches {
    /// Reads a token inside so many brackets. If it cannot stand there, returns what is expected.
    pub(super) fn after(&mut self, token: &[u8], depth: usize) -> Option<&'static str> {
        while self.0.last().is_some_and(|(own, _)| depth < *own) {
            self.0.pop();
        }
        if let Some((own, read)) = self.0.last_mut()
            && *own == depth
        {
            match (*read, token) {
                (Read::Head | Read::Region, b"case") => *read = Read::Case,
                (Read::Head | Read::Region, b"default") => *read = Read::Label { last: true },
                // Types and attributes, or another operation, where the parser fails before a region.
                (Read::Head, _) => {}
                (Read::Region, _) => return Some("'case' or 'default'"),
                (Read::Case, b"-") => {}
                (Read::Case, number) if is_i64(number) => *read = Read::Label { last: false },
                (Read::Case, _) => return Some("an integer"),
                (Read::Label { last: false }, b"{") => *read = Read::Region,
                (Read::Label { last: true }, b"{") => drop(self.0.pop()),
                (Read::Label { .. }, _) => return Some("'{'"),
            }
        }
        if token == b"scf.index_switch" {
            self.0.push((depth, Read::Head));
        }
        None
    }

    /// What is expected at the end of the text, inside so many brackets.
    pub(super) fn end(&self, depth: usize) -> Option<&'static str> {
        match self.0.last()? {
            (own, Read::Region) if *own == depth => Some("'case' or 'default'"),
            _ => None,
        }
    }
}
