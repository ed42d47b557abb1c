//! Text of programs and of files' names as terminals may be given it.
//!
//! A terminal obeys control characters, and shows what is written in another order, or not at all, after some others: a
//! name could clear the screen or hide what it says. They are shown by their numbers, as `\u{1b}`.

use std::borrow::Cow;
use std::fmt::Write as _;
use unicode_width::UnicodeWidthChar as _;

/// Text of several lines: ends of lines and tabs stay.
pub fn printable(text: &str) -> Cow<'_, str> {
    escape(text, |c| !matches!(c, '\n' | '\t') && is_obeyed(c))
}

/// Text that is to be on one line, such as the name of a file.
pub fn printable_line(text: &str) -> Cow<'_, str> {
    escape(text, is_obeyed)
}

/// Whether a terminal does something about a character other than showing it where it stands.
pub fn is_obeyed(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            // The direction of what follows.
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            // Ends of lines and paragraphs.
            | '\u{2028}' | '\u{2029}'
            // Nothing at all: zero width spaces, the byte order mark, tags.
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

/// A line of a program as it is shown, and what stands below the characters before a place to get to it.
pub struct Excerpt {
    /// The line.
    pub line: String,
    /// As many columns as the characters before the place take.
    pub indent: String,
}

impl Excerpt {
    /// Some characters of a line; the place is before the one of this number, counted from 0.
    pub fn new(characters: &[char], place: usize) -> Excerpt {
        let mut excerpt = Excerpt { line: String::new(), indent: String::new() };
        for (index, c) in characters.iter().enumerate() {
            let start = excerpt.line.len();
            match *c {
                '\t' => excerpt.line.push('\t'),
                c if is_obeyed(c) => write!(excerpt.line, "{}", c.escape_unicode()).unwrap_or_default(),
                c => excerpt.line.push(c),
            }
            if index < place {
                // Tabs stay, so that the caret stands where the terminal has the place.
                match *c {
                    '\t' => excerpt.indent.push('\t'),
                    _ => excerpt.indent.extend(std::iter::repeat_n(' ', columns(&excerpt.line[start..]))),
                }
            }
        }
        excerpt
    }
}

/// How many columns of a terminal text takes: none for what combines with the character before, two for what is wide.
fn columns(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or_default()).sum()
}
