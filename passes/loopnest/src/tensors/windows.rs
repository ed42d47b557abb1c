//! `array.windows`, stored or as a part of a contraction.

use super::LoweringSite;
use crate::structured::{Index, Region, empty, extent};
use dp_dialects::ir::{Val, defining_op, operands};
use dp_dialects::parameters::WindowForm;
use dp_dialects::{OpKind, Parameters, Result, ValueType};

/// Stores the windows: for each element of a window, a strided slice of the operand.
pub(super) fn windows<'c>(site: &LoweringSite<'c>) -> Result<Val<'c>> {
    let b = &site.b;
    let Parameters::Windows(form) = &site.parameters else { return site.malformed() };
    let (x, of, rank) = (site.operands[0], &site.types[0], form.rank());
    let from = |dim: usize| if dim < form.dim { dim } else { dim - rank };
    let dynamic = site.result.dynamic_dimensions().map(|dim| extent(b, x, from(dim))).collect::<Result<Vec<_>>>()?;
    let mut out = empty(b, &site.result, &dynamic)?;
    let places = form.dim..form.dim + rank;
    let mut counts = Vec::new();
    for dim in 0..of.rank() {
        counts.push(match places.contains(&dim) {
            true => Index::Known(site.result.extents()[dim].unwrap_or_default() as i64),
            false => Index::extent(b, x, of, dim)?,
        });
    }
    let slice = of.extents().iter().enumerate().map(|(dim, extent)| match places.contains(&dim) {
        true => site.result.extents()[dim],
        false => *extent,
    });
    let slice = ValueType::tensor(of.dtype, slice.collect());
    let mut strides = vec![1; of.rank()];
    form.strides.iter().enumerate().for_each(|(place, stride)| strides[form.dim + place] = *stride as i64);
    for element in form.elements() {
        let offsets = form.starts(&element, of.rank()).into_iter().map(|start| Index::Known(start as i64)).collect();
        let read = Region { offsets, sizes: counts.clone(), strides: strides.clone() }.extract(b, x, &slice)?;
        // The elements' dimensions stand after those of the windows.
        let at = form.dim + rank;
        let mut offsets = vec![Index::Known(0); of.rank()];
        offsets.splice(at..at, element.iter().map(|place| Index::Known(*place as i64)));
        let mut sizes = counts.clone();
        sizes.splice(at..at, vec![Index::Known(1); rank]);
        out = Region { offsets, sizes, strides: vec![1; of.rank() + rank] }.insert(b, read, out)?;
    }
    Ok(out)
}

/// The tensor whose windows a value is, and their form.
pub(super) fn windowed(value: Val) -> Option<(Val, WindowForm)> {
    let op = defining_op(value).filter(|op| OpKind::of(*op) == Some(OpKind::ArrayWindows))?;
    match Parameters::of(OpKind::ArrayWindows, op)? {
        Parameters::Windows(form) => Some((*operands(op).first()?, form)),
        _ => None,
    }
}

/// The least number of neighbors in memory, in a window, for which a contraction reads windows in place.
const RUN: u64 = 16;

/// Whether a contraction should read windows where they are: their rows are long enough.
pub(super) fn are_long(x: &ValueType, form: &WindowForm) -> bool {
    let after = &x.extents()[form.dim + form.rank()..];
    let row: Option<u64> = after.iter().try_fold(1u64, |row, extent| row.checked_mul((*extent)?));
    let last = form.rank() - 1;
    let together = if form.dilations[last] == 1 { form.sizes[last] as u64 } else { 1 };
    row.is_none_or(|row| row.saturating_mul(together) >= RUN)
}

/// The indexing map of windows in a contraction with `rank` loops, of which `loops` index the dimensions of the windows.
pub(super) fn map(rank: usize, loops: &[usize], form: &WindowForm) -> String {
    let names: Vec<String> = (0..rank).map(|index| format!("d{index}")).collect();
    let slid = |place: usize| {
        let (window, element) = (loops[form.dim + place], loops[form.dim + form.rank() + place]);
        format!("d{window} * {} + d{element} * {}", form.strides[place], form.dilations[place])
    };
    let before = loops[..form.dim].iter().map(|index| format!("d{index}"));
    let after = loops[form.dim + 2 * form.rank()..].iter().map(|index| format!("d{index}"));
    let results: Vec<String> = before.chain((0..form.rank()).map(slid)).chain(after).collect();
    format!("affine_map<({}) -> ({})>", names.join(", "), results.join(", "))
}
