//! The C header of a library.

use std::fmt::Write as _;

use crate::model::{Argument, Extent, Function, Library, ResultExtent, Returned, Value};
use crate::parameters::Passing;

/// Whether a header also declares the packed entry points, which loaders use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Packed {
    /// Only the functions that programs call.
    #[default]
    Hidden,
    /// Also the packed entry point of each function.
    Declared,
}

const CONVENTIONS: &str = "\
Every function returns 0 on success, or a status; {message}
returns its message.
Tensors are contiguous, in row-major order. The dynamic extents of a tensor
follow it as int64_t. A complex number is its real and imaginary part;
f16 and bf16 are passed as their bits.
The caller allocates results, which must not overlap any other parameter.";

const STATELESS: &str = "
The functions are thread-safe and keep no state.";

const DEVICE: &str = "
The functions are thread-safe. The library needs NVIDIA's driver, and keeps
loaded kernels, streams and a memory pool for each CUDA context.
The functions run on an NVIDIA GPU: they copy arguments to it and results
back. FUNC__device takes pointers to device memory instead, aligned to 16
bytes; scalar results are in device memory too. It enqueues its work on a
stream (a CUstream) and does not wait for it. Scalar complex arguments are
in host memory.";

const ALLOCATION: &str = "
The library allocates a result declared as T ** and returns its extents in
the parameters after it; free it with {free}. If the status is not
0, there is nothing to free.";

const PULLBACKS: &str = "
FUNC_vjp computes the results of FUNC, and stores a handle that holds copies of
what the derivative needs. FUNC_pull takes the handle and cotangents of the
results, and computes cotangents of arguments. It only reads the handle: it may
be called any number of times, by several threads at once, after the arguments
of FUNC_vjp are gone. The caller owns the handle, and frees it with FUNC_drop
when no call uses it any more. If FUNC_vjp does not return 0, it stores null,
and there is nothing to free. Extents that FUNC_pull does not take are those of
the arguments of FUNC_vjp. The pairing of complex numbers is Re(z w), without
conjugation.

    struct FUNC_pullback *pullback;
    int status = FUNC_vjp(x, &y, &pullback);
    if (status == 0) {
        status = FUNC_pull(pullback, d_y, &d_x);
        FUNC_drop(pullback);
    }";

const HANDLES_ON_HOST: &str = "
Handles are in host memory, and so are all tensors of FUNC_vjp and FUNC_pull.";

const WITH_WORKSPACE: &str = "\
The same, with a workspace of the caller. The first function stores the size
in bytes, which depends only on extents and scalars; it reads and writes no
tensor. The second takes a workspace of at least this size, aligned to 64
bytes, which no other call may use at the same time. If it is null, the
function allocates one.";

impl Library {
    /// The text of `NAME.h`, valid in C11 and C++17.
    pub fn header(&self, packed: Packed) -> String {
        self.header_of(packed, false)
    }

    /// The text of `NAME.h` for a device library.
    pub fn device_header(&self, packed: Packed) -> String {
        self.header_of(packed, true)
    }

    fn header_of(&self, packed: Packed, device: bool) -> String {
        let name = self.name();
        let guard = format!("{}_H", name.to_ascii_uppercase());
        let mut about = format!("{name}.h: the C interface of lib{name}.so, written by dpc.\n\n");
        about += &CONVENTIONS.replace("{message}", &self.message_symbol());
        about += if device { DEVICE } else { STATELESS };
        if self.allocates() {
            about += &ALLOCATION.replace("{free}", &self.free_symbol());
        }
        if self.has_pullbacks() {
            about += PULLBACKS;
            about += if device { HANDLES_ON_HOST } else { "" };
        }

        let mut text = comment(&about);
        text += &format!("#ifndef {guard}\n#define {guard}\n\n#include <stdbool.h>\n#include <stdint.h>\n\n");
        text += "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n";
        for function in self.functions() {
            if let (Some(tag), Some(_)) = (function.handle_tag(), function.drop_symbol()) {
                text += &comment("What a pullback keeps.");
                text += &format!("struct {tag};\n\n");
            }
            text += &comment(&documentation(function));
            text += &prototype(&function.name, function);
            if let Some(symbol) = function.device_symbol().filter(|_| device) {
                text += &comment("The same, with pointers to device memory.");
                text += &prototype_with(&symbol, function, Some(vec!["void *stream".into()]));
            }
            if function.offers_workspace() && !device {
                text += &comment(WITH_WORKSPACE);
                let size = Some(vec!["int64_t *size".into()]);
                text += &prototype_with(&function.workspace_size_symbol(), function, size);
                let workspace = Some(vec!["void *workspace".into(), "int64_t size".into()]);
                text += &prototype_with(&function.with_workspace_symbol(), function, workspace);
            }
            if packed == Packed::Declared {
                text += &comment("The same; slots[i] is the address of parameter i.");
                text += &format!("int {}(void *const *slots);\n\n", function.packed_symbol());
            }
            if let (Some(tag), Some(symbol)) = (function.handle_tag(), function.drop_symbol()) {
                text += &comment(&format!("Frees a handle of {}. Null is allowed.", function.name));
                text += &format!("void {symbol}(struct {tag} *pullback);\n\n");
            }
        }
        text += &comment("The message of a status. The string is valid while the library is loaded.");
        text += &format!("const char *{}(int status);\n", self.message_symbol());
        if self.allocates() {
            text += "\n";
            text += &comment("Frees a result that the library allocated. Null is allowed.");
            text += &format!("void {}(void *memory);\n", self.free_symbol());
        }
        text += &format!("\n#ifdef __cplusplus\n}}\n#endif\n\n#endif /* {guard} */\n");
        text
    }
}

