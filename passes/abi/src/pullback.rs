//! The entry points of a pullback, as text in the LLVM dialect: `f_vjp` allocates a handle, `f_pull` reads it, `f_drop`
//! frees it. The functions that compute have all residuals as parameters, like any other arguments and results.
//!
//! A handle is one block of memory: extents of arguments; numbers; for tensors with dynamic extents the address of their
//! elements, which are a block of their own, and their extents; then tensors with static extents. A tape is kept by the
//! address of its last block, which starts with the address of the block before.

use crate::types::{llvm_type, types};
use dp_abi::{Argument, Extent, Function, Library, OUT_OF_MEMORY, Parameter, Passing, Role};
use std::fmt::Write as _;

/// The alignment of a handle, and of each tensor in it.
const LINE: u64 = 64;

/// Where the handle has a residual, or the extents of an argument.
struct Place {
    /// Where its extents are, for each dynamic dimension.
    extents: Vec<(usize, u64)>,
    /// Where its number, its elements or the address of its elements are; `None` if only the extents are kept.
    at: Option<u64>,
}

impl Place {
    /// Whether the elements are a block of their own.
    fn is_allocated(&self) -> bool {
        self.at.is_some() && !self.extents.is_empty()
    }
}

/// The contents of a handle: a place for each argument of `f_pull` that comes from it.
struct Layout {
    places: Vec<Place>,
    bytes: u64,
}

impl Layout {
    fn of(pull: &Function) -> Layout {
        let shapes = pull.shape_arguments();
        let mut bytes: u64 = 0;
        let mut take = |size: u64, align: u64| {
            let at = bytes.next_multiple_of(align);
            bytes = at.saturating_add(size);
            at
        };
        let held = &pull.arguments[..pull.held_arguments()];
        let mut places: Vec<Place> = Vec::new();
        for (index, argument) in held.iter().enumerate() {
            let dynamic = |(dim, extent): (usize, &Extent)| (*extent == Extent::Dynamic).then_some(dim);
            let dims: Vec<usize> = argument.shape.iter().flatten().enumerate().filter_map(dynamic).collect();
            let extents: Vec<(usize, u64)> = dims.into_iter().map(|dim| (dim, take(8, 8))).collect();
            let at = match &argument.shape {
                _ if index < shapes => None,
                None => Some(take(argument.number.size() as u64, 8)),
                Some(_) if !extents.is_empty() => Some(take(8, 8)),
                // Below.
                Some(_) => None,
            };
            places.push(Place { extents, at });
        }
        for (argument, place) in held.iter().zip(&mut places).skip(shapes).filter(|(_, place)| place.at.is_none()) {
            place.at = Some(take(elements(argument).saturating_mul(argument.number.size() as u64), LINE));
        }
        Layout { places, bytes: bytes.clamp(1, i64::MAX as u64 - LINE).next_multiple_of(LINE) }
    }
}

/// The number of elements of a tensor with static extents.
fn elements(argument: &Argument) -> u64 {
    let extents = argument.shape.iter().flatten().map(|extent| match extent {
        Extent::Static(extent) => *extent,
        Extent::Dynamic => 1,
    });
    extents.fold(1, u64::saturating_mul)
}

/// Declares what the entry points call, apart from `free`.
pub(crate) const DECLARATIONS: &str = "llvm.func @aligned_alloc(i64, i64) -> !llvm.ptr\n";

/// The entry points for both functions of a pullback; `vjp` is one of them. The last residual may be a tape. Adds messages
/// for their own statuses.
pub(crate) fn entries(
    text: &mut String,
    library: &Library,
    vjp: &Function,
    has_tape: bool,
    messages: &mut Vec<String>,
) {
    let (Some(pull), Some(drop)) = (library.partner(vjp), vjp.drop_symbol()) else { return };
    let layout = Layout::of(pull);
    let mut status = |message: String| {
        messages.push(message);
        messages.len()
    };
    keep(text, vjp, pull, &layout, status(format!("{}: {OUT_OF_MEMORY}", vjp.name)));
    apply(text, pull, &layout, status(format!("{}: the pullback is null", pull.name)));
    release(text, &drop, &layout, has_tape);
}

/// The address of a byte of the handle.
fn address(text: &mut String, value: &str, at: u64) {
    let _ = writeln!(text, "  %{value} = llvm.getelementptr %memory[{at}] : (!llvm.ptr) -> !llvm.ptr, i8");
}

