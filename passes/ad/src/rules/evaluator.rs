//! Evaluation of tangent expressions. A subexpression without tangents is a residual and is computed with the primal;
//! one with tangents is linear and goes to the linear region. Zero tangents are dropped here, so nothing is emitted for
//! them.

use dp_ad_engine::site::LinearizationSite;
use dp_ad_engine::tangent::Tangent;
use dp_dialects::ir::Val;
use dp_dialects::{Diagnostic, Number, OpKind, Parameters, Result, ValueType};
use dp_terms::Expr;

/// A tangent expression at one operation.
pub struct TangentEvaluator<'s, 'c, 'a> {
    site: &'s mut LinearizationSite<'c, 'a>,
    names: &'static [&'static str],
    /// The order of a polygamma function that the rule counts from.
    order: i64,
}

impl<'s, 'c, 'a> TangentEvaluator<'s, 'c, 'a> {
    /// Prepares evaluation where the operands have the given names.
    pub fn new(site: &'s mut LinearizationSite<'c, 'a>, names: &'static [&'static str]) -> Self {
        let order = match Parameters::of(site.kind, site.op) {
            Some(Parameters::Order(order)) => order,
            _ => 0,
        };
        TangentEvaluator { site, names, order }
    }

    /// The tangent that the expression denotes.
    ///
    /// # Errors
    /// If an operation cannot be created.
    pub fn tangent(&mut self, expr: &Expr) -> Result<Tangent<'c>> {
        Ok(self.linear(expr)?.map_or(Tangent::Zero, Tangent::Value))
    }

    fn operand_named(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| *known == name)
    }

    fn is_linear(&self, expr: &Expr) -> bool {
        expr.mentions(&|name| name.strip_prefix('d').is_some_and(|name| self.operand_named(name).is_some()))
    }

    /// An expression that is linear in tangents; `None` is zero.
    fn linear(&mut self, expr: &Expr) -> Result<Option<Val<'c>>> {
        let (kind, arguments) = match expr {
            Expr::Variable(name) => {
                let operand = name.strip_prefix('d').and_then(|name| self.operand_named(name));
                return Ok(operand.and_then(|operand| self.site.tangents[operand].value()));
            }
            Expr::Number(_) => return Ok(None),
            Expr::Apply { kind, arguments, .. } => (*kind, &arguments[..]),
        };
        let builder = self.site.linear;
        match (kind, arguments) {
            (OpKind::ScalarAdd, [a, b]) => Ok(match (self.linear(a)?, self.linear(b)?) {
                (Some(a), Some(b)) => Some(builder.scalar(kind, &[a, b])?),
                (a, b) => a.or(b),
            }),
            (OpKind::ScalarSub, [a, b]) => Ok(match (self.linear(a)?, self.linear(b)?) {
                (Some(a), Some(b)) => Some(builder.scalar(kind, &[a, b])?),
                (None, Some(b)) => Some(builder.scalar(OpKind::ScalarNeg, &[b])?),
                (a, None) => a,
            }),
            (OpKind::ScalarMul, [a, b]) => {
                let (factor, linear) = if self.is_linear(a) { (b, a) } else { (a, b) };
                let Some(linear) = self.linear(linear)? else { return Ok(None) };
                let factor = self.residual(factor, &ValueType::of_value(linear)?)?;
                builder.scalar(kind, &[factor, linear]).map(Some)
            }
            (OpKind::ScalarDiv, [a, b]) => {
                let Some(linear) = self.linear(a)? else { return Ok(None) };
                let divisor = self.residual(b, &ValueType::of_value(linear)?)?;
                builder.scalar(kind, &[linear, divisor]).map(Some)
            }
            (OpKind::ScalarSelect, [predicate, a, b]) => {
                let (a, b) = (self.linear(a)?, self.linear(b)?);
                let Some(some) = a.or(b) else { return Ok(None) };
                let predicate = self.residual(predicate, &ValueType::of_value(some)?)?;
                let (a, b) = (self.or_zero(a, some)?, self.or_zero(b, some)?);
                builder.scalar(kind, &[predicate, a, b]).map(Some)
            }
            (OpKind::ScalarComplex, [re, im]) => {
                let (re, im) = (self.linear(re)?, self.linear(im)?);
                let Some(some) = re.or(im) else { return Ok(None) };
                let (re, im) = (self.or_zero(re, some)?, self.or_zero(im, some)?);
                builder.scalar(kind, &[re, im]).map(Some)
            }
            (OpKind::ScalarNeg | OpKind::ScalarReal | OpKind::ScalarImag | OpKind::ScalarConj, [x]) => {
                self.linear(x)?.map(|x| builder.scalar(kind, &[x])).transpose()
            }
            _ => Err(Diagnostic::internal(format!("internal error: '{}' is not linear in a tangent", kind.name()))),
        }
    }

    fn or_zero(&self, value: Option<Val<'c>>, like: Val<'c>) -> Result<Val<'c>> {
        match value {
            Some(value) => Ok(value),
            None => self.site.zero(&ValueType::of_value(like)?, self.site.operands[0]),
        }
    }

    /// An expression without tangents. A number takes the type that its place
    /// expects.
    fn residual(&mut self, expr: &Expr, expected: &ValueType) -> Result<Val<'c>> {
        let builder = self.site.primal;
        match expr {
            Expr::Variable(name) if name == "y" => Ok(self.site.results[0]),
            Expr::Variable(name) => match self.operand_named(name) {
                Some(operand) => Ok(self.site.operands[operand]),
                None => Err(Diagnostic::internal(format!("internal error: a rule mentions '{name}'"))),
            },
            Expr::Number(value) => {
                builder.splat(Number::of_f64(*value, expected.dtype), expected, self.site.operands[0])
            }
            Expr::Apply { kind, parameters, arguments } => {
                let parameters = match parameters {
                    Parameters::Order(above) => Parameters::Order(self.order + above),
                    other => other.clone(),
                };
                let mut values: Vec<Option<Val>> = vec![None; arguments.len()];
                let mut place = match kind {
                    OpKind::ScalarComplex => expected.with_dtype(expected.dtype.real()),
                    _ => expected.clone(),
                };
                // Numbers come last: in a comparison they take the type of the other side.
                let is_number = |expr: &Expr| matches!(expr, Expr::Number(_));
                let order = (0..arguments.len()).filter(|index| !is_number(&arguments[*index]));
                for index in order.chain((0..arguments.len()).filter(|index| is_number(&arguments[*index]))) {
                    let value = self.residual(&arguments[index], &place)?;
                    if *kind == OpKind::ScalarCompare {
                        place = ValueType::of_value(value)?;
                    }
                    values[index] = Some(value);
                }
                let values: Vec<Val> = values.into_iter().flatten().collect();
                builder.emit(*kind, &parameters, &values)
            }
        }
    }
}
