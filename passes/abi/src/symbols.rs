//! `add-library-symbols`: adds the library's own functions.

use crate::attributes::{SIZE_QUERY, described};
use crate::pullback;
use crate::types::{llvm_type, types};
use dp_abi::{Function, Library, Passing, Pullback};
use dp_dialects::Diagnostic;
use dp_dialects::ir::{Op, body_ops, context_of, symbol_name};
use dp_dialects::marks::{MESSAGES, TAPE};
use dp_passes::text::{self, quoted};
use dp_passes::{ErrorGuaranteed, Pass, pass_options};
use melior::ir::operation::OperationLike;
use std::fmt::Write as _;

/// `add-library-symbols`.
pub static ADD_LIBRARY_SYMBOLS: Pass<SymbolOptions> = Pass {
    flag: "add-library-symbols",
    summary: "add the library's own functions",
    description: "Takes a module in the LLVM dialect with the attributes `dp.abi` and `dp.messages`. Adds `NAME_message`, \
        `NAME_free` if the library allocates results, the description `NAME__abi`, and `f__packed` for each \
        function unless disabled. Functions of pullbacks get entry points that keep residuals in a handle.",
    body: run,
};

pass_options! {
    /// Options of `add-library-symbols`.
    pub struct SymbolOptions {
        "packed" => packed: bool = true, "add packed entry points";
        "device" => device: bool = false, "include the status codes of the device runtime";
    }
}

fn run<'c>(module: Op<'c>, options: &SymbolOptions) -> Result<(), ErrorGuaranteed> {
    let fail = |diagnostic: Diagnostic| diagnostic.report(module.location());
    let library = described(module)?;
    let mut messages = messages(module);
    let mut pullbacks = String::new();
    for function in library.functions() {
        if let Some(Pullback::Vjp { .. }) = function.pullback {
            let symbol = function.unpacked_symbol();
            let has_tape = |op: &Op| TAPE.is_on(*op) && symbol_name(*op) == Some(&symbol[..]);
            let has_tape = body_ops(module).iter().any(has_tape);
            pullback::entries(&mut pullbacks, &library, function, has_tape, &mut messages);
        }
    }
    let text = render(&library, &messages, options.packed, options.device) + &pullbacks;
    let functions = text::parse(context_of(module), &text, "the library's own functions").map_err(fail)?;
    text::append(module, &functions);
    Ok(())
}

fn messages(module: Op) -> Vec<String> {
    MESSAGES.of(module).unwrap_or_default()
}

fn render(library: &Library, messages: &[String], packed: bool, device: bool) -> String {
    let mut text = String::new();
    constant(&mut text, &library.description_symbol(), &library.description(), "external");
    message(&mut text, library, messages, device);
    if library.allocates() || library.has_pullbacks() {
        text.push_str("llvm.func @free(!llvm.ptr)\n");
    }
    if library.has_pullbacks() {
        text.push_str(pullback::DECLARATIONS);
    }
    if library.allocates() {
        let _ = write!(
            text,
            "llvm.func @{}(%memory: !llvm.ptr) {{\n  \
             llvm.call @free(%memory) : (!llvm.ptr) -> ()\n  llvm.return\n}}\n",
            library.free_symbol()
        );
    }
    let query = messages.iter().position(|message| message == SIZE_QUERY).map_or(0, |index| index + 1);
    for function in library.functions().iter().filter(|function| function.offers_workspace()) {
        workspace_entries(&mut text, function, query);
    }
    if packed {
        library.functions().iter().for_each(|function| wrapper(&mut text, function, query));
    }
    text
}

/// A zero-terminated string.
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
            // The runtime's own message, or null.
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

/// The status of a call that may be a size query, which returns the status `query`: 0 for a query.
fn query_status(query: usize) -> String {
    format!(
        "  %query = llvm.mlir.constant({query} : i32) : i32\n  %success = llvm.mlir.constant(0 : i32) : i32\n  \
         %is_query = llvm.icmp \"eq\" %returned, %query : i32\n  \
         %status = llvm.select %is_query, %success, %returned : i1, i32\n"
    )
}