/// A call of the function that computes; `values` are for its parameters.
fn call(text: &mut String, function: &Function, mut values: Vec<String>) {
    let name = function.unpacked_symbol();
    let mut types = types(&function.all_parameters());
    if function.workspace {
        text.push_str("  %no_size = llvm.mlir.constant(0 : i64) : i64\n");
        types.extend(["!llvm.ptr", "i64"]);
        values.extend(["%null".into(), "%no_size".into()]);
    }
    let (types, values) = (types.join(", "), values.join(", "));
    let _ = writeln!(text, "  %status = llvm.call @{name}({values}) : ({types}) -> i32");
}

/// A function's head; parameter i is `%v{i}`, and the handle `%{handle}`.
fn head(text: &mut String, function: &Function, handle: &str) {
    let parameters = function.parameters();
    let passed = types(&parameters);
    let list: Vec<String> = (parameters.iter().zip(passed).enumerate())
        .map(|(index, (parameter, r#type))| match parameter.role {
            Role::Pullback => format!("%{handle}: {type}"),
            Role::Argument(_) | Role::ArgumentExtent { .. } | Role::Result(_) | Role::ResultExtent { .. } => {
                format!("%v{index}: {type}")
            }
        })
        .collect();
    let all = types(&function.all_parameters());
    let workspace = if function.workspace { vec!["!llvm.ptr", "i64"] } else { vec![] };
    let all: Vec<&str> = all.into_iter().chain(workspace).collect();
    let _ = write!(
        text,
        "llvm.func @{}({}) -> i32\nllvm.func @{}({}) -> i32 {{\n  %null = llvm.mlir.zero : !llvm.ptr\n",
        function.unpacked_symbol(),
        all.join(", "),
        function.name,
        list.join(", ")
    );
}

/// The value of a parameter that the caller passes.
fn passed(parameters: &[Parameter], role: Role) -> String {
    let index = parameters.iter().position(|parameter| parameter.role == role).unwrap_or_default();
    format!("%v{index}")
}

/// `f_vjp`: stores null; allocates a handle, in which the function stores the residuals, and frees it if that fails.
fn keep(text: &mut String, vjp: &Function, pull: &Function, layout: &Layout, missing: usize) {
    head(text, vjp, "pullback");
    let _ = write!(
        text,
        "  llvm.store %null, %pullback : !llvm.ptr, !llvm.ptr\n  %line = llvm.mlir.constant({LINE} : i64) : i64\n  \
         %bytes = llvm.mlir.constant({} : i64) : i64\n  \
         %memory = llvm.call @aligned_alloc(%line, %bytes) : (i64, i64) -> !llvm.ptr\n  \
         %is_missing = llvm.icmp \"eq\" %memory, %null : !llvm.ptr\n  \
         llvm.cond_br %is_missing, ^missing, ^compute\n\
         ^missing:\n  %code = llvm.mlir.constant({missing} : i32) : i32\n  llvm.return %code : i32\n^compute:\n",
        layout.bytes
    );
    let parameters = vjp.parameters();
    let residuals = vjp.held_results();
    let (shapes, kept) = layout.places.split_at(layout.places.len() - residuals);
    for (index, (shape, place)) in pull.arguments.iter().zip(shapes).enumerate() {
        let argument = vjp.arguments.iter().position(|argument| argument == shape).unwrap_or_default();
        for (dimension, at) in &place.extents {
            let name = format!("s{index}_{dimension}");
            address(text, &name, *at);
            let extent = passed(&parameters, Role::ArgumentExtent { argument, dimension: *dimension });
            let _ = writeln!(text, "  llvm.store {extent}, %{name} : i64, !llvm.ptr");
        }
    }
    let first = vjp.results.len() - residuals;
    let mut values = Vec::new();
    for (index, parameter) in vjp.all_parameters().iter().enumerate() {
        let at = match parameter.role {
            Role::Result(result) if result >= first => kept[result - first].at,
            Role::ResultExtent { result, dimension } if result >= first => {
                kept[result - first].extents.iter().find(|(dim, _)| *dim == dimension).map(|(_, at)| *at)
            }
            Role::Result(_) | Role::ResultExtent { .. } => None,
            Role::Argument(_) | Role::ArgumentExtent { .. } | Role::Pullback => None,
        };
        values.push(match at {
            Some(at) => {
                address(text, &format!("h{index}"), at);
                format!("%h{index}")
            }
            None => passed(&parameters, parameter.role),
        });
    }
    call(text, vjp, values);
    text.push_str(
        "  %success = llvm.mlir.constant(0 : i32) : i32\n  %is_done = llvm.icmp \"eq\" %status, %success : i32\n  \
         llvm.cond_br %is_done, ^done, ^failed\n\
         ^done:\n  llvm.store %memory, %pullback : !llvm.ptr, !llvm.ptr\n  llvm.return %status : i32\n\
         ^failed:\n  llvm.call @free(%memory) : (!llvm.ptr) -> ()\n  llvm.return %status : i32\n}\n",
    );
}

/// `f_pull`: reads the handle.
fn apply(text: &mut String, pull: &Function, layout: &Layout, missing: usize) {
    head(text, pull, "memory");
    let _ = write!(
        text,
        "  %is_missing = llvm.icmp \"eq\" %memory, %null : !llvm.ptr\n  llvm.cond_br %is_missing, ^missing, ^compute\n\
         ^missing:\n  %code = llvm.mlir.constant({missing} : i32) : i32\n  llvm.return %code : i32\n^compute:\n"
    );
    let parameters = pull.parameters();
    let mut values = Vec::new();
    for (index, parameter) in pull.all_parameters().iter().enumerate() {
        let place = |argument: usize| layout.places.get(argument);
        let (place, at) = match parameter.role {
            Role::Argument(argument) => (place(argument), place(argument).and_then(|place| place.at)),
            Role::ArgumentExtent { argument, dimension } => {
                let extents = place(argument).into_iter().flat_map(|place| &place.extents);
                (place(argument), extents.into_iter().find(|(dim, _)| *dim == dimension).map(|(_, at)| *at))
            }
            Role::Result(_) | Role::ResultExtent { .. } | Role::Pullback => (None, None),
        };
        let Some(place) = place else {
            values.push(passed(&parameters, parameter.role));
            continue;
        };
        let Some(at) = at else {
            values.push("%null".into());
            continue;
        };
        address(text, &format!("h{index}"), at);
        let is_element = matches!(parameter.role, Role::Argument(_));
        let (stored, wanted) = match parameter.passing {
            Passing::Value => llvm_type(parameter.component),
            _ if is_element && place.is_allocated() => ("!llvm.ptr", "!llvm.ptr"),
            // In the handle itself.
            Passing::In | Passing::Out | Passing::Allocated | Passing::Handle | Passing::NewHandle => {
                values.push(format!("%h{index}"));
                continue;
            }
        };
        let _ = writeln!(text, "  %l{index} = llvm.load %h{index} : !llvm.ptr -> {stored}");
        if stored == wanted {
            values.push(format!("%l{index}"));
        } else {
            let _ = writeln!(text, "  %t{index} = llvm.trunc %l{index} : {stored} to {wanted}");
            values.push(format!("%t{index}"));
        }
    }
    call(text, pull, values);
    text.push_str("  llvm.return %status : i32\n}\n");
}

/// `f_drop`: frees the tensors of a handle that are blocks of their own, its tape, and the handle.
fn release(text: &mut String, name: &str, layout: &Layout, has_tape: bool) {
    let _ = write!(
        text,
        "llvm.func @{name}(%memory: !llvm.ptr) {{\n  %null = llvm.mlir.zero : !llvm.ptr\n  \
         %is_missing = llvm.icmp \"eq\" %memory, %null : !llvm.ptr\n  llvm.cond_br %is_missing, ^done, ^free\n^free:\n"
    );
    for (index, place) in layout.places.iter().enumerate().filter(|(_, place)| place.is_allocated()) {
        address(text, &format!("h{index}"), place.at.unwrap_or_default());
        let _ = write!(
            text,
            "  %l{index} = llvm.load %h{index} : !llvm.ptr -> !llvm.ptr\n  \
             llvm.call @free(%l{index}) : (!llvm.ptr) -> ()\n"
        );
    }
    if let Some(at) = layout.places.last().filter(|_| has_tape).and_then(|tape| tape.at) {
        address(text, "tape", at);
        text.push_str(
            "  %last = llvm.load %tape : !llvm.ptr -> !llvm.ptr\n  llvm.br ^look(%last : !llvm.ptr)\n\
             ^look(%block: !llvm.ptr):\n  %is_end = llvm.icmp \"eq\" %block, %null : !llvm.ptr\n  \
             llvm.cond_br %is_end, ^rest, ^drop\n\
             ^drop:\n  %before = llvm.load %block : !llvm.ptr -> !llvm.ptr\n  \
             llvm.call @free(%block) : (!llvm.ptr) -> ()\n  llvm.br ^look(%before : !llvm.ptr)\n^rest:\n",
        );
    }
    text.push_str("  llvm.call @free(%memory) : (!llvm.ptr) -> ()\n  llvm.br ^done\n^done:\n  llvm.return\n}\n");
}
