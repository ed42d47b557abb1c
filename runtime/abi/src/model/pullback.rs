//! Pullbacks in the C interface: `f_vjp` keeps residuals in a handle, `f_pull` reads them, `f_drop` frees the handle.

use super::{Argument, Function, Library, Returned};
use crate::ScalarType;

/// Which of the two functions of a pullback a function is. Its description includes what the handle holds, which is not
/// among the C parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pullback {
    /// `f_vjp`.
    Vjp {
        /// The number of its last results that are residuals.
        residuals: usize,
    },
    /// `f_pull`.
    Pull {
        /// The number of its first arguments of which the handle holds only the extents: they have the names and types
        /// of arguments of `f_vjp`.
        shapes: usize,
        /// The number of arguments after those that are the residuals of `f_vjp`, in order.
        residuals: usize,
    },
}

/// The suffix of the function that keeps residuals.
pub const VJP: &str = "_vjp";

/// The suffix of the function that applies the pullback.
pub const PULL: &str = "_pull";

/// The suffix of the function that frees the handle.
pub const DROP: &str = "_drop";

impl Function {
    /// The number of first arguments that the handle provides.
    pub fn held_arguments(&self) -> usize {
        match self.pullback {
            Some(Pullback::Pull { shapes, residuals }) => shapes + residuals,
            Some(Pullback::Vjp { .. }) | None => 0,
        }
    }

    /// The number of first arguments of which only the extents are there: their elements must not be read.
    pub fn shape_arguments(&self) -> usize {
        match self.pullback {
            Some(Pullback::Pull { shapes, .. }) => shapes,
            Some(Pullback::Vjp { .. }) | None => 0,
        }
    }

    /// The number of last results that go into the handle.
    pub fn held_results(&self) -> usize {
        match self.pullback {
            Some(Pullback::Vjp { residuals }) => residuals,
            Some(Pullback::Pull { .. }) | None => 0,
        }
    }

    /// The arguments that the caller passes.
    pub fn passed_arguments(&self) -> &[Argument] {
        &self.arguments[self.held_arguments()..]
    }

    /// The results that the caller gets.
    pub fn passed_results(&self) -> &[Returned] {
        &self.results[..self.results.len() - self.held_results()]
    }

    /// The name of the differentiated function: `f` for `f_vjp` and `f_pull`.
    pub fn pullback_of(&self) -> Option<&str> {
        let suffix = match self.pullback? {
            Pullback::Vjp { .. } => VJP,
            Pullback::Pull { .. } => PULL,
        };
        self.name.strip_suffix(suffix)
    }

    /// The tag of the handle's type in C: `f_pullback`.
    pub fn handle_tag(&self) -> Option<String> {
        self.pullback_of().map(|of| format!("{of}_pullback"))
    }

    /// `void f_drop(struct f_pullback *pullback)`: frees the handle of `f_vjp`; `None` for other functions.
    pub fn drop_symbol(&self) -> Option<String> {
        match self.pullback? {
            Pullback::Vjp { .. } => self.pullback_of().map(|of| format!("{of}{DROP}")),
            Pullback::Pull { .. } => None,
        }
    }

    /// The internal function of a pullback, which has the residuals as parameters.
    pub fn unpacked_symbol(&self) -> String {
        format!("{}__residuals", self.name)
    }
}

impl Library {
    /// The other function of a pullback: `f_pull` for `f_vjp`, and `f_vjp` for `f_pull`.
    pub fn partner(&self, function: &Function) -> Option<&Function> {
        let suffix = match function.pullback? {
            Pullback::Vjp { .. } => PULL,
            Pullback::Pull { .. } => VJP,
        };
        let name = format!("{}{suffix}", function.pullback_of()?);
        self.function(&name).filter(|partner| partner.pullback.is_some() && partner.pullback != function.pullback)
    }

    /// Whether the library has pullbacks.
    pub fn has_pullbacks(&self) -> bool {
        self.functions().iter().any(|function| function.pullback.is_some())
    }

    /// Whether the two functions of a pullback agree on what the handle holds.
    pub(crate) fn agrees(&self, function: &Function) -> bool {
        let Some(pullback) = function.pullback else { return true };
        let Some(partner) = self.partner(function) else { return false };
        let (vjp, pull) = match pullback {
            Pullback::Vjp { .. } => (function, partner),
            Pullback::Pull { .. } => (partner, function),
        };
        let (Some(Pullback::Vjp { residuals }), Some(Pullback::Pull { shapes, residuals: taken })) =
            (vjp.pullback, pull.pullback)
        else {
            return false;
        };
        if residuals != taken || residuals > vjp.results.len() || shapes + taken > pull.arguments.len() {
            return false;
        }
        let (shapes, rest) = pull.arguments.split_at(shapes);
        let is_shape = |shape: &Argument| vjp.arguments.contains(shape);
        let given = &vjp.results[vjp.results.len() - residuals..];
        shapes.iter().all(is_shape) && given.iter().zip(rest).all(same)
    }
}

/// Whether a residual is the same in memory as a result and as an argument: on a device, a number is a tensor of rank 0,
/// and an index an i64. The library allocates one with dynamic extents.
fn same((result, argument): (&Returned, &Argument)) -> bool {
    let is_word = |number: ScalarType| matches!(number, ScalarType::Index | ScalarType::I64);
    let numbers = (result.number, argument.number);
    let of_result: Vec<Option<u64>> = result.shape.iter().flatten().map(|extent| (*extent).into()).collect();
    let of_argument: Vec<Option<u64>> = argument.shape.iter().flatten().map(|extent| (*extent).into()).collect();
    (numbers.0 == numbers.1 || is_word(numbers.0) && is_word(numbers.1))
        && of_result == of_argument
        && of_result.contains(&None) == result.is_allocated()
}
