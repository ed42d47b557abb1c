//! Maps, and reductions and scans by regions; what they need of indices and single numbers.

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

    /// An index of this value.
    pub fn index(&mut self, scope: &mut Scope, value: i64) -> Id {
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

    /// Whether a value is a tensor.
    pub fn is_tensor(&self, id: Id) -> bool {
        self.program.values[id].pullback.is_none() && self.program.values[id].r#type.is_tensor()
    }

    /// `array.map`, or `array.reduce` or `array.scan` with a region.
    pub fn region(&mut self, scope: &mut Scope, kind: OpKind) -> bool {
        match kind {
            OpKind::ArrayMap => self.map(scope),
            OpKind::ArraySort => self.sort(scope),
            _ => self.combination(scope, kind),
        }
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

    /// `array.sort` by the numbers of its first operand, real ones or integers.
    fn sort(&mut self, scope: &mut Scope) -> bool {
        let first = self.tensor(scope);
        let value = self.program.values[first].clone();
        let (dtype, rank) = (value.r#type.dtype, value.extents.len());
        if rank == 0 || dtype.is_complex() || dtype == ScalarType::I1 {
            return false;
        }
        let mut operands = vec![first];
        for _ in 0..self.random.below(3) {
            let dtype = self.dtype();
            operands.push(self.like(scope, first, dtype));
        }
        let mut arguments = Vec::new();
        for id in &operands {
            let number = ValueType::number(self.program.values[*id].r#type.dtype);
            arguments.extend([(); 2].map(|()| self.program.value(Value::new(number.clone(), Vec::new()))));
        }
        let truth = ValueType::number(ScalarType::I1);
        let mut operations = Vec::new();
        let mut keys = vec![arguments[0], arguments[1]];
        if dtype.is_float() {
            // NaN comes last, together with infinity.
            let number = ValueType::number(dtype);
            let infinity = self.program.value(Value::new(number.clone(), Vec::new()));
            let literal = Literal::number(dtype, Number::Real(f64::INFINITY));
            let parameters = Parameters::Constant(literal);
            operations.push(Operation { parameters, ..Operation::new(OpKind::ScalarConstant, vec![], vec![infinity]) });
            for key in &mut keys {
                let is_nan = self.program.value(Value::new(truth.clone(), Vec::new()));
                let chosen = self.program.value(Value::new(number.clone(), Vec::new()));
                operations.push(Operation::new(OpKind::ScalarIsNan, vec![*key], vec![is_nan]));
                operations.push(Operation::new(OpKind::ScalarSelect, vec![is_nan, infinity, *key], vec![chosen]));
                *key = chosen;
            }
        }
        let before = self.program.value(Value::new(truth, Vec::new()));
        let parameters = Parameters::Compare(self.random.choose(&[Predicate::Lt, Predicate::Gt]));
        operations.push(Operation { parameters, ..Operation::new(OpKind::ScalarCompare, keys, vec![before]) });
        operations.push(Operation::new(OpKind::ArrayYield, vec![before], vec![]));
        let results = operands.iter().map(|id| self.program.values[*id].clone()).collect::<Vec<_>>();
        let results = results.into_iter().map(|like| self.program.value(Value::new(like.r#type, like.extents)));
        let results = results.collect();
        let dim = self.random.below(rank);
        let operation = Operation {
            parameters: Parameters::Dim(dim),
            regions: vec![Block { arguments, operations }],
            ..Operation::new(OpKind::ArraySort, operands, results)
        };
        self.add(scope, operation)
    }

    /// Tensors of the shape of one, of the types of some numbers.
    fn results_like(&mut self, numbers: &[Id], shape: &Value) -> Vec<Id> {
        let r#type = |id: &Id| shape.r#type.with_dtype(self.program.values[*id].r#type.dtype);
        let types: Vec<ValueType> = numbers.iter().map(r#type).collect();
        types.into_iter().map(|r#type| self.program.value(Value::new(r#type, shape.extents.clone()))).collect()
    }

    /// Adds an operation, whose results may be used.
    pub fn add(&mut self, scope: &mut Scope, operation: Operation) -> bool {
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
    pub fn number_of(&mut self, scope: &mut Scope, dtype: ScalarType) -> Id {
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
}
