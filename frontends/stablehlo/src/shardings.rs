//! Shardings: which device holds which part of a tensor, in the words of Shardy (`<@mesh, [{"data"}, {}]>`) or of XLA
//! (`{devices=[2,1]<=[2]}`, which is passed on as it is).
//!
//! Source: the document of Shardy, "Sharding representation".

use dp_dialects::{Diagnostic, Result};

/// Whether a text is in the words of Shardy.
pub(crate) fn is_of_shardy(text: &str) -> bool {
    text.starts_with('<')
}

/// The name of a mesh such as `mesh <["data"=2, "model"=2]>`, after a check of its form.
///
/// # Errors
/// If it has another form.
pub(crate) fn mesh_of(text: &str) -> Result<String> {
    let mut words = Words::of(text);
    let name = words.name()?;
    words.expect("<")?;
    words.expect("[")?;
    while !words.takes("]") {
        words.quoted()?;
        words.expect("=")?;
        words.number()?;
        words.takes(",");
    }
    // Devices in an order of their own.
    if words.takes(",") {
        words.expect("device_ids")?;
        words.expect("=")?;
        words.expect("[")?;
        while !words.takes("]") {
            words.number()?;
            words.takes(",");
        }
    }
    words.expect(">")?;
    words.end()?;
    Ok(name)
}

/// Checks a sharding in a module with meshes of these names.
///
/// # Errors
/// If the text has another form, or there is no such mesh.
pub(crate) fn check(text: &str, meshes: &[String]) -> Result<()> {
    if is_of_shardy(text) {
        return closed(text, meshes).map(drop);
    }
    let is_written = |c: char| c.is_ascii_alphanumeric() || "_=,<[]() ".contains(c);
    match text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some(inside) if inside.chars().all(is_written) => Ok(()),
        _ => Err(malformed(text, "it is not in the words of Shardy or of XLA")),
    }
}

/// A sharding of Shardy in which no dimension is left open to XLA, so that a caller knows what each device holds. Meshes
/// have these names.
///
/// # Errors
/// If the text has another form, or there is no such mesh.
pub(crate) fn closed(text: &str, meshes: &[String]) -> Result<String> {
    let mut words = Words::of(text);
    let (mesh, dims) = dimensions(&mut words)?;
    if !meshes.contains(&mesh) {
        return Err(malformed(text, "there is no such mesh in 'dp.meshes'"));
    }
    let dims: Vec<String> = dims.iter().map(|axes| format!("{{{}}}", axes.join(", "))).collect();
    Ok(format!("<@{mesh}, [{}]>", dims.join(", ")))
}

/// `<@MESH, [{"AXIS", …}, …]>`: the mesh, and for each dimension the axes that divide it, the major one first.
fn dimensions(words: &mut Words) -> Result<(String, Vec<Vec<String>>)> {
    words.expect("<")?;
    words.expect("@")?;
    let mesh = words.name()?;
    words.expect(",")?;
    words.expect("[")?;
    let mut dims = Vec::new();
    while !words.takes("]") {
        words.expect("{")?;
        let mut axes = Vec::new();
        while !words.takes("}") {
            if !words.takes("?") {
                axes.push(words.axis()?);
            }
            words.takes(",");
        }
        dims.push(axes);
        words.takes(",");
    }
    // Axes that are said to replicate the tensor do so without it.
    if words.takes(",") {
        words.expect("replicated")?;
        words.expect("=")?;
        words.expect("{")?;
        while !words.takes("}") {
            words.axis()?;
            words.takes(",");
        }
    }
    words.expect(">")?;
    words.end()?;
    Ok((mesh, dims))
}

fn malformed(text: &str, why: &str) -> Diagnostic {
    Diagnostic::unsupported(format!("the sharding '{text}' is not supported: {why}"))
        .help("write it as '<@mesh, [{\"axis\"}, {}]>', and a mesh as 'mesh <[\"axis\"=2]>'")
}

/// A text that is read from its start.
struct Words<'t> {
    whole: &'t str,
    rest: &'t str,
}

impl<'t> Words<'t> {
    fn of(text: &'t str) -> Words<'t> {
        Words { whole: text, rest: text.trim_start() }
    }

    /// Takes a word, if it is the next.
    fn takes(&mut self, word: &str) -> bool {
        match self.rest.strip_prefix(word) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, word: &str) -> Result<()> {
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

    fn name(&mut self) -> Result<String> {
        let name = self.span(|c| c.is_alphanumeric() || c == '_');
        if name.is_empty() { Err(self.wrong("a name is expected")) } else { Ok(name.into()) }
    }

    fn quoted(&mut self) -> Result<String> {
        self.expect("\"")?;
        let text = self.span(|c| c != '"').to_owned();
        self.expect("\"")?;
        Ok(text)
    }

    fn number(&mut self) -> Result<usize> {
        self.span(|c| c.is_ascii_digit()).parse().map_err(|_| self.wrong("a number is expected"))
    }

    /// An axis, or a part of one: `"data"`, `"data":(1)2`.
    fn axis(&mut self) -> Result<String> {
        let name = self.quoted()?;
        if !self.takes(":(") {
            return Ok(format!("\"{name}\""));
        }
        let major = self.number()?;
        self.expect(")")?;
        Ok(format!("\"{name}\":({major}){}", self.number()?))
    }

    fn end(&self) -> Result<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.wrong("nothing more is expected")) }
    }
}
