//! Shardings in the words of XLA: `{devices=[2,1,2]<=[2,2]T(1,0) last_tile_dim_replicate}`.
//!
//! The devices are arranged in a grid, whose dimensions are those of the tensor, and perhaps a last one over which copies
//! are spread. They are listed in row-major order, or are the numbers from 0 in an array of some shape, transposed.
//!
//! Source: `xla/hlo/ir/hlo_sharding.h` and `tile_assignment.h`.

use super::words::{Words, malformed};
use super::{other_number, other_order, position};
use dp_abi::Sharding;
use dp_dialects::Result;

/// The parts of a tensor of this rank.
///
/// # Errors
/// If the text has another form, as those have in which a device computes by hand, or is for another number of devices.
pub(super) fn sharding(text: &str, rank: usize, devices: usize) -> Result<Sharding> {
    let mut words = Words::of(text);
    words.expect("{")?;
    if words.takes("replicated") {
        words.expect("}")?;
        words.end()?;
        return Ok(Sharding::replicated(rank, devices));
    }
    for (form, reason) in [("manual", "the tensor is divided by hand"), ("maximal", "the tensor is on one device only")]
    {
        if words.takes(form) {
            return Err(malformed(text, reason));
        }
    }
    words.expect("devices=")?;
    let grid = words.list("[", "]", Words::number)?;
    let size = grid.iter().try_fold(1_usize, |product, extent| product.checked_mul(*extent));
    if size != Some(devices) {
        return Err(other_number(&format!("the sharding '{text}'"), size.unwrap_or(usize::MAX), devices));
    }
    let listed = match words.takes("<=") {
        true => transposed(&mut words, text, devices)?,
        false => {
            let listed = words.numbers()?;
            match listed.iter().copied().eq(0..devices) {
                true => listed,
                false => return Err(other_order(&format!("the sharding '{text}'"))),
            }
        }
    };
    let copies = words.takes("last_tile_dim_replicate") || words.takes("last_tile_dims={replicated}");
    words.expect("}")?;
    words.end()?;
    if grid.len() != rank + usize::from(copies) {
        return Err(malformed(text, &format!("it has {} dimensions, and the tensor has {rank}", grid.len())));
    }
    let mut positions = vec![Vec::new(); devices];
    for (index, device) in listed.into_iter().enumerate() {
        positions[device] = position(index, &grid);
        positions[device].truncate(rank);
    }
    Ok(Sharding { parts: grid[..rank].to_vec(), positions })
}

/// The devices of `[2,2]T(1,0)` in order: the numbers from 0 in an array of this shape, whose dimensions are permuted.
fn transposed(words: &mut Words, text: &str, devices: usize) -> Result<Vec<usize>> {
    let shape = words.list("[", "]", Words::number)?;
    let order = if words.takes("T") { words.list("(", ")", Words::number)? } else { (0..shape.len()).collect() };
    let mut sorted = order.clone();
    sorted.sort_unstable();
    let size = shape.iter().try_fold(1_usize, |product, extent| product.checked_mul(*extent));
    if size != Some(devices) || !sorted.into_iter().eq(0..shape.len()) {
        return Err(malformed(text, "it does not have each device once"));
    }
    let permuted: Vec<usize> = order.iter().map(|dimension| shape[*dimension]).collect();
    let device = |index: usize| {
        let mut place = vec![0; shape.len()];
        for (dimension, along) in order.iter().zip(position(index, &permuted)) {
            place[*dimension] = along;
        }
        place.iter().zip(&shape).fold(0, |index, (along, extent)| index * extent + along)
    };
    Ok((0..devices).map(device).collect())
}
