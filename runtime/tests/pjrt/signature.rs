//! Signatures from descriptions of functions.

use dp_abi::{Library, ScalarType};
use dp_runtime::pjrt::{ArrayType, Signature};

fn signature(function: &str) -> Result<Signature, String> {
    let library = Library::from_description(&format!("dp-abi 1 model\n{function}\n")).expect("a description");
    Signature::try_from(&library.functions()[0]).map_err(|error| error.to_string())
}

#[test]
fn static_shapes_are_a_signature() {
    let signature = signature("f: f32 x[2][3], i1 flag -> f64 y, complex<f32> z[0]").expect("a signature");
    let r#type = |number, shape: &[usize]| ArrayType { number, shape: shape.into() };
    assert_eq!(signature.arguments, [r#type(ScalarType::F32, &[2, 3]), r#type(ScalarType::I1, &[])]);
    assert_eq!(signature.results, [r#type(ScalarType::F64, &[]), r#type(ScalarType::Complex64, &[0])]);
}

#[test]
fn dynamic_shapes_have_no_signature() {
    let expected = |name| Err(format!("`{name}` of `f` has a dynamic extent, but XLA requires static shapes"));
    assert_eq!(signature("f: f32 x[?] -> f32 y"), expected("x"));
    assert_eq!(signature("f: f32 x[?] -> f32 y[x.0]"), expected("x"));
    assert_eq!(signature("f: f32 x -> f32 y[*]"), expected("y"));
}
