//! The derivatives of calls that stay: of functions of the program, and of the functions that were made for them. What such a function
//! keeps in records is not differentiated; the derivative is that of the function's meaning.

use super::Calls;
use super::derived::{Role, Signature, chosen};
use dp_ad_engine::site::{KeptCalls, Mode};
use dp_ad_engine::tangent::{Dual, Tangent, tangent_of};
use dp_ad_engine::transpose::calls::call;
use dp_dialects::builder::adjoint_location;
use dp_dialects::ir::{Op, Val};
use dp_dialects::types::tangent_type;
use dp_dialects::{Builder, Diagnostic, OpKind, Result};
use melior::ir::operation::OperationLike;
use melior::ir::{Type, ValueLike};

/// The rule that the location of a call between derivatives names.
pub(super) const RULE: &str = "func.call";

/// One call that is differentiated.
struct Site<'c, 'a> {
    mode: Mode,
    arguments: &'a [Dual<'c>],
    /// Computes values.
    primal: Builder<'c>,
    /// Computes tangents.
    linear: Builder<'c>,
}

impl<'c> Site<'c, '_> {
    fn values(&self) -> Vec<Val<'c>> {
        self.arguments.iter().map(|argument| argument.primal).collect()
    }

    /// The tangents of these, with zeros for those that are not active.
    fn tangents(&self, of: &[Dual<'c>]) -> Result<Vec<Val<'c>>> {
        of.iter().filter_map(|dual| tangent_of(self.primal, self.linear, dual).transpose()).collect()
    }

    /// A call of a function that is linear in the arguments from `fixed` on, on their tangents.
    fn along(&self, name: &str, fixed: usize, arguments: &[Dual<'c>], outputs: &[Type<'c>]) -> Result<Vec<Val<'c>>> {
        let (fixed, along) = arguments.split_at(fixed);
        let given: Vec<Val> = fixed.iter().map(|dual| dual.primal).chain(self.tangents(along)?).collect();
        call(self.linear, name, &given, outputs)
    }
}

fn is_active(dual: &Dual) -> bool {
    dual.tangent.value().is_some()
}

fn activity(of: &[Dual]) -> Vec<bool> {
    of.iter().map(is_active).collect()
}

/// Values, with tangents for those that carry any.
fn duals<'c>(primals: &[Val<'c>], tangents: &[Val<'c>]) -> Vec<Dual<'c>> {
    let mut tangents = tangents.iter();
    let dual = |primal: &Val<'c>| {
        let tangent = tangent_type(primal.r#type()).and_then(|_| tangents.next());
        Dual { primal: *primal, tangent: tangent.map_or(Tangent::None, |tangent| Tangent::Value(*tangent)) }
    };
    primals.iter().map(dual).collect()
}

fn without_results() -> Diagnostic {
    Diagnostic::internal("internal error: a forward function without results")
}

impl<'c> KeptCalls<'c> for Calls<'c> {
    fn keeps(&self, name: &str) -> bool {
        self.kept.contains(name) || self.is_opaque(name)
    }

    fn is_opaque(&self, name: &str) -> bool {
        self.is_recursive(name) || self.registry.get(name).is_some_and(|derived| derived.role.has_rule())
    }

    fn call(
        &mut self,
        mode: Mode,
        op: Op<'c>,
        name: &str,
        arguments: &[Dual<'c>],
        primal: Builder<'c>,
        linear: Builder<'c>,
    ) -> Result<Vec<Dual<'c>>> {
        let primal = primal.located(op.location());
        let linear = linear.located(adjoint_location(primal.context(), RULE, op.location()));
        let site = Site { mode, arguments, primal, linear };
        let Some(derived) = self.registry.get(name) else { return self.function(&site, name, arguments) };
        match derived.role {
            Role::Forward => self.of_forward(&site, name, &derived.source, &derived.active),
            Role::Tangent => self.of_tangent(&site, name, &derived.source, &derived.active),
            Role::Reverse => self.of_reverse(&site, name, &derived.source, &derived.active),
            Role::Jvp | Role::Hvp(_) => self.function(&site, name, arguments),
            Role::Vjp(_) => Err(Diagnostic::unsupported(
                "this pullback is kept in a record, through which no derivative by its point is found",
            )
            .help("pull it in the function that makes it")),
            Role::Pull(_) | Role::Push(_) => {
                let outputs = self.registry.signature(name).outputs;
                let primals = call(site.primal, name, &site.values(), &outputs)?;
                Ok(duals(&primals, &site.along(name, 1, arguments, &outputs)?))
            }
        }
    }
}

