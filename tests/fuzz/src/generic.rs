//! Mutants in MLIR's generic form, `"scalar.add"(%0, %1) : (f64, f64) -> f64`. In this form, attributes, operands,
//! types and regions can be inconsistent in ways that the custom assembly formats exclude, so verifiers are tested.

use crate::mutate::{NUMBERS, TYPES};
use crate::random::Random;
use std::ops::Range;

/// Replacements for attributes.
const ATTRIBUTES: [&str; 14] = [
    "unit",
    "0 : i64",
    "-1 : i64",
    "7 : i32",
    "1.0 : f64",
    "\"text\"",
    "@f",
    "[]",
    "array<i64>",
    "array<i64: 0, 1>",
    "array<i64: -9223372036854775808>",
    "array<i32: 1, 0, 0>",
    "dense<1.0> : tensor<3xf64>",
    "#complex.number<:f32 1.0, 2.0> : complex<f32>",
];

/// A mutant of a program in generic form.
pub fn mutant(program: &str, random: &mut Random) -> String {
    let mut lines: Vec<String> = program.lines().map(str::to_owned).collect();
    for _ in 0..1 + random.below(3) {
        let operations: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].contains("\"(")).collect();
        if operations.is_empty() {
            break;
        }
        let at = *random.pick(&operations);
        match random.below(7) {
            0 => change(&mut lines[at], "<{", "}>", random, attribute),
            1 => change(&mut lines[at], "\"(", ")", random, list),
            2 => change(&mut lines[at], " : (", ")", random, types),
            3 => change(&mut lines[at], ") -> ", "\n", random, types),
            4 => number(&mut lines[at], random),
            5 => name(&mut lines, at, random),
            _ => region(&mut lines, at, random),
        }
    }
    lines.join("\n") + "\n"
}

/// Changes the text between two delimiters, if both occur.
fn change(line: &mut String, from: &str, to: &str, random: &mut Random, by: fn(&str, &mut Random) -> String) {
    let Some(begin) = line.find(from).map(|begin| begin + from.len()) else { return };
    let end = line[begin..].find(to).map_or(line.len(), |end| begin + end);
    let changed = by(&line[begin..end], random);
    line.replace_range(begin..end, &changed);
}

/// The items of a list, split at commas outside brackets.
fn parts(text: &str) -> Vec<String> {
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for c in text.chars() {
        match c {
            '(' | '[' | '<' | '{' => depth += 1,
            ')' | ']' | '>' | '}' => depth -= 1,
            _ => {}
        }
        match parts.last_mut() {
            Some(part) if c != ',' || depth > 0 => part.push(c),
            _ => parts.push(String::new()),
        }
    }
    parts.iter().map(|part| part.trim().to_string()).filter(|part| !part.is_empty()).collect()
}

/// Removes an item, duplicates one, or swaps two.
fn list(text: &str, random: &mut Random) -> String {
    let mut all = parts(text);
    if all.is_empty() {
        return text.to_string();
    }
    let (at, other) = (random.below(all.len()), random.below(all.len()));
    match random.below(3) {
        0 => drop(all.remove(at)),
        1 => all.insert(at, all[other].clone()),
        _ => all.swap(at, other),
    }
    all.join(", ")
}

fn types(text: &str, random: &mut Random) -> String {
    if random.below(3) == 0 {
        return list(text, random);
    }
    let mut all = parts(text);
    if all.is_empty() {
        return (*random.pick(&TYPES)).to_string();
    }
    let at = random.below(all.len());
    all[at] = (*random.pick(&TYPES)).to_string();
    all.join(", ")
}

/// Removes an attribute, duplicates it, or changes its value.
fn attribute(text: &str, random: &mut Random) -> String {
    let mut all = parts(text);
    if all.is_empty() || random.below(3) == 0 {
        return list(text, random);
    }
    let at = random.below(all.len());
    let name = all[at].split(" = ").next().unwrap_or_default().to_string();
    all[at] = format!("{name} = {}", random.pick(&ATTRIBUTES));
    all.join(", ")
}

fn number(line: &mut String, random: &mut Random) {
    let is_number = |range: &Range<usize>| line[range.clone()].bytes().all(|byte| byte.is_ascii_digit());
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut begin = None;
    for (at, c) in line.char_indices().chain([(line.len(), ' ')]) {
        match (begin, c.is_ascii_alphanumeric() || "%#_.".contains(c)) {
            (None, true) => begin = Some(at),
            (Some(from), false) => {
                ranges.push(from..at);
                begin = None;
            }
            _ => {}
        }
    }
    let numbers: Vec<Range<usize>> = ranges.into_iter().filter(is_number).collect();
    if !numbers.is_empty() {
        let range = random.pick(&numbers).clone();
        line.replace_range(range, random.pick::<&str>(&NUMBERS));
    }
}

/// Replaces an operation's name by that of another one in the program.
fn name(lines: &mut [String], at: usize, random: &mut Random) {
    let named = |line: &String| {
        let begin = line.find('"')? + 1;
        let end = begin + line[begin..].find("\"(")?;
        Some(begin..end)
    };
    let names: Vec<String> = lines.iter().filter_map(|line| Some(line[named(line)?].to_string())).collect();
    if let Some(range) = named(&lines[at]).filter(|_| !names.is_empty()) {
        let by = random.pick(&names).clone();
        lines[at].replace_range(range, &by);
    }
}

/// Empties, duplicates or removes a region, or moves the operation to the place of another one.
fn region(lines: &mut Vec<String>, at: usize, random: &mut Random) {
    let opens: Vec<usize> = (0..lines.len()).filter(|line| lines[*line].trim_end().ends_with("({")).collect();
    let other = random.below(lines.len());
    let Some(open) = (!opens.is_empty()).then(|| *random.pick(&opens)) else {
        lines.swap(at, other);
        return;
    };
    let indent = lines[open].len() - lines[open].trim_start().len();
    let closes = |line: &String| line.trim_start().starts_with('}') && line.len() - line.trim_start().len() == indent;
    let Some(close) = (open + 1..lines.len()).find(|line| closes(&lines[*line])) else { return };
    match random.below(4) {
        0 => drop(lines.drain(open + 1..close)),
        1 => {
            let body: Vec<String> = lines[open + 1..close].to_vec();
            let again = [vec!["}, {".to_string()], body].concat();
            lines.splice(close..close, again);
        }
        2 => {
            let tail = lines[close].trim_start().trim_start_matches("})").to_string();
            let head = lines[open].trim_end().trim_end_matches("({").to_string();
            lines.splice(open..=close, [head + &tail]);
        }
        _ => lines.swap(at, other),
    }
}