/// The LLVM types of a function's parameters.
fn passed(function: &Function) -> Vec<&'static str> {
    types(&function.parameters())
}

/// `f(…)`, which allocates its workspace, and `f__workspace_size(…, size)`, which queries the size.
fn workspace_entries(text: &mut String, function: &Function, query: usize) {
    let (name, full, size) = (&function.name, function.with_workspace_symbol(), function.workspace_size_symbol());
    let mut types = passed(function);
    let mut parameters: Vec<String> =
        types.iter().enumerate().map(|(index, r#type)| format!("%v{index}: {type}")).collect();
    let mut values: Vec<String> = (0..types.len()).map(|index| format!("%v{index}")).collect();
    let list = parameters.join(", ");
    types.extend(["!llvm.ptr", "i64"]);
    values.extend(["%memory".into(), "%size".into()]);
    let (types, values) = (types.join(", "), values.join(", "));
    let _ = write!(
        text,
        "llvm.func @{name}({list}) -> i32 {{\n  %memory = llvm.mlir.zero : !llvm.ptr\n  \
         %size = llvm.mlir.constant(0 : i64) : i64\n  \
         %status = llvm.call @{full}({values}) : ({types}) -> i32\n  llvm.return %status : i32\n}}\n"
    );
    parameters.push("%memory: !llvm.ptr".into());
    let _ = write!(
        text,
        "llvm.func @{size}({}) -> i32 {{\n  %size = llvm.mlir.constant(-1 : i64) : i64\n  \
         %returned = llvm.call @{full}({values}) : ({types}) -> i32\n{}  llvm.return %status : i32\n}}\n\
         llvm.func @{full}({types}) -> i32\n",
        parameters.join(", "),
        query_status(query)
    );
}

/// `f__packed(slots)`, which loads the parameters from the slots. If the function allocates a workspace, also
/// `f__packed_workspace(slots, workspace, size)`.
fn wrapper(text: &mut String, function: &Function, query: usize) {
    let types = passed(function);
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
            Passing::In | Passing::Out | Passing::Allocated | Passing::Handle | Passing::NewHandle => {
                ("!llvm.ptr", "!llvm.ptr")
            }
        };
        let loaded = if stored == passed { "v" } else { "w" };
        let _ = writeln!(body, "  %{loaded}{index} = llvm.load %p{index} : !llvm.ptr -> {stored}");
        if stored != passed {
            let _ = writeln!(body, "  %v{index} = llvm.trunc %w{index} : {stored} to {passed}");
        }
    }
    let values: Vec<String> = (0..parameters.len()).map(|index| format!("%v{index}")).collect();
    if function.offers_workspace() {
        let types = types.iter().copied().chain(["!llvm.ptr", "i64"]).collect::<Vec<_>>().join(", ");
        let values = values.iter().cloned().chain(["%memory".into(), "%size".into()]).collect::<Vec<_>>().join(", ");
        let (packed, full) = (function.packed_workspace_symbol(), function.with_workspace_symbol());
        let _ = write!(
            text,
            "llvm.func @{packed}(%slots: !llvm.ptr, %memory: !llvm.ptr, %size: i64) -> i32 {{\n{body}  \
             %returned = llvm.call @{full}({values}) : ({types}) -> i32\n{}  llvm.return %status : i32\n}}\n",
            query_status(query)
        );
    }
    let (name, packed, types) = (&function.name, function.packed_symbol(), types.join(", "));
    let values = values.join(", ");
    // The function is in the module or above; the declaration makes this text parse.
    let declaration = if function.offers_workspace() || function.pullback.is_some() {
        String::new()
    } else {
        format!("llvm.func @{name}({types}) -> i32\n")
    };
    let _ = write!(
        text,
        "llvm.func @{packed}(%slots: !llvm.ptr) -> i32 {{\n{body}  \
         %status = llvm.call @{name}({values}) : ({types}) -> i32\n  llvm.return %status : i32\n}}\n\
         {declaration}"
    );
}
