//! The handler for each operation, by name.

use super::site::Site;
use super::{Translated, bits, broadcasts, collectives, constants, control, convolution, custom_calls};
use super::{elementwise, fourier, functions, gather, linear_algebra, normalization, products, random, reductions};
use super::{scatter, selection, shapes, slices, sort, tuples, upstream, windows};
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
    ("stablehlo.dynamic_iota", constants::dynamic_iota),
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
    ("stablehlo.dynamic_reshape", shapes::dynamic_reshape),
    ("stablehlo.broadcast_in_dim", shapes::broadcast_in_dim),
    ("stablehlo.dynamic_broadcast_in_dim", shapes::dynamic_broadcast_in_dim),
    ("stablehlo.get_dimension_size", shapes::get_dimension_size),
    ("stablehlo.set_dimension_size", shapes::set_dimension_size),
    ("stablehlo.transpose", shapes::transpose),
    ("stablehlo.concatenate", shapes::concatenate),
    ("stablehlo.pad", shapes::pad),
    ("stablehlo.dynamic_pad", shapes::dynamic_pad),
    ("stablehlo.reverse", shapes::reverse),
    ("stablehlo.slice", slices::slice),
    ("stablehlo.dynamic_slice", slices::dynamic_slice),
    ("stablehlo.real_dynamic_slice", slices::real_dynamic_slice),
    ("stablehlo.dynamic_update_slice", slices::dynamic_update_slice),
    ("stablehlo.dot_general", products::dot_general),
    ("stablehlo.dot", products::dot),
    ("stablehlo.convolution", convolution::convolution),
    ("stablehlo.dynamic_conv", convolution::dynamic_conv),
    ("stablehlo.reduce", reductions::reduce),
    ("stablehlo.map", reductions::map),
    ("stablehlo.reduce_window", windows::reduce_window),
    ("stablehlo.select_and_scatter", selection::select_and_scatter),
    ("stablehlo.batch_norm_training", normalization::training),
    ("stablehlo.batch_norm_inference", normalization::inference),
    ("stablehlo.batch_norm_grad", normalization::grad),
    ("stablehlo.gather", gather::gather),
    ("stablehlo.dynamic_gather", gather::dynamic_gather),
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
    ("stablehlo.optimization_barrier", tuples::pass_through),
    ("stablehlo.tuple", tuples::nothing),
    ("stablehlo.get_tuple_element", tuples::element),
    ("stablehlo.create_token", tuples::nothing),
    ("stablehlo.after_all", tuples::nothing),
    ("stablehlo.broadcast", shapes::broadcast),
    ("chlo.polygamma", elementwise::polygamma),
    ("tensor.dim", upstream::dim),
    ("tensor.cast", upstream::cast),
    ("tensor.from_elements", upstream::from_elements),
    ("arith.index_cast", upstream::index_cast),
    ("shape.shape_of", tuples::nothing),
    ("chlo.constant_like", broadcasts::constant_like),
    ("chlo.broadcast_compare", broadcasts::compare),
    ("chlo.broadcast_complex", broadcasts::complex),
    ("chlo.broadcast_select", broadcasts::select),
    ("sdy.sharding_constraint", functions::sharding_constraint),
    ("sdy.reshard", functions::sharding_constraint),
    ("stablehlo.custom_call", custom_calls::custom_call),
];

/// The handler for an operation.
pub(super) fn handler(name: &str) -> Option<Handler> {
    if elementwise::is_plain(name) {
        return Some(elementwise::plain);
    }
    if broadcasts::is_plain(name) {
        return Some(broadcasts::plain);
    }
    HANDLERS.iter().find(|(known, _)| *known == name).map(|(_, handler)| *handler)
}

/// The names of the operations that are translated, in order.
pub fn operations() -> Vec<String> {
    let own = HANDLERS.iter().map(|(name, _)| (*name).to_owned());
    let mut names: Vec<String> = own
        .chain(elementwise::plain_names())
        .chain(broadcasts::plain_names())
        .filter(|name| is_foreign(name))
        .collect();
    names.sort();
    names
}

/// What to do instead of some operations without a handler.
const INSTEAD: &[(&str, &str)] = &[
    ("stablehlo.rng", "it draws other numbers at each run: use 'stablehlo.rng_bit_generator', whose state is a value"),
    ("stablehlo.einsum", "write it as 'stablehlo.dot_general'"),
    ("stablehlo.unary_einsum", "write it as 'stablehlo.reduce' and 'stablehlo.transpose'"),
    ("stablehlo.infeed", "make what it reads an argument of the function"),
    ("stablehlo.outfeed", "make what it writes a result of the function"),
    ("stablehlo.recv", "make what it receives an argument of the function"),
    ("stablehlo.send", "make what it sends a result of the function"),
    ("stablehlo.uniform_quantize", "quantized types are not supported: export the model before quantization"),
    ("stablehlo.uniform_dequantize", "quantized types are not supported: export the model before quantization"),
    ("chlo.zeta", "of its relatives, 'chlo.lgamma', 'chlo.digamma' and 'chlo.polygamma' are read"),
    ("chlo.bessel_i1e", "a polynomial approximation of it can be exported instead"),
];

/// The error for an operation without a handler.
pub(super) fn refusal(name: &str) -> Diagnostic {
    let diagnostic = Diagnostic::unsupported(format!("'{name}' has no translation"));
    if let Some((_, help)) = INSTEAD.iter().find(|(known, _)| *known == name) {
        return diagnostic.help(*help);
    }
    match is_foreign(name) {
        true => diagnostic.help("docs/reference/stablehlo.md lists the operations that are read"),
        false => diagnostic.help("a module with operations of StableHLO may use 'func' beside them"),
    }
}
