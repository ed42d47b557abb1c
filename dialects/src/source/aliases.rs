//! The length of types and attributes after alias expansion. MLIR stores each once but prints it expanded, so aliases
//! that use another alias twice grow exponentially.

use std::collections::HashMap;

/// The most tokens that an alias may stand for.
pub const MAX_EXPANSION: u64 = 100_000;

/// What is known of the aliases so far.
#[derive(Default)]
pub struct Aliases<'t> {
    /// How many tokens each stands for.
    sizes: HashMap<&'t [u8], u64>,
    /// The last token, which may be a name that is about to be defined.
    last: &'t [u8],
    open: Option<Definition<'t>>,
}

/// A definition that is being read.
struct Definition<'t> {
    name: &'t [u8],
    size: u64,
    depth: usize,
}

impl<'t> Aliases<'t> {
    /// Takes the next token, at a depth of brackets; `starts_line` says whether it is the first of its line. Answers
    /// whether what is being defined is too long.
    pub fn after(&mut self, token: &'t [u8], depth: usize, starts_line: bool) -> bool {
        // A definition ends with its line, but for what brackets hold.
        if let Some(done) = self.open.take_if(|open| starts_line && depth <= open.depth && open.size > 0) {
            self.sizes.insert(done.name, done.size);
        }
        let is_alias = |token: &[u8]| matches!(token, [b'!' | b'#', _, ..]);
        if token == b"=" && is_alias(self.last) {
            self.open = Some(Definition { name: self.last, size: 0, depth });
        } else if let Some(open) = &mut self.open {
            open.size = open.size.saturating_add(self.sizes.get(token).copied().unwrap_or(1));
        }
        self.last = token;
        self.open.as_ref().is_some_and(|open| open.size > MAX_EXPANSION)
    }
}
