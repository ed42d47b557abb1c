//! Generates the Rust module of a library: declarations of its C functions, and a safe wrapper for each.
//!
//! Names of parameters and functions never contain two consecutive underscores; the module's own names do, so they
//! cannot collide.

use std::fmt::Write as _;

use dp_abi::{
    Argument, Extent, Function, Library, Parameter, Passing, ResultExtent, Returned, Role, ScalarType, Value,
};

/// The beginning of every module.
const COMMON: &str = include_str!("../common.rs");

/// The text of the module.
pub fn bindings(library: &Library) -> String {
    let mut declared = String::new();
    let mut structs = String::new();
    let mut functions = String::new();
    for function in library.functions() {
        declared += &declaration(function);
        structs += &results_struct(function);
        functions += &wrapper(library, function);
    }
    let message = library.message_symbol();
    writeln!(declared, "            pub fn {message}(status: i32) -> *const std::ffi::c_char;").ok();
    if library.allocates() {
        writeln!(declared, "            pub fn {}(memory: *mut std::ffi::c_void);", library.free_symbol()).ok();
    }
    let name = library.name();
    let common = COMMON.replace("MESSAGE", &message);
    format!(
        "// Written by dp-build.\n\n/// The functions of the model `{name}`, compiled by dpc.\n\
         #[allow(dead_code, non_camel_case_types, non_snake_case, unused_mut, clippy::all)]\npub mod {} {{\n\
         {common}\n    /// The C functions; the header that lies beside this file says more.\n    \
         pub mod ffi {{\n        unsafe extern \"C\" {{\n{declared}        }}\n    }}\n\n    \
         /// Results of functions with several results.\n    pub mod results {{\n{structs}    }}\n{functions}}}\n",
        ident(name)
    )
}

/// A C name as a Rust identifier.
fn ident(name: &str) -> String {
    const KEYWORDS: &str = "abstract as async await become box const crate do dyn else enum extern final fn gen impl in \
        let loop macro match mod move mut override priv pub ref static trait try type typeof unsafe unsized use virtual \
        where yield";
    match name {
        // The first four cannot be raw identifiers, the others would be patterns.
        "self" | "super" | "crate" | "Self" | "None" | "Some" | "Ok" | "Err" => format!("{name}__"),
        name if KEYWORDS.split(' ').any(|word| word == name) => format!("r#{name}"),
        name => name.into(),
    }
}

/// The Rust type of a component of a number, as of the C parameter.
fn component(number: ScalarType) -> &'static str {
    match number {
        ScalarType::I1 => "bool",
        ScalarType::I8 => "i8",
        ScalarType::I16 => "i16",
        ScalarType::I32 => "i32",
        ScalarType::I64 | ScalarType::Index => "i64",
        ScalarType::F16 | ScalarType::BF16 => "u16",
        ScalarType::F32 | ScalarType::Complex64 => "f32",
        ScalarType::F64 | ScalarType::Complex128 => "f64",
    }
}

/// The Rust type of a number.
fn number(number: ScalarType) -> String {
    match number.is_complex() {
        true => format!("[{}; 2]", component(number)),
        false => component(number).into(),
    }
}

fn declaration(function: &Function) -> String {
    let parameters = function.parameters();
    let declare = |symbol: &str, last: &str| {
        let list: Vec<String> = parameters.iter().map(parameter).collect();
        let list = list.join(", ");
        let separator = if list.is_empty() || last.is_empty() { "" } else { ", " };
        format!("            pub fn {}({list}{separator}{last}) -> i32;\n", ident(symbol))
    };
    let mut text = declare(&function.name, "");
    if function.workspace {
        text += &declare(&function.workspace_size_symbol(), "size__: *mut i64");
        text += &declare(&function.with_workspace_symbol(), "workspace__: *mut std::ffi::c_void, size__: i64");
    }
    text
}

fn parameter(parameter: &Parameter) -> String {
    let c = component(parameter.component);
    let pointer = match parameter.passing {
        Passing::Value => "",
        Passing::In => "*const ",
        Passing::Out => "*mut ",
        Passing::Allocated => "*mut *mut ",
    };
    format!("{}: {pointer}{c}", ident(&parameter.name))
}

/// The Rust type of a result.
fn result_type(result: &Returned) -> String {
    let element = number(result.number);
    match result.shape.as_deref() {
        None | Some([]) => element,
        Some(shape) if result.is_allocated() => format!("(Vec<{element}>, [usize; {}])", shape.len()),
        Some(_) => format!("Vec<{element}>"),
    }
}

fn results_struct(function: &Function) -> String {
    if function.results.len() < 2 {
        return String::new();
    }
    let name = ident(&function.name);
    let mut text = format!(
        "        /// What `{name}` gives.\n        #[derive(Clone, Debug, PartialEq)]\n        pub struct {name} {{\n"
    );
    for result in &function.results {
        writeln!(text, "            /// `{result}`\n            pub {}: {},", ident(&result.name), result_type(result))
            .ok();
    }
    text + "        }\n"
}

/// The dynamic dimensions of an argument.
fn dynamic(argument: &Argument) -> Vec<usize> {
    let shape = argument.shape.as_deref().unwrap_or_default();
    (0..shape.len()).filter(|&dimension| shape[dimension] == Extent::Dynamic).collect()
}

