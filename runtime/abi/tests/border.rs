//! Tests of the C interface: the header, as text and compiled by C and C++ compilers, the list of parameters, the round
//! trip of the description, and rejected names.

use std::process::Command;

use dp_abi::{
    Extent, Function, Library, NameError, Packed, Pullback, ResultExtent, ScalarType, Value, check_function_name,
    check_name,
};

fn value<E>(name: &str, number: ScalarType, shape: Option<Vec<E>>) -> Value<E> {
    Value { name: name.into(), number, shape }
}

/// A library with every kind of argument and result.
fn example() -> Library {
    use Extent::{Dynamic, Static};
    let loss = Function {
        name: "loss_grad".into(),
        location: "model.mlir:3:1".into(),
        arguments: vec![
            value("w", ScalarType::F32, Some(vec![Static(64), Static(10)])),
            value("x", ScalarType::F32, Some(vec![Dynamic, Static(64)])),
            value("labels", ScalarType::I32, Some(vec![Dynamic])),
        ],
        results: vec![
            value("loss", ScalarType::F32, None),
            value("d_w", ScalarType::F32, Some(vec![ResultExtent::Static(64), ResultExtent::Static(10)])),
            value(
                "d_x",
                ScalarType::F32,
                Some(vec![ResultExtent::OfArgument { argument: 1, dimension: 0 }, ResultExtent::Static(64)]),
            ),
        ],
        workspace: true,
        pullback: None,
    };
    let numbers = Function {
        name: "numbers".into(),
        location: "/*odd*/ name??/.mlir:1:1".into(),
        arguments: ScalarType::ALL
            .iter()
            .enumerate()
            .map(|(index, &number)| value(&format!("a{index}"), number, None))
            .collect(),
        results: ScalarType::ALL
            .iter()
            .enumerate()
            .map(|(index, &number)| value(&format!("r{index}"), number, None))
            .collect(),
        workspace: false,
        pullback: None,
    };
    let positive = Function {
        name: "positive".into(),
        location: String::new(),
        arguments: vec![
            value("z", ScalarType::Complex128, Some(vec![Dynamic])),
            value("rank0", ScalarType::F64, Some(vec![])),
        ],
        results: vec![
            value("kept", ScalarType::Complex128, Some(vec![ResultExtent::Computed, ResultExtent::Static(2)])),
            value("sum", ScalarType::F64, Some(vec![])),
        ],
        workspace: false,
        pullback: None,
    };
    let nothing = Function {
        name: "nothing".into(),
        location: "model.mlir:40:1".into(),
        arguments: vec![],
        results: vec![],
        workspace: false,
        pullback: None,
    };
    Library::new("model", vec![loss, numbers, positive, nothing]).expect("valid C names")
}

#[test]
fn header() {
    insta::assert_snapshot!(example().header(Packed::Hidden));
}

/// A function with a pullback that keeps a number, a tensor, and the extents of `x`.
fn with_pullback() -> Library {
    use Extent::{Dynamic, Static};
    let kept = |index: usize| format!("kept{index}");
    let x = value("x", ScalarType::F32, Some(vec![Dynamic]));
    let vjp = Function {
        name: "f_vjp".into(),
        location: "model.mlir:3:1".into(),
        arguments: vec![x.clone(), value("a", ScalarType::F64, None)],
        results: vec![
            value("y", ScalarType::F32, Some(vec![ResultExtent::OfArgument { argument: 0, dimension: 0 }])),
            value(&kept(0), ScalarType::F64, None),
            value(&kept(1), ScalarType::F32, Some(vec![ResultExtent::Computed, ResultExtent::Static(4)])),
        ],
        workspace: true,
        pullback: Some(Pullback::Vjp { residuals: 2 }),
    };
    let pull = Function {
        name: "f_pull".into(),
        location: "model.mlir:3:1".into(),
        arguments: vec![
            x,
            value(&kept(0), ScalarType::F64, None),
            value(&kept(1), ScalarType::F32, Some(vec![Dynamic, Static(4)])),
            value("d_y", ScalarType::F32, Some(vec![Dynamic])),
        ],
        results: vec![
            value("d_x", ScalarType::F32, Some(vec![ResultExtent::OfArgument { argument: 0, dimension: 0 }])),
            value("d_a", ScalarType::F64, None),
        ],
        workspace: false,
        pullback: Some(Pullback::Pull { shapes: 1, residuals: 2 }),
    };
    Library::new("model", vec![vjp, pull]).expect("valid C names")
}

#[test]
fn header_of_a_pullback() {
    insta::assert_snapshot!(with_pullback().header(Packed::Declared));
}

