//! Upstream operations that our passes support: functions, control flow, indices, and single elements of tensors.

use super::extents::of_first;
use super::{Entry, Extents, Regions, Role, Work, read};
use crate::{OpKind, OpKind::*};

pub(super) const ENTRIES: &[Entry] = &[
    Entry::structure(BuiltinModule),
    Entry::structure(FuncFunc).regions(Regions::Isolated),
    Entry::structure(FuncCall),
    Entry::structure(FuncReturn),
    Entry::of(ScfIf).extents(Extents::Yielded).regions(Regions::Capturing),
    Entry::of(ScfFor).extents(Extents::Carried).regions(Regions::Capturing),
    Entry::of(ScfWhile).extents(Extents::Carried).regions(Regions::Capturing),
    Entry::of(ScfIndexSwitch).extents(Extents::Yielded).regions(Regions::Capturing),
    Entry::structure(ScfYield),
    Entry::structure(ScfCondition),
    Entry::term(TensorDim, read::nothing).work(Work::View).free(),
    Entry::term(TensorExtract, read::nothing),
    Entry::term(TensorFromElements, read::nothing),
    Entry::term(TensorCast, read::nothing).extents(Extents::Follow(of_first)).work(Work::View),
    Entry::term(ArithConstant, read::index).work(Work::Nothing).free(),
    index(ArithIndexCast),
    index(ArithAddI).commutative(),
    index(ArithSubI),
    index(ArithMulI).commutative(),
    index(ArithDivSI),
    index(ArithRemSI),
    index(ArithMaxSI).commutative(),
    index(ArithMinSI).commutative(),
    Entry::of(ArithCmpI).extents(Extents::Agreed),
    index(ArithSelect),
    Entry::of(CfAssert),
];

/// Arithmetic on `index` scalars. (`raise-to-scalar` raises arithmetic on tensors.)
const fn index(kind: OpKind) -> Entry {
    Entry::term(kind, read::nothing).extents(Extents::Agreed).role(Role::TermIfScalar)
}
