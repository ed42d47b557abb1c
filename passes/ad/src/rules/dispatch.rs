//! The table of derivatives behind the traits of its users: linearization, transposition, and the check of linearity.

use super::evaluator::TangentEvaluator;
use super::{Derivative, Tangents, row};
use dp_ad_engine::activity::Flow;
use dp_ad_engine::report::text;
use dp_ad_engine::site::{Expanded, LinearizationSite, Mode, TangentRules};
use dp_ad_engine::tangent::Tangent;
use dp_ad_engine::transpose::{TransposeRules, Transposer, calls};
use dp_dialects::attributes::Reduction;
use dp_dialects::ir::{Op, Val, defining_op, erase, operands, results, set_location, set_operand};
use dp_dialects::parameters::ScanForm;
use dp_dialects::types::tangent_type;
use dp_dialects::{Builder, Diagnostic, OpKind, Parameters, Result, SpannedDiagnostic, ValueType};
use dp_linearity::{Degrees, DegreesOfRegions, Linearity, LinearityRules};
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;

/// The table of derivatives.
pub static RULES: Rules = Rules;

/// The table of derivatives, as an implementation of the engines' traits.
pub struct Rules;

fn derivative(kind: OpKind) -> Option<&'static Derivative> {
    row(kind).map(|row| &row.derivative)
}

impl TangentRules for Rules {
    fn flow(&self, kind: OpKind) -> Option<Flow> {
        derivative(kind).map(|derivative| match derivative {
            Derivative::Inactive(_) => Flow::Stops,
            Derivative::Region(_) => Flow::Regions,
            Derivative::Tangent { .. } | Derivative::Linear | Derivative::Bilinear | Derivative::Special(..) => {
                Flow::Through
            }
            Derivative::Unsupported(_) => Flow::Unknown,
        })
    }

    fn expansion<'c>(&self, op: Op<'c>) -> Result<Option<Expanded<'c>>> {
        let Some(expand) = OpKind::of(op).and_then(row).and_then(|row| row.expansion) else { return Ok(None) };
        // All that is made stands between this constant and the operation.
        let mark = Builder::before(op).index(0).map(defining_op)?;
        let results = expand(op)?;
        let made: Vec<Op> =
            std::iter::successors(mark, |made| made.next_in_block()).take_while(|made| *made != op).collect();
        match results {
            Some(results) => Ok(Some(Expanded { made, results })),
            None => {
                made.into_iter().rev().for_each(erase);
                Ok(None)
            }
        }
    }

    fn tangents<'c>(&self, site: &mut LinearizationSite<'c, '_>) -> Result<Vec<Tangent<'c>>, SpannedDiagnostic<'c>> {
        let location = site.op.location();
        let choice = row(site.kind).and_then(|row| row.nondifferentiable).filter(|_| makes_choice(site));
        if let (Some(choice), Some(report)) = (choice, site.engine.report()) {
            let words = format!("choice of the derivative of '{}': {choice}", site.kind.name());
            report.note(location, "choice", words, vec![text("operation", site.kind.name()), text("choice", choice)]);
        }
        match derivative(site.kind) {
            Some(Derivative::Region(handler)) => match site.mode {
                Mode::Linear => handler.linearize(site),
                Mode::Forward => handler.forward(site),
            },
            Some(derivative) => {
                apply(derivative, site).map_err(|diagnostic| SpannedDiagnostic::new(location, diagnostic))
            }
            None => {
                let message = format!("internal error: '{}' has no derivative", site.kind.name());
                Err(SpannedDiagnostic::new(location, Diagnostic::internal(message)))
            }
        }
    }
}

impl TransposeRules for Rules {
    fn transpose<'c>(&self, transposer: &mut Transposer<'c>, op: Op<'c>, cotangents: &[Option<Val<'c>>]) -> Result<()> {
        let row = OpKind::of(op).and_then(row);
        match (row.map(|row| &row.derivative), row.and_then(|row| row.transpose), cotangents) {
            (Some(Derivative::Region(handler)), _, cotangents) => handler.transpose(transposer, op, cotangents),
            (None, ..) if OpKind::of(op) == Some(OpKind::FuncCall) => calls::transpose(transposer, op, cotangents),
            (_, Some(transpose), [Some(cotangent)]) => transpose(transposer, op, *cotangent),
            _ => {
                let name = op.name();
                let diagnostic = Diagnostic::unsupported(format!(
                    "'{}' has no transpose",
                    name.as_string_ref().as_str().unwrap_or("?")
                ));
                Err(diagnostic.help("a linear region holds operations that are linear in one operand"))
            }
        }
    }

    fn reads_extents(&self, kind: OpKind) -> bool {
        matches!(self.linearity(kind), Some(Linearity::Extents))
    }
}

