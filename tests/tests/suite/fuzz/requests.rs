//! Calls, requests for derivatives, and linear maps.

use super::generate::{Generator, Scope};
use super::program::{Block, Function, Id, Operation, Value};
use dp_dialects::{Literal, Number, OpKind, ScalarType, ValueType};

impl Generator<'_> {
    /// Arguments of a function like those that it was made for.
    fn passed(&mut self, scope: &mut Scope, function: &Function) -> Vec<Id> {
        let mut passed = Vec::new();
        for id in &function.body.arguments {
            let value = self.program.values[*id].clone();
            let literal = match value.index {
                Some(index) => Literal::number(ScalarType::Index, Number::Integer(index)),
                None => self.literal(&value.r#type, &value.extents),
            };
            passed.push(self.leaf(scope, &value.r#type, &literal));
        }
        passed
    }

    fn fresh_like(&mut self, of: &[Id]) -> Vec<Id> {
        let values: Vec<Value> = of.iter().map(|id| self.program.values[*id].clone()).collect();
        values.into_iter().map(|value| self.program.value(value)).collect()
    }

    fn values_like(&mut self, scope: &mut Scope, of: &[Id]) -> Vec<Id> {
        let mut values = Vec::new();
        for id in of {
            let value = self.program.values[*id].clone();
            let literal = self.literal(&value.r#type, &value.extents);
            values.push(self.leaf(scope, &value.r#type, &literal));
        }
        values
    }

    fn types(&self, of: &[Id]) -> String {
        of.iter().map(|id| self.program.values[*id].r#type.to_string()).collect::<Vec<_>>().join(", ")
    }

    /// Two calls of each function that there is.
    pub fn calls(&mut self, scope: &mut Scope) {
        for function in self.program.functions.clone() {
            for _ in 0..2 {
                let operands = self.passed(scope, &function);
                let results = self.fresh_like(function.results());
                let attributes = vec![("callee", format!("@{}", function.name))];
                scope.visible.extend(&results);
                let call = Operation { attributes, ..Operation::new(OpKind::FuncCall, operands, results) };
                scope.operations.push(call);
            }
        }
    }

    /// A call, or a request for a derivative, of a function that there is.
    pub fn request(&mut self, scope: &mut Scope, kind: OpKind) -> bool {
        let fits = |function: &&Function| {
            // What is differentiated calls only what can be.
            (kind == OpKind::FuncCall && !self.differentiated) || function.is_differentiated
        };
        let functions: Vec<Function> = self.program.functions.iter().filter(fits).cloned().collect();
        let places: Vec<usize> = (0..functions.len()).collect();
        let Some(place) = self.any(&places) else { return false };
        let function = functions[place].clone();
        let carries = |id: &Id| self.program.values[*id].is_differentiable();
        let carriers: Vec<Id> = function.results().iter().copied().filter(carries).collect();
        let candidates: Vec<usize> =
            (0..function.body.arguments.len()).filter(|place| carries(&function.body.arguments[*place])).collect();
        let mut wrt: Vec<usize> = candidates.iter().copied().filter(|_| !self.random.once_in(3)).collect();
        if wrt.is_empty() {
            wrt.extend(candidates.first());
        }
        if kind != OpKind::FuncCall && (wrt.is_empty() || carriers.is_empty()) {
            return false;
        }
        let chosen: Vec<Id> = wrt.iter().map(|place| function.body.arguments[*place]).collect();
        let callee = ("callee", format!("@{}", function.name));
        let listed = wrt.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let attributes = vec![callee.clone(), ("wrt", format!("array<i64: {listed}>"))];
        let mut operands = self.passed(scope, &function);
        let mut results = self.fresh_like(function.results());
        let operation = match kind {
            OpKind::FuncCall => {
                let attributes = vec![callee];
                Operation { attributes, ..Operation::new(kind, operands, results) }
            }
            OpKind::AdJvp => {
                operands.extend(self.values_like(scope, &chosen));
                results.extend(self.fresh_like(&carriers));
                Operation { attributes, ..Operation::new(kind, operands, results) }
            }
            OpKind::AdGrad => {
                let is_one = |id: &Id| {
                    let r#type = &self.program.values[*id].r#type;
                    r#type.dtype.is_float() && r#type.rank() == 0
                };
                if function.results().len() != 1 || !function.results().iter().all(is_one) {
                    return false;
                }
                results.extend(self.fresh_like(&chosen));
                Operation { attributes, ..Operation::new(kind, operands, results) }
            }
            _ => {
                let text = format!("!ad.pullback<({}) -> ({})>", self.types(&carriers), self.types(&chosen));
                let pullback = Value { pullback: Some(text), ..self.program.values[carriers[0]].clone() };
                let pullback = self.program.value(pullback);
                let shown = results.clone();
                results.push(pullback);
                let attributes = attributes.clone();
                let vjp = Operation { attributes, ..Operation::new(OpKind::AdVjp, operands, results) };
                scope.operations.push(vjp);
                scope.visible.extend(shown);
                let cotangents = self.values_like(scope, &carriers);
                let pulled = self.fresh_like(&chosen);
                Operation::new(OpKind::AdPull, [vec![pullback], cotangents].concat(), pulled)
            }
        };
        scope.visible.extend(&operation.results);
        scope.operations.push(operation);
        true
    }

    /// A linear map of one tensor or number to another of its type, applied or transposed.
    pub fn linear(&mut self, scope: &mut Scope) -> bool {
        let candidates: Vec<Id> =
            scope.visible.iter().copied().filter(|id| self.program.values[*id].is_differentiable()).collect();
        let Some(x) = self.any(&candidates) else { return false };
        let value = self.program.values[x].clone();
        // A cotangent must be known to have the extents of its argument: other tensors of unknown ones are not.
        let is_fixed = value.r#type.is_static();
        let [residual, input] = [(); 2].map(|()| if is_fixed { self.values_like(scope, &[x])[0] } else { x });
        let argument = self.program.value(Value::new(value.r#type.clone(), value.extents.clone()));
        let (mut last, mut operations) = (argument, Vec::new());
        for _ in 0..1 + self.random.below(3) {
            let operands = |last: Id| [(OpKind::ScalarNeg, vec![last]), (OpKind::ScalarMul, vec![residual, last])];
            let (kind, operands) = match self.random.below(3) {
                0 => (OpKind::ScalarAdd, vec![last, argument]),
                which => operands(last)[which - 1].clone(),
            };
            let next = self.program.value(Value::new(value.r#type.clone(), value.extents.clone()));
            operations.push(Operation::new(kind, operands, vec![next]));
            last = next;
        }
        operations.push(Operation::new(OpKind::AdYield, vec![last], vec![]));
        let mut attributes = vec![("operandSegmentSizes", "array<i32: 1, 1>".to_string())];
        if self.random.once_in(2) {
            attributes.push(("transpose", String::new()));
        }
        let regions = vec![Block { arguments: vec![argument], operations }];
        let operation = Operation { attributes, regions, ..Operation::new(OpKind::AdLinear, vec![input, x], vec![]) };
        let r#type = ValueType::clone(&value.r#type);
        self.make(scope, operation, &r#type, &value.extents);
        true
    }
}
