//! The length of types and attributes after alias expansion. MLIR stores each one once but prints it expanded, so a
//! chain of aliases that each use another one twice grows exponentially.

use std::collections::HashMap;

/// The maximal number of tokens in the expansion of an alias.
pub const MAX_EXPANSION: u64 = 100_000;

/// The expanded lengths of the aliases read so far.
#[derive(Default)]
pub struct Aliases<'t> {
    /// The number of tokens in the expansion of each alias.
    sizes: HashMap<&'t [u8], u64>,
    /// The previous token, which may be the name of an alias to be defined.
    last: &'t [u8],
    open: Option<Definition<'t>>,
}

/// An incomplete definition.
struct Definition<'t> {
    name: &'t [u8],
    size: u64,
    depth: usize,
}

impl<'t> Aliases<'t> {
    /// Reads the next token, at bracket depth `depth`. `starts_line`: whether it is the first of its line. Returns
    /// whether the current definition is too long.
    pub fn after(&mut self, token: &'t [u8], depth: usize, starts_line: bool) -> bool {
        // A definition ends at the end of the line, unless brackets are open.
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