impl LinearityRules for Rules {
    fn linearity(&self, kind: OpKind) -> Option<&'static Linearity> {
        row(kind).and_then(|row| row.linearity.as_ref())
    }

    fn of_regions<'c>(&self, known: &mut Degrees<'c, '_>, op: Op<'c>) -> Option<DegreesOfRegions<'c>> {
        match OpKind::of(op).and_then(derivative) {
            Some(Derivative::Region(handler)) => Some(handler.degrees(known, op)),
            Some(_) | None => None,
        }
    }

    fn unsupported(&self, kind: OpKind) -> Option<&'static str> {
        match derivative(kind) {
            Some(Derivative::Unsupported(reason)) => Some(reason),
            Some(_) | None => None,
        }
    }
}

/// Whether an operation is one for which the choice of its row applies: of reductions and scans, those to an extremum.
fn makes_choice(site: &LinearizationSite) -> bool {
    match Parameters::of(site.kind, site.op) {
        Some(Parameters::Reduce { kind, .. } | Parameters::Scan(ScanForm { kind, .. })) => {
            matches!(kind, Reduction::Max | Reduction::Min)
        }
        Some(_) | None => true,
    }
}

/// Applies the rule of an operation without regions.
fn apply<'c>(derivative: &Derivative, site: &mut LinearizationSite<'c, '_>) -> Tangents<'c> {
    match derivative {
        Derivative::Inactive(_) => Ok(site.results.iter().map(|result| Tangent::inactive(*result)).collect()),
        Derivative::Tangent { real, complex, names } => {
            let is_complex =
                site.operands.iter().any(|x| is_complex(*x)) || site.results.iter().any(|y| is_complex(*y));
            let text = if is_complex { *complex } else { *real };
            if text.is_empty() {
                return Err(Diagnostic::unsupported(format!("'{}' has no derivative for this type", site.kind.name())));
            }
            let expr = dp_terms::parse(text).map_err(|error| {
                Diagnostic::internal(format!("internal error in the rule of '{}': {error}", site.kind.name()))
            })?;
            Ok(vec![TangentEvaluator::new(site, names).tangent(&expr)?])
        }
        Derivative::Linear => linear(site),
        Derivative::Bilinear => bilinear(site),
        Derivative::Special(rule, _) => rule(site),
        Derivative::Region(_) => Err(Diagnostic::internal("internal error: a construct is linearized by its handler")),
        Derivative::Unsupported(reason) => {
            let diagnostic = Diagnostic::unsupported(format!("'{}' is not differentiated", site.kind.name()));
            Err(diagnostic.help(*reason))
        }
    }
}

fn is_complex(value: Val) -> bool {
    ValueType::of(value.r#type()).is_some_and(|r#type| r#type.dtype.is_complex())
}

/// The operation itself, applied to tangents; if only some are zero, zeros are created for them.
fn linear<'c>(site: &mut LinearizationSite<'c, '_>) -> Tangents<'c> {
    if tangent_type(site.results[0].r#type()).is_none() {
        return Ok(vec![Tangent::None]);
    }
    let mut arguments = Vec::new();
    for (primal, tangent) in site.operands.iter().zip(&site.tangents) {
        arguments.push(match (tangent, tangent_type(primal.r#type())) {
            (Tangent::Value(value), _) => *value,
            (Tangent::Zero, Some(r#type)) => site.zero(&r#type, *primal)?,
            (Tangent::None | Tangent::Zero, _) => *primal,
        });
    }
    let replaced: Vec<(Val, Val)> = operands(site.op).into_iter().zip(arguments.iter().copied()).collect();
    // Not by a clone with a mapping: one value may be both differentiable and not, as in an index and its copy.
    let copy = site.linear.clone_op(site.op, &replaced);
    for (index, argument) in arguments.into_iter().enumerate() {
        set_operand(copy, index, argument);
    }
    set_location(copy, site.linear.location());
    Ok(results(copy).into_iter().map(Tangent::Value).collect())
}

fn bilinear<'c>(site: &mut LinearizationSite<'c, '_>) -> Tangents<'c> {
    let parameters = Parameters::of(site.kind, site.op).unwrap_or(Parameters::None);
    let [a, b] = site.operands[..] else {
        return Err(Diagnostic::internal("internal error: bilinear in two operands"));
    };
    let mut sum: Option<Val> = None;
    for pair in [site.tangents[0].value().map(|da| [da, b]), site.tangents[1].value().map(|db| [a, db])] {
        let Some(pair) = pair else { continue };
        let term = site.linear.emit(site.kind, &parameters, &pair)?;
        sum = Some(match sum {
            None => term,
            Some(before) => site.linear.scalar(OpKind::ScalarAdd, &[before, term])?,
        });
    }
    Ok(vec![sum.map_or(Tangent::Zero, Tangent::Value)])
}
