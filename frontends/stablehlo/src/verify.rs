//! A verifier of StableHLO text. It checks types as StableHLO's own verifier does: of operands, of region results, and
//! that nothing is dynamic.
//!
//! It reads the form that this crate writes: one operation per line, with regions between lines that open and close
//! them.

use std::borrow::Cow;
use std::collections::HashMap;

/// An operation or function whose regions are being read.
struct Frame<'a> {
    name: &'a str,
    left: &'a str,
    operands: Vec<&'a str>,
    /// The types that its regions must return, if already known.
    results: Option<Vec<&'a str>>,
    /// The types that its regions returned.
    returned: Vec<Vec<&'a str>>,
}

/// Checks a module.
///
/// # Errors
/// The first invalid line, with the reason.
pub fn verify(text: &str) -> Result<(), String> {
    let text = without_shardings(text);
    let mut verifier = Verifier { types: HashMap::new(), frames: Vec::new() };
    for (number, line) in text.lines().enumerate() {
        verifier.line(line.trim()).map_err(|why| format!("line {}: {why}: {}", number + 1, line.trim()))?;
    }
    if verifier.frames.is_empty() { Ok(()) } else { Err("a region is not closed".into()) }
}

/// The starts and the ends of the attributes that spread values over devices.
const SHARDINGS: [(&str, &str); 2] = [(" {sdy.sharding = ", ">}"), (" {mhlo.sharding = \"", "\"}")];

/// A text without these attributes, which change no type.
fn without_shardings(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for (start, end) in SHARDINGS {
        while let Some(from) = text.find(start) {
            let Some(length) = text[from..].find(end) else { break };
            text.to_mut().replace_range(from..from + length + end.len(), "");
        }
    }
    text
}

struct Verifier<'a> {
    types: HashMap<String, &'a str>,
    frames: Vec<Frame<'a>>,
}

impl<'a> Verifier<'a> {
    fn line(&mut self, line: &'a str) -> Result<(), String> {
        if line.starts_with("//") || line.starts_with("sdy.mesh ") {
            return Ok(());
        }
        if line.contains("<?") || line.contains("x?") || line.contains("?x") {
            return Err("an extent is dynamic".into());
        }
        if line.starts_with("module ") {
            return self.open("module", "", Vec::new(), None);
        }
        if let Some(rest) = line.strip_prefix("func.func ") {
            self.types.clear();
            let (head, results) = match rest.trim_end_matches(" {").rsplit_once(" -> ") {
                Some((head, results)) => (head, list(results)),
                None => (rest.trim_end_matches(" {"), Vec::new()),
            };
            let declared = head.split_once('(').map(|(_, rest)| rest.trim_end_matches(')')).unwrap_or_default();
            self.declare(declared)?;
            return self.open("func", "", Vec::new(), Some(results));
        }
        if let Some(declared) = line.strip_prefix("^bb0(") {
            return self.declare(declared.trim_end_matches("):"));
        }
        if let Some(rest) = line.strip_prefix("return").or_else(|| line.strip_prefix("stablehlo.return")) {
            return self.returns(rest);
        }
        if let Some(declared) = line.strip_prefix("reducer(") {
            return self.declare(declared.trim_end_matches(") {"));
        }
        if matches!(line, "cond {" | "} do {" | "}, {") {
            return Ok(());
        }
        if line.starts_with("})") || line == "}" {
            return self.close(line);
        }
        self.operation(line)
    }

    fn open(
        &mut self,
        name: &'a str,
        left: &'a str,
        operands: Vec<&'a str>,
        results: Option<Vec<&'a str>>,
    ) -> Result<(), String> {
        self.frames.push(Frame { name, left, operands, results, returned: Vec::new() });
        Ok(())
    }

