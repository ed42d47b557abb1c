//! Smaller programs that fail alike: operations become arguments, as long as the failure stays.

use super::program::{Block, Id, Operation, Program};
use crate::refutation::numbers::Random;
use dp_dialects::{Literal, OpKind};
use dp_simplify::Soundness;
use std::collections::HashSet;

/// The most programs that are tried.
const TRIES: usize = 120;

/// A smaller program that fails still.
pub fn shrink(program: &Program, fails: &dyn Fn(&Program) -> bool) -> Program {
    let (mut best, mut tries) = (program.clone(), 0);
    let mut attempt = |best: &mut Program, smaller: Program| {
        tries += 1;
        let better = tries <= TRIES && fails(&smaller);
        if better {
            *best = smaller;
        }
        better
    };
    for place in (0..best.main().results().len()).rev() {
        if best.main().results().len() > 1 {
            let mut smaller = best.clone();
            terminator(&mut smaller).operands.remove(place);
            sweep(&mut smaller);
            attempt(&mut best, smaller);
        }
    }
    let mut kept: HashSet<Vec<Id>> = HashSet::new();
    while let Some(results) = last_operation(&best, &kept) {
        let mut smaller = best.clone();
        release(&mut smaller, &results);
        sweep(&mut smaller);
        if !attempt(&mut best, smaller) {
            kept.insert(results);
        }
    }
    best
}

fn terminator(program: &mut Program) -> &mut Operation {
    let function = program.functions.last_mut().expect("a program has a function");
    function.body.operations.last_mut().expect("a function has a terminator")
}

/// The last operation of the function that is run which has not been tried: its results.
fn last_operation(program: &Program, kept: &HashSet<Vec<Id>>) -> Option<Vec<Id>> {
    fn find(block: &Block, kept: &HashSet<Vec<Id>>) -> Option<Vec<Id>> {
        block.operations.iter().rev().find_map(|operation| {
            let is_new = !operation.results.is_empty() && !kept.contains(&operation.results);
            let isolated = matches!(
                operation.kind,
                OpKind::ArrayMap | OpKind::ArrayReduce | OpKind::ArrayScan | OpKind::ArraySort | OpKind::AdLinear
            );
            let inner = || operation.regions.iter().find_map(|region| find(region, kept));
            if is_new {
                Some(operation.results.clone())
            } else if isolated {
                None
            } else {
                inner()
            }
        })
    }
    find(&program.main().body, kept)
}

/// Makes the results of an operation arguments; those that are pullbacks go with it.
fn release(program: &mut Program, results: &[Id]) {
    fn remove(block: &mut Block, results: &[Id]) {
        block.operations.retain(|operation| operation.results != results);
        block.operations.iter_mut().flat_map(|operation| &mut operation.regions).for_each(|it| remove(it, results));
    }
    let Some(function) = program.functions.last_mut() else { return };
    remove(&mut function.body, results);
    let mut random = Random::new(results[0] as u64);
    for id in results {
        let value = &program.values[*id];
        let (dtype, count) = (value.r#type.dtype, value.extents.iter().product::<u64>());
        let mut number = || random.number(dtype, Soundness::Real);
        let literal = match (value.index, value.r#type.is_tensor()) {
            (Some(index), _) => Literal::number(dtype, dp_dialects::Number::Integer(index)),
            // The least index is within any bounds that it was.
            (None, false) if value.below.is_some() => Literal::number(dtype, dp_dialects::Number::Integer(0)),
            (None, false) => Literal::number(dtype, number()),
            (None, true) => Literal::tensor(dtype, value.extents.clone(), (0..count).map(|_| number()).collect()),
        };
        function.body.arguments.push(*id);
        program.given.push(literal);
    }
}

/// Removes what nothing uses.
fn sweep(program: &mut Program) {
    fn used(block: &Block, into: &mut HashSet<Id>) {
        for operation in &block.operations {
            into.extend(&operation.operands);
            operation.regions.iter().for_each(|region| used(region, into));
        }
    }
    fn clear(block: &mut Block, used: &HashSet<Id>) -> bool {
        let before = block.operations.len();
        block.operations.retain(|made| made.results.is_empty() || made.results.iter().any(|id| used.contains(id)));
        let regions = block.operations.iter_mut().flat_map(|operation| &mut operation.regions);
        // All of them, not only up to the first in which something goes.
        let inner = regions.filter_map(|region| clear(region, used).then_some(())).count() > 0;
        inner || block.operations.len() < before
    }
    let called = |program: &Program| -> HashSet<String> {
        fn collect(block: &Block, into: &mut HashSet<String>) {
            for operation in &block.operations {
                let callee = operation.attributes.iter().find(|(name, _)| *name == "callee");
                into.extend(callee.map(|(_, name)| name.trim_start_matches('@').to_string()));
                operation.regions.iter().for_each(|region| collect(region, into));
            }
        }
        let mut names = HashSet::new();
        program.functions.iter().for_each(|function| collect(&function.body, &mut names));
        names
    };
    loop {
        let Some(function) = program.functions.last_mut() else { return };
        let mut uses = HashSet::new();
        used(&function.body, &mut uses);
        if !clear(&mut function.body, &uses) {
            let is_used: Vec<bool> = function.body.arguments.iter().map(|id| uses.contains(id)).collect();
            let mut keep = is_used.iter();
            function.body.arguments.retain(|_| keep.next() == Some(&true));
            let mut keep = is_used.iter();
            program.given.retain(|_| keep.next() == Some(&true));
            break;
        }
    }
    let last = program.functions.len() - 1;
    let names = called(program);
    let mut place = 0;
    program.functions.retain(|function| {
        place += 1;
        place > last || names.contains(&function.name)
    });
}
