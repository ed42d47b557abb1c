//! Operations that read a tensor for the last time under two names: itself, and a view of it.

use crate::refutation::generate::{Trial, Want};
use dp_dialects::parameters::Start;
use dp_dialects::{OpKind, Parameters};
use dp_terms::Id;

/// An operation of two operands on what an elementwise operation makes, and on a view of that.
pub(super) fn beside_a_view(trial: &mut Trial, kind: OpKind, want: &Want, depth: usize) -> Option<Id> {
    let made = trial.choose(&[OpKind::ScalarNeg, OpKind::ScalarAdd]);
    let x = trial.operation(made, want, depth)?;
    let view = view(trial, x, want)?;
    let children = if trial.choose(&[false, true]) { vec![x, view] } else { vec![view, x] };
    trial.graph().scalar(kind, children)
}

/// A tensor's transpose where that has its shape, or a part of it along one dimension, for all of them; `None` for what is
/// no tensor of known extents with elements.
fn view(trial: &mut Trial, x: Id, want: &Want) -> Option<Id> {
    let dims = want
        .dims
        .as_ref()
        .filter(|dims| !dims.is_empty() && dims.iter().all(|(extent, known)| *known && *extent > 0))?;
    let extents: Vec<u64> = dims.iter().map(|(extent, _)| *extent).collect();
    let all: Vec<usize> = (0..dims.len()).collect();
    if dims.len() > 1 && extents[0] == extents[dims.len() - 1] && trial.choose(&[false, true]) {
        let mut permutation = all;
        permutation.swap(0, dims.len() - 1);
        return trial.graph().apply(OpKind::ArrayTranspose, &Parameters::Permutation(permutation), vec![x]);
    }
    let along = trial.choose(&all);
    let at = trial.choose(&(0..extents[along]).collect::<Vec<u64>>());
    let starts = all.iter().map(|dim| Start::At(if *dim == along { at as i64 } else { 0 })).collect();
    let slice = Parameters::Slice { starts, strides: vec![1; dims.len()] };
    let (mut part, mut rest) = (dims.clone(), dims.clone());
    part[along] = (1, true);
    rest.remove(along);
    let (part, rest) = (Want::tensor(want.dtype, part), Want::tensor(want.dtype, rest));
    let to = all.into_iter().filter(|dim| *dim != along).collect();
    let graph = trial.graph();
    let part = graph.typed(OpKind::ArraySlice, &slice, vec![x], &part.r#type());
    let rest = graph.typed(OpKind::ArrayReshape, &Parameters::None, vec![part], &rest.r#type());
    Some(graph.typed(OpKind::ArrayBroadcast, &Parameters::Broadcast(to), vec![rest], &want.r#type()))
}
