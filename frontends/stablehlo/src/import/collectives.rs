//! Collective operations among one device, which change nothing, and computations by hand on one device. Among several, an
//! operation of one device's program has no counterpart in ours, which are on whole tensors.

use super::attributes::{ints, shape_of};
use super::functions::shard;
use super::site::Site;
use super::{Translated, name_of};
use crate::dialect::fields;
use crate::shardings::{Mesh, manual_axes, per_value};
use dp_dialects::Diagnostic;
use dp_dialects::ir::{Op, Val, operands, results};
use melior::ir::attribute::IntegerAttribute;
use melior::ir::operation::OperationLike;

/// The numbers of replicas and of partitions of a program, whose product is the number of its devices.
#[derive(Clone, Copy)]
pub(super) struct Devices {
    replicas: u64,
    partitions: u64,
}

impl Devices {
    /// What the attributes of a module say, one each by default.
    pub fn of(module: Op) -> Devices {
        let number = |name: &str| {
            let value = IntegerAttribute::try_from(module.attribute(name).ok()?).ok()?.value();
            u64::try_from(value).ok().filter(|number| *number > 0)
        };
        let [replicas, partitions] = ["mhlo.num_replicas", "mhlo.num_partitions"].map(|name| number(name).unwrap_or(1));
        Devices { replicas, partitions }
    }

    fn count(self) -> u64 {
        self.replicas.saturating_mul(self.partitions)
    }
}

/// `all_reduce`, `all_gather`, `reduce_scatter`, `all_to_all` and `collective_broadcast`: among groups of one device, each
/// gets what it gives.
pub(super) fn among_groups<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let devices = site.import.devices.count();
    // Without groups, all devices are one; groups by axes of a mesh are of all devices at most.
    let groups = ints(site.op, "replica_groups").filter(|ids| !ids.is_empty());
    let most = match (groups, shape_of(site.op, "replica_groups").as_deref()) {
        // Of several groups, the shorter ones have -1 at their end.
        (Some(ids), Some([_, size])) => {
            let members = |group: &[i64]| group.iter().filter(|id| **id >= 0).count() as u64;
            ids.chunks((*size).max(1)).map(members).max().unwrap_or(devices)
        }
        (Some(_), _) => return Err(Diagnostic::invalid("'replica_groups' is no list of groups").into()),
        (None, _) => devices,
    };
    match most {
        0 | 1 => site.operands(),
        _ => Err(exchange(site.op, most).into()),
    }
}

/// `collective_permute`: a device that is sent to itself has its own, and one that is not sent to has zeros.
pub(super) fn permute<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let (devices, pairs) = (site.import.devices.count(), site.ints("source_target_pairs")?);
    let others = || pairs.iter().max().map_or(1, |most| u64::try_from(*most).map_or(1, |most| most.saturating_add(1)));
    match &pairs[..] {
        [] => {
            let operand = site.operand(0)?;
            let zero = site.number(0.0, site.type_of(operand)?.dtype)?;
            Ok(vec![site.spread(zero, operand)?])
        }
        [0, 0] if devices == 1 => site.operands(),
        _ => Err(exchange(site.op, devices.max(others())).into()),
    }
}

/// `partition_id` and `replica_id`: 0, if there is one.
pub(super) fn id<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let Devices { replicas, partitions } = site.import.devices;
    let of = if name_of(site.op) == "stablehlo.replica_id" { replicas } else { partitions };
    match of {
        1 => Ok(vec![site.number(0.0, site.result(0)?.dtype)?]),
        _ => Err(exchange(site.op, of).into()),
    }
}

/// `sdy.manual_computation` along axes of one device: its body, on operands and results with the shardings that it gives
/// for other axes.
pub(super) fn manual_computation<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let text = |name: &str| {
        let text = site.op.attribute(name).ok().and_then(fields).and_then(|fields| fields.string("text"));
        text.ok_or_else(|| Diagnostic::invalid(format!("has no '{name}'")))
    };
    let meshes = site.import.meshes.iter().map(|text| Mesh::of(text)).collect::<Result<Vec<_>, _>>()?;
    let devices = manual_axes(text("manual_axes")?, &meshes)?;
    if devices > 1 {
        return Err(exchange(site.op, devices as u64).into());
    }
    let (before, after) = (per_value(text("in_shardings")?)?, per_value(text("out_shardings")?)?);
    if before.len() != operands(site.op).len() || after.len() != results(site.op).len() {
        return Err(Diagnostic::invalid("has not one sharding for each operand and each result").into());
    }
    let spread = |site: &mut Site<'_, 'c>, values: Vec<Val<'c>>, shardings: &[&str]| {
        values.into_iter().zip(shardings).map(|(value, sharding)| shard(site, value, sharding)).collect()
    };
    let operands = site.operands()?;
    let operands: Vec<Val<'c>> = spread(site, operands, &before)?;
    let (body, builder) = (site.region(0)?, site.builder);
    let values = site.import.block_with(body, &operands, builder)?;
    spread(site, values, &after)
}

/// The error for an operation in which several devices take part.
fn exchange(op: Op, devices: u64) -> Diagnostic {
    let message = format!("'{}' is for one of {devices} devices, and has no translation", name_of(op));
    Diagnostic::unsupported(message).help(format!(
        "write the program for whole arrays and with shardings, in JAX by 'jax.jit' with 'in_shardings' instead of \
         'shard_map' or 'pmap'; --devices={devices} divides it, and XLA adds the collectives"
    ))
}
