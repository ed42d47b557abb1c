//! Markdown: tables, and text that reads well as a file too.

/// Code in a sentence or a cell; nothing for nothing.
pub(super) fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("`{text}`") }
}

/// A table. Bars within cells are escaped.
pub(super) fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let line = |cells: Vec<String>| {
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let mut text = line(header.iter().map(|cell| cell.to_string()).collect());
    text.push_str(&format!("|{}\n", " --- |".repeat(header.len())));
    rows.into_iter().for_each(|row| text.push_str(&line(row)));
    text
}

/// Text without spaces at the ends of lines, and one empty line at most between
/// paragraphs.
pub(super) fn tidy(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        if !line.is_empty() || lines.last().is_some_and(|last| !last.is_empty()) {
            lines.push(line);
        }
    }
    lines.join("\n").trim_end().to_owned()
}
