//! Checks that a region in the program is linear. Every value has a degree in the region's tangents; an operation whose
//! result would have a degree other than 0 or 1, or that adds values of both degrees, is an error.
//!
//! A nonlinear map has no transpose, and an added constant would silently disappear in transposition.

use dp_dialects::ir::{
    Blk, Op, Val, ValueMap, block_args, block_ops, defining_op, has_several_blocks, operands, positions, region_block,
    results, symbol_attribute, walk,
};
use dp_dialects::marks::LINEAR_IN;
use dp_dialects::types::tangent_type;
use dp_dialects::{Diagnostic, OpKind, Parameters, SpannedDiagnostic};
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use std::collections::HashMap;

/// The degree of a value in the tangents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Degree {
    /// The value is 0, which is of every degree.
    Zero,
    /// The value depends on no tangent.
    Constant,
    /// The value is linear in the tangents.
    Linear,
}

impl Degree {
    /// The degree of a sum, or of a choice; none where one term depends on tangents and the other does not.
    pub fn plus(self, other: Degree) -> Option<Degree> {
        match (self, other) {
            (Degree::Zero, degree) | (degree, Degree::Zero) => Some(degree),
            (Degree::Constant, Degree::Constant) => Some(Degree::Constant),
            (Degree::Linear, Degree::Linear) => Some(Degree::Linear),
            (Degree::Constant, Degree::Linear) | (Degree::Linear, Degree::Constant) => None,
        }
    }

    /// The degree of a product; none where both factors depend on tangents.
    fn times(self, other: Degree) -> Option<Degree> {
        match (self, other) {
            (Degree::Linear, Degree::Linear) => None,
            (Degree::Linear, _) | (_, Degree::Linear) => Some(Degree::Linear),
            (Degree::Zero, _) | (_, Degree::Zero) => Some(Degree::Zero),
            (Degree::Constant, Degree::Constant) => Some(Degree::Constant),
        }
    }
}

/// The degree in tangents of an operation's results, if some of its operands are linear in tangents.
pub enum Linearity {
    /// As a sum, selection or copy of the operands that carry derivatives: linear in all of them jointly.
    Sum,
    /// The same, if a condition holds for the operation.
    SumWhere(fn(Op) -> bool),
    /// As the product of two operands.
    Product,
    /// As the product of two operands plus a third.
    ProductAndSum,
    /// As the quotient of two operands.
    Quotient,
    /// As the quotient of the second operand by the first.
    Solution,
    /// Constant: the operation only uses extents.
    Extents,
}

/// The derivative rules, as the check uses them.
pub trait LinearityRules: Sync {
    /// The degree of an operation's results by those of its operands, if it can be linear.
    fn linearity(&self, kind: OpKind) -> Option<&'static Linearity>;

    /// The degrees of the results of an operation with regions; `None` within if its regions yield different degrees
    /// for one result, `None` for other operations.
    fn of_regions<'c>(&self, known: &mut Degrees<'c, '_>, op: Op<'c>) -> Option<DegreesOfRegions<'c>>;

    /// Why an operation is not differentiated, if it is not.
    fn unsupported(&self, kind: OpKind) -> Option<&'static str>;
}

/// The degrees of the results of an operation with regions; `None` if its regions yield different degrees for one
/// result.
pub type DegreesOfRegions<'c> = Result<Option<Vec<Degree>>, SpannedDiagnostic<'c>>;

/// Why an operation's result has no degree.
const SUM: &str =
    "what is added to a tangent, or chosen instead of one, must depend on tangents too, or be a constant 0";
const PRODUCT: &str = "one factor alone may depend on tangents: take the other from outside of the region";
const QUOTIENT: &str = "the dividend alone may depend on tangents: take the divisor from outside of the region";
const OTHER: &str = "a linear region moves, adds and negates tangents, and multiplies and divides them by values from \
    outside: compute there what is no such map, or let 'ad.jvp' or 'ad.vjp' find the derivative";
const YIELD: &str = "a linear map gives 0 for tangents that are 0: yield what depends on tangents, or a constant 0";

fn not_linear(op: Op, help: &str) -> Diagnostic {
    let name = op.name();
    let name = name.as_string_ref().as_str().unwrap_or("?");
    Diagnostic::invalid(format!("'{name}' is not linear in a tangent")).help(help)
}

