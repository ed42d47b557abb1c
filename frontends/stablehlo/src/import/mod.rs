//! From StableHLO to the dialects of this compiler: the pass `import-stablehlo`.
//!
//! All values of StableHLO are tensors. A tensor of rank 0 becomes a number, so that arguments and results of functions
//! are numbers in C, and loops carry numbers. Integers become signless; what depends on their sign is chosen by the types
//! of the source. Regions become `array.map`, `array.reduce`, `scf` and functions. Each operation is translated by the
//! handler that `handlers` gives for its name, and keeps its location. An operation without one is an error at its place.

mod attributes;
mod bits;
mod broadcasts;
mod collectives;
mod constants;
mod control;
mod convolution;
mod cumulative;
mod custom_calls;
mod elementwise;
mod extents;
mod fourier;
mod functions;
mod gather;
mod handlers;
mod linear_algebra;
mod logistic;
mod normalization;
mod orthogonal;
mod products;
mod random;
mod reductions;
mod rows;
mod scatter;
mod selection;
mod shapes;
mod site;
mod slices;
mod sort;
mod tuples;
mod types;
mod upstream;
mod windows;

pub use handlers::operations;

use crate::lists;
use dp_dialects::ir::{
    Blk, Op, Val, ValueMap, block_args, block_ops, body_ops, context_of, defining_op, erase, functions as functions_of,
    operands, region_block, remove_attribute, results, symbol_name, value_block, walk,
};
use dp_dialects::marks::MESHES;
use dp_dialects::{Builder, Diagnostic, ErrorGuaranteed, SpannedDiagnostic, ValueType};
use dp_frontends::{Frontend, Source};
use dp_passes::Pass;
use melior::Context;
use melior::ir::block::BlockLike;
use melior::ir::operation::{OperationLike, OperationRef};
use melior::ir::{Location, Module, ValueLike};
use site::Site;
use std::borrow::Cow;
use std::collections::HashMap;

/// The pass.
pub static IMPORT_STABLEHLO: Pass = Pass {
    flag: "import-stablehlo",
    summary: "translate StableHLO to the dialects of this compiler",
    description: "Takes a module with operations of `stablehlo` and `chlo`. Leaves `func`, `scf`, `array` and `scalar`. \
        Tensors of rank 0 become numbers, integers become signless, counted loops become `scf.for`, and `main` gets the \
        name of the module. An operation that has no translation is an error at its place. Modules without such operations stay unchanged.",
    body: |module, _| import(module, "program").map_err(|error| error.report()),
};

/// The front end for StableHLO, in its own syntax or the generic one.
#[derive(Clone, Copy, Debug)]
pub struct StableHlo;

impl Frontend for StableHlo {
    fn name(&self) -> &'static str {
        "stablehlo"
    }

    /// Whether the text names an operation of StableHLO.
    fn recognizes(&self, source: &Source) -> bool {
        let is_at = |name: &[u8]| source.contents.windows(name.len()).any(|bytes| bytes == name);
        handlers::FOREIGN.iter().chain([&MODULE_ATTRIBUTES]).any(|name| is_at(name.as_bytes()))
    }

    fn read<'c>(&self, context: &'c Context, source: &Source) -> Result<Module<'c>, ErrorGuaranteed> {
        let modern = match std::str::from_utf8(&source.contents).map(lists::arrays) {
            Ok(Cow::Owned(text)) => Some(Source::new(source.name.clone(), text)),
            Ok(Cow::Borrowed(_)) | Err(_) => None,
        };
        let module = dp_frontends::parse(context, modern.as_ref().unwrap_or(source))?;
        // SAFETY: the module lives on.
        let op: Op = unsafe { OperationRef::from_raw(module.as_operation().to_raw()) };
        import(op, &source.stem()).map_err(|error| error.report())?;
        Ok(module)
    }
}

/// Whether a module is to be translated: it has such operations, or the attributes of a module that JAX writes.
fn is_foreign(module: Op) -> bool {
    let mut found = !own_attributes(module).is_empty();
    walk(module, &mut |op| found |= handlers::is_foreign(&name_of(op)));
    found
}

