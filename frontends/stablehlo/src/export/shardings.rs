//! How values are spread over devices: meshes, attributes of arguments and results, and constraints inside.

use super::emitter::Emitter;
use super::text::{Tensor, Term};
use crate::shardings::{self, closed, is_of_shardy};
use dp_dialects::ir::{Op, sharding, string_attribute};
use dp_dialects::marks::MESHES;
use dp_dialects::{Diagnostic, SpannedDiagnostic};
use melior::ir::operation::OperationLike;

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
    let meshes = shardings::meshes(module)?;
    let texts: Vec<Option<&str>> = (0..types.len()).map(|index| sharding(function, which, index)).collect();
    let annotation = |(text, r#type): (&Option<&str>, &Tensor)| {
        let text = text.map(|text| closed(text, &meshes, r#type.shape.len()).map_err(at)).transpose()?;
        Ok(match (text, meshes.first()) {
            (Some(text), _) if is_of_shardy(&text) => shardy(&text),
            (Some(text), _) => xla(&text),
            (None, Some(mesh)) => shardy(&format!("<@{}, [{}]>", mesh.name, vec!["{}"; r#type.shape.len()].join(", "))),
            (None, None) => String::new(),
        })
    };
    texts.iter().zip(types).map(annotation).collect()
}

fn shardy(text: &str) -> String {
    format!(" {{sdy.sharding = #sdy.sharding{text}}}")
}

fn xla(text: &str) -> String {
    format!(" {{mhlo.sharding = \"{text}\"}}")
}

/// `array.shard`.
pub(super) fn constraint<'c>(
    e: &mut Emitter<'c>,
    op: Op<'c>,
    terms: &[Term],
) -> Result<Vec<Term>, SpannedDiagnostic<'c>> {
    let text = string_attribute(op, "sharding").unwrap_or_default();
    let [x] = terms else { return Ok(terms.to_vec()) };
    let meshes = shardings::meshes(e.module)?;
    closed(text, &meshes, x.r#type.shape.len())
        .map_err(|diagnostic| SpannedDiagnostic::new(op.location(), diagnostic))?;
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
