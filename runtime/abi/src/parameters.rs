//! The flat list of C parameters of a function.

use crate::ScalarType;
use crate::model::{Extent, Function, ResultExtent};

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
}

impl Function {
    /// The C parameters in order: each argument followed by its dynamic extents, then each result followed by its
    /// computed extents.
    pub fn parameters(&self) -> Vec<Parameter> {
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
    /// The C declaration of the parameter.
    pub fn declaration(&self) -> String {
        let (c, name) = (self.component.c_type(), &self.name);
        match self.passing {
            Passing::Value => format!("{c} {name}"),
            Passing::In => format!("const {c} *{name}"),
            Passing::Out => format!("{c} *{name}"),
            Passing::Allocated => format!("{c} **{name}"),
        }
    }
}
