//! Mutants of programs: a few tokens, numbers, types, operations or lines are changed.

use crate::random::Random;

/// Boundary values for extents, positions and counts.
pub const NUMBERS: [&str; 16] = [
    "0",
    "-1",
    "1",
    "2",
    "3",
    "7",
    "31",
    "64",
    "65536",
    "2147483648",
    "4294967296",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "1.0e400",
    "0x7FF8000000000000",
];

/// Replacements for types.
pub const TYPES: [&str; 23] = [
    "f16",
    "bf16",
    "f32",
    "f64",
    "complex<f32>",
    "complex<f64>",
    "i1",
    "i8",
    "i16",
    "i32",
    "i64",
    "index",
    "i7",
    "f128",
    "tensor<f64>",
    "tensor<?xf64>",
    "tensor<0xf32>",
    "tensor<1x?xf32>",
    "tensor<3x3xf64>",
    "tensor<*xf32>",
    "tensor<4294967296x4294967296xf32>",
    "memref<4xf32>",
    "memref<*xf32>",
];

/// The tokens of a text, each with the space before it.
pub fn tokens(text: &str) -> Vec<String> {
    let word = |c: char| c.is_alphanumeric() || "_.$%@#!^-".contains(c);
    let mut tokens: Vec<String> = Vec::new();
    let mut token = String::new();
    let mut in_word = false;
    for c in text.chars() {
        let begins = match (c.is_whitespace(), word(c)) {
            (true, _) => token.chars().any(|c| !c.is_whitespace()),
            (false, true) => !in_word && token.chars().any(|c| !c.is_whitespace()),
            (false, false) => token.chars().any(|c| !c.is_whitespace()),
        };
        if begins {
            tokens.push(std::mem::take(&mut token));
        }
        in_word = word(c);
        token.push(c);
    }
    tokens.push(token);
    tokens
}

/// A mutant of a program. Lines and operation names may be taken from the programs `others`.
pub fn mutant(program: &str, others: &[String], random: &mut Random) -> String {
    let mut text = program.to_string();
    for _ in 0..1 + random.below(3) {
        text = match random.below(4) {
            0 => lines(&text, others, random),
            _ => words(&text, others, random),
        };
    }
    text
}

/// A mutant of a program of another language than MLIR's dialects of this compiler: now and then also cut off, or with
/// an attribute that no operation has.
pub fn foreign(program: &str, others: &[String], random: &mut Random) -> String {
    let text = mutant(program, others, random);
    match random.below(8) {
        0 => {
            let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            if ends.is_empty() { text } else { text[..*random.pick(&ends)].to_owned() }
        }
        1 => {
            let places: Vec<usize> = text.match_indices(['{', '}']).map(|(at, _)| at + 1).collect();
            if places.is_empty() {
                return text;
            }
            let (before, after) = text.split_at(*random.pick(&places));
            let attribute =
                *random.pick(&["unknown = 1 : i64, ", "stablehlo.unknown, ", "dimension = \"x\", ", " {unknown} "]);
            format!("{before}{attribute}{after}")
        }
        _ => text,
    }
}

fn lines(text: &str, others: &[String], random: &mut Random) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let at = random.below(lines.len());
    let foreign: Vec<&str> = random.pick(others).lines().collect();
    match random.below(4) {
        _ if lines.is_empty() => {}
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, lines[random.below(lines.len())]),
        2 => {
            let other = random.below(lines.len());
            lines.swap(at, other);
        }
        _ if foreign.is_empty() => {}
        _ => lines.insert(at, foreign[random.below(foreign.len())]),
    }
    lines.join("\n") + "\n"
}

fn words(text: &str, others: &[String], random: &mut Random) -> String {
    let mut all = tokens(text);
    let bare = |token: &str| token.trim().to_string();
    let is_number = |token: &str| token.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit());
    let is_operation = |token: &str| token.contains('.') && token.starts_with(|c: char| c.is_ascii_lowercase());
    let is_type = |token: &str| {
        TYPES.contains(&token) || token.rsplit_once('x').is_some_and(|(_, element)| TYPES.contains(&element))
    };
    match random.below(9) {
        0 => {
            let at = random.below(all.len());
            all.remove(at);
        }
        1 => {
            let at = random.below(all.len());
            all.insert(at, all[at].clone());
        }
        2 => {
            let (a, b) = (random.below(all.len()), random.below(all.len()));
            all.swap(a, b);
        }
        3 | 4 => {
            let by = (*random.pick(&NUMBERS)).to_string();
            replace(&mut all, is_number, &by, random);
        }
        5 => {
            let by = *random.pick(&TYPES);
            match random.below(2) {
                0 => replace(&mut all, is_type, by, random),
                _ => whole_type(&mut all, by, random),
            }
        }
        6 => {
            let other: &String = random.pick(others);
            let foreign = tokens(other);
            let operations: Vec<String> = foreign.iter().map(|t| bare(t)).filter(|t| is_operation(t)).collect();
            if !operations.is_empty() {
                let by = random.pick(&operations).clone();
                replace(&mut all, is_operation, &by, random);
            }
        }
        7 => group(&mut all, random),
        _ => {
            // Replaces a value by another one.
            let values: Vec<String> = all.iter().map(|t| bare(t)).filter(|t| t.starts_with('%')).collect();
            if !values.is_empty() {
                replace(&mut all, |token| token.starts_with('%'), random.pick(&values).clone().as_str(), random);
            }
        }
    }
    all.concat()
}

/// Replaces a token that satisfies `of`, if there is one.
fn replace(all: &mut [String], of: impl Fn(&str) -> bool, by: &str, random: &mut Random) {
    let places: Vec<usize> = (0..all.len()).filter(|place| of(all[*place].trim())).collect();
    if !places.is_empty() {
        let token = &mut all[*random.pick(&places)];
        let space: String = token.chars().take_while(|c| c.is_whitespace()).collect();
        *token = space + by;
    }
}

/// Replaces a type with angle brackets.
fn whole_type(all: &mut Vec<String>, by: &str, random: &mut Random) {
    let is_head = |at: &usize| ["tensor", "memref", "complex", "vector"].contains(&all[*at].trim());
    let heads: Vec<usize> = (0..all.len()).filter(is_head).collect();
    if heads.is_empty() {
        return;
    }
    let head = *random.pick(&heads);
    if let Some(close) = (head..all.len()).find(|at| all[*at].trim() == ">") {
        all.splice(head..=close, [format!(" {by}")]);
    }
}

/// Empties or removes a list or dictionary, or duplicates its first entry.
fn group(all: &mut Vec<String>, random: &mut Random) {
    let openings: Vec<usize> = (0..all.len()).filter(|at| ["[", "{", "<"].contains(&all[*at].trim())).collect();
    if openings.is_empty() {
        return;
    }
    let open = *random.pick(&openings);
    let closing = match all[open].trim() {
        "[" => "]",
        "{" => "}",
        _ => ">",
    };
    let Some(close) = (open..all.len()).find(|at| all[*at].trim() == closing) else { return };
    match random.below(3) {
        0 => drop(all.drain(open + 1..close)),
        1 => drop(all.drain(open..=close)),
        _ => {
            let inner: Vec<String> = all[open + 1..close].to_vec();
            let again = [vec![",".to_string()], inner].concat();
            all.splice(close..close, again);
        }
    }
}
