//! The handler for each operation, by name.

use super::site::Site;
use super::{
    Translated, bits, collectives, constants, control, convolution, custom_calls, elementwise, fourier, functions,
};
use super::{
    gather, linear_algebra, normalization, products, random, reductions, scatter, selection, shapes, slices, sort,
    windows,
};
use dp_dialects::Diagnostic;
use dp_dialects::ir::Val;

/// Translates one operation: the values of its results.
pub(super) type Handler = for<'i, 'c> fn(&mut Site<'i, 'c>) -> Translated<'c, Vec<Val<'c>>>;

/// The dialects whose operations are translated.
pub(super) const FOREIGN: [&str; 3] = ["stablehlo.", "chlo.", "sdy."];

/// Whether an operation belongs to a dialect that is translated.
pub(super) fn is_foreign(name: &str) -> bool {
    FOREIGN.iter().any(|dialect| name.starts_with(dialect))
}

/// The handlers of the operations that need code.
const HANDLERS: &[(&str, Handler)] = &[
    ("stablehlo.constant", constants::constant),
    ("chlo.constant", constants::constant),
    ("arith.constant", constants::constant),
    ("stablehlo.iota", constants::iota),
    ("stablehlo.compare", elementwise::compare),
    ("stablehlo.select", elementwise::select),
    ("stablehlo.clamp", elementwise::clamp),
    ("stablehlo.convert", elementwise::convert),
    ("stablehlo.bitcast_convert", bits::bitcast_convert),
    ("chlo.next_after", bits::next_after),
    ("stablehlo.rng_bit_generator", random::rng_bit_generator),
    ("stablehlo.reduce_precision", bits::reduce_precision),
    ("chlo.is_inf", bits::is_infinite),
    ("chlo.is_pos_inf", bits::is_infinite),
    ("chlo.is_neg_inf", bits::is_infinite),
    ("stablehlo.round_nearest_afz", elementwise::round_away),
    ("stablehlo.real", elementwise::part),
    ("stablehlo.imag", elementwise::part),
    ("stablehlo.complex", elementwise::complex),
    ("chlo.square", elementwise::square),
    ("stablehlo.reshape", shapes::reshape),
    ("stablehlo.broadcast_in_dim", shapes::broadcast_in_dim),
    ("stablehlo.transpose", shapes::transpose),
    ("stablehlo.concatenate", shapes::concatenate),
    ("stablehlo.pad", shapes::pad),
    ("stablehlo.reverse", shapes::reverse),
    ("stablehlo.slice", slices::slice),
    ("stablehlo.dynamic_slice", slices::dynamic_slice),
    ("stablehlo.dynamic_update_slice", slices::dynamic_update_slice),
    ("stablehlo.dot_general", products::dot_general),
    ("stablehlo.dot", products::dot),
    ("stablehlo.convolution", convolution::convolution),
    ("stablehlo.reduce", reductions::reduce),
    ("stablehlo.map", reductions::map),
    ("stablehlo.reduce_window", windows::reduce_window),
    ("stablehlo.select_and_scatter", selection::select_and_scatter),
    ("stablehlo.batch_norm_training", normalization::training),
    ("stablehlo.batch_norm_inference", normalization::inference),
    ("stablehlo.batch_norm_grad", normalization::grad),
    ("stablehlo.gather", gather::gather),
    ("stablehlo.scatter", scatter::scatter),
    ("stablehlo.fft", fourier::fft),
    ("stablehlo.sort", sort::sort),
    ("chlo.top_k", sort::top_k),
    ("stablehlo.while", control::r#while),
    ("stablehlo.if", control::r#if),
    ("stablehlo.case", control::case),
    ("func.call", functions::call),
    ("stablehlo.composite", functions::call),
    ("stablehlo.cholesky", linear_algebra::cholesky),
    ("stablehlo.triangular_solve", linear_algebra::triangular_solve),
    ("stablehlo.optimization_barrier", functions::pass_through),
    ("stablehlo.all_reduce", collectives::among_groups),
    ("stablehlo.all_gather", collectives::among_groups),
    ("stablehlo.reduce_scatter", collectives::among_groups),
    ("stablehlo.all_to_all", collectives::among_groups),
    ("stablehlo.collective_broadcast", collectives::among_groups),
    ("stablehlo.cross-replica-sum", collectives::among_groups),
    ("stablehlo.collective_permute", collectives::permute),
    ("stablehlo.partition_id", collectives::id),
    ("stablehlo.replica_id", collectives::id),
    ("sdy.manual_computation", collectives::manual_computation),
    ("sdy.sharding_constraint", functions::sharding_constraint),
    ("sdy.reshard", functions::sharding_constraint),
    ("stablehlo.custom_call", custom_calls::custom_call),
];

/// The handler for an operation.
pub(super) fn handler(name: &str) -> Option<Handler> {
    if elementwise::is_plain(name) {
        return Some(elementwise::plain);
    }
    HANDLERS.iter().find(|(known, _)| *known == name).map(|(_, handler)| *handler)
}

/// The names of the operations that are translated, in order.
pub fn operations() -> Vec<String> {
    let own = HANDLERS.iter().map(|(name, _)| (*name).to_owned());
    let mut names: Vec<String> = own.chain(elementwise::plain_names()).filter(|name| is_foreign(name)).collect();
    names.sort();
    names
}

/// The error for an operation without a handler.
pub(super) fn refusal(name: &str) -> Diagnostic {
    let diagnostic = Diagnostic::unsupported(format!("'{name}' has no translation"));
    match is_foreign(name) {
        true => diagnostic.help("docs/reference/stablehlo.md lists the operations that are read"),
        false => diagnostic.help("a module with operations of StableHLO may use 'func' beside them"),
    }
}
