//! Minimization of failing programs: delta debugging on lines, then on tokens.

use crate::mutate::tokens;

/// The maximum number of programs to try.
const TRIES: usize = 400;

/// A smaller program that still has a property.
pub fn minimize(program: &str, holds: impl Fn(&str) -> bool) -> String {
    let mut tries = 0;
    let lines = program.split_inclusive('\n').map(str::to_owned).collect();
    let lines = shrink(lines, &holds, &mut tries);
    shrink(tokens(&lines.concat()), &holds, &mut tries).concat()
}

/// Removes runs of parts, of decreasing length.
fn shrink(mut parts: Vec<String>, holds: &impl Fn(&str) -> bool, tries: &mut usize) -> Vec<String> {
    let mut run = parts.len().div_ceil(2);
    while run > 0 && *tries < TRIES {
        let mut at = 0;
        while at < parts.len() && *tries < TRIES {
            let end = (at + run).min(parts.len());
            let fewer = [&parts[..at], &parts[end..]].concat();
            *tries += 1;
            if holds(&fewer.concat()) {
                parts = fewer;
            } else {
                at = end;
            }
        }
        run /= 2;
    }
    parts
}
