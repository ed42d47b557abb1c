//! The emitter: maps values to terms and dispatches operations.

use super::calls::Written;
use super::shardings;
use super::status::{self, Messages};
use super::text::{Tensor, Term, Writer, list, types};
use super::{
    calls, constants, control, elementwise, fourier, linear_algebra, regions, rows, scan, shapes, slices, sort,
    upstream,
};
use dp_dialects::FloatModel;
use dp_dialects::diagnostics::position;
use dp_dialects::ir::{
    Blk, Op, Val, ValueMap, argument_name, block_args, block_ops, constant_integer, context_of, operands, region_block,
    results, users, walk,
};
use dp_dialects::marks::BOUND;
use dp_dialects::ops::Table;
use dp_dialects::types::count;
use dp_dialects::{Diagnostic, Literal, Number, OpKind, Parameters, ScalarType, SpannedDiagnostic, ValueType};
use melior::Context;
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use std::sync::LazyLock;

/// Emits a module.
pub(super) struct Emitter<'c> {
    pub(super) context: &'c Context,
    pub(super) fp: FloatModel,
    pub(super) w: Writer,
    values: ValueMap<Term>,
    pub(super) module: Op<'c>,
    /// The shape of scalars of the program: inside a map's body, the shape of the map's operands; otherwise empty.
    pub(super) lanes: Vec<u64>,
    /// The mask of active lanes; `None` if all are active.
    pub(super) here: Option<Term>,
    pub(super) written: Written<'c>,
    /// The status so far; `None` where nothing can fail.
    pub(super) status: Option<Term>,
    pub(super) messages: Messages,
}

/// The operation that is being emitted.
pub(super) struct ExportSite<'c> {
    pub(super) kind: OpKind,
    pub(super) op: Op<'c>,
    pub(super) parameters: Parameters,
    pub(super) operands: Vec<Term>,
    /// The type of the first result.
    pub(super) result: Tensor,
}

impl<'c> ExportSite<'c> {
    /// A diagnostic at the operation.
    pub(super) fn refuse<T>(&self, diagnostic: Diagnostic) -> Result<T, SpannedDiagnostic<'c>> {
        Err(SpannedDiagnostic::new(self.op.location(), diagnostic))
    }

    /// A diagnostic for a malformed operation, which verification excludes.
    pub(super) fn malformed<T>(&self) -> Result<T, SpannedDiagnostic<'c>> {
        let message = format!("internal error: '{}' is malformed", self.kind.name());
        self.refuse(Diagnostic::internal(message).help("verify the module first"))
    }
}

impl<'c> Emitter<'c> {
    pub(super) fn new(module: Op<'c>, fp: FloatModel) -> Self {
        let context = context_of(module);
        Emitter {
            context,
            module,
            fp,
            w: Writer::default(),
            values: ValueMap::new(),
            lanes: Vec::new(),
            here: None,
            written: Written::default(),
            status: None,
            messages: Messages::default(),
        }
    }

