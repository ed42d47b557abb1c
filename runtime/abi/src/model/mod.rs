//! The model of a library: functions, arguments and results.

mod names;
mod pullback;

pub use names::{NameError, check_function_name, check_name};
pub use pullback::{DROP, PULL, Pullback, VJP};

use std::fmt;

/// A library: its name and its public functions. All names are valid in C.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Library {
    name: String,
    functions: Vec<Function>,
}

/// A public function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// The name of the symbol.
    pub name: String,
    /// Where it was defined, as `model.mlir:3:1`; empty if unknown.
    pub location: String,
    /// The arguments, in order.
    pub arguments: Vec<Argument>,
    /// The results, in order.
    pub results: Vec<Returned>,
    /// Whether it allocates a workspace, which a caller may pass instead.
    pub workspace: bool,
    /// Whether it is a function of a pullback.
    pub pullback: Option<Pullback>,
}

/// A scalar or a row-major tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value<E> {
    /// Its name in C.
    pub name: String,
    /// The type of the scalar, or of the tensor's elements.
    pub number: crate::ScalarType,
    /// The extents of a tensor, outermost first; `None` for a scalar. (A tensor of rank 0 is not a scalar: it is passed
    /// in memory.)
    pub shape: Option<Vec<E>>,
}

/// An argument of a function.
pub type Argument = Value<Extent>;

/// A result of a function.
pub type Returned = Value<ResultExtent>;

/// The extent of one dimension of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Static.
    Static(u64),
    /// Passed by the caller, after the tensor.
    Dynamic,
}

/// The extent of one dimension of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultExtent {
    /// Static.
    Static(u64),
    /// Equal to a dynamic extent of an argument.
    OfArgument {
        /// The argument.
        argument: usize,
        /// The dimension.
        dimension: usize,
    },
    /// Computed by the function: the library allocates the result.
    Computed,
}

impl Function {
    /// The signature in MLIR, for the header: `func.func @f(f64, tensor<?x3xf64>) -> f64`.
    pub fn signature(&self) -> String {
        let arguments: Vec<String> = self.passed_arguments().iter().map(Value::to_string).collect();
        let results: Vec<String> = self.passed_results().iter().map(Value::to_string).collect();
        let results = match &results[..] {
            [] => String::new(),
            [only] => format!(" -> {only}"),
            several => format!(" -> ({})", several.join(", ")),
        };
        format!("func.func @{}({}){results}", self.name, arguments.join(", "))
    }
}

impl Library {
    /// Makes a library. Names must be valid in C, and results must refer to existing dynamic dimensions of arguments.
    pub fn new(name: impl Into<String>, functions: Vec<Function>) -> Result<Library, NameError> {
        let library = Library { name: name.into(), functions };
        names::check_library(&library)?;
        Ok(library)
    }

    /// The name, as in `libNAME.so` and `NAME.h`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public functions.
    pub fn functions(&self) -> &[Function] {
        &self.functions
    }

    /// Looks up a function by name.
    pub fn function(&self, name: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.name == name)
    }

    /// The device entry point of the function: it has the given symbol, and the stream as an additional last parameter.
    pub fn device_entry(&self, symbol: &str) -> Option<Function> {
        let is_it = |function: &&Function| function.device_symbol().as_deref() == Some(symbol);
        let mut model = self.functions.iter().find(is_it)?.clone();
        let mut stream = "stream".to_string();
        while model.parameters().iter().any(|parameter| parameter.name == stream) {
            stream.push('_');
        }
        // A result is passed as an address, and so is the stream.
        model.results.push(Returned { name: stream, number: crate::ScalarType::I8, shape: Some(vec![]) });
        Some(model)
    }

    /// Sets the location of a function, which descriptions do not have.
    pub fn note_location(&mut self, name: &str, location: &str) {
        for function in self.functions.iter_mut().filter(|function| function.name == name) {
            function.location = location.to_string();
        }
    }

    /// Sets that a function allocates a workspace.
    pub fn note_workspace(&mut self, name: &str) {
        for function in self.functions.iter_mut().filter(|function| function.name == name) {
            function.workspace = true;
        }
    }

    /// `const char *NAME_message(int status)`: the message of a status.
    pub fn message_symbol(&self) -> String {
        format!("{}_message", self.name)
    }

    /// `void NAME_free(void *)`: frees a result that the library allocated.
    pub fn free_symbol(&self) -> String {
        format!("{}_free", self.name)
    }

    /// `const char NAME__abi[]`: the [description](Library::description).
    pub fn description_symbol(&self) -> String {
        format!("{}__abi", self.name)
    }

    /// The functions that a loader uses.
    pub fn loader_symbols(&self) -> Vec<String> {
        let mut symbols = vec![self.message_symbol()];
        symbols.extend(self.allocates().then(|| self.free_symbol()));
        for function in &self.functions {
            symbols.push(function.packed_symbol());
            symbols.extend(function.offers_workspace().then(|| function.packed_workspace_symbol()));
            symbols.extend(function.drop_symbol());
        }
        symbols
    }

    /// Whether the library allocates a result, so that `NAME_free` exists.
    pub fn allocates(&self) -> bool {
        self.functions.iter().flat_map(Function::passed_results).any(Returned::is_allocated)
    }
}

