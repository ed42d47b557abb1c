//! What linearization and the rules of operations ask of one another.

use crate::activity::Flow;
use crate::report::Report;
use crate::residuals::ResidualPolicy;
use crate::tangent::{Dual, Tangent, zero};
use dp_dialects::ir::{Blk, Op, Val};
use dp_dialects::{Builder, OpKind, Result, SpannedDiagnostic, ValueType};
use dp_extents::loops::Loop;

/// Operations in front of an operation that compute the same.
pub struct Expanded<'c> {
    /// The operations, in order.
    pub made: Vec<Op<'c>>,
    /// What stands for the results.
    pub results: Vec<Val<'c>>,
}

/// The derivative rules, as linearization uses them.
pub trait TangentRules: Sync {
    /// How activity flows through an operation; `None` for an operation without a rule.
    fn flow(&self, kind: OpKind) -> Option<Flow>;

    /// Makes the operations that are differentiated instead of an operation, if there are any.
    ///
    /// # Errors
    /// If the operation is malformed.
    fn expansion<'c>(&self, op: Op<'c>) -> Result<Option<Expanded<'c>>>;

    /// The tangents of an operation's results. For an operation with regions, this also creates the results.
    ///
    /// # Errors
    /// If the operation, or one in its regions, has no derivative.
    fn tangents<'c>(&self, site: &mut LinearizationSite<'c, '_>) -> Result<Vec<Tangent<'c>>, SpannedDiagnostic<'c>>;
}

/// Calls that are not inlined: of recursive functions and of functions made for them, and of functions that are large and
/// called often.
pub trait KeptCalls<'c> {
    /// Whether calls of a function stay calls.
    fn keeps(&self, name: &str) -> bool;

    /// Whether no analysis looks into a function: it calls itself, or keeps or reads records. It is not copied into a
    /// derivative either.
    fn is_opaque(&self, name: &str) -> bool;

    /// Calls what a function becomes instead of the function, and returns its results.
    ///
    /// # Errors
    /// If the function is not differentiated.
    fn call(
        &mut self,
        mode: Mode,
        at: Op<'c>,
        name: &str,
        arguments: &[Dual<'c>],
        primal: Builder<'c>,
        linear: Builder<'c>,
    ) -> Result<Vec<Dual<'c>>>;
}

/// Where the operations on tangents go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Into a linear region, which can be transposed.
    Linear,
    /// Between the primal operations: forward mode.
    Forward,
}

/// One operation that is being linearized.
pub struct LinearizationSite<'c, 'a> {
    /// The kind of the operation.
    pub kind: OpKind,
    /// Where the operations on tangents go.
    pub mode: Mode,
    /// The operation of the function.
    pub op: Op<'c>,
    /// The copies of its operands.
    pub operands: Vec<Val<'c>>,
    /// The tangents of its operands.
    pub tangents: Vec<Tangent<'c>>,
    /// The copies of its results. The handler of an operation with regions sets them.
    pub results: Vec<Val<'c>>,
    /// Creates residuals, next to the primal operations.
    pub primal: Builder<'c>,
    /// Creates linear operations.
    pub linear: Builder<'c>,
    /// The engine, for the operations in regions.
    pub engine: &'a mut dyn Engine<'c>,
}

/// The engine, as handlers of operations with regions use it.
pub trait Engine<'c> {
    /// Linearizes the operations of a block except the terminator. Returns the terminator's operands after
    /// linearization.
    ///
    /// # Errors
    /// If an operation has no derivative.
    fn block(
        &mut self,
        block: Blk<'c>,
        primal: Builder<'c>,
        linear: Builder<'c>,
    ) -> Result<Vec<Dual<'c>>, SpannedDiagnostic<'c>>;
    /// Maps a value, such as a block argument, to its copy and tangent.
    fn bind(&mut self, value: Val<'c>, pair: Dual<'c>);
    /// The copy and the tangent of a value.
    fn pair(&self, value: Val<'c>) -> Dual<'c>;
    /// For each carried value of a loop, whether it varies in some iteration and matters.
    fn varying(&self, looped: &Loop<'c>) -> Vec<bool>;
    /// The bytes that each loop of the level that is being linearized may keep, if there is a limit.
    fn share(&self) -> Option<u64>;
    /// Sets the share of each loop of the level to be linearized.
    fn set_share(&mut self, share: Option<u64>);
    /// The number of loops in an operation, those in other loops of it not counted.
    fn loops_in(&self, op: Op<'c>) -> u64;
    /// Notes that a loop keeps a value with these dynamic extents in each round.
    fn note_row(&mut self, value: Val<'c>, extents: &[Val<'c>]);
    /// Takes the notes since the last time.
    fn take_rows(&mut self) -> Vec<(Val<'c>, Vec<Val<'c>>)>;
    /// The report of the derivative, if there is to be one.
    fn report(&mut self) -> Option<&mut Report<'c>>;
    /// The residual policy.
    fn policy(&self) -> &dyn ResidualPolicy;
}

impl<'c> LinearizationSite<'c, '_> {
    /// The tangent of the first result, if no operand is active.
    pub fn inactive(&self) -> Tangent<'c> {
        Tangent::inactive(self.results[0])
    }

    /// Zeros in the linear region with the shape of a primal value. Extents are read next to the primal operations, so
    /// that they are residuals, and not the tensor.
    ///
    /// # Errors
    /// If an operation cannot be created.
    pub fn zero(&self, r#type: &ValueType, like: Val<'c>) -> Result<Val<'c>> {
        zero(self.primal, self.linear, r#type, like)
    }
}
