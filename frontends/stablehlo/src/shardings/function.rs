//! The shardings of a function.

use super::shardy::fits;
use super::{Mesh, sharding};
use dp_abi::{Sharding, Shardings};
use dp_dialects::ir::results;
use dp_dialects::ir::{self, Op, argument_name, result_name, signature, string_attribute, walk};
use dp_dialects::marks::MESHES;
use dp_dialects::{Diagnostic, OpKind, SpannedDiagnostic, ValueType};
use melior::ir::Type;
use melior::ir::operation::OperationLike;

/// The meshes of a module.
///
/// # Errors
/// If one has another form.
pub(crate) fn meshes<'c>(module: Op<'c>) -> Result<Vec<Mesh>, SpannedDiagnostic<'c>> {
    let texts = MESHES.of(module).unwrap_or_default();
    let meshes: Result<Vec<Mesh>, Diagnostic> = texts.iter().map(|text| Mesh::of(text)).collect();
    meshes.map_err(|diagnostic| SpannedDiagnostic::new(module.location(), diagnostic))
}

/// How the arguments and results of a public function with static extents are divided over devices. What has no sharding
/// is whole on each.
///
/// # Errors
/// If the program has no shardings, or has them for another number of devices; and if one cannot be read, is not in equal
/// parts, or is one that XLA's partitioner does not divide.
pub fn shardings<'c>(module: Op<'c>, function: Op<'c>, devices: usize) -> Result<Shardings, SpannedDiagnostic<'c>> {
    let at = |diagnostic: Diagnostic| SpannedDiagnostic::new(function.location(), diagnostic);
    let meshes = meshes(module)?;
    let mismatch = meshes.iter().try_for_each(|mesh| fits(mesh, devices));
    mismatch.map_err(|diagnostic| SpannedDiagnostic::new(module.location(), diagnostic))?;
    let (inputs, outputs) = signature(function).unwrap_or_default();
    let mut found = !meshes.is_empty();
    let mut all = |which: &str, name: fn(Op, usize) -> String, types: &[Type<'c>]| {
        let one = |(index, r#type): (usize, &Type<'c>)| -> Result<Sharding, Diagnostic> {
            let extents = ValueType::of(*r#type).map(|r#type| r#type.extents().to_vec()).unwrap_or_default();
            let shape: Vec<usize> = extents.iter().map(|extent| extent.map_or(0, |extent| extent as usize)).collect();
            let Some(text) = ir::sharding(function, which, index) else {
                return Ok(Sharding::replicated(shape.len(), devices));
            };
            found = true;
            let sharding = sharding(text, &meshes, shape.len(), devices)?;
            sharding.part(&shape).map_err(|error| {
                Diagnostic::unsupported(format!("'{}': {error}, as its sharding '{text}' asks", name(function, index)))
                    .help("divide other dimensions, or pad this one")
            })?;
            Ok(sharding)
        };
        types.iter().enumerate().map(one).collect::<Result<Vec<_>, _>>()
    };
    let arguments = all("arg_attrs", argument_name, &inputs).map_err(at)?;
    let results = all("res_attrs", result_name, &outputs).map_err(at)?;
    found |= constraints(function, &meshes, devices)?;
    if !found {
        let help = "give arguments 'dp.sharding', and the module 'dp.meshes', as docs/cookbook.md shows; programs of JAX have \
                    them by 'in_shardings'; or omit --devices";
        return Err(at(Diagnostic::request(format!("the program has no shardings over {devices} devices")).help(help)));
    }
    Ok(Shardings { devices, arguments, results })
}

/// Checks the shardings inside of a function, and whether there are any.
fn constraints<'c>(function: Op<'c>, meshes: &[Mesh], devices: usize) -> Result<bool, SpannedDiagnostic<'c>> {
    let mut shards = Vec::new();
    walk(function, &mut |op| shards.extend((OpKind::of(op) == Some(OpKind::ArrayShard)).then_some(op)));
    for op in &shards {
        let text = string_attribute(*op, "sharding").unwrap_or_default();
        let value = results(*op).first().copied().map(ValueType::of_value);
        let rank = value.and_then(Result::ok).map_or(0, |r#type| r#type.extents().len());
        sharding(text, meshes, rank, devices)
            .map_err(|diagnostic| SpannedDiagnostic::new(op.location(), diagnostic))?;
    }
    Ok(!shards.is_empty())
}
