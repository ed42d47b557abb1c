//! Elements of tensors at induction variables, changes in place, and functions that call themselves.

use super::generate::{Generator, Scope};
use super::program::{Block, Function, Id, Operation, Value};
use dp_dialects::attributes::Predicate;
use dp_dialects::parameters::Start;
use dp_dialects::{Literal, Number, OpKind, Parameters, ScalarType, ValueType};

impl Generator<'_> {
    /// An element of a tensor is read or written, at induction variables where there are any; or the whole is changed
    /// and keeps its extents.
    pub fn element(&mut self, scope: &mut Scope) -> bool {
        let tensors: Vec<Id> = scope.visible.iter().copied().filter(|id| self.is_tensor(*id)).collect();
        let Some(tensor) = self.any(&tensors) else { return false };
        let value = self.program.values[tensor].clone();
        let dtype = value.r#type.dtype;
        if self.random.once_in(5) && dtype.is_differentiable() {
            let operation = Operation::new(OpKind::ScalarNeg, vec![tensor], vec![]);
            let made = self.make(scope, operation, &value.r#type, &value.extents);
            self.program.change(made, tensor);
            return true;
        }
        let mut indices = Vec::new();
        for extent in &value.extents {
            let is_within = |id: &Id| self.program.values[*id].below.is_some_and(|below| below <= *extent);
            let counters: Vec<Id> = scope.visible.iter().copied().filter(is_within).collect();
            let index = match self.any(&counters) {
                _ if *extent == 0 => return false,
                Some(counter) => counter,
                None => {
                    let index = self.random.below(*extent as usize) as i64;
                    self.index(scope, index)
                }
            };
            indices.push(index);
        }
        let number = ValueType::number(dtype);
        if self.random.once_in(2) {
            let operands = [vec![tensor], indices].concat();
            self.make(scope, Operation::new(OpKind::TensorExtract, operands, vec![]), &number, &[]);
        } else if indices.is_empty() {
            return false;
        } else {
            let element = self.number_of(scope, dtype);
            let one = vec![1; indices.len()];
            let parameters = Parameters::Broadcast(Vec::new());
            let operation = Operation { parameters, ..Operation::new(OpKind::ArrayBroadcast, vec![element], vec![]) };
            let slice = ValueType::tensor(dtype, one.iter().copied().map(Some).collect());
            let element = self.make(scope, operation, &slice, &one);
            let parameters = Parameters::Update {
                starts: vec![Start::Operand; indices.len()],
                accumulate: dtype != ScalarType::I1 && self.random.once_in(4),
            };
            let operands = [vec![tensor, element], indices].concat();
            let operation = Operation { parameters, ..Operation::new(OpKind::ArrayUpdateSlice, operands, vec![]) };
            let made = self.make(scope, operation, &value.r#type, &value.extents);
            self.program.change(made, tensor);
        }
        true
    }

    /// A function that calls itself up to three times, and does something before each call.
    pub fn recursive(&mut self, name: String) {
        self.begin();
        let i32 = ValueType::number(ScalarType::I32);
        let number = |value: i64| Literal::number(ScalarType::I32, Number::Integer(value));
        let mut scope = Scope { visible: Vec::new(), operations: Vec::new(), isolated: false, depth: 0 };
        let given = self.argument(&mut scope, &i32, &number(3));
        // Targets have no recursion with tensors.
        let f64 = ValueType::number(ScalarType::F64);
        let mut carried = Vec::new();
        for _ in 0..1 + self.random.below(2) {
            let literal = self.literal(&f64, &[]);
            carried.push(self.argument(&mut scope, &f64, &literal));
        }
        self.is_closed = true;
        // Whatever number is given: there are three calls at most.
        let three = self.constant(&mut scope, &i32, &number(3));
        let left = self.make(&mut scope, Operation::new(OpKind::ScalarAnd, vec![given, three], vec![]), &i32, &[]);
        let zero = self.constant(&mut scope, &i32, &number(0));
        let more = Operation {
            parameters: Parameters::Compare(Predicate::Gt),
            ..Operation::new(OpKind::ScalarCompare, vec![left, zero], vec![])
        };
        let goes_on = self.make(&mut scope, more, &ValueType::number(ScalarType::I1), &[]);
        let mut body = Scope { visible: scope.visible.clone(), operations: Vec::new(), isolated: false, depth: 2 };
        let one = self.constant(&mut body, &i32, &number(1));
        let less = self.make(&mut body, Operation::new(OpKind::ScalarSub, vec![left, one], vec![]), &i32, &[]);
        let steps = 1 + self.random.below(3);
        self.steps(&mut body, steps);
        let next = self.next(&mut body, &carried, &[]);
        self.is_closed = false;
        let operands = [vec![less], next].concat();
        let fresh = |value: Value| Value { index: None, below: None, ..value };
        let like: Vec<Value> = carried.iter().map(|id| fresh(self.program.values[*id].clone())).collect();
        let [results, returned] =
            [(); 2].map(|()| like.iter().map(|value| self.program.value(value.clone())).collect());
        let results: Vec<Id> = results;
        let attributes = vec![("callee", format!("@{name}"))];
        let call = Operation { attributes, ..Operation::new(OpKind::FuncCall, operands, results.clone()) };
        body.operations.push(call);
        body.operations.push(Operation::new(OpKind::ScfYield, results, vec![]));
        let ends = vec![Operation::new(OpKind::ScfYield, carried, vec![])];
        let regions = vec![
            Block { arguments: vec![], operations: body.operations },
            Block { arguments: vec![], operations: ends },
        ];
        let returned: Vec<Id> = returned;
        scope.operations.push(Operation { regions, ..Operation::new(OpKind::ScfIf, vec![goes_on], returned.clone()) });
        scope.operations.push(Operation::new(OpKind::FuncReturn, returned, Vec::new()));
        let arguments = self.arguments.iter().map(|(id, _)| *id).collect();
        let body = Block { arguments, operations: scope.operations };
        self.program.functions.push(Function { name, body, is_differentiated: true });
    }
}
