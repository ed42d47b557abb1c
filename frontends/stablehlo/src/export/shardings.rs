//! How values are spread over devices: meshes, attributes of arguments and results, and constraints inside.

use super::emitter::Emitter;
use super::text::{Tensor, Term};
use crate::shardings::{check, closed, is_of_shardy, mesh_of};
use dp_dialects::ir::{Op, sharding, string_attribute};
use dp_dialects::marks::MESHES;
use dp_dialects::{Diagnostic, SpannedDiagnostic};
use melior::ir::operation::OperationLike;

/// The names of the meshes of a module.
fn names<'c>(module: Op<'c>) -> Result<Vec<String>, SpannedDiagnostic<'c>> {
    let texts = MESHES.of(module).unwrap_or_default();
    let names = texts.iter().map(|text| mesh_of(text)).collect::<Result<_, _>>();
    names.map_err(|diagnostic: Diagnostic| SpannedDiagnostic::new(module.location(), diagnostic))
}

/// The lines that declare the meshes of a module: of `mesh <["data"=2]>`, `sdy.mesh @mesh = <["data"=2]>`.
pub(super) fn meshes(module: Op) -> Vec<String> {
    let texts = MESHES.of(module).unwrap_or_default();
    texts
        .iter()
        .filter_map(|text| text.split_once(' '))
        .map(|(name, axes)| format!("sdy.mesh @{name} = {axes}"))
        .collect()
}

/// The attributes of a public function's arguments (`arg_attrs`) or results (`res_attrs`) of these types. In a module
/// with meshes, what has no sharding is whole on each device: XLA would choose one otherwise, which a caller does not
/// know.
pub(super) fn annotations<'c>(
    module: Op<'c>,
    function: Op<'c>,
    which: &str,
    types: &[Tensor],
) -> Result<Vec<String>, SpannedDiagnostic<'c>> {
    let at = |diagnostic: Diagnostic| SpannedDiagnostic::new(function.location(), diagnostic);
    let meshes = names(module)?;
    let annotation = |(index, r#type): (usize, &Tensor)| {
        let given = sharding(function, which, index);
        given.map_or(Ok(()), |text| check(text, &meshes)).map_err(at)?;
        Ok(match (given, meshes.first()) {
            (Some(text), _) if is_of_shardy(text) => shardy(&closed(text, &meshes).map_err(at)?),
            (Some(text), _) => format!(" {{mhlo.sharding = \"{text}\"}}"),
            (None, Some(mesh)) => shardy(&format!("<@{mesh}, [{}]>", vec!["{}"; r#type.shape.len()].join(", "))),
            (None, None) => String::new(),
        })
    };
    types.iter().enumerate().map(annotation).collect()
}

fn shardy(text: &str) -> String {
    format!(" {{sdy.sharding = #sdy.sharding{text}}}")
}

/// `array.shard`.
pub(super) fn constraint<'c>(
    e: &mut Emitter<'c>,
    op: Op<'c>,
    terms: &[Term],
) -> Result<Vec<Term>, SpannedDiagnostic<'c>> {
    let text = string_attribute(op, "sharding").unwrap_or_default();
    let [x] = terms else { return Ok(terms.to_vec()) };
    check(text, &names(e.module)?).map_err(|diagnostic| SpannedDiagnostic::new(op.location(), diagnostic))?;
    let term = e.w.fresh(x.r#type.clone());
    e.w.line(match is_of_shardy(text) {
        true => format!("{term} = sdy.sharding_constraint {x} {text} : {}", x.r#type),
        false => {
            format!(
                "{term} = stablehlo.custom_call @Sharding({x}) {{mhlo.sharding = \"{text}\"}} : ({0}) -> {0}",
                x.r#type
            )
        }
    });
    Ok(vec![term])
}
