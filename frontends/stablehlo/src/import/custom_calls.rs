//! Custom calls: markers, and the functions of LAPACK that JAX calls on CPUs.

use super::functions::sharded;
use super::linear_algebra::{cholesky_with_info, flag, letter, lu, triangular};
use super::site::Site;
use super::{Translated, cumulative, elementwise, handlers::Handler, orthogonal, sort};
use dp_dialects::ir::{Val, operands, results, string_attribute};
use dp_dialects::parameters::SolveForm;
use dp_dialects::{Diagnostic, OpKind};
use melior::ir::attribute::StringAttribute;

/// The custom calls that return their operands on one device.
const MARKERS: [&str; 4] = ["Sharding", "SPMDFullToShardShape", "SPMDShardToFullShape", "annotate_device_placement"];

/// The functions of LAPACK, without the letter of the element type.
const LAPACK: &[(&str, Handler)] = &[
    ("potrf", potrf),
    ("trsm", trsm),
    ("getrf", lu),
    ("geqrf", orthogonal::qr),
    ("orgqr", orthogonal::product_of_reflections),
    ("ungqr", orthogonal::product_of_reflections),
    ("syevd", orthogonal::eigh),
    ("heevd", orthogonal::eigh),
    ("gesdd", orthogonal::svd),
];

/// The other custom calls that compute or check something.
const OTHERS: &[(&str, Handler)] = &[
    ("ApproxTopK", sort::approximate_top_k),
    ("mhlo.topk", sort::top_k_call),
    ("shape_assertion", shape_assertion),
    ("stablehlo.dynamic_reduce_window", cumulative::dynamic_reduce_window),
];

/// What to do instead of some custom calls.
const INSTEAD: &[(&str, &str)] = &[
    ("stablehlo.dynamic_top_k", "export the model with a fixed number of elements"),
    ("stablehlo.dynamic_approx_top_k", "export the model with a fixed number of elements"),
    ("stablehlo.dynamic_rng_bit_generator", "export the model with a fixed shape of the random numbers"),
];

/// A function of LAPACK, such as `lapack_dpotrf_ffi`.
fn lapack(target: &str) -> Option<Handler> {
    let name = target.strip_prefix("lapack_")?.strip_suffix("_ffi")?.strip_prefix(['s', 'd', 'c', 'z'])?;
    LAPACK.iter().find(|(known, _)| *known == name).map(|(_, handler)| *handler)
}

/// `custom_call`, by its target.
pub(super) fn custom_call<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let target = string_attribute(site.op, "call_target_name").unwrap_or_default();
    let other = || OTHERS.iter().find(|(known, _)| *known == target).map(|(_, handler)| *handler);
    if let Some(handler) = lapack(target).or_else(other) {
        return handler(site);
    }
    if let Some(kind) = target.strip_prefix("mhlo.").and_then(elementwise::function_of) {
        return Ok(vec![site.scalar(kind, &site.operands()?)?]);
    }
    if let ("Sharding", Some(sharding)) = (target, string_attribute(site.op, "mhlo.sharding")) {
        return sharded(site, sharding);
    }
    if MARKERS.contains(&target) && operands(site.op).len() == results(site.op).len() {
        return site.operands();
    }
    let diagnostic = Diagnostic::unsupported(format!("the custom call '{target}' has no translation"));
    if let Some((_, help)) = INSTEAD.iter().find(|(known, _)| *known == target) {
        return Err(diagnostic.help(*help).into());
    }
    let help = match target.starts_with("lapack_") {
        true => {
            "of LAPACK, Cholesky, LU and QR factorizations, triangular systems, eigenvalues of Hermitian matrices and \
             singular values are read: use one of these"
        }
        false => "export the model for a platform without custom calls, such as 'tpu'",
    };
    Err(diagnostic.help(help).into())
}

/// What JAX checks about symbolic extents, as an assertion at run time.
fn shape_assertion<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let message = string_attribute(site.op, "error_message").unwrap_or("the extents of the arguments do not fit");
    // What follows lists the extents by their places among the operands.
    let message = message.split(" Using the following").next().unwrap_or_default();
    let message = StringAttribute::new(site.import.context, message.split(" (= {").next().unwrap_or_default());
    site.builder.op(OpKind::CfAssert, &[site.operand(0)?], &[], &[("msg", message.into())], vec![])?;
    Ok(Vec::new())
}

/// Cholesky factorization, with `info`.
fn potrf<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let upper = flag(site, "uplo", ['L', 'U'])?;
    cholesky_with_info(site, upper)
}

/// Triangular systems.
fn trsm<'c>(site: &mut Site<'_, 'c>) -> Translated<'c, Vec<Val<'c>>> {
    let adjoint = letter(site, "trans_x") == Some('C');
    let form = SolveForm {
        right: flag(site, "side", ['L', 'R'])?,
        upper: flag(site, "uplo", ['L', 'U'])?,
        unit: flag(site, "diag", ['N', 'U'])?,
        transposed: adjoint || flag(site, "trans_x", ['N', 'T'])?,
        conjugated: adjoint,
    };
    triangular(site, form)
}