#[test]
fn a_pullback_reads_back() {
    let library = with_pullback();
    let mut read = Library::from_description(&library.description()).expect("it is well-formed");
    read.note_location("f_vjp", "model.mlir:3:1");
    read.note_location("f_pull", "model.mlir:3:1");
    assert_eq!(read, library);
    assert_eq!(library.functions()[0].drop_symbol().as_deref(), Some("f_drop"));
    assert!(!library.allocates(), "what the handle owns is freed with it");
    // The two functions must agree.
    let other = library.description().replace("keeps 2", "keeps 1");
    assert!(Library::from_description(&other).is_err());
}

#[test]
fn parameters() {
    let lines: Vec<String> = example()
        .functions()
        .iter()
        .flat_map(|function| function.parameters().into_iter().map(move |parameter| (function, parameter)))
        .map(|(function, parameter)| format!("{:<24} {:?}", parameter.declaration(function), parameter.role))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn description_reads_back() {
    let library = example();
    insta::assert_snapshot!(library.description());
    let read = Library::from_description(&library.description()).expect("a valid description");
    let bare =
        library.functions().iter().map(|function| Function { location: String::new(), ..function.clone() }).collect();
    assert_eq!(read, Library::new("model", bare).expect("valid names"));
}

#[test]
fn malformed_descriptions_are_rejected() {
    for text in
        ["", "dp-abi 2 model", "dp-abi 1 model\nf", "dp-abi 1 model\nf: f33 x -> ", "dp-abi 1 model\nf: -> f32 y[x.0]"]
    {
        let error = Library::from_description(text).expect_err("a malformed description");
        assert!(error.to_string().contains("the library"), "{error}");
    }
}

#[test]
fn headers_compile_without_warnings_in_c_and_cxx() {
    let folder = tempfile::tempdir().expect("a folder");
    let headers = [
        (example().header(Packed::Hidden), "hidden", "nothing()"),
        (example().header(Packed::Declared), "declared", "nothing()"),
        (with_pullback().header(Packed::Declared), "pullback", "(f_drop(0), 0)"),
    ];
    for (text, name, value) in headers {
        let header = folder.path().join(format!("{name}.h"));
        std::fs::write(&header, text).expect("a file");
        for (language, standard) in [("c", "-std=c11"), ("c++", "-std=c++17")] {
            let source = folder.path().join(format!("{name}.{language}"));
            let program =
                format!("#include \"{name}.h\"\n#include \"{name}.h\"\nint main(void) {{ return {value}; }}\n");
            std::fs::write(&source, program).expect("a file");
            let status = Command::new("cc")
                .args(["-x", language, standard, "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"])
                .arg(&source)
                .status()
                .expect("a C compiler");
            assert!(status.success(), "{language} rejects the {name} header");
        }
    }
}

#[test]
fn invalid_names_are_rejected() {
    for good in ["x", "loss_grad", "w1", "x_", "power", "y0", "expf"] {
        assert_eq!(check_name(good), Ok(()));
    }
    for bad in ["", "1x", "_x", "a__b", "a.b", "größe", "a-b"] {
        assert_eq!(check_name(bad), Err(NameError::NotAnIdentifier { name: bad.into() }));
    }
    for bad in ["int", "template", "bool", "int64_t", "I"] {
        assert_eq!(check_name(bad), Err(NameError::Keyword { name: bad.into() }));
    }
    for bad in ["pow", "sinf", "expl", "malloc", "read", "main"] {
        assert_eq!(check_function_name(bad), Err(NameError::LibraryFunction { name: bad.into() }));
    }
    assert_eq!(check_function_name("fall"), Ok(()));
}

#[test]
fn names_must_be_unique() {
    let function = |name: &str, arguments: &[&str]| Function {
        name: name.into(),
        location: String::new(),
        arguments: arguments.iter().map(|name| value(name, ScalarType::F32, Some(vec![Extent::Dynamic]))).collect(),
        results: vec![],
        workspace: false,
        pullback: None,
    };
    let twice = |functions: Vec<Function>| match Library::new("model", functions) {
        Err(NameError::Twice { name, .. }) => name,
        other => panic!("{other:?}"),
    };
    assert_eq!(twice(vec![function("f", &[]), function("f", &[])]), "f");
    assert_eq!(twice(vec![function("model_message", &[])]), "model_message");
    assert_eq!(twice(vec![function("f", &["x", "x"])]), "x");
    assert_eq!(twice(vec![function("f", &["x", "x_d0"])]), "x_d0");
}
