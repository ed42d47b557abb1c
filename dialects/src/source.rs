//! Checks of a program's text before MLIR's parser reads it. Text that would crash the parser is rejected here, with a
//! location.
//!
//! The parser recurses along brackets without a limit, and assumes without checking that the type of `#complex.number`
//! is a float and that lists of dimensions in `linalg` parse. Text that is not UTF-8 has no representation in Rust. The
//! scan works on tokens: comments, strings, identifiers and punctuation.

mod aliases;

use crate::Diagnostic;
use aliases::Aliases;
pub use aliases::MAX_EXPANSION;
use std::borrow::Cow;

/// How deeply brackets of all kinds may nest: more than any program needs, and few enough for every recursion over
/// regions, types and attributes, on the stack that [`crate::stack::run`] gives.
pub const MAX_NESTING: usize = 512;

/// The most bytes of a name.
pub const MAX_NAME: usize = 1024;

/// How MLIR's bytecode begins.
const BYTECODE: &[u8] = b"ML\xefR";

/// What the parts of a complex number may be: the parser asks no further.
const FLOATS: [&str; 4] = ["f16", "bf16", "f32", "f64"];

/// A refusal of the text, at a line and a column, both counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The line.
    pub line: usize,
    /// The column, in bytes.
    pub column: usize,
    /// What is wrong.
    pub diagnostic: Diagnostic,
}

impl Refusal {
    /// The refusal as tools print it.
    pub fn text(&self, file: &str) -> String {
        let Refusal { line, column, diagnostic } = self;
        let help =
            diagnostic.help.as_ref().map_or_else(String::new, |help| format!("\n{file}:{line}:{column}: note: {help}"));
        format!("{file}:{line}:{column}: error: {}{help}", diagnostic.message)
    }
}

/// Checks the text of a program.
///
/// # Errors
/// Where it is not UTF-8, where brackets nest deeper than [`MAX_NESTING`], where an identifier is longer than
/// [`MAX_NAME`], where it holds a NUL character, where a complex number has parts that are not floats, where the
/// dimensions of an operation of `linalg` are no list, and where an alias stands for more than [`MAX_EXPANSION`] tokens.
pub fn check(text: &[u8]) -> Result<(), Refusal> {
    let refuse = |offset: usize, diagnostic: Diagnostic| {
        let before = &text[..offset];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = offset - before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1) + 1;
        Err(Refusal { line, column, diagnostic })
    };
    if text.starts_with(BYTECODE) {
        let diagnostic = Diagnostic::unsupported("the file is MLIR bytecode");
        return refuse(0, diagnostic.help("convert it to text: `dpopt FILE -o FILE.mlir`"));
    }
    if let Err(error) = std::str::from_utf8(text) {
        let diagnostic = Diagnostic::syntax("the source is not UTF-8");
        return refuse(error.valid_up_to(), diagnostic.help("programs are MLIR text in UTF-8"));
    }
    if let Some(offset) = text.iter().position(|byte| *byte == 0) {
        let diagnostic = Diagnostic::syntax("the source contains a NUL character");
        return refuse(offset, diagnostic.help("programs are MLIR text in UTF-8"));
    }
    let mut open: Vec<u8> = Vec::new();
    // What the tokens so far may be the beginning of.
    let mut complex = Complex::Nothing;
    let mut dimensions = Dimensions::Nothing;
    let (mut aliases, mut end) = (Aliases::default(), 0);
    for token in (Tokens { text, at: 0 }) {
        let bytes = &text[token.clone()];
        if bytes.len() > MAX_NAME && bytes[0] != b'"' {
            let message = format!("the name is {} bytes long; the limit is {MAX_NAME}", bytes.len());
            return refuse(token.start, Diagnostic::limit(message).help("use a shorter name"));
        }
        complex = complex.after(bytes);
        if complex == Complex::Type && !FLOATS.iter().any(|float| float.as_bytes() == bytes) {
            let diagnostic = Diagnostic::syntax("the components of a complex number must be floats");
            let help = "write `#complex.number<:f32 …>` or `#complex.number<:f64 …>`";
            return refuse(token.start, diagnostic.help(help));
        }
        let starts_line = text[end..token.start].contains(&b'\n');
        end = token.end;
        if aliases.after(bytes, open.len(), starts_line) {
            let message = format!("the alias expands to more than {MAX_EXPANSION} tokens");
            let help = "aliases that use other aliases twice double at each level; nest fewer";
            return refuse(token.start, Diagnostic::limit(message).help(help));
        }
        dimensions = dimensions.after(bytes);
        if dimensions == Dimensions::Malformed {
            let diagnostic = Diagnostic::syntax("the dimensions are not a list of integers");
            return refuse(token.start, diagnostic.help("write them as `[0, 1]`"));
        }
        match bytes {
            b"(" | b"[" | b"{" | b"<" => {
                open.push(bytes[0]);
                if open.len() > MAX_NESTING {
                    let message = format!("brackets are nested more than {MAX_NESTING} deep");
                    let help = "move nested parts into functions or type aliases";
                    return refuse(token.start, Diagnostic::limit(message).help(help));
                }
            }
            b")" | b"]" | b"}" | b">" => {
                let opening = b"([{<"[b")]}>".iter().position(|closing| *closing == bytes[0]).unwrap_or_default()];
                // One that closes nothing is the parser's to refuse.
                if let Some(depth) = open.iter().rposition(|bracket| *bracket == opening) {
                    open.truncate(depth);
                }
            }
            _ => {}
        }
    }
    if matches!(dimensions, Dimensions::Equals | Dimensions::Inside) {
        let diagnostic = Diagnostic::syntax("the source ends inside a list of dimensions");
        return refuse(text.len(), diagnostic.help("write the list as `[0, 1]`"));
    }
    Ok(())
}

