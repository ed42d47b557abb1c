//! Makes text from programs and file names safe to print on a terminal.
//!
//! Terminals interpret control characters, and some characters change the direction or visibility of text, so a name
//! could clear the screen or disguise itself. Such characters are printed as escapes, `\u{1b}`.

use std::borrow::Cow;
use std::fmt::Write as _;
use unicode_width::UnicodeWidthChar as _;

/// Text of several lines; newlines and tabs are kept.
pub fn printable(text: &str) -> Cow<'_, str> {
    escape(text, |c| !matches!(c, '\n' | '\t') && is_interpreted(c))
}

/// Text for a single line, such as a file name.
pub fn printable_line(text: &str) -> Cow<'_, str> {
    escape(text, is_interpreted)
}

/// Whether a terminal interprets a character instead of showing it in place.
pub fn is_interpreted(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            // Text direction.
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            // Line and paragraph separators.
            | '\u{2028}' | '\u{2029}'
            // Invisible characters: zero-width spaces, the byte order mark, tags.
            | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        )
}

fn escape(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return text.into();
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match is_escaped(c) {
            true => escaped.extend(c.escape_unicode()),
            false => escaped.push(c),
        }
    }
    escaped.into()
}

/// A source line as printed, and the indentation of the caret below it.
pub struct Excerpt {
    /// The line.
    pub line: String,
    /// Whitespace as wide as the text before the caret.
    pub indent: String,
}

impl Excerpt {
    /// Makes an excerpt from the characters of a line; the caret is before character `place`, counted from 0.
    pub fn new(characters: &[char], place: usize) -> Excerpt {
        let mut excerpt = Excerpt { line: String::new(), indent: String::new() };
        for (index, c) in characters.iter().enumerate() {
            let start = excerpt.line.len();
            match *c {
                '\t' => excerpt.line.push('\t'),
                c if is_interpreted(c) => write!(excerpt.line, "{}", c.escape_unicode()).unwrap_or_default(),
                c => excerpt.line.push(c),
            }
            if index < place {
                // Tabs are kept, so that the caret lines up on the terminal.
                match *c {
                    '\t' => excerpt.indent.push('\t'),
                    _ => excerpt.indent.extend(std::iter::repeat_n(' ', columns(&excerpt.line[start..]))),
                }
            }
        }
        excerpt
    }
}

/// The width of text in terminal columns: combining characters have width 0, wide ones 2.
fn columns(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or_default()).sum()
}