/// The attributes of a module that tell how many devices it is for, which have no meaning after the translation.
fn own_attributes(module: Op) -> Vec<String> {
    let names = module.attributes().filter_map(|(name, _)| name.as_string_ref().as_str().ok().map(str::to_owned));
    names.filter(|name| name.starts_with(MODULE_ATTRIBUTES)).collect()
}

/// The operations that are constants.
const CONSTANTS: [&str; 3] = ["stablehlo.constant", "chlo.constant", "arith.constant"];

/// The operations that end a block.
const TERMINATORS: [&str; 3] = ["func.return", "stablehlo.return", "sdy.return"];

/// The prefix of these attributes.
const MODULE_ATTRIBUTES: &str = "mhlo.";

/// Translates a module in place. The function `main` gets the name of the module, as C has another `main`: that of the
/// function in JAX, or else `otherwise`.
///
/// # Errors
/// If an operation or a type has no translation.
pub(crate) fn import<'c>(module: Op<'c>, otherwise: &str) -> Result<(), SpannedDiagnostic<'c>> {
    if !is_foreign(module) {
        return Ok(());
    }
    let nameless = [module].into_iter().chain(body_ops(module)).find(|op| symbol_name(*op).is_some_and(str::is_empty));
    if let Some(op) = nameless {
        let diagnostic = Diagnostic::invalid("has an empty name").help("give the module and its functions names");
        return Err(SpannedDiagnostic::new(op.location(), diagnostic));
    }
    let context = context_of(module);
    let functions = functions_of(module);
    let entry = functions::entry_name(module, &functions, otherwise);
    let devices = collectives::Devices::of(module);
    let mut import = Import {
        context,
        values: ValueMap::new(),
        extents: ValueMap::new(),
        functions,
        entry,
        meshes: Vec::new(),
        devices,
    };
    let before = body_ops(module);
    for op in &before {
        import.top(module, *op).map_err(|failure| failure.at(op.location()))?;
    }
    before.into_iter().for_each(erase);
    if !import.meshes.is_empty() {
        MESHES.set(module, &import.meshes);
    }
    for name in own_attributes(module) {
        remove_attribute(module, &name);
    }
    Ok(())
}

/// The name of an operation.
fn name_of(op: Op) -> String {
    op.name().as_string_ref().as_str().unwrap_or_default().to_owned()
}

/// The values that a block uses and that are defined neither in it nor in blocks in it, each with the first operation
/// that uses it.
fn captured<'c>(block: Blk<'c>) -> Vec<(Val<'c>, Op<'c>)> {
    let (mut own, mut used) = (vec![block], Vec::<(Val, Op)>::new());
    for op in block_ops(block) {
        walk(op, &mut |op| {
            own.extend((0..op.region_count()).filter_map(|region| region_block(op, region)));
            for value in operands(op) {
                if !used.iter().any(|(known, _)| *known == value) {
                    used.push((value, op));
                }
            }
        });
    }
    used.retain(|(value, _)| value_block(*value).is_none_or(|block| !own.contains(&block)));
    used
}

/// Why a translation fails.
#[derive(Debug)]
pub(crate) enum Failure<'c> {
    /// At the operation that is being translated.
    Here(Diagnostic),
    /// At an operation in one of its regions.
    There(SpannedDiagnostic<'c>),
}

impl From<Diagnostic> for Failure<'_> {
    fn from(diagnostic: Diagnostic) -> Self {
        Failure::Here(diagnostic)
    }
}

impl<'c> Failure<'c> {
    fn at(self, location: Location<'c>) -> SpannedDiagnostic<'c> {
        match self {
            Failure::Here(diagnostic) => SpannedDiagnostic::new(location, diagnostic),
            Failure::There(spanned) => spanned,
        }
    }
}

/// A result of a translation.
pub(crate) type Translated<'c, T> = Result<T, Failure<'c>>;

/// The translation of a module.
pub(crate) struct Import<'c> {
    context: &'c Context,
    /// The translations of values of the source.
    values: ValueMap<Val<'c>>,
    /// The integers of the source that are extents.
    extents: ValueMap<extents::Extent<'c>>,
    /// The functions of the source.
    functions: HashMap<&'c str, Op<'c>>,
    /// The name of `main`.
    entry: String,
    /// The meshes of devices, as `dp.meshes` has them.
    meshes: Vec<String>,
    /// The devices that the program is for.
    devices: collectives::Devices,
}

