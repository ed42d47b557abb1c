//! Branches and loops of `scf`.
//!
//! Outside maps, these are StableHLO's own. In the body of a map, lanes diverge: both branches are computed and a
//! select chooses, which is correct since bodies have no side effects. A loop runs while any lane is active; inactive
//! lanes keep their values. Lanes that did not reach the loop are inactive, since the loop might not terminate on their
//! values.

use super::elementwise::{compare, compare_as, select};
use super::emitter::{Emitter, unsupported};
use super::regions::reduced;
use super::status;
use super::text::{Tensor, Term, list, types};
use dp_dialects::attributes::Predicate;
use dp_dialects::ir::{Blk, Op, block_args, i64_array, is_set, region_block, results};
use dp_dialects::{Number, ScalarType, SpannedDiagnostic};
use dp_loopnest::normalize::{UNSIGNED, never_wraps};

/// The result types of an operation.
fn given<'c>(e: &Emitter<'c>, op: Op<'c>) -> Result<Vec<Tensor>, SpannedDiagnostic<'c>> {
    results(op).into_iter().map(|result| e.tensor(op, result)).collect()
}

/// A StableHLO region for one of our blocks, or one with only a return. It also returns the status, if there is one.
fn region<'c>(e: &mut Emitter<'c>, block: Option<Blk<'c>>, status: Option<&Term>) -> Result<(), SpannedDiagnostic<'c>> {
    let outside = e.status.clone();
    let mut terms = match block {
        Some(block) => e.block(block)?,
        None => Vec::new(),
    };
    let inside = std::mem::replace(&mut e.status, outside);
    terms.extend(status.and(inside));
    returned(e, &terms);
    Ok(())
}

/// Takes the status that an operation returns after its results, if it returns one.
fn take_status(e: &mut Emitter, returned: Option<Term>, made: &mut Vec<Term>) {
    if returned.is_some() {
        e.status = made.pop();
    }
}

fn returned(e: &mut Emitter, terms: &[Term]) {
    if terms.is_empty() {
        e.w.line("stablehlo.return");
    } else {
        e.w.line(format_args!("stablehlo.return {} : {}", list(terms), types(terms)));
    }
}

/// Emits a block for the active lanes for which a condition holds.
fn among<'c>(
    e: &mut Emitter<'c>,
    condition: &Term,
    block: Option<Blk<'c>>,
) -> Result<Vec<Term>, SpannedDiagnostic<'c>> {
    let Some(block) = block else { return Ok(Vec::new()) };
    let here = e.here.clone();
    let chosen = match &here {
        Some(here) => e.w.same("and", &[here, condition]),
        None => condition.clone(),
    };
    e.here = Some(chosen);
    let terms = e.block(block);
    e.here = here;
    terms
}

