//! DWARF line tables, for debuggers and profilers.
//!
//! Operations created by differentiation, fusion or lowering have the line of the operation that they were created for.
//! Library functions, such as `exp`, have no lines; when inlined, they have the line of the call.

use crate::Error;
use dp_dialects::diagnostics::{Position, position};
use dp_dialects::ir::{Op, body_ops, context_of, region_block, set_location, symbol_name, walk};
use dp_passes::text::quoted;
use melior::ir::attribute::ArrayAttribute;
use melior::ir::operation::OperationLike;
use melior::ir::{Attribute, Location};
use std::collections::HashMap;
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

/// A function and where it begins, and its operations with their places.
struct Placed<'c> {
    function: Op<'c>,
    start: Position,
    ops: Vec<(Op<'c>, Position)>,
}

/// The places of a function; `None` for one that is none of the program's.
fn placed<'c>(function: Op<'c>) -> Option<Placed<'c>> {
    let ops = inner(function);
    let start = place(function).or_else(|| ops.iter().copied().find_map(place))?;
    // What has no place is part of what stands before it.
    let mut last = start.clone();
    let places = ops.into_iter().map(|op| {
        last = place(op).unwrap_or_else(|| last.clone());
        (op, last.clone())
    });
    Some(Placed { function, start, ops: places.collect() })
}

/// Gives the functions of a module in LLVM's dialect, and their operations, the places that translation to LLVM IR makes
/// line tables of.
///
/// # Errors
/// Where MLIR refuses the description of the functions.
pub(crate) fn attach(module: Op) -> Result<(), Error> {
    let context = context_of(module);
    let at = |place: &Position| Location::new(context, &place.file, place.line as usize, place.column as usize);
    let mut described = Vec::new();
    for function in body_ops(module).into_iter().filter(|op| region_block(*op, 0).is_some()) {
        match placed(function) {
            Some(placed) => described.push(placed),
            None => inner(function).into_iter().for_each(|op| set_location(op, Location::unknown(context))),
        }
    }
    let Some(unit) = described.first().map(|first| first.start.file.clone()) else { return Ok(()) };
    // A scope for each function, and for each other file that its operations are from.
    let mut texts = Vec::new();
    let mut scopes: HashMap<(usize, &str), usize> = HashMap::new();
    for (index, Placed { function, start, ops }) in described.iter().enumerate() {
        let whole = subprogram(index, symbol_name(*function), start, &unit);
        let files = std::iter::once(start).chain(ops.iter().map(|(_, place)| place)).map(|place| place.file.as_str());
        for name in files {
            scopes.entry((index, name)).or_insert_with(|| {
                texts.push(match name == start.file {
                    true => whole.clone(),
                    false => format!(
                        "#llvm.di_lexical_block_file<scope = {whole}, file = {}, discriminator = 0>",
                        file(name)
                    ),
                });
                texts.len() - 1
            });
        }
    }
    // As one text, so that they share what they name.
    let attributes = Attribute::parse(context, &format!("[{}]", texts.join(", ")))
        .and_then(|attribute| ArrayAttribute::try_from(attribute).ok())
        .ok_or_else(|| Error::Llvm("MLIR does not read the description of its functions".into()))?;
    for (index, Placed { function, start, ops }) in described.iter().enumerate() {
        let scoped = |place: &Position| {
            let scope = scopes.get(&(index, place.file.as_str())).and_then(|scope| attributes.element(*scope).ok());
            scope.map_or(at(place), |scope| Location::fused(context, &[at(place)], scope))
        };
        set_location(*function, scoped(start));
        for (op, place) in ops {
            set_location(*op, if place.file == start.file { at(place) } else { scoped(place) });
        }
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