impl<'c> Import<'c> {
    /// The translation of a value.
    fn value(&self, value: Val<'c>) -> Translated<'c, Val<'c>> {
        let known = self.values.get(value).copied();
        known.ok_or_else(|| Diagnostic::unsupported("uses a value that has no translation").into())
    }

    /// Translates the operations of a block, whose arguments are known, and returns the operands of its terminator.
    fn block(&mut self, source: Blk<'c>, builder: Builder<'c>) -> Translated<'c, Vec<Val<'c>>> {
        let mut ops = block_ops(source);
        let terminator = ops.pop().filter(|op| TERMINATORS.contains(&name_of(*op).as_str()));
        let Some(terminator) = terminator.filter(|_| source.next_in_region().is_none()) else {
            let diagnostic = Diagnostic::unsupported("branches between blocks are not supported beside StableHLO");
            return Err(diagnostic.help("use 'stablehlo.if', 'stablehlo.case' and 'stablehlo.while'").into());
        };
        for op in ops {
            self.operation(op, builder).map_err(|failure| Failure::There(failure.at(op.location())))?;
        }
        operands(terminator).into_iter().map(|operand| self.value(operand)).collect()
    }

    /// The same with the values of the arguments.
    fn block_with(
        &mut self,
        source: Blk<'c>,
        arguments: &[Val<'c>],
        builder: Builder<'c>,
    ) -> Translated<'c, Vec<Val<'c>>> {
        let own = block_args(source);
        if own.len() != arguments.len() {
            let message = format!("a region takes {} arguments, not {}", arguments.len(), own.len());
            return Err(Diagnostic::invalid(message).into());
        }
        for (place, (own, argument)) in own.into_iter().zip(arguments).enumerate() {
            let (declared, given) = (types::of(own.r#type())?, ValueType::of_value(*argument)?);
            if declared != given {
                let message = format!("argument {place} of a region is {declared}, but gets {given}");
                return Err(Diagnostic::invalid(message).into());
            }
            self.values.insert(own, *argument);
        }
        self.block(source, builder)
    }

    /// The same for a region that cannot use values from outside: constants are made again inside.
    fn isolated_block(
        &mut self,
        source: Blk<'c>,
        arguments: &[Val<'c>],
        builder: Builder<'c>,
    ) -> Translated<'c, Vec<Val<'c>>> {
        let mut outside = Vec::new();
        for (value, user) in captured(source) {
            let constant = defining_op(value).filter(|op| CONSTANTS.contains(&name_of(*op).as_str()));
            let Some(constant) = constant else {
                let diagnostic = Diagnostic::unsupported("uses a value from outside of its region");
                let diagnostic = diagnostic.help("regions of elementwise functions use their arguments and constants");
                return Err(Failure::There(SpannedDiagnostic::new(user.location(), diagnostic)));
            };
            outside.push((value, self.value(value)?));
            self.operation(constant, builder)?;
        }
        let values = self.block_with(source, arguments, builder)?;
        for (value, before) in outside {
            self.values.insert(value, before);
        }
        Ok(values)
    }

    fn operation(&mut self, op: Op<'c>, builder: Builder<'c>) -> Translated<'c, ()> {
        let name = name_of(op);
        let handler = handlers::handler(&name).ok_or_else(|| handlers::refusal(&name))?;
        let builder = builder.located(op.location());
        let values = handler(&mut Site { import: self, op, builder })?;
        let results: Vec<Val> = results(op).into_iter().filter(|result| !tuples::is_untranslated(*result)).collect();
        if values.len() != results.len() {
            let message = format!("has {} results, not {}", values.len(), results.len());
            return Err(Diagnostic::invalid(message).into());
        }
        for (result, value) in results.into_iter().zip(values) {
            let (declared, made) = (types::of(result.r#type())?, ValueType::of_value(value)?);
            if declared.dtype != made.dtype || !declared.is_compatible(&made) {
                return Err(Diagnostic::invalid(format!("its result is {made}, not {declared}")).into());
            }
            let value = if declared == made { value } else { builder.cast(value, &declared)? };
            self.values.insert(result, value);
        }
        Ok(())
    }
}
