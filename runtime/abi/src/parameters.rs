//! The flat list of C parameters of a function.

use crate::ScalarType;
use crate::model::{Extent, Function, Pullback, ResultExtent};

/// One parameter of a C function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its meaning.
    pub role: Role,
    /// How it is passed.
    pub passing: Passing,
    /// The type of one component, which is never complex.
    pub component: ScalarType,
}

/// The meaning of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// An argument: a scalar or the elements of a tensor.
    Argument(usize),
    /// The extent of a dynamic dimension of an argument.
    ArgumentExtent {
        /// The argument.
        argument: usize,
        /// The dimension.
        dimension: usize,
    },
    /// The destination of a result.
    Result(usize),
    /// The destination of a computed extent of a result.
    ResultExtent {
        /// The result.
        result: usize,
        /// The dimension.
        dimension: usize,
    },
    /// The handle of a pullback.
    Pullback,
}

/// How a parameter is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passing {
    /// `T x`
    Value,
    /// `const T *x`
    In,
    /// `T *x`, in memory of the caller.
    Out,
    /// `T **x`, the destination of the address of memory that the library allocates.
    Allocated,
    /// `const struct TAG *x`
    Handle,
    /// `struct TAG **x`, the destination of a new handle.
    NewHandle,
}

impl Function {
    /// The C parameters in order: each argument followed by its dynamic extents, then each result followed by its
    /// computed extents. Those of a pullback include the handle, and not what it holds.
    pub fn parameters(&self) -> Vec<Parameter> {
        let (arguments, results) = (self.held_arguments(), self.passed_results().len());
        let is_passed = |parameter: &Parameter| match parameter.role {
            Role::Argument(argument) | Role::ArgumentExtent { argument, .. } => argument >= arguments,
            Role::Result(result) | Role::ResultExtent { result, .. } => result < results,
            Role::Pullback => true,
        };
        let mut parameters: Vec<Parameter> = self.all_parameters().into_iter().filter(is_passed).collect();
        if let Some(handle) = self.handle() {
            let at = if handle.passing == Passing::Handle { 0 } else { parameters.len() };
            parameters.insert(at, handle);
        }
        parameters
    }

    /// The parameter for the handle: the last one of `f_vjp`, the first one of `f_pull`.
    pub(crate) fn handle(&self) -> Option<Parameter> {
        let passing = match self.pullback? {
            Pullback::Vjp { .. } => Passing::NewHandle,
            Pullback::Pull { .. } => Passing::Handle,
        };
        let mut name = "pullback".to_string();
        while self.arguments.iter().any(|argument| argument.name == name)
            || self.results.iter().any(|result| result.name == name)
        {
            name.push('_');
        }
        Some(Parameter { name, role: Role::Pullback, passing, component: ScalarType::I8 })
    }

    /// As [`parameters`](Function::parameters), with what the handle of a pullback holds instead of the handle: the
    /// parameters of the function that computes.
    pub fn all_parameters(&self) -> Vec<Parameter> {
        let mut parameters = Vec::new();
        for (index, argument) in self.arguments.iter().enumerate() {
            let by_value = argument.shape.is_none() && !argument.number.is_complex();
            parameters.push(Parameter {
                name: argument.name.clone(),
                role: Role::Argument(index),
                passing: if by_value { Passing::Value } else { Passing::In },
                component: argument.number.real(),
            });
            for (dimension, extent) in argument.shape.iter().flatten().enumerate() {
                if *extent == Extent::Dynamic {
                    parameters.push(Parameter {
                        name: argument.extent_name(dimension),
                        role: Role::ArgumentExtent { argument: index, dimension },
                        passing: Passing::Value,
                        component: ScalarType::Index,
                    });
                }
            }
        }
        for (index, result) in self.results.iter().enumerate() {
            parameters.push(Parameter {
                name: result.name.clone(),
                role: Role::Result(index),
                passing: if result.is_allocated() { Passing::Allocated } else { Passing::Out },
                component: result.number.real(),
            });
            for (dimension, extent) in result.shape.iter().flatten().enumerate() {
                if *extent == ResultExtent::Computed {
                    parameters.push(Parameter {
                        name: result.extent_name(dimension),
                        role: Role::ResultExtent { result: index, dimension },
                        passing: Passing::Out,
                        component: ScalarType::Index,
                    });
                }
            }
        }
        parameters
    }
}

impl Parameter {
    /// The C declaration of the parameter of a function.
    pub fn declaration(&self, function: &Function) -> String {
        let (c, name) = (self.component.c_type(), &self.name);
        let tag = || function.handle_tag().unwrap_or_default();
        match self.passing {
            Passing::Value => format!("{c} {name}"),
            Passing::In => format!("const {c} *{name}"),
            Passing::Out => format!("{c} *{name}"),
            Passing::Allocated => format!("{c} **{name}"),
            Passing::Handle => format!("const struct {} *{name}", tag()),
            Passing::NewHandle => format!("struct {} **{name}", tag()),
        }
    }
}
