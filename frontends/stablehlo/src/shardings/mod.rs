//! Shardings: which device holds which part of a tensor, in the words of Shardy (`<@mesh, [{"data"}, {}]>`) or of XLA
//! (`{devices=[2,1]<=[2]}`). An export passes them on; [`shardings`] computes the parts.

mod function;
mod shardy;
mod tiles;
mod words;

use dp_abi::Sharding;
use dp_dialects::{Diagnostic, Result};
pub(crate) use function::meshes;
pub use function::shardings;
use shardy::Dimensions;
pub(crate) use shardy::Mesh;
pub(crate) use shardy::{manual_axes, per_value};
use words::malformed;

/// Whether a text is in the words of Shardy.
pub(crate) fn is_of_shardy(text: &str) -> bool {
    text.starts_with('<')
}

/// Checks the sharding of a tensor of this rank in a module with these meshes, and returns it as it is exported: no
/// dimension is left open to XLA, so that a caller knows what each device holds.
///
/// # Errors
/// If the text has another form, or there is no such mesh or axis.
pub(crate) fn closed(text: &str, meshes: &[Mesh], rank: usize) -> Result<String> {
    if is_of_shardy(text) {
        let dimensions = Dimensions::of(text)?;
        dimensions.check(text, meshes, rank)?;
        return Ok(dimensions.closed());
    }
    let is_written = |c: char| c.is_ascii_alphanumeric() || "_=,<[]() ".contains(c);
    match text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some(inside) if inside.chars().all(is_written) => Ok(text.to_owned()),
        _ => Err(malformed(text, "it is not in the words of Shardy or of XLA")),
    }
}

/// The parts of a tensor of this rank on these devices.
///
/// # Errors
/// As [`closed`]; and for a sharding over another number of devices, or one that XLA's partitioner does not divide.
fn sharding(text: &str, meshes: &[Mesh], rank: usize, devices: usize) -> Result<Sharding> {
    match is_of_shardy(text) {
        true => Dimensions::of(text)?.sharding(text, meshes, rank, devices),
        false => tiles::sharding(text, rank, devices),
    }
}

/// The position of an index in an array, along each dimension; the last one varies fastest.
fn position(index: usize, shape: &[usize]) -> Vec<usize> {
    let mut rest = index;
    let mut position: Vec<usize> = shape
        .iter()
        .rev()
        .map(|extent| {
            let along = rest % extent;
            rest /= extent;
            along
        })
        .collect();
    position.reverse();
    position
}

/// The error for a sharding over another number of devices than the program runs on.
fn other_number(subject: &str, has: usize, devices: usize) -> Diagnostic {
    Diagnostic::request(format!("{subject} is for {has} devices, but the program is for {devices}"))
        .help(format!("use --devices={has}; or omit --devices for one device, on which shardings mean nothing"))
}

/// The error for devices that are listed in another order than that of their numbers. XLA's partitioner (as of 2026) joins
/// sums over different groups of such devices into one, and then values are wrong.
fn other_order(subject: &str) -> Diagnostic {
    Diagnostic::unsupported(format!(
        "{subject} lists its devices in another order, with which XLA may compute wrong values"
    ))
    .help("list the devices from 0, or not at all: their order changes no value")
}
