//! The types of C parameters in the text of entry points.

use dp_abi::{Parameter, Passing, ScalarType};

/// The type of a parameter in memory and in LLVM.
pub(crate) fn llvm_type(number: ScalarType) -> (&'static str, &'static str) {
    match number {
        ScalarType::I1 => ("i8", "i1"),
        ScalarType::I8 => ("i8", "i8"),
        ScalarType::I16 | ScalarType::F16 | ScalarType::BF16 => ("i16", "i16"),
        ScalarType::I32 => ("i32", "i32"),
        ScalarType::I64 | ScalarType::Index => ("i64", "i64"),
        ScalarType::F32 | ScalarType::Complex64 => ("f32", "f32"),
        ScalarType::F64 | ScalarType::Complex128 => ("f64", "f64"),
    }
}

/// The LLVM types of parameters.
pub(crate) fn types(parameters: &[Parameter]) -> Vec<&'static str> {
    let of = |parameter: &Parameter| match parameter.passing {
        Passing::Value => llvm_type(parameter.component).1,
        Passing::In | Passing::Out | Passing::Allocated | Passing::Handle | Passing::NewHandle => "!llvm.ptr",
    };
    parameters.iter().map(of).collect()
}