/// The text as MLIR is to read it. Its printer writes infinities and NaN of a complex number of f32 as the bits of an
/// f32, and its parser takes them for the bits of an f64, of which they are the first subnormal ones: they are widened.
pub fn readable(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let (mut complex, mut in_single, mut from) = (Complex::Nothing, false, 0);
    let mut widened = String::new();
    for token in (Tokens { text: bytes, at: 0 }) {
        // What is not ASCII is a token a byte: bytes are what is compared.
        let word = &bytes[token.clone()];
        complex = complex.after(word);
        in_single = complex == Complex::Type && word == b"f32" || in_single && word != b">";
        let digits = word.strip_prefix(b"0x").filter(|digits| in_single && digits.len() == 8);
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(bits) = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) {
            widened += &text[from..token.start];
            widened += &format!("0x{:016X}", f64::from(f32::from_bits(bits)).to_bits());
            from = token.end;
        }
    }
    if from == 0 { Cow::Borrowed(text) } else { Cow::Owned(widened + &text[from..]) }
}

/// How much of `#complex.number<:TYPE` or `#complex<number<:TYPE` has been read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Complex {
    Nothing,
    /// `#complex`.
    Dialect,
    /// `#complex<`.
    Inside,
    /// `#complex.number` or `#complex<number`.
    Number,
    /// And `<`.
    Open,
    /// And `:`.
    Colon,
    /// And the type, which the token is.
    Type,
}

impl Complex {
    fn after(self, token: &[u8]) -> Complex {
        match (self, token) {
            (Complex::Colon, _) => Complex::Type,
            (_, b"#complex") => Complex::Dialect,
            (_, b"#complex.number") => Complex::Number,
            (Complex::Dialect, b"<") => Complex::Inside,
            (Complex::Inside, b"number") => Complex::Number,
            (Complex::Number, b"<") => Complex::Open,
            (Complex::Open, b":") => Complex::Colon,
            _ => Complex::Nothing,
        }
    }
}

/// How much of `linalg.reduce … dimensions = [0, 1]` has been read, or of another operation with such a list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dimensions {
    Nothing,
    /// The operation.
    Operation,
    /// And the name of the list.
    Name,
    /// And `=`.
    Equals,
    /// And `[`.
    Inside,
    /// And what is no list.
    Malformed,
}

impl Dimensions {
    fn after(self, token: &[u8]) -> Dimensions {
        match (self, token) {
            (_, b"linalg.reduce" | b"linalg.broadcast" | b"linalg.transpose") => Dimensions::Operation,
            (Dimensions::Operation, b"dimensions" | b"permutation") => Dimensions::Name,
            (Dimensions::Name, b"=") => Dimensions::Equals,
            (Dimensions::Equals, b"[") => Dimensions::Inside,
            (Dimensions::Inside, b"]") => Dimensions::Nothing,
            (Dimensions::Inside, b"," | b"-") => Dimensions::Inside,
            (Dimensions::Inside, token) if token.iter().all(u8::is_ascii_digit) => Dimensions::Inside,
            (Dimensions::Equals | Dimensions::Inside, _) => Dimensions::Malformed,
            (Dimensions::Operation | Dimensions::Name, _) => Dimensions::Operation,
            (Dimensions::Nothing | Dimensions::Malformed, _) => Dimensions::Nothing,
        }
    }
}

/// The tokens of a text, as ranges of its bytes. Comments and space are left out.
struct Tokens<'t> {
    text: &'t [u8],
    at: usize,
}

impl Tokens<'_> {
    /// The end of what begins at `from` and goes on as long as bytes are of a kind.
    fn end(&self, from: usize, of: impl Fn(u8) -> bool) -> usize {
        self.text[from..].iter().position(|byte| !of(*byte)).map_or(self.text.len(), |count| from + count)
    }

    /// The end of a string whose quote stands at `from`; strings end with their line.
    fn string(&self, from: usize) -> usize {
        let mut at = from + 1;
        while let Some(byte) = self.text.get(at) {
            match byte {
                b'"' => return at + 1,
                b'\n' => return at,
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        self.text.len()
    }
}

impl Iterator for Tokens<'_> {
    type Item = std::ops::Range<usize>;

    fn next(&mut self) -> Option<Self::Item> {
        let word = |byte: u8| byte.is_ascii_alphanumeric() || b"_$.".contains(&byte);
        loop {
            let start = self.end(self.at, |byte| byte.is_ascii_whitespace());
            let rest = &self.text[start..];
            self.at = match rest {
                [] => return None,
                [b'/', b'/', ..] => {
                    self.at = self.end(start, |byte| byte != b'\n');
                    continue;
                }
                // Arrows and comparisons are no brackets.
                [b'-', b'>', ..] | [b'>' | b'<' | b'=', b'=', ..] => start + 2,
                [b'"', ..] => self.string(start),
                [b'@', b'"', ..] => self.string(start + 1),
                [b'@' | b'%' | b'#' | b'!' | b'^', ..] => self.end(start + 1, |byte| word(byte) || byte == b'-'),
                [first, ..] if word(*first) => self.end(start, word),
                _ => start + 1,
            };
            return Some(start..self.at);
        }
    }
}
