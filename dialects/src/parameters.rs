//! Attributes of operations as plain data. The operation's entry defines how they are read from MLIR. Evaluation,
//! rewriting and lowering use them.

use crate::attributes::{FftKind, Predicate, Reduction};
use crate::ir::Op;
use crate::ops::{Attributes, Lookup};
use crate::types::DYNAMIC;
use crate::{Literal, OpKind, ValueType};
use melior::Context;
use melior::ir::attribute::{Attribute, DenseI64ArrayAttribute, IntegerAttribute};
use melior::ir::operation::OperationLike;
use melior::ir::r#type::IntegerType;

/// The start of a slice along a dimension: a constant, or an `index` operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Start {
    /// A constant.
    At(i64),
    /// The next `index` operand.
    Operand,
}

/// The starts of a slice, with constants clamped as in evaluation where the extents of `whole` and `part` are static:
/// there, `array.slice` accepts only starts within bounds.
pub fn clamped_starts(starts: &[Start], strides: &[usize], whole: &ValueType, part: &ValueType) -> Vec<Start> {
    let room = |dim: usize| {
        let (extent, count) = (whole.extents()[dim]?, part.extents()[dim]?);
        let span = count.checked_sub(1).map_or(0, |steps| steps.saturating_mul(strides[dim] as u64).saturating_add(1));
        extent.checked_sub(span)
    };
    let clamp = |(dim, start): (usize, &Start)| match (start, room(dim)) {
        (Start::At(at), Some(room)) => Start::At((*at).clamp(0, room as i64)),
        (start, _) => *start,
    };
    starts.iter().enumerate().map(clamp).collect()
}

/// The attributes of an operation of `scalar` or `array`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Parameters {
    /// No attributes.
    None,
    /// `scalar.constant`, `array.constant`.
    Constant(Literal),
    /// `scalar.compare`.
    Compare(Predicate),
    /// `scalar.convert`.
    Convert {
        /// Whether integer operands and results are unsigned.
        unsigned: bool,
    },
    /// `scalar.polygamma`: the order.
    Order(i64),
    /// `scalar.reduce_precision`.
    Precision {
        /// The bits of the exponent.
        exponent: u32,
        /// The bits of the mantissa.
        mantissa: u32,
    },
    /// `array.iota`, `array.concatenate`: the dimension.
    Dim(usize),
    /// `array.broadcast`: the result dimension of each operand dimension.
    Broadcast(Vec<usize>),
    /// `array.transpose`.
    Permutation(Vec<usize>),
    /// `array.slice`.
    Slice {
        /// The first position of the slice.
        starts: Vec<Start>,
        /// The distances between elements.
        strides: Vec<usize>,
    },
    /// `array.update_slice`.
    Update {
        /// The first position of the slice.
        starts: Vec<Start>,
        /// Whether the update is added.
        accumulate: bool,
    },
    /// `array.pad`.
    Pad {
        /// The padding before the elements.
        low: Vec<usize>,
        /// The padding after the elements.
        high: Vec<usize>,
        /// The padding between neighboring elements.
        interior: Vec<usize>,
    },
    /// `array.windows`.
    Windows(WindowForm),
    /// `array.reduce`.
    Reduce {
        /// The kind.
        kind: Reduction,
        /// The reduced dimensions.
        dims: Vec<usize>,
    },
    /// `array.scan`.
    Scan(ScanForm),
    /// `array.dot`.
    Dot(DotDims),
    /// `array.triangular_solve`.
    Solve(SolveForm),
    /// `array.swap_rows`.
    Swaps {
        /// Whether the last exchange comes first.
        reverse: bool,
    },
    /// `array.fft`.
    Fft(FftForm),
}

/// The form of an `array.windows`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WindowForm {
    /// The first of the dimensions along which windows slide.
    pub dim: usize,
    /// The elements of a window along each dimension.
    pub sizes: Vec<usize>,
    /// The distances between windows.
    pub strides: Vec<usize>,
    /// The distances between the elements of a window.
    pub dilations: Vec<usize>,
}

impl WindowForm {
    /// The number of dimensions along which windows slide.
    pub fn rank(&self) -> usize {
        self.sizes.len()
    }

    /// The positions from the first element of a window to the last, along the dimension `dim + place`.
    pub fn span(&self, place: usize) -> u64 {
        (self.sizes[place] as u64).saturating_sub(1).saturating_mul(self.dilations[place] as u64).saturating_add(1)
    }