impl<'c> Calls<'c> {
    /// The call of a function that has no derivative but those made for it.
    fn function(&self, site: &Site<'c, '_>, name: &str, arguments: &[Dual<'c>]) -> Result<Vec<Dual<'c>>> {
        let active = activity(arguments);
        match site.mode {
            Mode::Linear => {
                let mut derived = self.along(site, name, &active, arguments)?;
                derived.pop().ok_or_else(without_results)?;
                Ok(derived)
            }
            Mode::Forward => {
                let signature = self.registry.signature(name);
                let all = [signature.outputs.clone(), signature.carrying()].concat();
                let mut given: Vec<Val> = arguments.iter().map(|argument| argument.primal).collect();
                given.extend(arguments.iter().filter_map(|argument| argument.tangent.value()));
                let derived = call(site.primal, &self.registry.name(name, &active, Role::Jvp), &given, &all)?;
                let (primals, tangents) = derived.split_at(signature.outputs.len());
                Ok(duals(primals, tangents))
            }
        }
    }

    /// Calls the forward function next to the primal operations, and the tangent function in the linear region. Returns
    /// the results, and the position of the record. All active arguments are in `active`.
    fn along(&self, site: &Site<'c, '_>, name: &str, active: &[bool], arguments: &[Dual<'c>]) -> Result<Vec<Dual<'c>>> {
        let (forward, tangent) = self.registry.pair(name, active);
        let signature = self.registry.signature(name);
        let values: Vec<Val> = arguments.iter().map(|argument| argument.primal).collect();
        let derived = call(site.primal, &forward, &values, &self.registry.signature(&forward).outputs)?;
        let (record, primals) = derived.split_last().ok_or_else(without_results)?;
        let mut given = vec![*record];
        given.extend(values);
        given.extend(extents(site.primal, &signature, primals)?);
        given.extend(site.tangents(&chosen(arguments, active))?);
        let tangents = call(site.linear, &tangent, &given, &signature.carrying())?;
        let mut all = duals(primals, &tangents);
        all.push(Dual { primal: *record, tangent: Tangent::None });
        Ok(all)
    }

    /// A call of a forward function: its results have the tangents of the source's.
    fn of_forward(&self, site: &Site<'c, '_>, name: &str, source: &str, active: &[bool]) -> Result<Vec<Dual<'c>>> {
        if activity(site.arguments).iter().zip(active).all(|(along, active)| *active || !along) {
            return self.along(site, source, active, site.arguments);
        }
        let mut derived = self.function(site, source, site.arguments)?;
        let record = call(site.primal, name, &site.values(), &self.registry.signature(name).outputs)?.pop();
        derived.push(Dual { primal: record.ok_or_else(without_results)?, tangent: Tangent::None });
        Ok(derived)
    }

    /// A call of a tangent function, which is linear in its tangents; along the arguments of the source too, it is the
    /// function that computes values and tangents that is differentiated.
    fn of_tangent(&self, site: &Site<'c, '_>, name: &str, source: &str, active: &[bool]) -> Result<Vec<Dual<'c>>> {
        let signature = self.registry.signature(source);
        let x = &site.arguments[1..=signature.inputs.len()];
        let (fixed, along) = site.arguments.split_at(1 + x.len() + signature.open().len());
        if !x.iter().any(is_active) {
            let primals = call(site.primal, name, &site.values(), &signature.carrying())?;
            let tangents = site.along(name, fixed.len(), site.arguments, &signature.carrying())?;
            return Ok(duals(&primals, &tangents));
        }
        let jvp = self.registry.name(source, active, Role::Jvp);
        self.function(site, &jvp, &[x, along].concat()).map(|mut derived| derived.split_off(signature.outputs.len()))
    }

    /// A call of a reverse function, which is linear in its cotangents c. Along the arguments of the source, it is the
    /// derivative of the gradient of the pairing of c with the results.
    fn of_reverse(&self, site: &Site<'c, '_>, name: &str, source: &str, active: &[bool]) -> Result<Vec<Dual<'c>>> {
        let signature = self.registry.signature(source);
        let outputs = signature.chosen(active);
        let x = &site.arguments[1..=signature.inputs.len()];
        let (fixed, cotangents) = site.arguments.split_at(1 + x.len() + signature.open().len());
        let primals = call(site.primal, name, &site.values(), &outputs)?;
        let mut parts = Vec::new();
        if cotangents.iter().any(is_active) {
            parts.push(site.along(name, fixed.len(), site.arguments, &outputs)?);
        }
        if x.iter().any(is_active) {
            let hvp = self.registry.name(source, active, Role::Hvp(activity(x)));
            let mut given: Vec<Val> = x.iter().chain(cotangents).map(|dual| dual.primal).collect();
            given.extend(x.iter().filter_map(|dual| dual.tangent.value()));
            parts.push(call(site.linear, &hvp, &given, &outputs)?);
        }
        let sum = |sum: Vec<Val<'c>>, part: &Vec<Val<'c>>| -> Result<Vec<Val<'c>>> {
            sum.into_iter().zip(part).map(|(a, b)| site.linear.scalar(OpKind::ScalarAdd, &[a, *b])).collect()
        };
        let Some((first, rest)) = parts.split_first() else { return Ok(duals(&primals, &[])) };
        let total: Vec<Val> = rest.iter().try_fold(first.clone(), sum)?;
        Ok(duals(&primals, &total))
    }
}

/// The dynamic extents of the results that carry tangents.
pub(super) fn extents<'c>(b: Builder<'c>, signature: &Signature<'c>, results: &[Val<'c>]) -> Result<Vec<Val<'c>>> {
    let carrying: Vec<Val> = results.iter().copied().filter(|result| tangent_type(result.r#type()).is_some()).collect();
    signature.open().into_iter().map(|(result, dim)| b.extent(carrying[result], dim)).collect()
}
