//! Framing of language server messages: a header with the length, an empty line, the content.

use std::io::{self, BufRead, Read, Write};

/// The maximum length of a message, in bytes.
const MOST: u64 = 1 << 30;

/// Reads the next message; `None` at the end of input or if it is malformed.
///
/// # Errors
/// If reading fails.
pub fn read(from: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        if from.by_ref().take(1 << 16).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        match (line.trim(), length) {
            // Empty lines before a header are skipped.
            ("", None) => {}
            ("", Some(_)) => break,
            (header, _) => {
                let given = header.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
                length = given.and_then(|(_, length)| length.trim().parse::<u64>().ok()).or(length);
            }
        }
    }
    let Some(length) = length.filter(|length| *length <= MOST) else { return Ok(None) };
    let mut body = Vec::new();
    let count = from.by_ref().take(length).read_to_end(&mut body)?;
    Ok((count as u64 == length).then_some(body))
}

/// Writes a message.
///
/// # Errors
/// If writing fails.
pub fn write(to: &mut impl Write, body: &[u8]) -> io::Result<()> {
    write!(to, "Content-Length: {}\r\n\r\n", body.len())?;
    to.write_all(body)?;
    to.flush()
}
