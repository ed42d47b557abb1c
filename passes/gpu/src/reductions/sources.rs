//! The inputs of a reduction: loop bodies, or partial results.

use super::combine::Combiner;
use super::walk::Source;
use crate::contraction;
use crate::indexing::{Operand, load_row, position};
use crate::kernel::Kernel;
use dp_dialects::Result;
use dp_dialects::ir::Val;
use dp_loopnest::nest::Nest;
use dp_loopnest::structured::Index;

/// Operation an output is written.
#[derive(Clone, Copy)]
pub(crate) enum Output<'c> {
    /// At every point.
    Elementwise,
    /// Once, reduced.
    Reduced(Combiner<'c>),
}

impl<'c> Output<'c> {
    pub(crate) fn combiner(&self) -> Option<Combiner<'c>> {
        match self {
            Output::Elementwise => None,
            Output::Reduced(combiner) => Some(*combiner),
        }
    }
}

/// Operation each output is written, if all are supported here.
pub(crate) fn outputs<'c>(nest: &Nest<'c>, starts: &[Option<Val<'c>>], strict: bool) -> Option<Vec<Output<'c>>> {
    let reduced = (0..nest.reduces.len()).filter(|dim| nest.reduces[*dim]);
    let output = |index: usize| {
        let loops = &nest.outputs()[index].at.loops;
        match reduced.clone().filter(|dim| loops.contains(dim)).count() {
            0 => Combiner::of(nest, index, starts[index], strict).map(Output::Reduced),
            moving => (moving == reduced.clone().count()).then_some(Output::Elementwise),
        }
    };
    let outputs = (0..nest.outputs().len()).map(output).collect::<Option<Vec<_>>>()?;
    outputs.iter().any(|output| matches!(output, Output::Reduced(_))).then_some(outputs)
}

/// The body of a nest at the points of one result.
pub(crate) struct Body<'a, 'c> {
    pub nest: &'a Nest<'c>,
    pub operands: &'a [Operand<'c>],
    pub outputs: &'a [Output<'c>],
    /// The point of the result.
    pub point: Vec<Val<'c>>,
    pub reduced: &'a [usize],
    pub extents: &'a [Index<'c>],
}

/// The partial results of one result.
pub(crate) struct Partials<'a, 'c> {
    pub combiners: &'a [Combiner<'c>],
    pub partial: Vec<Val<'c>>,
    pub results: Val<'c>,
    pub number: Val<'c>,
}

impl<'c> Body<'_, 'c> {
    fn point(&self, k: &Kernel<'c>, step: Val<'c>) -> Result<Vec<Val<'c>>> {
        let mut point = self.point.clone();
        for (dim, at) in self.reduced.iter().zip(position(k, step, self.extents)?) {
            point[*dim] = at;
        }
        Ok(point)
    }

    /// The operands that are read at every step.
    fn read(&self) -> impl Iterator<Item = &Operand<'c>> {
        let is_held = |index: usize| {
            let output = index.checked_sub(self.nest.inputs);
            output.is_some_and(|output| matches!(self.outputs[output], Output::Reduced(_)))
        };
        self.operands.iter().enumerate().filter(move |(index, _)| !is_held(*index)).map(|(_, operand)| operand)
    }
}

impl<'c> Source<'c> for Body<'_, 'c> {
    fn load(&self, k: &Kernel<'c>, step: Val<'c>) -> Result<Vec<Val<'c>>> {
        let point = self.point(k, step)?;
        self.read().map(|operand| operand.element(k, &point)).collect()
    }

    fn load_row(&self, k: &Kernel<'c>, step: Val<'c>, lanes: i64) -> Result<Vec<Vec<Val<'c>>>> {
        let point = self.point(k, step)?;
        let last = point.len() - 1;
        let mut rows = vec![Vec::new(); lanes as usize];
        for operand in self.read() {
            let is_row = operand.loops.last() == Some(&last) && operand.start.is_none() && operand.is_read;
            let read = if is_row {
                load_row(k, operand, &operand.at(&point), lanes)?
            } else {
                vec![operand.element(k, &point)?; lanes as usize]
            };
            rows.iter_mut().zip(read).for_each(|(row, value)| row.push(value));
        }
        Ok(rows)
    }

    /// The body at a point; returns the new partial results.
    fn join(&self, k: &Kernel<'c>, step: Val<'c>, read: &[Val<'c>], sums: &[Val<'c>]) -> Result<Vec<Val<'c>>> {
        let point = self.point(k, step)?;
        let (mut read, mut sums) = (read.iter(), sums.iter());
        let mut elements = Vec::new();
        for index in 0..self.operands.len() {
            let output = index.checked_sub(self.nest.inputs).map(|output| self.outputs[output]);
            let next = if let Some(Output::Reduced(_)) = output { sums.next() } else { read.next() };
            elements.push(*next.ok_or_else(|| dp_dialects::Diagnostic::internal("internal error: no element"))?);
        }
        let values = contraction::body(k, self.nest, &elements, &point)?;
        let mut next = Vec::new();
        for ((output, operand), value) in self.outputs.iter().zip(&self.operands[self.nest.inputs..]).zip(values) {
            match output {
                Output::Reduced(_) => next.push(value),
                Output::Elementwise => k.store(value, operand.value, &operand.at(&point))?,
            }
        }
        Ok(next)
    }
}

impl<'c> Source<'c> for Partials<'_, 'c> {
    fn load(&self, k: &Kernel<'c>, part: Val<'c>) -> Result<Vec<Val<'c>>> {
        let at = k.add(k.mul(part, self.results)?, self.number)?;
        self.partial.iter().map(|partial| k.load(*partial, &[at])).collect()
    }

    fn load_row(&self, k: &Kernel<'c>, part: Val<'c>, lanes: i64) -> Result<Vec<Vec<Val<'c>>>> {
        (0..lanes).map(|lane| self.load(k, k.add(part, k.index(lane)?)?)).collect()
    }

    fn join(&self, k: &Kernel<'c>, _: Val<'c>, read: &[Val<'c>], sums: &[Val<'c>]) -> Result<Vec<Val<'c>>> {
        let pairs = self.combiners.iter().zip(sums).zip(read);
        pairs.map(|((combiner, sum), value)| combiner.pair(&k.b(), *sum, *value)).collect()
    }
}
