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

/// MLIR's name for the file of text without a file name, such as the compiler's own library texts.
const UNNAMED: &str = "-";

/// The source position of an operation.
fn place(op: Op) -> Option<Position> {
    position(op.location()).filter(|position| position.file != UNNAMED && position.line > 0)
}

/// The operations within a function, in order.
fn inner<'c>(function: Op<'c>) -> Vec<Op<'c>> {
    let mut found = Vec::new();
    walk(function, &mut |op| found.extend((op != function).then_some(op)));
    found
}

/// A function with its start position, and its operations with their positions.
struct Placed<'c> {
    function: Op<'c>,
    start: Position,
    ops: Vec<(Op<'c>, Position)>,
}

/// The positions in a function; `None` for a function that is not from the program.
fn placed<'c>(function: Op<'c>) -> Option<Placed<'c>> {
    let ops = inner(function);
    let start = place(function).or_else(|| ops.iter().copied().find_map(place))?;
    // An operation without a position takes that of the operation before it.
    let mut last = start.clone();
    let places = ops.into_iter().map(|op| {
        last = place(op).unwrap_or_else(|| last.clone());
        (op, last.clone())
    });
    Some(Placed { function, start, ops: places.collect() })
}

/// Attaches debug locations to the functions and operations of a module in the LLVM dialect. Translation to LLVM IR
/// makes line tables from them.
///
/// # Errors
/// If MLIR rejects the debug information of the functions.
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
    // One scope for each function, and one for each other file that its operations come from.
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
    // Parsed as one text, so that they share the compilation unit.
    let attributes = Attribute::parse(context, &format!("[{}]", texts.join(", ")))
        .and_then(|attribute| ArrayAttribute::try_from(attribute).ok())
        .ok_or_else(|| Error::Llvm("MLIR rejects the debug information of the functions".into()))?;
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

/// The debug information of a function, in MLIR's syntax. `index` makes it distinct; index 0 is the compilation unit,
/// whose file is `unit`.
fn subprogram(index: usize, name: Option<&str>, start: &Position, unit: &str) -> String {
    let (index, name, line) = (index + 1, quoted(name.unwrap_or_default()), start.line);
    let (unit, file) = (file(unit), file(&start.file));
    let producer = quoted(concat!("dpc ", env!("CARGO_PKG_VERSION")));
    // The language must be one that debuggers know; C is known to all.
    format!(
        "#llvm.di_subprogram<id = distinct[{index}]<>, compileUnit = <id = distinct[0]<>, sourceLanguage = DW_LANG_C99, \
         file = {unit}, producer = {producer}, isOptimized = true, emissionKind = LineTablesOnly>, scope = #llvm.di_file{file}, \
         name = {name}, linkageName = {name}, file = {file}, line = {line}, scopeLine = {line}, \
         subprogramFlags = \"Definition|Optimized\", type = <callingConvention = DW_CC_normal>>"
    )
}

/// A file in MLIR's syntax: its name as given to the compiler, and the current directory, as C compilers write them.
fn file(name: &str) -> String {
    let folder = env::current_dir().map(|folder| folder.to_string_lossy().into_owned()).unwrap_or_default();
    format!("<{} in {}>", quoted(name), quoted(&folder))
}