impl Function {
    /// Whether a caller can pass a workspace. The functions of a pullback allocate theirs.
    pub fn offers_workspace(&self) -> bool {
        self.workspace && self.pullback.is_none()
    }

    /// `int f__packed(void *const *slots)`: the entry point for loaders.
    pub fn packed_symbol(&self) -> String {
        format!("{}__packed", self.name)
    }

    /// `int f__with_workspace(…, void *workspace, int64_t size)`: the entry point with a workspace of the caller.
    pub fn with_workspace_symbol(&self) -> String {
        format!("{}__with_workspace", self.name)
    }

    /// `int f__workspace_size(…, int64_t *size)`: computes the size of the workspace in bytes.
    pub fn workspace_size_symbol(&self) -> String {
        format!("{}__workspace_size", self.name)
    }

    /// `int f__packed_workspace(void *const *slots, void *workspace, int64_t size)`: both for loaders; with size -1,
    /// the required size is stored at `workspace`.
    pub fn packed_workspace_symbol(&self) -> String {
        format!("{}__packed_workspace", self.name)
    }

    /// `int f__device(…, void *stream)`: the entry point for device memory; `None` if the library allocates a result, and
    /// for pullbacks, whose handles are in host memory.
    pub fn device_symbol(&self) -> Option<String> {
        let allocates = self.results.iter().any(Returned::is_allocated);
        (!allocates && self.pullback.is_none()).then(|| format!("{}__device", self.name))
    }
}

impl<E> Value<E> {
    /// The name of the C parameter for the extent of a dimension.
    pub fn extent_name(&self, dimension: usize) -> String {
        format!("{}_d{dimension}", self.name)
    }
}

impl Returned {
    /// Whether the library allocates it: one of its extents is
    /// [computed](ResultExtent::Computed).
    pub fn is_allocated(&self) -> bool {
        self.shape.iter().flatten().any(|extent| *extent == ResultExtent::Computed)
    }
}

/// The type in MLIR, with `?` for each dynamic extent.
impl<E: Copy> fmt::Display for Value<E>
where
    Option<u64>: From<E>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(shape) = &self.shape else {
            return self.number.fmt(f);
        };
        f.write_str("tensor<")?;
        for &extent in shape {
            match Option::<u64>::from(extent) {
                Some(extent) => write!(f, "{extent}x")?,
                None => f.write_str("?x")?,
            }
        }
        write!(f, "{}>", self.number)
    }
}

impl From<Extent> for Option<u64> {
    /// The extent, if it is static.
    fn from(extent: Extent) -> Option<u64> {
        match extent {
            Extent::Static(extent) => Some(extent),
            Extent::Dynamic => None,
        }
    }
}

impl From<ResultExtent> for Option<u64> {
    /// The extent, if it is static.
    fn from(extent: ResultExtent) -> Option<u64> {
        match extent {
            ResultExtent::Static(extent) => Some(extent),
            ResultExtent::OfArgument { .. } | ResultExtent::Computed => None,
        }
    }
}