    /// The number of windows along the dimension `dim + place`, whose extent is given.
    pub fn count(&self, place: usize, extent: u64) -> u64 {
        extent.checked_sub(self.span(place)).map_or(0, |room| room / self.strides[place] as u64 + 1)
    }

    /// The places of a window's elements, in row-major order.
    pub fn elements(&self) -> Vec<Vec<usize>> {
        let mut all = vec![Vec::new()];
        for size in &self.sizes {
            all = all.iter().flat_map(|place| (0..*size).map(|next| [&place[..], &[next]].concat())).collect();
        }
        all
    }

    /// The first position of each dimension that holds some element of a window.
    pub fn starts(&self, element: &[usize], rank: usize) -> Vec<usize> {
        let mut starts = vec![0; rank];
        for (place, at) in element.iter().enumerate() {
            starts[self.dim + place] = at * self.dilations[place];
        }
        starts
    }
}

/// The form of an `array.scan`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScanForm {
    /// The kind.
    pub kind: Reduction,
    /// The dimension.
    pub dim: usize,
    /// Whether an element of the result leaves out the operand's element at its own place.
    pub exclusive: bool,
    /// Whether the scan starts at the last element.
    pub reverse: bool,
}

/// The dimension numbers of `array.dot`. Batch and contracting dimensions are paired in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DotDims {
    /// Batch dimensions of the first operand.
    pub batch_a: Vec<usize>,
    /// Batch dimensions of the second operand.
    pub batch_b: Vec<usize>,
    /// Contracting dimensions of the first operand.
    pub contract_a: Vec<usize>,
    /// Contracting dimensions of the second operand.
    pub contract_b: Vec<usize>,
}

/// The form of an `array.triangular_solve`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SolveForm {
    /// Whether the matrix stands to the right of the solution.
    pub right: bool,
    /// Whether the matrix is upper triangular, before it is transposed.
    pub upper: bool,
    /// Whether its diagonal is 1.
    pub unit: bool,
    /// Whether it is transposed.
    pub transposed: bool,
    /// Whether it is conjugated.
    pub conjugated: bool,
}

/// The form of an `array.fft`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FftForm {
    /// The kind.
    pub kind: FftKind,
    /// The dimension.
    pub dim: usize,
    /// The number of elements that are transformed, which are real or complex.
    pub length: u64,
}

impl FftForm {
    /// The number of elements of a line of the operand.
    pub fn given(self) -> u64 {
        match self.kind {
            FftKind::Fft | FftKind::Ifft | FftKind::Rfft => self.length,
            FftKind::Irfft => self.length / 2 + 1,
        }
    }

    /// The number of elements of a line of the result.
    pub fn made(self) -> u64 {
        match self.kind {
            FftKind::Fft | FftKind::Ifft | FftKind::Irfft => self.length,
            FftKind::Rfft => self.length / 2 + 1,
        }
    }
}

impl DotDims {
    /// The free dimensions of the first operand, which has rank `rank`.
    pub fn free_a(&self, rank: usize) -> Vec<usize> {
        (0..rank).filter(|dim| !self.batch_a.contains(dim) && !self.contract_a.contains(dim)).collect()
    }

    /// The free dimensions of the second operand, which has rank `rank`.
    pub fn free_b(&self, rank: usize) -> Vec<usize> {
        (0..rank).filter(|dim| !self.batch_b.contains(dim) && !self.contract_b.contains(dim)).collect()
    }
}

impl Parameters {
    /// The parameters of an operation; `None` if its entry does not describe its attributes. A missing or malformed
    /// attribute also gives `None`, but does not verify.
    pub fn of(kind: OpKind, op: Op) -> Option<Parameters> {
        Parameters::read(kind, &|name| op.attribute(name).ok())
    }

    /// Reads the parameters with a lookup function for attributes.
    pub(crate) fn read(kind: OpKind, get: Lookup) -> Option<Parameters> {
        match kind.entry().attributes {
            Attributes::Read(read) => read(get),
            Attributes::Opaque => None,
        }
    }

