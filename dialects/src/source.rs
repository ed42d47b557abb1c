//! Checks of a program's text before MLIR's parser reads it. Text that would crash the parser is rejected here, with a
//! location.
//!
//! The parser recurses along brackets without a limit, and assumes without checking that the type of `#complex.number`
//! is a float and that lists of dimensions in `linalg` parse; if it fails inside an `scf.index_switch`, it frees values in
//! use. Text that is not UTF-8 has no representation in Rust. The
//! scan works on tokens: comments, strings, identifiers and punctuation.

mod aliases;
mod switches;

use crate::Diagnostic;
use aliases::Aliases;
pub use aliases::MAX_EXPANSION;
use std::borrow::Cow;
use switches::Switches;

/// The maximal nesting of brackets of all kinds. It bounds the recursion over regions, types and attributes, which must
/// fit the stack of [`crate::stack::run`].
pub const MAX_NESTING: usize = 512;

/// The maximal length of an identifier, in bytes.
pub const MAX_NAME: usize = 1024;

/// The magic number of MLIR bytecode.
const BYTECODE: &[u8] = b"ML\xefR";

/// The valid component types of complex numbers, which the parser does not check.
const FLOATS: [&str; 4] = ["f16", "bf16", "f32", "f64"];

/// An error in the text, with a line and a column, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The line.
    pub line: usize,
    /// The column, in bytes.
    pub column: usize,
    /// The error.
    pub diagnostic: Diagnostic,
}

impl Refusal {
    /// The error in the format of MLIR's tools.
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
/// If it is bytecode, is not UTF-8 or contains a NUL character, brackets nest deeper than [`MAX_NESTING`], an
/// identifier is longer than [`MAX_NAME`], the components of a complex number are not floats, the dimensions of a
/// `linalg` operation are not a list, a part of an `scf.index_switch` is missing after a region, or an alias expands to more than [`MAX_EXPANSION`] tokens.
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
    // The state of each recognizer.
    let mut complex = Complex::Nothing;
    let mut dimensions = Dimensions::Nothing;
    let (mut aliases, mut end) = (Aliases::default(), 0);
    let mut switches = Switches::default();
    // The last two tokens.
    let mut before: [&[u8]; 2] = [b"", b""];
    let of_switch = |expected: &str| {
        let diagnostic = Diagnostic::syntax(format!("{expected} is expected in 'scf.index_switch'"));
        diagnostic.help("write it as `scf.index_switch %i case 0 { … } default { … }`")
    };
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
        // MLIR's parser asks for the width of these types, which `index` lacks; an alias may stand for it.
        if before == [&b"array"[..], b"<"] && (bytes == b"index" || bytes[0] == b'!') {
            let diagnostic = Diagnostic::syntax("the elements of an array attribute are integers or floats");
            return refuse(token.start, diagnostic.help("write it as `array<i64: 0, 1>`"));
        }
        before = [before[1], bytes];
        let starts_line = text[end..token.start].contains(&b'\n');
        end = token.end;
        if aliases.after(bytes, open.len(), starts_line) {
            let message = format!("the alias expands to more than {MAX_EXPANSION} tokens");
            let help = "aliases that use other aliases twice double at each level; nest fewer";
            return refuse(token.start, Diagnostic::limit(message).help(help));
        }
        dimensions = dimensions.after(bytes);
        if dimensions == Dimensions::Malformed {
            let diagnostic = Diagnostic::syntax("the dimensions are not a list of integers of 64 bits");
            return refuse(token.start, diagnostic.help("write them as `[0, 1]`"));
        }
        if let Some(expected) = switches.after(bytes, open.len()) {
            return refuse(token.start, of_switch(expected));
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
                // The parser reports unmatched closing brackets.
                if let Some(depth) = open.iter().rposition(|bracket| *bracket == opening) {
                    open.truncate(depth);
                }
            }
            _ => {}
        }
    }
    if let Some(expected) = switches.end(open.len()) {
        return refuse(text.len(), of_switch(expected));
    }
    if matches!(dimensions, Dimensions::Equals | Dimensions::Inside) {
        let diagnostic = Diagnostic::syntax("the source ends inside a list of dimensions");
        return refuse(text.len(), diagnostic.help("write the list as `[0, 1]`"));
    }
    Ok(())
}