    /// Emits a function of the program under the given name.
    pub(super) fn function(
        &mut self,
        function: Op<'c>,
        visibility: &str,
        name: &str,
    ) -> Result<(), SpannedDiagnostic<'c>> {
        let Some(body) = region_block(function, 0) else { return Ok(()) };
        if body.next_in_region().is_some() {
            let diagnostic =
                Diagnostic::unsupported("has unstructured control flow").help("run 'lift-cf-to-scf' first");
            return Err(SpannedDiagnostic::new(function.location(), diagnostic));
        }
        for (index, argument) in block_args(body).into_iter().enumerate() {
            if ValueType::of(argument.r#type()).is_some_and(|r#type| !r#type.is_static()) {
                let argument_name = argument_name(function, index);
                let message = format!("argument '{argument_name}' has dynamic extents");
                let diagnostic = Diagnostic::unsupported(message).help(fix_extents(&argument_name));
                return Err(SpannedDiagnostic::new(function.location(), diagnostic));
            }
        }
        self.function_on(function, body, visibility, name, Vec::new())
    }

    /// The declarations of arguments or results of a function of these types, with how they are spread over devices.
    fn spread(
        &self,
        function: Op<'c>,
        which: &str,
        types: &[Tensor],
        declared: &[String],
    ) -> Result<Vec<String>, SpannedDiagnostic<'c>> {
        let annotations = shardings::annotations(self.module, function, which, types)?;
        Ok(declared.iter().zip(annotations).map(|(declared, annotation)| format!("{declared}{annotation}")).collect())
    }

    /// Emits a function in which scalars become tensors of the given shape.
    pub(super) fn function_on(
        &mut self,
        function: Op<'c>,
        body: Blk<'c>,
        visibility: &str,
        name: &str,
        lanes: Vec<u64>,
    ) -> Result<(), SpannedDiagnostic<'c>> {
        self.w.restart();
        self.lanes = lanes;
        let mut parameters = self.arguments(function, body)?;
        let mut returned: Vec<Tensor> = match block_ops(body).last() {
            Some(last) => operands(*last).into_iter().map(|value| self.tensor(*last, value)).collect(),
            None => Ok(Vec::new()),
        }?;
        let may_fail = status::may_fail(function);
        returned.extend(may_fail.then(status::r#type));
        let mut results: Vec<String> = returned.iter().map(Tensor::to_string).collect();
        // Functions of the library are for each device alone.
        if self.lanes.is_empty() && visibility == "public" {
            let arguments: Result<Vec<Tensor>, _> =
                block_args(body).into_iter().map(|argument| self.tensor(function, argument)).collect();
            parameters = self.spread(function, "arg_attrs", &arguments?, &parameters)?;
            results = self.spread(function, "res_attrs", &returned, &results)?;
        }
        let head = format!("func.func {visibility} @{name}({})", parameters.join(", "));
        self.w.open(if results.is_empty() {
            format!("{head} {{")
        } else {
            format!("{head} -> ({}) {{", results.join(", "))
        });
        self.status = may_fail.then(|| status::success(self));
        let mut given = self.block(body)?;
        given.extend(self.status.take());
        self.w.line(if given.is_empty() {
            "return".into()
        } else {
            format!("return {} : {}", list(&given), types(&given))
        });
        self.w.close("}");
        Ok(())
    }

    /// Declares new terms for the arguments of a block.
    pub(super) fn arguments(&mut self, op: Op<'c>, block: Blk<'c>) -> Result<Vec<String>, SpannedDiagnostic<'c>> {
        let mut declared = Vec::new();
        for argument in block_args(block) {
            let r#type = self.tensor(op, argument)?;
            let term = self.w.fresh(r#type);
            declared.push(format!("{term}: {}", term.r#type));
            self.bind(argument, term);
        }
        Ok(declared)
    }

    /// Emits the operations of a block and returns the operands of its terminator.
    pub(super) fn block(&mut self, block: Blk<'c>) -> Result<Vec<Term>, SpannedDiagnostic<'c>> {
        let mut last = Vec::new();
        for op in block_ops(block) {
            last = self.operation(op)?;
        }
        Ok(last)
    }

    /// Emits an operation; for a terminator, returns its operands.
    fn operation(&mut self, op: Op<'c>) -> Result<Vec<Term>, SpannedDiagnostic<'c>> {
        let Some(kind) = OpKind::of(op) else {
            let term = upstream::operation(self, op)?;
            results(op).first().into_iter().for_each(|result| self.bind(*result, term.clone()));
            return Ok(Vec::new());
        };
        let mut terms = Vec::new();
        for operand in operands(op) {
            terms.push(self.term(op, operand)?);
        }
        let made = match EXPORTS.get(kind) {
            Some(Export::Terminator) => return Ok(terms),
            Some(Export::Operand) => terms,
            Some(Export::Many(many)) => many(self, op, &terms)?,
            Some(Export::One(one)) => vec![self.one(*one, kind, op, terms)?],
            Some(Export::Upstream) => vec![upstream::operation(self, op)?],
            Some(Export::Unsupported(refuse)) => return Err(refuse(op)),
            None => return Err(unsupported(op)),
        };
        for (result, term) in results(op).into_iter().zip(made) {
            self.bind(result, term);
        }
        Ok(Vec::new())
    }

    /// Emits an operation with one result.
    fn one(&mut self, one: One, kind: OpKind, op: Op<'c>, operands: Vec<Term>) -> Result<Term, SpannedDiagnostic<'c>> {
        let Some(result) = results(op).first().copied() else { return Err(unsupported(op)) };
        let result = self.tensor(op, result)?;
        let malformed = || {
            let message = format!("internal error: '{}' has a missing or malformed attribute", kind.name());
            SpannedDiagnostic::new(op.location(), Diagnostic::internal(message))
        };
        let parameters = Parameters::of(kind, op).ok_or_else(malformed)?;
        let site = ExportSite { kind, op, parameters, operands, result };
        if kind.dialect() == "array" && site.result.is_empty() {
            // An empty tensor is a constant; StableHLO's verifier may reject slices of it.
            return Ok(self.splat(site.result.dtype(), Number::of_f64(0.0, site.result.dtype()), &site.result.shape));
        }
        one(self, &site)
    }

    /// The type of a value.
    pub(super) fn tensor(&self, op: Op<'c>, value: Val<'c>) -> Result<Tensor, SpannedDiagnostic<'c>> {
        let at = |diagnostic| SpannedDiagnostic::new(op.location(), diagnostic);
        let r#type = ValueType::of_value(value).map_err(at)?;
        let Some(shape) = &r#type.shape else { return Ok(Tensor::new(r#type.dtype, self.lanes.clone())) };
        let fixed: Option<Vec<u64>> = shape.iter().copied().collect();
        let dynamic = || {
            if let Some(around) = unbounded_loop(op) {
                return SpannedDiagnostic::new(around.location(), unbounded(around));
            }
            let message = format!("{type} has dynamic extents, but XLA requires static shapes");
            at(Diagnostic::unsupported(message).help(fix_extents("x")))
        };
        let fixed = fixed.ok_or_else(dynamic)?;
        // XLA crashes on types whose size in bytes overflows.
        let bytes = count(&fixed).and_then(|count| count.checked_mul(r#type.dtype.bits().div_ceil(8).into()));
        if bytes.is_none_or(|bytes| bytes > i64::MAX as u64) {
            return Err(at(
                Diagnostic::limit(format!("{type} is too large for the address space")).help("use smaller extents")
            ));
        }
        Ok(Tensor::new(r#type.dtype, fixed))
    }

    /// The term for a value.
    pub(super) fn term(&self, op: Op<'c>, value: Val<'c>) -> Result<Term, SpannedDiagnostic<'c>> {
        self.values.get(value).cloned().ok_or_else(|| {
            SpannedDiagnostic::new(
                op.location(),
                Diagnostic::internal("internal error: uses a value that has not been emitted"),
            )
        })
    }

    pub(super) fn bind(&mut self, value: Val<'c>, term: Term) {
        self.values.insert(value, term);
    }

    /// A splat of a shape.
    pub(super) fn splat(&mut self, dtype: ScalarType, value: Number, shape: &[u64]) -> Term {
        constants::splat(&mut self.w, self.context, dtype, value, shape)
    }

    /// A constant; a scalar is repeated for all lanes.
    pub(super) fn literal(&mut self, literal: &Literal) -> Term {
        match literal.shape {
            Some(_) => constants::constant(&mut self.w, self.context, literal),
            None => {
                let lanes = self.lanes.clone();
                self.splat(literal.dtype, literal.element(0), &lanes)
            }
        }
    }
}

/// Emits an operation with one result.
type One = for<'c> fn(&mut Emitter<'c>, &ExportSite<'c>) -> Result<Term, SpannedDiagnostic<'c>>;

/// Emits an operation with several results or with regions.
type Many = for<'c> fn(&mut Emitter<'c>, Op<'c>, &[Term]) -> Result<Vec<Term>, SpannedDiagnostic<'c>>;

/// How an operation is emitted.
enum Export {
    /// A terminator: returns its operands.
    Terminator,
    /// Its result is its operand.
    Operand,
    /// By a function for one result.
    One(One),
    /// By a function for all results.
    Many(Many),
    /// By the functions for upstream operations.
    Upstream,
    /// Not supported, with a diagnostic.
    Unsupported(for<'c> fn(Op<'c>) -> SpannedDiagnostic<'c>),
}

/// The table: one row per operation.
static EXPORTS: LazyLock<Table<Export>> = LazyLock::new(|| {
    use Export::{Many, One, Operand, Terminator, Unsupported, Upstream};
    let rows = [
        (OpKind::BuiltinModule, Unsupported(unsupported)),
        (OpKind::FuncFunc, Unsupported(unsupported)),
        (OpKind::FuncReturn, Terminator),
        (OpKind::ScfYield, Terminator),
        (OpKind::ScfCondition, Terminator),
        (OpKind::ArrayYield, Terminator),
        (OpKind::FuncCall, Many(calls::call)),
        (OpKind::ScfIf, Many(control::branch)),
        (OpKind::ScfFor, Many(control::counted)),
        (OpKind::ScfWhile, Many(control::conditional)),
        (OpKind::ScfIndexSwitch, Many(control::switch)),
        (OpKind::CfAssert, Many(status::assert)),
        (OpKind::TensorDim, One(upstream::tensor)),
        (OpKind::TensorExtract, One(upstream::tensor)),
        (OpKind::TensorFromElements, One(upstream::tensor)),
        (OpKind::TensorCast, One(upstream::tensor)),
        (OpKind::ScalarConstant, One(elementwise::constant)),
        (OpKind::ArrayConstant, One(elementwise::constant)),
        (OpKind::ArrayIota, One(shapes::iota)),
        (OpKind::ArrayBroadcast, One(shapes::broadcast)),
        (OpKind::ArrayReshape, One(|e, site| Ok(shapes::reshape(e, &site.operands[0], &site.result.shape)))),
        (OpKind::ArrayTranspose, One(shapes::transpose)),
        (OpKind::ArrayConcatenate, One(shapes::concatenate)),
        (OpKind::ArrayDot, One(shapes::dot)),
        (OpKind::ArrayCholesky, One(linear_algebra::cholesky)),
        (OpKind::ArrayTriangularSolve, One(linear_algebra::solve)),
        // `expand-elimination` leaves none of these.
        (OpKind::ArrayFft, One(fourier::fft)),
        (OpKind::ArrayLuPivots, Unsupported(unsupported)),
        (OpKind::ArrayLu, Unsupported(unsupported)),
        (OpKind::ArraySwapRows, Unsupported(unsupported)),
        // `expand-orthogonal` leaves none of these.
        (OpKind::ArrayQr, Unsupported(unsupported)),
        (OpKind::ArrayQrTaus, Unsupported(unsupported)),
        (OpKind::ArrayEighValues, Unsupported(unsupported)),
        (OpKind::ArrayEighVectors, Unsupported(unsupported)),
        (OpKind::ArraySvdValues, Unsupported(unsupported)),
        (OpKind::ArraySvdLeft, Unsupported(unsupported)),
        (OpKind::ArraySvdRight, Unsupported(unsupported)),
        (OpKind::ArraySlice, One(slices::slice)),
        (OpKind::ArrayUpdateSlice, One(slices::update)),
        (OpKind::ArrayPad, One(slices::pad)),
        (OpKind::ArrayWindows, One(slices::windows)),
        (OpKind::ArrayMap, Many(regions::map)),
        (OpKind::ArraySort, Many(sort::sort)),
        (OpKind::ArrayReduce, One(regions::reduce)),
        (OpKind::ArrayScan, One(scan::scan)),
        (OpKind::ArrayGather, One(rows::gather)),
        (OpKind::ArrayScatter, One(rows::scatter)),
        (OpKind::AdStopGradient, Operand),
        (OpKind::AdJvp, Unsupported(underived)),
        (OpKind::AdVjp, Unsupported(underived)),
        (OpKind::AdGrad, Unsupported(underived)),
        (OpKind::AdPull, Unsupported(underived)),
        (OpKind::AdLinear, Unsupported(underived)),
        (OpKind::AdYield, Unsupported(underived)),
        (OpKind::AdCheckpoint, Unsupported(underived)),
        (OpKind::ArrayShard, Many(shardings::constraint)),
        (OpKind::AdBarrier, One(|e, site| Ok(e.w.same("optimization_barrier", &[&site.operands[0]])))),
        (OpKind::AdRecord, Unsupported(recorded)),
        (OpKind::AdRecall, Unsupported(recorded)),
        (OpKind::AdReserve, Unsupported(recorded)),
        (OpKind::AdRelease, Unsupported(recorded)),
    ];
    let numbers = OpKind::ALL.iter().filter(|kind| kind.entry().arithmetic.is_some());
    let numbers = numbers.map(|kind| (*kind, One(elementwise::elementwise)));
    let indices = OpKind::ALL.iter().filter(|kind| kind.dialect() == "arith").map(|kind| (*kind, Upstream));
    Table::new("StableHLO", |_| true, rows.into_iter().chain(numbers).chain(indices))
});

/// Help for dynamic extents.
fn fix_extents(name: &str) -> String {
    format!("XLA requires static shapes; fix the extents with --specialize {name}=2x3, or in the types")
}

/// The loop without a bound for whose rounds an operation makes an empty tape: it has the place of a loop, which carries the
/// tape or is in one that does, and which holds the loop without a bound or is it.
fn unbounded_loop<'c>(op: Op<'c>) -> Option<Op<'c>> {
    let place = position(op.location());
    let carries = |user: &Op<'c>| OpKind::of(*user) == Some(OpKind::ScfFor);
    let is_broadcast = OpKind::of(op) == Some(OpKind::ArrayBroadcast);
    let carriers = results(op).into_iter().flat_map(users).filter(|user| is_broadcast && carries(user));
    carriers.into_iter().find_map(|carrier| {
        let mut loops = Vec::new();
        let is_loop = |inner| matches!(OpKind::of(inner), Some(OpKind::ScfFor | OpKind::ScfWhile));
        walk(carrier, &mut |inner| loops.extend(is_loop(inner).then_some(inner)));
        let at = loops.iter().position(|inner| position(inner.location()) == place)?;
        let bounded: Vec<_> =
            loops.iter().filter(|inner| BOUND.is_on(**inner)).map(|inner| position(inner.location())).collect();
        let is_open = |inner: &Op<'c>| {
            let is_counted = OpKind::of(*inner) == Some(OpKind::ScfFor)
                && operands(*inner)[..3].iter().all(|value| constant_integer(*value).is_some());
            !is_counted && !bounded.contains(&position(inner.location()))
        };
        loops[at..].iter().copied().find(is_open)
    })
}

/// The diagnostic for the tape of a loop without a bound.
fn unbounded(op: Op) -> Diagnostic {
    let message = "the derivative of this loop keeps values of each round, whose number is known only at run time, but \
                   XLA requires static shapes";
    let place = position(op.location()).filter(|place| place.line > 0);
    let option = place.map_or_else(String::new, |place| format!("--bound {}:{}=N or ", place.line, place.column));
    Diagnostic::unsupported(message)
        .help(format!("give the greatest number of rounds, by {option}'dp.bound = N' on the loop, or use --target=cpu"))
}

/// What to write in place of records: recursion keeps residuals in them, and pullbacks that leave their function do.
const INSTEAD: &str =
    "write the recursion as a loop, pull each pullback in the function that makes it, or use --target=cpu";

/// The diagnostic for a record.
fn recorded(op: Op) -> SpannedDiagnostic {
    let diagnostic =
        Diagnostic::unsupported("records are not supported by the target xla: XLA has no memory that grows");
    SpannedDiagnostic::new(op.location(), diagnostic.help(INSTEAD))
}

/// The diagnostic for a derivative request.
fn underived(op: Op) -> SpannedDiagnostic {
    refused(op, "run the pass 'ad' first; it expands derivative requests")
}

/// The diagnostic for an unsupported operation.
pub(super) fn unsupported(op: Op) -> SpannedDiagnostic {
    refused(op, "supported are scalar, array, func, branches and loops of scf, and index arithmetic")
}

fn refused<'c>(op: Op<'c>, help: &str) -> SpannedDiagnostic<'c> {
    let name = op.name();
    let name = name.as_string_ref().as_str().unwrap_or("?");
    let diagnostic = Diagnostic::unsupported(format!("'{name}' is not supported by the target xla"));
    SpannedDiagnostic::new(op.location(), diagnostic.help(help))
}