/// The known degrees of the values of one region.
pub struct Degrees<'c, 'a> {
    functions: &'a HashMap<&'c str, Op<'c>>,
    rules: &'static dyn LinearityRules,
    known: ValueMap<Degree>,
    /// Calls, derivatives and linear regions into which tangents flow.
    nested: Vec<Op<'c>>,
    /// The degrees of functions' results, by those of their arguments.
    calls: HashMap<(&'c str, Vec<Degree>), Vec<Degree>>,
}

/// The degrees in a region that is linear in its arguments.
pub struct Checked<'c> {
    rules: &'static dyn LinearityRules,
    known: ValueMap<Degree>,
    /// Calls, derivatives and linear regions within it, into which tangents flow.
    pub nested: Vec<Op<'c>>,
}

impl<'c> Checked<'c> {
    /// The degree of a value.
    pub fn degree(&self, value: Val<'c>) -> Degree {
        self.known.get(value).copied().unwrap_or_else(|| outside(self.rules, value))
    }

    /// Whether a tangent flows into an operation, its regions included.
    pub fn touches_tangents(&self, op: Op<'c>) -> bool {
        touches_tangents(&self.known, op)
    }
}

/// Checks that the region of an `ad.linear` is linear in its arguments.
///
/// # Errors
/// At the first operation that is not.
pub fn check<'c>(
    functions: &HashMap<&'c str, Op<'c>>,
    rules: &'static dyn LinearityRules,
    linear: Op<'c>,
) -> Result<Checked<'c>, SpannedDiagnostic<'c>> {
    let mut degrees = Degrees { functions, rules, known: ValueMap::new(), nested: Vec::new(), calls: HashMap::new() };
    if let Some(block) = region_block(linear, 0) {
        let arguments: Vec<(Val, Degree)> = block_args(block).into_iter().map(|x| (x, Degree::Linear)).collect();
        let yielded = degrees.block(block, &arguments)?;
        let terminator = block_ops(block).pop().filter(|_| yielded.contains(&Degree::Constant));
        if let Some(terminator) = terminator {
            return Err(SpannedDiagnostic::new(
                terminator.location(),
                Diagnostic::invalid("the region yields what depends on no tangent").help(YIELD),
            ));
        }
    }
    Ok(Checked { rules, known: degrees.known, nested: degrees.nested })
}

/// Whether a value flows into an operation, its regions included, that is known to be linear in tangents.
fn touches_tangents<'c>(known: &ValueMap<Degree>, op: Op<'c>) -> bool {
    let mut touches = false;
    walk(op, &mut |inner| touches = touches || inner.operands().any(|value| known.get(value) == Some(&Degree::Linear)));
    touches
}

