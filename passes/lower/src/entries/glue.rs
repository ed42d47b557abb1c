//! `lower-glue`: the functions of a library that no program writes.

use super::{MESSAGES, described};
use crate::text::{self, quoted};
use dp_abi::{Function, Library, Number, Passing};
use dp_dialects::Complaint;
use dp_dialects::ir::{self, Op, context_of};
use dp_passes::{Pass, PassOption, Reported};
use melior::ir::attribute::ArrayAttribute;
use melior::ir::operation::OperationLike;
use std::fmt::Write as _;

/// `lower-glue`.
pub static LOWER_GLUE: Pass = Pass {
    flag: "lower-glue",
    summary: "add the library's own functions",
    description: "Takes a module in LLVM's dialect with the attributes `dp.abi` and `dp.messages`. Leaves in it \
        `NAME_message`, `NAME_free` where the library allocates results, the description `NAME__abi`, and, unless \
        told otherwise, `f__packed` for each function.",
    options: &[
        PassOption { name: "packed", summary: "whether functions have packed entries", default: "true" },
        PassOption { name: "device", summary: "whether the device's runtime has statuses too", default: "false" },
    ],
    body: run,
};

fn run<'c>(module: Op<'c>, options: &[&str]) -> Result<(), Reported> {
    let fail = |complaint: Complaint| complaint.report(module.location());
    let library = described(module)?;
    let messages = messages(module);
    let packed = options.first() != Some(&"false");
    let device = options.get(1) == Some(&"true");
    let text = render(&library, &messages, packed, device);
    let glue = text::parse(context_of(module), &text, "the library's own functions").map_err(fail)?;
    text::append(module, &glue);
    Ok(())
}

fn messages(module: Op) -> Vec<String> {
    let Some(list) = module.attribute(MESSAGES).ok().and_then(|list| ArrayAttribute::try_from(list).ok()) else {
        return Vec::new();
    };
    let text = |index| Some(ir::text(list.element(index).ok()?)?.to_string());
    (0..list.len()).filter_map(text).collect()
}

/// The type of a parameter's value in memory, and in LLVM.
fn llvm_type(number: Number) -> (&'static str, &'static str) {
    match number {
        Number::I1 => ("i8", "i1"),
        Number::I8 => ("i8", "i8"),
        Number::I16 | Number::F16 | Number::BF16 => ("i16", "i16"),
        Number::I32 => ("i32", "i32"),
        Number::I64 | Number::Index => ("i64", "i64"),
        Number::F32 | Number::C32 => ("f32", "f32"),
        Number::F64 | Number::C64 => ("f64", "f64"),
    }
}

fn render(library: &Library, messages: &[String], packed: bool, device: bool) -> String {
    let mut text = String::new();
    constant(&mut text, &library.description_symbol(), &library.description(), "external");
    message(&mut text, library, messages, device);
    if library.allocates() {
        let _ = write!(
            text,
            "llvm.func @free(!llvm.ptr)\nllvm.func @{}(%memory: !llvm.ptr) {{\n  \
             llvm.call @free(%memory) : (!llvm.ptr) -> ()\n  llvm.return\n}}\n",
            library.free_symbol()
        );
    }
    if packed {
        library.functions().iter().for_each(|function| wrapper(&mut text, function));
    }
    text
}

/// A string that ends in 0.
fn constant(text: &mut String, name: &str, value: &str, linkage: &str) {
    let length = value.len() + 1;
    let value = quoted(&format!("{value}\0"));
    let _ = writeln!(text, "llvm.mlir.global {linkage} constant @{name}({value}) : !llvm.array<{length} x i8>");
}

fn message(text: &mut String, library: &Library, messages: &[String], device: bool) {
    let name = library.message_symbol();
    let known: Vec<&str> = std::iter::once("success").chain(messages.iter().map(String::as_str)).collect();
    for (index, value) in known.iter().copied().chain(["unknown status"]).enumerate() {
        constant(text, &format!("{name}.{index}"), value, "private");
    }
    let unknown = known.len();
    let _ = write!(text, "llvm.func @{name}(%status: i32) -> !llvm.ptr {{\n  llvm.switch %status : i32, ^unknown [\n");
    for index in 0..unknown {
        let comma = if index + 1 < unknown { "," } else { "" };
        let _ = writeln!(text, "    {index}: ^status{index}{comma}");
    }
    text.push_str("  ]\n");
    let labels = (0..unknown).map(|index| (format!("status{index}"), index)).chain([("unknown".to_string(), unknown)]);
    for (label, index) in labels {
        if device && index == unknown {
            // The runtime's own, or unknown to it too.
            text.push_str(
                "^unknown:\n  %own = llvm.call @dp_cuda_message(%status) : (i32) -> !llvm.ptr\n  \
                 llvm.return %own : !llvm.ptr\n",
            );
            continue;
        }
        let _ = write!(
            text,
            "^{label}:\n  %text{index} = llvm.mlir.addressof @{name}.{index} : !llvm.ptr\n  \
             llvm.return %text{index} : !llvm.ptr\n"
        );
    }
    text.push_str("}\n");
    if device {
        text.push_str("llvm.func @dp_cuda_message(i32) -> !llvm.ptr\n");
    }
}

/// `f__packed(slots)`: the parameters from where the slots point.
fn wrapper(text: &mut String, function: &Function) {
    let mut types = Vec::new();
    let mut body = String::new();
    let parameters = function.parameters();
    for (index, parameter) in parameters.iter().enumerate() {
        let _ = write!(
            body,
            "  %s{index} = llvm.getelementptr %slots[{index}] : (!llvm.ptr) -> !llvm.ptr, !llvm.ptr\n  \
             %p{index} = llvm.load %s{index} : !llvm.ptr -> !llvm.ptr\n"
        );
        let (stored, passed) = match parameter.passing {
            Passing::Value => llvm_type(parameter.component),
            Passing::In | Passing::Out | Passing::Allocated => ("!llvm.ptr", "!llvm.ptr"),
        };
        let loaded = if stored == passed { "v" } else { "w" };
        let _ = writeln!(body, "  %{loaded}{index} = llvm.load %p{index} : !llvm.ptr -> {stored}");
        if stored != passed {
            let _ = writeln!(body, "  %v{index} = llvm.trunc %w{index} : {stored} to {passed}");
        }
        types.push(passed);
    }
    let (name, packed, types) = (&function.name, function.packed_symbol(), types.join(", "));
    let values = (0..parameters.len()).map(|index| format!("%v{index}")).collect::<Vec<_>>().join(", ");
    // The function stands in the module already; the declaration lets this text be read.
    let _ = write!(
        text,
        "llvm.func @{packed}(%slots: !llvm.ptr) -> i32 {{\n{body}  \
         %status = llvm.call @{name}({values}) : ({types}) -> i32\n  llvm.return %status : i32\n}}\n\
         llvm.func @{name}({types}) -> i32\n"
    );
}
