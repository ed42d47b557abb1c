//! Substitution in the MLIR templates of this module.

/// Replaces every `$NAME` in `template` by the value of `NAME` in `values`.
///
/// A name is the longest run of capital letters after a dollar sign; templates use the dollar sign for nothing else. An
/// unknown name is left, so that MLIR's parser reports it.
pub(super) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(2 * template.len());
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        text.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        let end = tail.find(|c: char| !c.is_ascii_uppercase()).unwrap_or(tail.len());
        match values.iter().find(|(name, _)| *name == &tail[..end]) {
            Some((_, value)) => text.push_str(value),
            None => text.push_str(&rest[at..=at + end]),
        }
        rest = &tail[end..];
    }
    text.push_str(rest);
    text
}

/// `item(0), item(1), …`, `count` items.
pub(super) fn list(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(", ")
}

/// `item(0)`, `item(1)`, …, one per line, without a final newline.
pub(super) fn lines(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join("\n")
}