impl<'c> Degrees<'c, '_> {
    /// The degrees of what a block yields, whose arguments have the given ones.
    ///
    /// # Errors
    /// At the first operation that is not linear in the tangents.
    pub fn block(
        &mut self,
        block: Blk<'c>,
        arguments: &[(Val<'c>, Degree)],
    ) -> Result<Vec<Degree>, SpannedDiagnostic<'c>> {
        for (argument, degree) in arguments {
            self.known.insert(*argument, *degree);
        }
        let ops = block_ops(block);
        let Some((terminator, body)) = ops.split_last() else { return Ok(Vec::new()) };
        for op in body {
            let degrees = self.operation(*op)?;
            for (result, degree) in results(*op).into_iter().zip(degrees) {
                self.known.insert(result, degree);
            }
        }
        Ok(terminator.operands().map(|value| self.of(value)).collect())
    }

    /// The degree of a value.
    pub fn of(&self, value: Val<'c>) -> Degree {
        self.known.get(value).copied().unwrap_or_else(|| outside(self.rules, value))
    }

    /// Whether the regions of an operation use a value from around it that depends on tangents.
    fn is_captured(&self, op: Op<'c>) -> bool {
        let mut captured = false;
        let mut is_linear = |value: Val| self.known.get(value) == Some(&Degree::Linear);
        walk(op, &mut |inner| captured = captured || inner != op && inner.operands().any(&mut is_linear));
        captured
    }

    fn operation(&mut self, op: Op<'c>) -> Result<Vec<Degree>, SpannedDiagnostic<'c>> {
        let kind = OpKind::of(op);
        let degrees: Vec<Degree> = op.operands().map(|value| self.of(value)).collect();
        let (rules, linearity) = (self.rules, kind.and_then(|kind| self.rules.linearity(kind)));
        if !touches_tangents(&self.known, op) {
            if let Some(degrees) = rules.of_regions(self, op) {
                return Ok(degrees?.unwrap_or_else(|| vec![Degree::Constant; op.result_count()]));
            }
            let degree = linearity.and_then(|linearity| combined(linearity, op, &degrees).ok());
            let is_zero = is_zero(op) || self.maps_zero(op, &degrees);
            let degree = if is_zero { Degree::Zero } else { degree.unwrap_or(Degree::Constant) };
            return Ok(vec![degree; op.result_count()]);
        }
        let fail = |diagnostic| Err(SpannedDiagnostic::new(op.location(), diagnostic));
        if let Some(OpKind::FuncCall | OpKind::AdJvp | OpKind::AdPull | OpKind::AdLinear) = kind {
            self.nested.push(op);
        }
        if let Some(linearity) = linearity {
            return match combined(linearity, op, &degrees) {
                Ok(degree) => Ok(vec![degree; op.result_count()]),
                Err(help) => fail(not_linear(op, help)),
            };
        }
        if let Some(degrees) = rules.of_regions(self, op) {
            return degrees?.map_or_else(|| fail(not_linear(op, SUM)), Ok);
        }
        if let (Some(kind), Some(reason)) = (kind, kind.and_then(|kind| rules.unsupported(kind))) {
            return fail(Diagnostic::unsupported(format!("'{}' is not differentiated", kind.name())).help(reason));
        }
        match kind {
            Some(OpKind::FuncCall) => self.call(op, degrees),
            Some(OpKind::AdJvp) => {
                let (at, along) = degrees.split_at(degrees.len() - positions(op, "wrt").unwrap_or_default().len());
                self.applied(op, at.contains(&Degree::Linear), along)
            }
            Some(OpKind::AdPull) => self.applied(op, false, &degrees[1..]),
            Some(OpKind::AdLinear) => {
                // The operands after the inputs only determine extents.
                let inputs = degrees.len() - region_block(op, 0).map_or(0, |block| block.argument_count());
                self.applied(op, self.is_captured(op), &degrees[..inputs])
            }
            Some(_) | None => fail(not_linear(op, OTHER)),
        }
    }

    /// A derivative within the region, linear in the operands of the degrees `along`; `moves` is whether the point at
    /// which it is taken depends on tangents.
    fn applied(&self, op: Op<'c>, moves: bool, along: &[Degree]) -> Result<Vec<Degree>, SpannedDiagnostic<'c>> {
        let Some(degree) = along.iter().try_fold(Degree::Zero, |sum, degree| sum.plus(*degree)) else {
            return Err(SpannedDiagnostic::new(op.location(), not_linear(op, SUM)));
        };
        if moves {
            return Err(SpannedDiagnostic::new(op.location(), not_linear(op, OTHER)));
        }
        // `ad.jvp` gives primal results first, then a tangent for each that carries one; the others give no primal
        // ones.
        let outputs = results(op);
        let carrying = outputs.iter().filter(|output| tangent_type(output.r#type()).is_some()).count();
        let primal = if OpKind::of(op) == Some(OpKind::AdJvp) { outputs.len() - carrying / 2 } else { 0 };
        let of_result = |index| if index < primal { Degree::Constant } else { degree };
        Ok((0..outputs.len()).map(of_result).collect())
    }

    /// Whether an operation is a call of a function in 0, in which it is linear.
    fn maps_zero(&self, op: Op<'c>, degrees: &[Degree]) -> bool {
        let callee = symbol_attribute(op, "callee").filter(|_| OpKind::of(op) == Some(OpKind::FuncCall));
        let known = callee.and_then(|callee| LINEAR_IN.of(*self.functions.get(callee)?)).unwrap_or_default();
        !known.is_empty() && known.iter().all(|at| degrees.get(*at as usize) == Some(&Degree::Zero))
    }

    /// A call, of a function that is linear in the arguments that depend on tangents.
    fn call(&mut self, op: Op<'c>, degrees: Vec<Degree>) -> Result<Vec<Degree>, SpannedDiagnostic<'c>> {
        let name = symbol_attribute(op, "callee").unwrap_or_default();
        let fail = |why: String| {
            let diagnostic = Diagnostic::invalid(format!("the call of '@{name}' is not linear in a tangent: {why}"));
            Err(SpannedDiagnostic::new(op.location(), diagnostic.help(OTHER)))
        };
        let key = (name, degrees);
        if let Some(known) = self.calls.get(&key) {
            return Ok(known.clone());
        }
        let function = self.functions.get(name).copied();
        let Some((function, block)) = function.and_then(|function| Some((function, region_block(function, 0)?))) else {
            return fail("the function has no body".into());
        };
        let is_linear_in = |known: Vec<i64>| {
            key.1.iter().enumerate().all(|(at, degree)| *degree != Degree::Linear || known.contains(&(at as i64)))
        };
        if LINEAR_IN.of(function).is_some_and(is_linear_in) {
            return Ok(vec![Degree::Linear; op.result_count()]);
        }
        if has_several_blocks(function) {
            return fail("the function has branches between blocks".into());
        }
        // A recursive call is assumed to be linear; the rest of the function must be too.
        let assumed =
            |output: Val| if tangent_type(output.r#type()).is_some() { Degree::Linear } else { Degree::Constant };
        self.calls.insert(key.clone(), results(op).into_iter().map(assumed).collect());
        let arguments: Vec<(Val, Degree)> = block_args(block).into_iter().zip(key.1.iter().copied()).collect();
        let (outer, nested) = (std::mem::take(&mut self.known), self.nested.len());
        let outcome = self.block(block, &arguments);
        self.known = outer;
        self.nested.truncate(nested);
        match outcome {
            Ok(yielded) => {
                self.calls.insert(key, yielded.clone());
                Ok(yielded)
            }
            Err(located) => fail(format!("in it, {}", located.diagnostic)),
        }
    }
}

/// The degree of a value from outside of the region: 0 is known by its constant, repeated and moved.
fn outside(rules: &dyn LinearityRules, mut value: Val) -> Degree {
    while let Some(op) = defining_op(value) {
        if is_zero(op) {
            return Degree::Zero;
        }
        let terms: Vec<Val> = carrying(op);
        match (OpKind::of(op).and_then(|kind| rules.linearity(kind)), &terms[..]) {
            (Some(Linearity::Sum), [alone]) => value = *alone,
            _ => return Degree::Constant,
        }
    }
    Degree::Constant
}

/// Whether an operation is a constant 0.
fn is_zero(op: Op) -> bool {
    let parameters = match OpKind::of(op) {
        Some(kind @ (OpKind::ScalarConstant | OpKind::ArrayConstant)) => Parameters::of(kind, op),
        _ => None,
    };
    match parameters {
        Some(Parameters::Constant(literal)) => literal.dtype.is_differentiable() && literal.iter().all(|x| x.is(0.0)),
        _ => false,
    }
}

/// The operands whose types carry derivatives.
fn carrying<'c>(op: Op<'c>) -> Vec<Val<'c>> {
    operands(op).into_iter().filter(|operand| tangent_type(operand.r#type()).is_some()).collect()
}

/// The degree of an operation's results, by those of its operands; what to do where there is none.
fn combined(linearity: &Linearity, op: Op, degrees: &[Degree]) -> Result<Degree, &'static str> {
    let carries = |value: &Val| tangent_type(value.r#type()).is_some();
    let sum = || {
        let operands = operands(op);
        let mut terms = operands.iter().zip(degrees).filter(|(operand, _)| carries(operand)).map(|(_, degree)| *degree);
        let Some(first) = terms.next() else { return Ok(Degree::Constant) };
        terms.try_fold(first, Degree::plus).ok_or(SUM)
    };
    let degree = match (linearity, degrees) {
        (Linearity::Sum, _) => sum()?,
        (Linearity::SumWhere(is_sum), _) => {
            if !is_sum(op) {
                return Err(OTHER);
            }
            sum()?
        }
        (Linearity::Product, [a, b]) => a.times(*b).ok_or(PRODUCT)?,
        (Linearity::ProductAndSum, [a, b, c]) => a.times(*b).ok_or(PRODUCT)?.plus(*c).ok_or(SUM)?,
        (Linearity::Quotient, [degree, divisor]) if *divisor != Degree::Linear => *degree,
        (Linearity::Solution, [divisor, degree]) if *divisor != Degree::Linear => *degree,
        (Linearity::Quotient | Linearity::Solution, _) => return Err(QUOTIENT),
        (Linearity::Extents, _) => Degree::Constant,
        (Linearity::Product | Linearity::ProductAndSum, _) => return Err(OTHER),
    };
    // An integer result carries no tangent.
    let stays = degree != Degree::Linear || results(op).iter().all(carries);
    if stays { Ok(degree) } else { Err(OTHER) }
}