/// The comment above a function.
fn documentation(function: &Function) -> String {
    let mut text = function.signature() + "\n";
    if !function.location.is_empty() {
        text += &function.location;
        text.push('\n');
    }
    text.push('\n');
    let handle = function.handle();
    let arguments = function.passed_arguments();
    let results = function.passed_results();
    let names = arguments.iter().map(|a| &a.name).chain(results.iter().map(|r| &r.name));
    let width = names.chain(handle.iter().map(|handle| &handle.name)).map(String::len).max().unwrap_or(0);
    let mut line = |direction: &str, name: &str, kind: String| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{direction:<3} {name:<width$}  {kind}");
    };
    if let Some(handle) = handle.as_ref().filter(|handle| handle.passing == Passing::Handle) {
        line("in", &handle.name, "the handle".into());
    }
    for argument in arguments {
        line("in", &argument.name, kind(argument, |dimension, extent| extent_of_argument(argument, dimension, extent)));
    }
    for result in results {
        line(
            "out",
            &result.name,
            kind(result, |dimension, extent| extent_of_result(function, result, dimension, extent)),
        );
    }
    if let Some(handle) = handle.filter(|handle| handle.passing == Passing::NewHandle) {
        line("out", &handle.name, format!("the handle, for {}", function.drop_symbol().unwrap_or_default()));
    }
    text
}

/// The element type and the extents, as `f32 [x_d0][10]`.
fn kind<E: Copy>(value: &Value<E>, extent: impl Fn(usize, E) -> String) -> String {
    let mut text = value.number.to_string();
    match value.shape.as_deref() {
        None => {}
        Some([]) => text += " [] (one element)",
        Some(shape) => {
            text.push(' ');
            text.extend(shape.iter().enumerate().map(|(dimension, &e)| format!("[{}]", extent(dimension, e))));
        }
    }
    text
}

fn extent_of_argument(argument: &Argument, dimension: usize, extent: Extent) -> String {
    match extent {
        Extent::Static(extent) => extent.to_string(),
        Extent::Dynamic => argument.extent_name(dimension),
    }
}

fn extent_of_result(function: &Function, result: &Returned, dimension: usize, extent: ResultExtent) -> String {
    match extent {
        ResultExtent::Static(extent) => extent.to_string(),
        ResultExtent::OfArgument { argument, dimension } => function.arguments[argument].extent_name(dimension),
        ResultExtent::Computed => format!("*{}", result.extent_name(dimension)),
    }
}

fn prototype(name: &str, function: &Function) -> String {
    prototype_with(name, function, None)
}

/// A prototype with additional parameters.
fn prototype_with(name: &str, function: &Function, last: Option<Vec<String>>) -> String {
    let last = last.into_iter().flatten();
    let parameters = function.parameters();
    let declarations = parameters.iter().map(|parameter| parameter.declaration(function));
    let parameters: Vec<String> = declarations.chain(last).collect();
    let list = if parameters.is_empty() { "void".into() } else { parameters.join(", ") };
    let line = format!("int {name}({list});\n\n");
    if line.len() <= 100 {
        return line;
    }
    format!("int {name}(\n    {});\n\n", parameters.join(",\n    "))
}

/// A block comment. Comment delimiters and trigraphs in the text are split.
fn comment(text: &str) -> String {
    let text = text.replace("*/", "* /").replace("/*", "/ *").replace("??", "? ?");
    let lines: Vec<&str> = text.trim_end().lines().collect();
    if let [line] = lines[..] {
        return format!("/* {line} */\n");
    }
    let mut block = String::from("/*\n");
    for line in lines {
        block += &format!(" * {line}");
        block.truncate(block.trim_end().len());
        block.push('\n');
    }
    block + " */\n"
}