/// Works around a bug in MLIR: in complex constants of f32, its printer writes infinities and NaN as the bits of an
/// f32, but its parser reads them as the bits of an f64. The returned text has the bits of the equal f64.
///
/// Newer versions of MLIR write a byte for each boolean of a hexadecimal constant; in the returned text it is a bit.
pub fn readable(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let (mut complex, mut in_single, mut from) = (Complex::Nothing, false, 0);
    let mut widened = String::new();
    for token in (Tokens { text: bytes, at: 0 }) {
        // Compares bytes, since each byte of a non-ASCII character is a token.
        let word = &bytes[token.clone()];
        complex = complex.after(word);
        in_single = complex == Complex::Type && word == b"f32" || in_single && word != b">";
        let digits = word.strip_prefix(b"0x").filter(|digits| in_single && digits.len() == 8);
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(bits) = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) {
            widened += &text[from..token.start];
            widened += &format!("0x{:016X}", f64::from(f32::from_bits(bits)).to_bits());
            from = token.end;
        } else if let Some(packed) = packed_booleans(word, &bytes[token.end..]) {
            widened += &text[from..token.start];
            widened += &packed;
            from = token.end;
        }
    }
    if from == 0 { Cow::Borrowed(text) } else { Cow::Owned(widened + &text[from..]) }
}

/// The string of a hexadecimal constant of booleans with a bit for each, given one with a byte for each and the text
/// after it; `None` for another string.
fn packed_booleans(string: &[u8], after: &[u8]) -> Option<String> {
    let digits = string.strip_prefix(b"\"0x")?.strip_suffix(b"\"")?;
    let line = after.split(|byte| *byte == b'\n').next()?;
    let after =
        std::str::from_utf8(line).ok()?.trim_start().strip_prefix('>')?.trim_start().strip_prefix(':')?.trim_start();
    let (shape, _) = after.strip_prefix("tensor<")?.split_once('>')?;
    let extents = shape.strip_suffix("xi1")?.split('x');
    let count =
        extents.map(|extent| extent.parse().ok()).try_fold(1usize, |count, extent| count.checked_mul(extent?))?;
    if count < 2 || digits.len() / 2 != count || digits.len() % 2 != 0 {
        return None;
    }
    let mut bytes = vec![0u8; count.div_ceil(8)];
    for (at, byte) in digits.chunks(2).enumerate() {
        match byte {
            b"00" => {}
            b"01" => bytes[at / 8] |= 1 << (at % 8),
            _ => return None,
        }
    }
    let packed: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    Some(format!("\"0x{packed}\""))
}

/// A recognizer of `#complex.number<:TYPE` and `#complex<number<:TYPE`: the last token read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Complex {
    Nothing,
    /// `#complex`.
    Dialect,
    /// `#complex<`.
    Inside,
    /// `#complex.number` or `#complex<number`.
    Number,
    /// `<` after it.
    Open,
    /// `:` after it.
    Colon,
    /// The type, which is the current token.
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

/// A recognizer of `linalg.reduce … dimensions = [0, 1]` and other operations with such a list: the last token read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dimensions {
    Nothing,
    /// The operation.
    Operation,
    /// The name of the list.
    Name,
    /// `=`.
    Equals,
    /// `[`, or a token inside the list.
    Inside,
    /// A token that cannot be part of the list.
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
            (Dimensions::Inside, token) if is_i64(token) => Dimensions::Inside,
            (Dimensions::Equals | Dimensions::Inside, _) => Dimensions::Malformed,
            (Dimensions::Operation | Dimensions::Name, _) => Dimensions::Operation,
            (Dimensions::Nothing | Dimensions::Malformed, _) => Dimensions::Nothing,
        }
    }
}

/// Whether a token is a decimal integer that 64 bits hold. The parser of `linalg` does not check the range.
fn is_i64(token: &[u8]) -> bool {
    token.iter().all(u8::is_ascii_digit) && std::str::from_utf8(token).is_ok_and(|digits| digits.parse::<i64>().is_ok())
}

/// The tokens of a text, as byte ranges, without comments and whitespace.
struct Tokens<'t> {
    text: &'t [u8],
    at: usize,
}

impl Tokens<'_> {
    /// The end of the bytes from `from` on that satisfy `of`.
    fn end(&self, from: usize, of: impl Fn(u8) -> bool) -> usize {
        self.text[from..].iter().position(|byte| !of(*byte)).map_or(self.text.len(), |count| from + count)
    }

    /// The end of a string whose opening quote is at `from`. A string ends at the end of the line at the latest.
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
                // `<` and `>` in arrows and comparisons are not brackets.
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
