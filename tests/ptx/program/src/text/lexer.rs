//! Tokens. `ld.global.v4.b32` is the word `ld` and three dotted words; `%tid.x` likewise a word and a dotted one.

use super::ParseError;

/// A token of PTX.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Token<'t> {
    /// A name, a register (`%r1`), a label (`$L__BB0_1`).
    Word(&'t str),
    /// `.name`, without its dot.
    Dotted(&'t str),
    /// An integer, two's complement where a minus sign stood before it.
    Int(u64),
    /// A floating-point literal: its bits and its width.
    Float(u64, u32),
    /// A string, without its quotes.
    Text(&'t str),
    /// Anything else, a character each.
    Sign(char),
}

/// A token and its line.
pub type Located<'t> = (Token<'t>, u32);

fn is_word(c: u8) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, b'_' | b'$' | b'%')
}

/// All tokens of a text, comments left out.
pub fn tokens(text: &str) -> Result<Vec<Located<'_>>, ParseError> {
    let (bytes, mut at, mut line, mut out) = (text.as_bytes(), 0, 1, Vec::new());
    while at < bytes.len() {
        let (c, next) = (bytes[at], bytes.get(at + 1).copied().unwrap_or(0));
        let start = at;
        match c {
            b'\n' => (at, line) = (at + 1, line + 1),
            0 | b' ' | b'\t' | b'\r' => at += 1,
            b'/' if next == b'/' => at = text[at..].find('\n').map_or(bytes.len(), |n| at + n),
            b'/' if next == b'*' => {
                let end = text[at..].find("*/").ok_or_else(|| ParseError::new(line, "a comment without end"))?;
                line += text[at..at + end].matches('\n').count() as u32;
                at += end + 2;
            }
            b'"' => {
                let end = text[at + 1..].find('"').ok_or_else(|| ParseError::new(line, "a string without end"))?;
                out.push((Token::Text(&text[at + 1..at + 1 + end]), line));
                at += end + 2;
            }
            b'.' if is_word(next) => {
                at += 1;
                while at < bytes.len() && (is_word(bytes[at]) || bytes[at..].starts_with(b"::")) {
                    at += if bytes[at] == b':' { 2 } else { 1 };
                }
                out.push((Token::Dotted(&text[start + 1..at]), line));
            }
            b'0'..=b'9' => {
                while at < bytes.len()
                    && (is_word(bytes[at])
                        || bytes[at] == b'.'
                        || (matches!(bytes[at], b'+' | b'-') && decimal_exponent(&text[start..at])))
                {
                    at += 1;
                }
                let word = &text[start..at];
                let token = number(word).ok_or_else(|| ParseError::new(line, format!("'{word}' is no number")))?;
                out.push((token, line));
            }
            _ if is_word(c) => {
                while at < bytes.len() && is_word(bytes[at]) {
                    at += 1;
                }
                out.push((Token::Word(&text[start..at]), line));
            }
            _ if c.is_ascii_graphic() => {
                out.push((Token::Sign(c as char), line));
                at += 1;
            }
            _ => return Err(ParseError::new(line, format!("unexpected byte {c:#x}"))),
        }
    }
    Ok(out)
}

/// Whether the text so far is a decimal literal that ends in its exponent's `e`.
fn decimal_exponent(text: &str) -> bool {
    text.contains('.') && (text.ends_with('e') || text.ends_with('E'))
}

fn number(word: &str) -> Option<Token<'static>> {
    if let Some(hex) = word.strip_prefix("0f").or(word.strip_prefix("0F")) {
        return (hex.len() == 8)
            .then(|| u64::from_str_radix(hex, 16).ok())
            .flatten()
            .map(|bits| Token::Float(bits, 32));
    }
    if let Some(hex) = word.strip_prefix("0d").or(word.strip_prefix("0D")) {
        return (hex.len() == 16).then(|| u64::from_str_radix(hex, 16).ok()).flatten().map(|b| Token::Float(b, 64));
    }
    if word.contains('.') {
        return word.parse::<f64>().ok().map(|x| Token::Float(x.to_bits(), 64));
    }
    let word = word.strip_suffix('U').unwrap_or(word);
    let (digits, radix) = match word.get(..2) {
        Some("0x" | "0X") => (&word[2..], 16),
        Some("0b" | "0B") => (&word[2..], 2),
        _ if word.len() > 1 && word.starts_with('0') => (&word[1..], 8),
        _ => (word, 10),
    };
    u64::from_str_radix(digits, radix).ok().map(Token::Int)
}
