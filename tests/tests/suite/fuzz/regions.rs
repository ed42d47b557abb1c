//! Operations with regions, and what they need of indices and single numbers.

use super::generate::{Generator, Scope};
use super::program::{Block, Id, Operation, Value};
use dp_dialects::attributes::{Predicate, Reduction};
use dp_dialects::parameters::ScanForm;
use dp_dialects::{Literal, Number, OpKind, Parameters, ScalarType, ValueType};

/// Combinations of two numbers that are associative and commutative, and what each starts from: as a float, as an
/// integer.
const COMBINATIONS: [(OpKind, f64, i64); 9] = {
    use OpKind::*;
    [
        (ScalarAdd, -0.0, 0),
        (ScalarMul, 1.0, 1),
        (ScalarMax, f64::NEG_INFINITY, i64::MIN),
        (ScalarMin, f64::INFINITY, i64::MAX),
        (ScalarUmax, 0.0, 0),
        (ScalarUmin, 0.0, -1),
        (ScalarAnd, 0.0, -1),
        (ScalarOr, 0.0, 0),
        (ScalarXor, 0.0, 0),
    ]
};

impl Generator<'_> {
    fn inner(&self, scope: &Scope) -> Scope {
        let visible = if scope.isolated { Vec::new() } else { scope.visible.clone() };
        Scope { visible, operations: Vec::new(), isolated: scope.isolated, depth: scope.depth + 1 }
    }

    fn isolated(scope: &Scope) -> Scope {
        Scope { visible: Vec::new(), operations: Vec::new(), isolated: true, depth: scope.depth + 1 }
    }

    /// A random literal of a type.
    pub fn literal(&mut self, r#type: &ValueType, extents: &[u64]) -> Literal {
        let soundness = self.settings.soundness;
        let dtype = r#type.dtype;
        if !r#type.is_tensor() {
            return Literal::number(dtype, self.random.number(dtype, soundness));
        }
        let count = extents.iter().product::<u64>();
        Literal::tensor(dtype, extents.to_vec(), (0..count).map(|_| self.random.number(dtype, soundness)).collect())
    }

    fn index(&mut self, scope: &mut Scope, value: i64) -> Id {
        let literal = Literal::number(ScalarType::Index, Number::Integer(value));
        self.leaf(scope, &ValueType::number(ScalarType::Index), &literal)
    }

    /// A value like another one, of some type of elements.
    fn like(&mut self, scope: &mut Scope, id: Id, dtype: ScalarType) -> Id {
        let value = self.program.values[id].clone();
        let r#type = value.r#type.with_dtype(dtype);
        let literal = self.literal(&r#type, &value.extents);
        self.leaf(scope, &r#type, &literal)
    }

    /// A tensor that is there, or a new one.
    fn tensor(&mut self, scope: &mut Scope) -> Id {
        let tensors: Vec<Id> = scope.visible.iter().copied().filter(|id| self.is_tensor(*id)).collect();
        match self.any(&tensors) {
            Some(id) if !self.random.once_in(5) => id,
            _ => {
                let (dtype, shape) = (self.dtype(), self.shape());
                let extents: Vec<u64> = shape.iter().map(|(extent, _)| *extent).collect();
                let known = shape.iter().map(|(extent, known)| known.then_some(*extent)).collect();
                let r#type = ValueType::tensor(dtype, known);
                let literal = self.literal(&r#type, &extents);
                self.leaf(scope, &r#type, &literal)
            }
        }
    }

    fn is_tensor(&self, id: Id) -> bool {
        self.program.values[id].pullback.is_none() && self.program.values[id].r#type.is_tensor()
    }

    /// `array.map`, or `array.reduce` or `array.scan` with a region.
    pub fn region(&mut self, scope: &mut Scope, kind: OpKind) -> bool {
        if kind == OpKind::ArrayMap { self.map(scope) } else { self.combination(scope, kind) }
    }

    fn map(&mut self, scope: &mut Scope) -> bool {
        let first = self.tensor(scope);
        let mut operands = vec![first];
        for _ in 0..self.random.below(3) {
            let dtype = self.dtype();
            operands.push(self.like(scope, first, dtype));
        }
        let mut body = Generator::isolated(scope);
        let number = |value: &Value| Value::new(ValueType::number(value.r#type.dtype), Vec::new());
        let arguments: Vec<Id> = operands
            .iter()
            .map(|id| {
                let value = number(&self.program.values[*id]);
                self.program.value(value)
            })
            .collect();
        body.visible.extend(&arguments);
        let count = 1 + self.random.below(4);
        self.steps(&mut body, count);
        let is_number = |id: &Id| self.program.values[*id].r#type.dtype != ScalarType::Index;
        let numbers: Vec<Id> = body.visible.iter().copied().filter(is_number).collect();
        let yielded: Vec<Id> = (0..1 + self.random.below(2)).filter_map(|_| self.any(&numbers)).collect();
        let shape = self.program.values[first].clone();
        let results = self.results_like(&yielded, &shape);
        body.operations.push(Operation::new(OpKind::ArrayYield, yielded, vec![]));
        let regions = vec![Block { arguments, operations: body.operations }];
        self.add(scope, Operation { regions, ..Operation::new(OpKind::ArrayMap, operands, results) })
    }

    /// Tensors of the shape of one, of the types of some numbers.
    fn results_like(&mut self, numbers: &[Id], shape: &Value) -> Vec<Id> {
        let r#type = |id: &Id| shape.r#type.with_dtype(self.program.values[*id].r#type.dtype);
        let types: Vec<ValueType> = numbers.iter().map(r#type).collect();
        types.into_iter().map(|r#type| self.program.value(Value::new(r#type, shape.extents.clone()))).collect()
    }

    fn add(&mut self, scope: &mut Scope, operation: Operation) -> bool {
        scope.visible.extend(&operation.results);
        scope.operations.push(operation);
        true
    }

    fn combination(&mut self, scope: &mut Scope, kind: OpKind) -> bool {
        let x = self.tensor(scope);
        let value = self.program.values[x].clone();
        let dtype = value.r#type.dtype;
        let rank = value.extents.len();
        if !(self.settings.admits)(kind, dtype) || kind == OpKind::ArrayScan && rank == 0 {
            return false;
        }
        let fits = |kind: OpKind| kind.classes().is_some_and(|classes| classes.admits(dtype));
        let fitting: Vec<_> = COMBINATIONS.iter().filter(|(kind, ..)| fits(*kind)).copied().collect();
        let (combiner, float, integer) = self.random.choose(&fitting);
        let start = match dtype {
            _ if dtype.is_float() || dtype.is_complex() => Number::of_f64(float, dtype),
            // The least and greatest integers of a type are those of its width.
            _ if integer == i64::MIN => Number::Integer(-1 << (dtype.bits() - 1)),
            _ if integer == i64::MAX => Number::Integer(!(-1 << (dtype.bits() - 1))),
            _ => Number::Integer(integer).round(dtype),
        };
        let r#type = ValueType::number(dtype);
        let init = self.constant(scope, &r#type, &Literal::number(dtype, start));
        let [a, b, y] = [(); 3].map(|()| self.program.value(Value::new(r#type.clone(), Vec::new())));
        let operations =
            vec![Operation::new(combiner, vec![a, b], vec![y]), Operation::new(OpKind::ArrayYield, vec![y], vec![])];
        let dims: Vec<usize> = match kind {
            OpKind::ArrayReduce => (0..rank).filter(|_| !self.random.once_in(3)).collect(),
            _ => Vec::new(),
        };
        let kept = |dim: &usize| !dims.contains(dim);
        let shape = (0..rank).filter(kept).map(|dim| value.r#type.extents()[dim]).collect();
        let extents = (0..rank).filter(kept).map(|dim| value.extents[dim]).collect();
        let result = self.program.value(Value::new(ValueType::tensor(dtype, shape), extents));
        let operation = Operation {
            parameters: match kind {
                OpKind::ArrayReduce => Parameters::Reduce { kind: Reduction::Region, dims },
                _ => Parameters::Scan(ScanForm {
                    kind: Reduction::Region,
                    dim: self.random.below(rank),
                    exclusive: self.random.once_in(2),
                    reverse: self.random.once_in(2),
                }),
            },
            regions: vec![Block { arguments: vec![a, b], operations }],
            ..Operation::new(kind, vec![x, init], vec![result])
        };
        self.add(scope, operation)
    }

    /// A number of a type that is there; a constant, or an argument, else.
    fn number_of(&mut self, scope: &mut Scope, dtype: ScalarType) -> Id {
        let r#type = ValueType::number(dtype);
        let there: Vec<Id> =
            scope.visible.iter().copied().filter(|id| self.program.values[*id].r#type == r#type).collect();
        let there: Vec<Id> = there.into_iter().filter(|id| self.program.values[*id].pullback.is_none()).collect();
        match self.any(&there) {
            Some(id) => id,
            None => {
                let literal = match dtype {
                    ScalarType::Index => Literal::number(dtype, Number::Integer(self.random.below(4) as i64)),
                    _ => self.literal(&r#type, &[]),
                };
                self.leaf(scope, &r#type, &literal)
            }
        }
    }

    /// Operations between numbers: indices, choices, tensors of numbers.
    pub fn number(&mut self, scope: &mut Scope, kind: OpKind) -> bool {
        let dtype = if scope.isolated { ScalarType::I32 } else { ScalarType::Index };
        let integer = ValueType::number(dtype);
        match kind {
            // There is no arithmetic on indices where all is numbers of the dialects.
            OpKind::ArithCmpI | OpKind::ArithRemSI | OpKind::ArithSelect if scope.isolated => false,
            OpKind::ArithCmpI => {
                let operands = vec![self.number_of(scope, dtype), self.number_of(scope, dtype)];
                let predicate = self.random.choose(Predicate::ALL) as i64;
                let attributes = vec![("predicate", format!("{predicate} : i64"))];
                let operation = Operation { attributes, ..Operation::new(kind, operands, vec![]) };
                self.make(scope, operation, &ValueType::number(ScalarType::I1), &[]);
                true
            }
            OpKind::ArithRemSI => {
                let a = self.number_of(scope, dtype);
                let by = 1 + self.random.below(4) as i64;
                let b = self.index(scope, by);
                self.make(scope, Operation::new(kind, vec![a, b], vec![]), &integer, &[]);
                true
            }
            OpKind::ArithSelect => {
                let condition = self.number_of(scope, ScalarType::I1);
                let (a, b) = (self.number_of(scope, dtype), self.number_of(scope, dtype));
                self.make(scope, Operation::new(kind, vec![condition, a, b], vec![]), &integer, &[]);
                true
            }
            OpKind::TensorFromElements => {
                let dtype = self.dtype();
                let shape = self.random.choose(&[&[1_u64][..], &[2], &[3], &[2, 2], &[]]);
                let count = shape.iter().product::<u64>();
                let elements = (0..count).map(|_| self.number_of(scope, dtype)).collect();
                let r#type = ValueType::tensor(dtype, shape.iter().copied().map(Some).collect());
                self.make(scope, Operation::new(kind, elements, vec![]), &r#type, shape);
                true
            }
            OpKind::ScalarConstant => {
                let dtype = self.dtype();
                let r#type = ValueType::number(dtype);
                let literal = self.literal(&r#type, &[]);
                self.constant(scope, &r#type, &literal);
                true
            }
            _ => false,
        }
    }

    /// Branches and loops.
    pub fn control(&mut self, scope: &mut Scope, kind: OpKind) -> bool {
        match kind {
            OpKind::ScfIf => {
                let condition = self.number_of(scope, ScalarType::I1);
                let regions = self.branches(scope, 2);
                self.branch(scope, Operation { regions, ..Operation::new(kind, vec![condition], vec![]) })
            }
            OpKind::ScfIndexSwitch => {
                let selector = self.number_of(scope, ScalarType::Index);
                let cases = self.random.below(3);
                let listed = (0..cases).map(|case| (2 * case).to_string()).collect::<Vec<_>>().join(", ");
                let listed = if cases == 0 { String::new() } else { format!(": {listed}") };
                let attributes = vec![("cases", format!("array<i64{listed}>"))];
                let regions = self.branches(scope, 1 + cases);
                let operation = Operation { attributes, regions, ..Operation::new(kind, vec![selector], vec![]) };
                self.branch(scope, operation)
            }
            OpKind::ScfFor => self.counted(scope),
            OpKind::ScfWhile => self.conditional(scope),
            _ => false,
        }
    }

    /// Blocks that yield values of the same types.
    fn branches(&mut self, scope: &mut Scope, count: usize) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut wanted: Vec<Value> = Vec::new();
        for branch in 0..count {
            let mut body = self.inner(scope);
            if scope.isolated {
                // Branches see what is around them; only maps do not.
                body.visible = scope.visible.clone();
            }
            let steps = 1 + self.random.below(3);
            self.steps(&mut body, steps);
            let yielded: Vec<Id> = if branch == 0 {
                let candidates: Vec<Id> = body.visible.iter().copied().filter(|id| self.is_carried(*id)).collect();
                let yielded: Vec<Id> = (0..1 + self.random.below(2)).filter_map(|_| self.any(&candidates)).collect();
                wanted = yielded.iter().map(|id| self.program.values[*id].clone()).collect();
                yielded
            } else {
                let wanted = wanted.clone();
                wanted.iter().map(|value| self.value_like(&mut body, value)).collect()
            };
            body.operations.push(Operation::new(OpKind::ScfYield, yielded, vec![]));
            blocks.push(Block { arguments: vec![], operations: body.operations });
        }
        blocks
    }

    /// Whether a value may be the result of a branch or be carried by a loop: what indices are is known of none there.
    fn is_carried(&self, id: Id) -> bool {
        let value = &self.program.values[id];
        value.pullback.is_none() && value.r#type.dtype != ScalarType::Index
    }

    fn value_like(&mut self, scope: &mut Scope, value: &Value) -> Id {
        let literal = self.literal(&value.r#type, &value.extents);
        self.leaf(scope, &value.r#type, &literal)
    }

    /// Gives an operation the results that its first region yields.
    fn branch(&mut self, scope: &mut Scope, mut operation: Operation) -> bool {
        let yielded = operation.regions[0].operations.last().map(|last| last.operands.clone()).unwrap_or_default();
        operation.results = self.copies(&yielded);
        self.add(scope, operation)
    }

    /// New values of the types of some.
    fn copies(&mut self, of: &[Id]) -> Vec<Id> {
        let values: Vec<Value> = of.iter().map(|id| self.program.values[*id].clone()).collect();
        values.into_iter().map(|value| self.program.value(Value { index: None, ..value })).collect()
    }

    /// Values that a loop carries.
    fn carried(&mut self, scope: &mut Scope) -> Vec<Id> {
        let candidates: Vec<Id> = scope.visible.iter().copied().filter(|id| self.is_carried(*id)).collect();
        let mut carried: Vec<Id> = (0..1 + self.random.below(4)).filter_map(|_| self.any(&candidates)).collect();
        if carried.is_empty() {
            let dtype = self.dtype();
            carried.push(self.number_of(scope, dtype));
        }
        carried
    }

    /// Values of the types of some, the newest that there are.
    fn next(&mut self, scope: &mut Scope, of: &[Id]) -> Vec<Id> {
        let mut next = Vec::new();
        for id in of {
            let wanted = self.program.values[*id].clone();
            if self.differentiated && !wanted.r#type.is_static() {
                // A loop that is differentiated keeps the extents of what it carries, as far as can be shown.
                next.push(*id);
                continue;
            }
            let fits = |id: &Id| {
                let value = &self.program.values[*id];
                self.is_carried(*id) && value.r#type == wanted.r#type && value.extents == wanted.extents
            };
            let fitting: Vec<Id> = scope.visible.iter().copied().filter(fits).collect();
            let last = fitting.last().copied().filter(|_| !self.random.once_in(3));
            next.push(last.or_else(|| self.any(&fitting)).unwrap_or(*id));
        }
        next
    }

    fn counted(&mut self, scope: &mut Scope) -> bool {
        let (from, to, by) = (self.random.below(2), self.random.below(5), 1 + self.random.below(2));
        let mut operands: Vec<Id> = [from, to, by].map(|bound| self.index(scope, bound as i64)).into();
        let carried = self.carried(scope);
        operands.extend(&carried);
        let mut body = self.inner(scope);
        let counter = self.program.value(Value::new(ValueType::number(ScalarType::Index), Vec::new()));
        let inner = self.copies(&carried);
        body.visible.push(counter);
        body.visible.extend(&inner);
        let steps = 1 + self.random.below(4);
        self.steps(&mut body, steps);
        let next = self.next(&mut body, &inner);
        body.operations.push(Operation::new(OpKind::ScfYield, next, vec![]));
        let results = self.copies(&carried);
        let arguments = [vec![counter], inner].concat();
        let regions = vec![Block { arguments, operations: body.operations }];
        self.add(scope, Operation { regions, ..Operation::new(OpKind::ScfFor, operands, results) })
    }

    /// A loop that ends when a counter of its own has come to some number, or a number is as it should be.
    fn conditional(&mut self, scope: &mut Scope) -> bool {
        let i32 = ValueType::number(ScalarType::I32);
        let number = |value: i64| Literal::number(ScalarType::I32, Number::Integer(value));
        let zero = self.constant(scope, &i32, &number(0));
        let mut carried = vec![zero];
        carried.extend(self.carried(scope));
        let rounds = self.random.below(4) as i64;
        let (before, after) = (self.copies(&carried), self.copies(&carried));
        let mut test = self.inner(scope);
        test.visible.extend(&before);
        let most = self.constant(&mut test, &i32, &number(rounds));
        let less = Operation {
            parameters: Parameters::Compare(Predicate::Lt),
            ..Operation::new(OpKind::ScalarCompare, vec![before[0], most], vec![])
        };
        let mut goes_on = self.make(&mut test, less, &ValueType::number(ScalarType::I1), &[]);
        if self.random.once_in(3) {
            let other = self.number_of(&mut test, ScalarType::I1);
            let both = Operation::new(OpKind::ScalarAnd, vec![goes_on, other], vec![]);
            goes_on = self.make(&mut test, both, &ValueType::number(ScalarType::I1), &[]);
        }
        let handed = [vec![goes_on], before.clone()].concat();
        test.operations.push(Operation::new(OpKind::ScfCondition, handed, vec![]));
        let mut body = self.inner(scope);
        body.visible.extend(&after);
        let one = self.constant(&mut body, &i32, &number(1));
        let sum = Operation::new(OpKind::ScalarAdd, vec![after[0], one], vec![]);
        let counted = self.make(&mut body, sum, &i32, &[]);
        let steps = 1 + self.random.below(3);
        self.steps(&mut body, steps);
        let next = [vec![counted], self.next(&mut body, &after[1..])].concat();
        body.operations.push(Operation::new(OpKind::ScfYield, next, vec![]));
        let results = self.copies(&carried);
        let regions = vec![
            Block { arguments: before, operations: test.operations },
            Block { arguments: after, operations: body.operations },
        ];
        self.add(scope, Operation { regions, ..Operation::new(OpKind::ScfWhile, carried, results) })
    }
}