fn wrapper(library: &Library, function: &Function) -> String {
    let name = ident(&function.name);
    let mut parameters = Vec::new();
    let mut checks = String::new();
    for argument in &function.arguments {
        let (variable, element) = (ident(&argument.name), number(argument.number));
        let Some(shape) = argument.shape.as_deref().filter(|shape| !shape.is_empty()) else {
            parameters.push(format!("{variable}: {element}"));
            continue;
        };
        parameters.push(format!("{variable}: &[{element}]"));
        let open = dynamic(argument);
        let extents: Vec<String> = (shape.iter().enumerate())
            .map(|(dimension, extent)| match extent {
                Extent::Static(extent) => extent.to_string(),
                Extent::Dynamic => argument.extent_name(dimension),
            })
            .collect();
        if let [only] = open[..] {
            let fixed: Vec<&str> = (extents.iter().enumerate())
                .filter_map(|(dimension, extent)| (dimension != only).then_some(extent.as_str()))
                .collect();
            let line = format!("rows__(\"{}\", {variable}.len(), &[{}])?", argument.name, fixed.join(", "));
            writeln!(checks, "        let {} = {line};", extents[only]).ok();
        } else {
            parameters.extend(open.iter().map(|&dimension| format!("{}: usize", extents[dimension])));
            let line = format!("check__(\"{}\", {variable}.len(), &[{}])?", argument.name, extents.join(", "));
            writeln!(checks, "        {line};").ok();
        }
    }
    for result in &function.results {
        checks += &prepared(function, result);
    }

    let list: Vec<String> = function.parameters().iter().map(|parameter| passed(function, parameter)).collect();
    let results: Vec<String> = function.results.iter().map(|result| taken(library, function, result)).collect();
    let (kind, value) = match (&function.results[..], &results[..]) {
        ([only], [value]) => (result_type(only), value.clone()),
        ([], _) => ("()".into(), "()".into()),
        (several, values) => {
            let fields: Vec<String> =
                several.iter().zip(values).map(|(result, value)| format!("{}: {value}", ident(&result.name))).collect();
            (format!("results::{name}"), format!("results::{name} {{ {} }}", fields.join(", ")))
        }
    };
    format!(
        "\n    /// `{}`\n    pub fn {name}({}) -> Result<{kind}, Error> {{\n{checks}        \
         // SAFETY: slices and vectors have as many elements as the function reads and writes;\n        \
         // results overlap nothing.\n        \
         let status__ = unsafe {{ ffi::{name}({}) }};\n        success__(status__)?;\n        Ok({value})\n    }}\n",
        function.signature(),
        parameters.join(", "),
        list.join(", ")
    )
}

/// Declares the variables that a result is written to.
fn prepared(function: &Function, result: &Returned) -> String {
    let (variable, element) = (ident(&result.name), number(result.number));
    let shape = match result.shape.as_deref() {
        None | Some([]) => return format!("        let mut {variable}: {element} = Default::default();\n"),
        Some(shape) => shape,
    };
    if !result.is_allocated() {
        let extents = extents(function, result, shape).join(", ");
        return format!("        let mut {variable}: Vec<{element}> = zeros__(\"{}\", &[{extents}])?;\n", result.name);
    }
    let mut text = format!("        let mut {variable}: *mut {element} = std::ptr::null_mut();\n");
    for (dimension, extent) in shape.iter().enumerate() {
        if *extent == ResultExtent::Computed {
            writeln!(text, "        let mut {}: i64 = 0;", result.extent_name(dimension)).ok();
        }
    }
    text
}

/// The extents of a result as `usize` expressions.
fn extents(function: &Function, result: &Returned, shape: &[ResultExtent]) -> Vec<String> {
    (shape.iter().enumerate())
        .map(|(own, extent)| match *extent {
            ResultExtent::Static(extent) => extent.to_string(),
            ResultExtent::OfArgument { argument, dimension } => function.arguments[argument].extent_name(dimension),
            ResultExtent::Computed => format!("{} as usize", result.extent_name(own)),
        })
        .collect()
}

/// The expression passed for a parameter.
fn passed(function: &Function, parameter: &Parameter) -> String {
    let name = ident(&parameter.name);
    match (parameter.role, parameter.passing) {
        (Role::Argument(_), Passing::Value) => name,
        (Role::Argument(index), _) if lies_in_slice(&function.arguments[index]) => format!("{name}.as_ptr().cast()"),
        (Role::Argument(_), _) => format!("(&raw const {name}).cast()"),
        (Role::ArgumentExtent { .. }, _) => format!("{name} as i64"),
        (Role::Result(index), Passing::Out) if lies_in_slice(&function.results[index]) => {
            format!("{name}.as_mut_ptr().cast()")
        }
        (Role::Result(_), _) => format!("(&raw mut {name}).cast()"),
        (Role::ResultExtent { .. }, _) => format!("&raw mut {name}"),
    }
}

/// Whether a value is a slice or vector in Rust; a tensor of rank 0 is a number.
fn lies_in_slice<E>(value: &Value<E>) -> bool {
    value.shape.as_ref().is_some_and(|shape| !shape.is_empty())
}

/// The expression for a result's value.
fn taken(library: &Library, function: &Function, result: &Returned) -> String {
    let variable = ident(&result.name);
    match result.shape.as_deref().filter(|_| result.is_allocated()) {
        None => variable,
        Some(shape) => {
            let extents = extents(function, result, shape).join(", ");
            format!("owned__({variable}, [{extents}], ffi::{})", library.free_symbol())
        }
    }
}
