//! Documentation of operations, from the pages of the reference.

const PAGES: [&str; 3] = [
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/reference/scalar.md")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/reference/array.md")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/reference/ad.md")),
];

/// The documentation of one of our operations as Markdown: description, syntax, example.
pub fn of(operation: &str) -> Option<&'static str> {
    let heading = format!("### `{operation}`\n");
    let section = PAGES.iter().find_map(|page| page.split_once(heading.as_str())).map(|(_, after)| after)?;
    // Traits and operand tables are left to the reference.
    let ends = ["\nTraits:", "\nInterfaces:", "\n#### ", "\n### ", "\n## "];
    let end = ends.iter().filter_map(|end| section.find(end)).min().unwrap_or(section.len());
    Some(section[..end].trim())
}