    /// The attributes, by name.
    pub fn attributes<'c>(&self, context: &'c Context) -> Vec<(&'static str, Attribute<'c>)> {
        let int =
            |value: i64| -> Attribute { IntegerAttribute::new(IntegerType::new(context, 64).into(), value).into() };
        let ints = |values: &[i64]| -> Attribute { DenseI64ArrayAttribute::new(context, values).into() };
        let dims = |values: &[usize]| ints(&values.iter().map(|value| *value as i64).collect::<Vec<_>>());
        let starts = |starts: &[Start]| {
            let written = |start: &Start| match start {
                Start::At(at) => *at,
                Start::Operand => DYNAMIC,
            };
            ints(&starts.iter().map(written).collect::<Vec<_>>())
        };
        let flags = |name, set: bool| set.then(|| (name, Attribute::unit(context)));
        match self {
            Parameters::None => Vec::new(),
            Parameters::Constant(literal) => vec![("value", literal.to_attribute(context))],
            Parameters::Compare(predicate) => vec![("predicate", int(*predicate as i64))],
            Parameters::Convert { unsigned } => flags("is_unsigned", *unsigned).into_iter().collect(),
            Parameters::Order(n) => vec![("n", int(*n))],
            Parameters::Precision { exponent, mantissa } => {
                vec![("exponent", int(i64::from(*exponent))), ("mantissa", int(i64::from(*mantissa)))]
            }
            Parameters::Dim(dim) => vec![("dim", int(*dim as i64))],
            Parameters::Broadcast(to) => vec![("dims", dims(to))],
            Parameters::Permutation(permutation) => vec![("permutation", dims(permutation))],
            Parameters::Slice { starts: at, strides } => vec![("starts", starts(at)), ("strides", dims(strides))],
            Parameters::Update { starts: at, accumulate } => {
                std::iter::once(("starts", starts(at))).chain(flags("accumulate", *accumulate)).collect()
            }
            Parameters::Pad { low, high, interior } => {
                vec![("low", dims(low)), ("high", dims(high)), ("interior", dims(interior))]
            }
            Parameters::Windows(form) => vec![
                ("dim", int(form.dim as i64)),
                ("sizes", dims(&form.sizes)),
                ("strides", dims(&form.strides)),
                ("dilations", dims(&form.dilations)),
            ],
            Parameters::Reduce { kind, dims: along } => vec![("kind", int(*kind as i64)), ("dims", dims(along))],
            Parameters::Scan(form) => [("kind", int(form.kind as i64)), ("dim", int(form.dim as i64))]
                .into_iter()
                .chain(flags("exclusive", form.exclusive))
                .chain(flags("reverse", form.reverse))
                .collect(),
            Parameters::Dot(dot) => vec![
                ("batch_a", dims(&dot.batch_a)),
                ("batch_b", dims(&dot.batch_b)),
                ("contract_a", dims(&dot.contract_a)),
                ("contract_b", dims(&dot.contract_b)),
            ],
            Parameters::Fft(form) => vec![
                ("kind", int(form.kind as i64)),
                ("dim", int(form.dim as i64)),
                ("length", int(form.length as i64)),
            ],
            Parameters::Swaps { reverse } => flags("reverse", *reverse).into_iter().collect(),
            Parameters::Solve(form) => [
                ("right", form.right),
                ("upper", form.upper),
                ("unit", form.unit),
                ("transposed", form.transposed),
                ("conjugated", form.conjugated),
            ]
            .into_iter()
            .filter_map(|(name, set)| flags(name, set))
            .collect(),
        }
    }

    /// The number of `index` operands that are starts.
    pub fn dynamic_starts(&self) -> usize {
        match self {
            Parameters::Slice { starts, .. } | Parameters::Update { starts, .. } => {
                starts.iter().filter(|start| **start == Start::Operand).count()
            }
            Parameters::None
            | Parameters::Constant(_)
            | Parameters::Compare(_)
            | Parameters::Convert { .. }
            | Parameters::Order(_)
            | Parameters::Precision { .. }
            | Parameters::Dim(_)
            | Parameters::Broadcast(_)
            | Parameters::Permutation(_)
            | Parameters::Pad { .. }
            | Parameters::Windows(_)
            | Parameters::Reduce { .. }
            | Parameters::Scan(_)
            | Parameters::Dot(_)
            | Parameters::Solve(_)
            | Parameters::Swaps { .. }
            | Parameters::Fft(_) => 0,
        }
    }
}