    /// `%0: tensor<f64>, %1: tensor<2xf32>`.
    fn declare(&mut self, declared: &'a str) -> Result<(), String> {
        for item in declared.split(", ").filter(|item| !item.is_empty()) {
            let (name, r#type) = item.split_once(": ").ok_or("an argument has no type")?;
            self.types.insert(name.into(), r#type);
        }
        Ok(())
    }

    fn has(&self, operand: &str, r#type: &str) -> Result<(), String> {
        match self.types.get(operand) {
            Some(known) if *known == r#type => Ok(()),
            Some(known) => Err(format!("{operand} has type {known}, not {type}")),
            None => Err(format!("{operand} is not defined")),
        }
    }

    fn have(&self, operands: &[&str], types: &[&str]) -> Result<(), String> {
        if operands.len() != types.len() {
            return Err(format!("{} operands have {} types", operands.len(), types.len()));
        }
        operands.iter().zip(types).try_for_each(|(operand, r#type)| self.has(operand, r#type))
    }

    /// Defines the values of `%4 = `, `%4:2 = `, or none, with types.
    fn define(&mut self, left: &str, types: &[&'a str]) -> Result<(), String> {
        let (name, count) = left.split_once(':').unwrap_or((left, "1"));
        let count = if left.is_empty() { 0 } else { count.parse::<usize>().map_err(|error| error.to_string())? };
        if count != types.len() {
            return Err(format!("{count} results have {} types", types.len()));
        }
        for (part, r#type) in types.iter().enumerate() {
            let name = if count == 1 { name.to_string() } else { format!("{name}#{part}") };
            self.types.insert(name, r#type);
        }
        Ok(())
    }

    fn returns(&mut self, rest: &'a str) -> Result<(), String> {
        let (operands, types) = rest.split_once(" : ").unwrap_or((rest, ""));
        let types = list(types);
        self.have(&names(operands), &types)?;
        let frame = self.frames.last_mut().ok_or("a return outside a region")?;
        let goes_on = frame.name == "while" && frame.returned.is_empty();
        let expected = if goes_on { Some(vec!["tensor<i1>"]) } else { frame.results.clone() };
        if let Some(expected) = expected.filter(|expected| *expected != types) {
            return Err(format!("a region returns ({}), expected ({})", types.join(", "), expected.join(", ")));
        }
        frame.returned.push(types);
        Ok(())
    }

    fn close(&mut self, line: &'a str) -> Result<(), String> {
        let frame = self.frames.pop().ok_or("an unmatched '}'")?;
        let Some((_, signature)) = line.rsplit_once(" : ") else {
            let regions = match frame.name {
                "module" => 0,
                "while" => 2,
                _ => 1,
            };
            return if frame.returned.len() == regions { Ok(()) } else { Err("a region has no return".into()) };
        };
        let results = self.signature(&frame.operands, signature)?;
        if matches!(frame.name, "if" | "case") && frame.returned.iter().any(|returned| *returned != results) {
            return Err(format!("a region does not return ({})", results.join(", ")));
        }
        self.define(frame.left, &results)
    }

    /// Checks operands against `(A, B) -> C` and returns the result types.
    fn signature(&self, operands: &[&str], signature: &'a str) -> Result<Vec<&'a str>, String> {
        let (from, to) = signature.split_once(" -> ").ok_or("an operation has no signature")?;
        self.have(operands, &list(from))?;
        Ok(list(to))
    }

    fn operation(&mut self, line: &'a str) -> Result<(), String> {
        let (left, right) = line.split_once(" = ").filter(|(left, _)| left.starts_with('%')).unwrap_or(("", line));
        let right = right.trim_start_matches('"');
        let called = ["stablehlo.", "func.", "sdy."].iter().find_map(|dialect| right.strip_prefix(dialect));
        let right = called.or_else(|| right.starts_with("call ").then_some(right)).ok_or("this is not an operation")?;
        let end = right.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(right.len());
        let name = &right[..end];
        if line.ends_with("({") {
            return self.open(name, left, names(&right[end..]), None);
        }
        let (before, types) = right[end..].rsplit_once(" : ").ok_or("an operation has no type")?;
        if name == "while" {
            let types = list(types);
            let bound = before.trim_start_matches('(').trim_end_matches(')').split(", ");
            let (inside, outside): (Vec<&str>, Vec<&str>) = bound.filter_map(|item| item.split_once(" = ")).unzip();
            self.have(&outside, &types)?;
            inside.iter().zip(&types).for_each(|(name, r#type)| {
                self.types.insert((*name).to_string(), r#type);
            });
            self.define(left, &types)?;
            return self.open(name, left, Vec::new(), Some(types));
        }
        let operands = names(before);
        if types.contains(" -> ") {
            let results = self.signature(&operands, types)?;
            if name != "call" {
                agree(name, &list(types.split(" -> ").next().unwrap_or_default()), &results)?;
            }
            self.define(left, &results)?;
            if name == "reduce" && !before.contains("applies") {
                return self.open(name, left, operands, None);
            }
            return Ok(());
        }
        match (name, &list(types)[..]) {
            ("select", [p, x]) => {
                self.have(&operands, &[p, x, x])?;
                let is_choice = element(p) == "i1" && (shape(p) == shape(x) || shape(p).is_empty());
                if is_choice {
                    self.define(left, &[*x])
                } else {
                    Err("the predicate of a select has the wrong type".into())
                }
            }
            ("complex", [z]) => {
                let part = z.replace("complex<", "").replacen('>', "", 1);
                self.have(&operands, &[&part, &part])?;
                self.define(left, &[*z])
            }
            (_, [one]) => {
                self.have(&operands, &vec![*one; operands.len()])?;
                self.define(left, &[*one])
            }
            _ => Err(format!("operands and result of '{name}' must have one type")),
        }
    }
}

/// Checks result types against operand types.
fn agree(name: &str, from: &[&str], to: &[&str]) -> Result<(), String> {
    let ([first, ..], [result]) = (from, to) else {
        return Err("an operation must have operands and one result".into());
    };
    let size =
        |r#type: &str| shape(r#type).split('x').filter_map(|extent| extent.parse::<u128>().ok()).product::<u128>();
    let fits = match name {
        "convert" | "bitcast_convert" | "real" | "imag" | "abs" => shape(first) == shape(result),
        "compare" => shape(first) == shape(result) && element(result) == "i1" && from.iter().all(|x| x == first),
        "reshape" => element(first) == element(result) && size(first) == size(result),
        "dynamic_update_slice" => first == result,
        "broadcast_in_dim" | "transpose" | "slice" | "dynamic_slice" | "pad" | "concatenate" | "reduce" | "gather" => {
            element(first) == element(result)
        }
        _ => true,
    };
    if fits { Ok(()) } else { Err(format!("'{name}' has result type {result} for operand type {first}")) }
}

/// The names of values in a text, in order.
fn names(text: &str) -> Vec<&str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '#';
    let starts = text.match_indices('%').map(|(start, _)| start);
    starts
        .map(|start| {
            let length = text[start + 1..].find(|c| !is_name(c)).unwrap_or(text.len() - start - 1);
            &text[start..start + 1 + length]
        })
        .collect()
}

/// Types separated by commas, with or without brackets.
fn list(text: &str) -> Vec<&str> {
    let text = text.trim();
    let text = text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(text);
    text.split(", ").filter(|item| !item.is_empty()).collect()
}

/// `2x3` of `tensor<2x3xf64>`.
fn shape(r#type: &str) -> &str {
    let inner = inner(r#type);
    &inner[..inner.len() - element(r#type).len()]
}

/// `f64` of `tensor<2x3xf64>`.
fn element(r#type: &str) -> &str {
    let inner = inner(r#type);
    let end = inner.find(|c: char| !c.is_ascii_digit() && c != 'x').unwrap_or(inner.len());
    &inner[end..]
}

fn inner(r#type: &str) -> &str {
    r#type.strip_prefix("tensor<").and_then(|inner| inner.strip_suffix('>')).unwrap_or(r#type)
}
