//! Lists of integers in old programs: `permutation = dense<[1, 0]> : tensor<2xi64>`, which StableHLO has written as
//! `array<i64: 1, 0>` since its version 0.17. They are rewritten before a program is parsed, and padded with spaces, so
//! that the locations of what follows stay right.

use std::borrow::Cow;

/// The attributes that were tensors of one dimension.
const NAMES: [&str; 21] = [
    "base_dilations",
    "broadcast_dimensions",
    "broadcast_sizes",
    "dimensions",
    "edge_padding_high",
    "edge_padding_low",
    "fft_length",
    "interior_padding",
    "known_expanding_dimensions",
    "known_nonexpanding_dimensions",
    "lhs_dilation",
    "limit_indices",
    "permutation",
    "rhs_dilation",
    "slice_sizes",
    "start_indices",
    "strides",
    "window_dilations",
    "window_dimensions",
    "window_reversal",
    "window_strides",
];

/// The most elements of a list that stands for more than it writes.
const MOST: usize = 64;

/// A text whose lists are arrays.
pub(crate) fn arrays(text: &str) -> Cow<'_, str> {
    if !text.contains(OPEN) {
        return Cow::Borrowed(text);
    }
    let mut rewritten = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(OPEN) {
        let (before, list) = rest.split_at(at);
        rewritten += before;
        match array(&rewritten, list) {
            Some((array, length)) => {
                rewritten += &array;
                rewritten.extend(std::iter::repeat_n(' ', length.saturating_sub(array.len())));
                rest = &list[length..];
            }
            None => {
                rewritten += OPEN;
                rest = &list[OPEN.len()..];
            }
        }
    }
    Cow::Owned(rewritten + rest)
}

const OPEN: &str = "dense<";

/// The list that `text` starts with, as an array, and its length in the text; `before` ends with the name of its
/// attribute. `None` if it is another value.
fn array(before: &str, text: &str) -> Option<(String, usize)> {
    let line = before.rsplit('\n').next()?;
    let name = line.trim_end().strip_suffix('=')?.trim_end();
    let start = name.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(0, |at| at + 1);
    // An odd number of quotation marks opens a string.
    let is_quoted = line.matches('"').count() % 2 == 1;
    if is_quoted || !NAMES.contains(&&name[start..]) {
        return None;
    }
    let inner = &text[OPEN.len()..];
    let (value, after) = inner.split_once('>')?;
    let typed = after.strip_prefix(" : tensor<")?;
    let (r#type, _) = typed.split_once('>')?;
    let (count, element) = r#type.split_once('x')?;
    let count = count.parse::<usize>().ok().filter(|count| *count <= MOST)?;
    let element = ["i64", "i1"].into_iter().find(|known| *known == element)?;
    let value = value.trim();
    let words: Vec<&str> = match value.strip_prefix('[') {
        Some(list) => list.strip_suffix(']')?.split(',').map(str::trim).filter(|word| !word.is_empty()).collect(),
        None if value.is_empty() => Vec::new(),
        None => vec![value; count],
    };
    let is_element = |word: &&str| match element {
        "i1" => matches!(*word, "true" | "false"),
        _ => word.parse::<i64>().is_ok(),
    };
    if words.len() != count || !words.iter().all(is_element) {
        return None;
    }
    let array =
        if words.is_empty() { format!("array<{element}>") } else { format!("array<{element}: {}>", words.join(", ")) };
    // What follows the second closing bracket stays.
    let rest = &typed[r#type.len() + 1..];
    Some((array, text.len() - rest.len()))
}

#[cfg(test)]
mod tests {
    use super::arrays;

    #[test]
    fn lists_become_arrays_of_the_same_length() {
        let old =
            "{permutation = dense<[1, 0]> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>} : (tensor<2x3xf32>)";
        let new =
            "{permutation = array<i64: 1, 0>             , strides = array<i64: 1, 1>        } : (tensor<2x3xf32>)";
        assert_eq!(arrays(old), new);
        assert_eq!(arrays(old).len(), old.len());
    }

    #[test]
    fn booleans_and_empty_lists_are_read() {
        assert_eq!(
            arrays("window_reversal = dense<false> : tensor<2xi1>").trim_end(),
            "window_reversal = array<i1: false, false>"
        );
        assert_eq!(arrays("dimensions = dense<> : tensor<0xi64>").trim_end(), "dimensions = array<i64>");
    }

    #[test]
    fn other_values_stay() {
        for text in [
            "padding = dense<0> : tensor<2x2xi64>",
            "value = dense<1> : tensor<2xi64>",
            "strides = dense<[1, x]> : tensor<2xi64>",
            "strides = dense<[1]> : tensor<2xi64>",
            "message = \"strides = dense<1> : tensor<2xi64>\"",
            "strides = dense<1",
            "strides = dense<1> : tensor<99999999999xi64>",
        ] {
            assert_eq!(arrays(text), text);
        }
    }
}