/// `scf.if`.
pub(super) fn branch<'c>(e: &mut Emitter<'c>, op: Op<'c>, terms: &[Term]) -> Result<Vec<Term>, SpannedDiagnostic<'c>> {
    let [condition] = terms else { return Err(unsupported(op)) };
    let (taken, other) = (region_block(op, 0), region_block(op, 1));
    if !e.lanes.is_empty() {
        let not = e.w.same("not", &[condition]);
        let (yes, no) = (among(e, condition, taken)?, among(e, &not, other)?);
        return Ok(yes.iter().zip(&no).map(|(a, b)| select(e, condition, a, b)).collect());
    }
    let (mut types, status) = (given(e, op)?, status::changed_by(e, op));
    types.extend(status.as_ref().map(|status| status.r#type.clone()));
    let (mut terms, left) = e.w.fresh_all(&types);
    e.w.open(format_args!("{left}\"stablehlo.if\"({condition}) ({{"));
    region(e, taken, status.as_ref())?;
    e.w.turn("}, {");
    region(e, other, status.as_ref())?;
    e.w.close(format_args!("}}) : ({}) -> {}", condition.r#type, results_of(&types)));
    take_status(e, status, &mut terms);
    Ok(terms)
}

/// `scf.index_switch`. StableHLO's `case` counts from 0, and its last branch is the default.
pub(super) fn switch<'c>(e: &mut Emitter<'c>, op: Op<'c>, terms: &[Term]) -> Result<Vec<Term>, SpannedDiagnostic<'c>> {
    let ([index], Some(cases)) = (terms, i64_array(op, "cases")) else { return Err(unsupported(op)) };
    let lanes = e.lanes.clone();
    let mut hits = Vec::new();
    for case in &cases {
        let value = e.splat(ScalarType::I64, Number::Integer(*case), &lanes);
        hits.push(compare(e, Predicate::Eq, index, &value));
    }
    // Region 0 is the default.
    if !lanes.is_empty() {
        let mut rest = e.splat(ScalarType::I1, Number::Integer(1), &lanes);
        for hit in &hits {
            let not = e.w.same("not", &[hit]);
            rest = e.w.same("and", &[&rest, &not]);
        }
        let mut chosen = among(e, &rest, region_block(op, 0))?;
        for (position, hit) in hits.iter().enumerate() {
            let other = among(e, hit, region_block(op, position + 1))?;
            chosen = other.iter().zip(&chosen).map(|(a, b)| select(e, hit, a, b)).collect();
        }
        return Ok(chosen);
    }
    let mut position = e.splat(ScalarType::I32, Number::Integer(cases.len() as i64), &[]);
    for (case, hit) in hits.iter().enumerate() {
        let this = e.splat(ScalarType::I32, Number::Integer(case as i64), &[]);
        position = select(e, hit, &this, &position);
    }
    let (mut types, status) = (given(e, op)?, status::changed_by(e, op));
    types.extend(status.as_ref().map(|status| status.r#type.clone()));
    let (mut terms, left) = e.w.fresh_all(&types);
    e.w.open(format_args!("{left}\"stablehlo.case\"({position}) ({{"));
    for case in 0..cases.len() {
        region(e, region_block(op, case + 1), status.as_ref())?;
        e.w.turn("}, {");
    }
    region(e, region_block(op, 0), status.as_ref())?;
    e.w.close(format_args!("}}) : ({}) -> {}", position.r#type, results_of(&types)));
    take_status(e, status, &mut terms);
    Ok(terms)
}

/// Types in result syntax.
fn results_of(types: &[Tensor]) -> String {
    match types {
        [one] => one.to_string(),
        several => format!("({})", list(several)),
    }
}

/// Computes the carried values of the next iteration.
type Step<'a, 'c> = &'a mut dyn FnMut(&mut Emitter<'c>, &[Term]) -> Result<Vec<Term>, SpannedDiagnostic<'c>>;

/// A loop that also carries its condition, as the first value, and the status if it has checks, as the last. Inactive
/// lanes keep their values.
fn run<'c>(
    e: &mut Emitter<'c>,
    op: Op<'c>,
    mut state: Vec<Term>,
    step: Step<'_, 'c>,
) -> Result<Vec<Term>, SpannedDiagnostic<'c>> {
    let here = e.here.clone();
    if let Some(here) = &here {
        state[0] = e.w.same("and", &[here, &state[0]]);
    }
    let status = status::changed_by(e, op);
    state.extend(status.clone());
    let types: Vec<Tensor> = state.iter().map(|term| term.r#type.clone()).collect();
    let (mut made, left) = e.w.fresh_all(&types);
    let inside: Vec<Term> = types.iter().map(|r#type| e.w.fresh(r#type.clone())).collect();
    let bound = inside.iter().zip(&state).map(|(inside, outside)| format!("{inside} = {outside}"));
    e.w.line(format_args!("{left}stablehlo.while({}) : {}", list(bound), list(&types)));
    e.w.open("cond {");
    let dims: Vec<usize> = (0..types[0].shape.len()).collect();
    let any = if dims.is_empty() {
        inside[0].clone()
    } else {
        let no = e.splat(ScalarType::I1, Number::Integer(0), &[]);
        reduced(e, &inside[0], &no, "or", &dims, types[0].number())
    };
    returned(e, &[any]);
    e.w.turn("} do {");
    e.here = (!dims.is_empty()).then(|| inside[0].clone());
    let carried = inside.len() - usize::from(status.is_some());
    if status.is_some() {
        e.status = inside.last().cloned();
    }
    let next = step(e, &inside[..carried]);
    e.here = here;
    let mut next = next?;
    if next.len() != carried {
        return Err(unsupported(op));
    }
    if !dims.is_empty() {
        let going = &inside[0];
        next[0] = e.w.same("and", &[going, &next[0]]);
        for (new, old) in next.iter_mut().zip(&inside).skip(1) {
            *new = select(e, going, new, old);
        }
    }
    // Checks have regarded the mask of active lanes.
    next.extend(e.status.clone().filter(|_| status.is_some()));
    returned(e, &next);
    e.w.close("}");
    take_status(e, status, &mut made);
    Ok(made)
}

fn bind<'c>(e: &mut Emitter<'c>, block: Blk<'c>, terms: &[Term]) {
    block_args(block).into_iter().zip(terms).for_each(|(argument, term)| e.bind(argument, term.clone()));
}

/// `scf.while`: the part before the condition is emitted once before the loop and once at the end of the body, so that
/// the values it passes on are carried.
pub(super) fn conditional<'c>(
    e: &mut Emitter<'c>,
    op: Op<'c>,
    terms: &[Term],
) -> Result<Vec<Term>, SpannedDiagnostic<'c>> {
    let (Some(before), Some(after)) = (region_block(op, 0), region_block(op, 1)) else { return Err(unsupported(op)) };
    bind(e, before, terms);
    let state = e.block(before)?;
    let mut step = |e: &mut Emitter<'c>, carried: &[Term]| {
        bind(e, after, &carried[1..]);
        let again = e.block(after)?;
        bind(e, before, &again);
        e.block(before)
    };
    let made = run(e, op, state, &mut step)?;
    Ok(made[1..].to_vec())
}

/// Whether a loop has another iteration: the first, or the one after `after`. The remaining distance is exact as an
/// unsigned integer, while the next value may have wrapped around. Where the step is not positive, the step minus 1 as an
/// unsigned integer exceeds every distance: the loop ends after one iteration.
fn reaches<'c>(e: &mut Emitter<'c>, op: Op<'c>, after: Option<&Term>, next: &Term, [end, stride]: [&Term; 2]) -> Term {
    match after {
        Some(number) if !never_wraps(op) => {
            let left = e.w.same("subtract", &[end, number]);
            let one = e.splat(end.r#type.dtype(), Number::Integer(1), &end.r#type.shape);
            let [stride, left] = [stride, &left].map(|way| e.w.same("subtract", &[way, &one]));
            compare(e, Predicate::Ult, &stride, &left)
        }
        None if is_set(op, UNSIGNED) => compare(e, Predicate::Ult, next, end),
        _ => compare_as(e, "LT", next, end),
    }
}

/// `scf.for`.
pub(super) fn counted<'c>(e: &mut Emitter<'c>, op: Op<'c>, terms: &[Term]) -> Result<Vec<Term>, SpannedDiagnostic<'c>> {
    let ([first, end, stride, inits @ ..], Some(body)) = (terms, region_block(op, 0)) else {
        return Err(unsupported(op));
    };
    if status::may_stand(op) {
        let (dtype, unsigned) = (stride.r#type.dtype(), is_set(op, UNSIGNED));
        let zero = e.splat(dtype, Number::Integer(0), &[]);
        let is_positive = compare_as(e, if unsigned { "NE" } else { "GT" }, stride, &zero);
        status::require(e, op, &is_positive, "the step of the loop is not positive")?;
    }
    let mut state = vec![reaches(e, op, None, first, [end, stride]), first.clone()];
    state.extend(inits.iter().cloned());
    let mut step = |e: &mut Emitter<'c>, carried: &[Term]| {
        bind(e, body, &carried[1..]);
        let again = e.block(body)?;
        let next = e.w.same("add", &[&carried[1], stride]);
        let mut all = vec![reaches(e, op, Some(&carried[1]), &next, [end, stride]), next];
        all.extend(again);
        Ok(all)
    };
    let made = run(e, op, state, &mut step)?;
    Ok(made[2..].to_vec())
}
