//! Words of a text, taken from its start.

use dp_dialects::{Diagnostic, Result};

/// A text that is read from its start.
pub(super) struct Words<'t> {
    whole: &'t str,
    rest: &'t str,
}

impl<'t> Words<'t> {
    pub fn of(text: &'t str) -> Words<'t> {
        Words { whole: text, rest: text.trim_start() }
    }

    /// Takes a word, if it is the next.
    pub fn takes(&mut self, word: &str) -> bool {
        match self.rest.strip_prefix(word) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    pub fn expect(&mut self, word: &str) -> Result<()> {
        match self.takes(word) {
            true => Ok(()),
            false => Err(self.wrong(&format!("'{word}' is expected"))),
        }
    }

    fn wrong(&self, why: &str) -> Diagnostic {
        malformed(self.whole, &format!("{why} before '{}'", self.rest))
    }

    /// Takes characters while they are of a kind.
    fn span(&mut self, of: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(|c| !of(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        taken
    }

    pub fn name(&mut self) -> Result<String> {
        let name = self.span(|c| c.is_alphanumeric() || c == '_');
        if name.is_empty() { Err(self.wrong("a name is expected")) } else { Ok(name.into()) }
    }

    pub fn quoted(&mut self) -> Result<String> {
        self.expect("\"")?;
        let text = self.span(|c| c != '"').to_owned();
        self.expect("\"")?;
        Ok(text)
    }

    pub fn number(&mut self) -> Result<usize> {
        self.span(|c| c.is_ascii_digit()).parse().map_err(|_| self.wrong("a number is expected"))
    }

    /// Takes what stands between two words, each followed by an optional comma.
    pub fn list<T>(&mut self, open: &str, close: &str, mut item: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        self.expect(open)?;
        let mut items = Vec::new();
        while !self.takes(close) {
            items.push(item(self)?);
            self.takes(",");
        }
        Ok(items)
    }

    /// Takes numbers with commas between them, as long as there are some.
    pub fn numbers(&mut self) -> Result<Vec<usize>> {
        let mut numbers = vec![self.number()?];
        while self.takes(",") {
            numbers.push(self.number()?);
        }
        Ok(numbers)
    }

    pub fn end(&self) -> Result<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.wrong("nothing more is expected")) }
    }
}

/// The error for a sharding or a mesh.
pub(super) fn malformed(text: &str, why: &str) -> Diagnostic {
    Diagnostic::unsupported(format!("the sharding '{text}' is not supported: {why}"))
        .help("write it as '<@mesh, [{\"axis\"}, {}]>', and a mesh as 'mesh <[\"axis\"=2]>'")
}
