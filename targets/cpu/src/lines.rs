//! Line tables: which line of the program each instruction comes from, in DWARF, for debuggers and profilers.
//!
//! A derivative's operation, and one that fusion or lowering made, has the line of the operation of the program that it
//! was made for. The compiler's own functions, such as `exp`, have no lines: inlined, they count as the line that calls
//! them.

use crate::Error;
use dp_dialects::diagnostics::{Position, position};
use dp_dialects::ir::{Op, body_ops, context_of, region_block, set_location, symbol_name, walk};
use dp_lower::text::quoted;
use melior::ir::attribute::ArrayAttribute;
use melior::ir::operation::OperationLike;
use melior::ir::{Attribute, Location};
use std::env;

/// The file of what the compiler itself reads: MLIR's parser calls texts without a name so.
const UNNAMED: &str = "-";

/// Where an operation stands in the program.
fn place(op: Op) -> Option<Position> {
    position(op.location()).filter(|position| position.file != UNNAMED && position.line > 0)
}

/// The operations within a function, in order.
fn inner<'c>(function: Op<'c>) -> Vec<Op<'c>> {
    let mut found = Vec::new();
    walk(function, &mut |op| found.extend((op != function).then_some(op)));
    found
}

/// Gives the functions of a module in LLVM's dialect, and their operations, the places that translation to LLVM IR makes
/// line tables of.
///
/// # Errors
/// Where MLIR refuses the description of the functions.
pub(crate) fn attach(module: Op) -> Result<(), Error> {
    let context = context_of(module);
    let mut described = Vec::new();
    for function in body_ops(module).into_iter().filter(|op| region_block(*op, 0).is_some()) {
        let ops = inner(function);
        let found = place(function).or_else(|| ops.iter().copied().find_map(place));
        let Some(start) = found else {
            ops.into_iter().for_each(|op| set_location(op, Location::unknown(context)));
            continue;
        };
        // What has no place is part of what stands before it.
        let mut last = start.clone();
        for op in ops {
            last = place(op).unwrap_or(last);
            set_location(op, Location::new(context, &last.file, last.line as usize, last.column as usize));
        }
        described.push((function, start));
    }
    let Some((_, first)) = described.first() else { return Ok(()) };
    let unit = first.file.clone();
    let text: Vec<String> = described
        .iter()
        .enumerate()
        .map(|(index, (function, start))| subprogram(index, symbol_name(*function), start, &unit))
        .collect();
    // As one text, so that they share their unit.
    let subprograms = Attribute::parse(context, &format!("[{}]", text.join(", ")))
        .and_then(|attribute| ArrayAttribute::try_from(attribute).ok())
        .ok_or_else(|| Error::Llvm("MLIR does not read the description of its functions".into()))?;
    for (index, (function, start)) in described.into_iter().enumerate() {
        let Ok(subprogram) = subprograms.element(index) else { continue };
        let place = Location::new(context, &start.file, start.line as usize, start.column as usize);
        set_location(function, Location::fused(context, &[place], subprogram));
    }
    Ok(())
}

/// A function as DWARF describes it, in MLIR's syntax: the `index`th, of which each is a thing of its own, and so is the
/// compilation unit, number 0. `unit` is its file.
fn subprogram(index: usize, name: Option<&str>, start: &Position, unit: &str) -> String {
    let (index, name, line) = (index + 1, quoted(name.unwrap_or_default()), start.line);
    let (unit, file) = (file(unit), file(&start.file));
    let producer = quoted(concat!("dpc ", env!("CARGO_PKG_VERSION")));
    // Of LLVM's names of languages, C's is the one that every debugger knows.
    format!(
        "#llvm.di_subprogram<id = distinct[{index}]<>, compileUnit = <id = distinct[0]<>, sourceLanguage = DW_LANG_C99, \
         file = {unit}, producer = {producer}, isOptimized = true, emissionKind = LineTablesOnly>, scope = #llvm.di_file{file}, \
         name = {name}, linkageName = {name}, file = {file}, line = {line}, scopeLine = {line}, \
         subprogramFlags = \"Definition|Optimized\", type = <callingConvention = DW_CC_normal>>"
    )
}

/// A file as it was named when the compiler was called, and the folder that its name is relative to, as C compilers
/// write them: debuggers find it from anywhere.
fn file(name: &str) -> String {
    let folder = env::current_dir().map(|folder| folder.to_string_lossy().into_owned()).unwrap_or_default();
    format!("<{} in {}>", quoted(name), quoted(&folder))
}
