//! The points at which derivatives are checked.

use crate::call;
use crate::derivatives::{Added, Derivative};
use crate::evaluation::domain::{self, Domain};
use crate::program::{self, Program};
use crate::request::Arguments;
use dp_abi::Argument;
use dp_dialects::Result;
use dp_dialects::ir::functions;
use dp_passes::specialize::Fixed;
use dp_runtime::Array;

/// Where the points of functions lie.
pub struct Points<'a, 'c> {
    /// The program.
    pub program: &'a Program<'c>,
    /// The functions that requests have added.
    pub added: &'a [Added],
    /// Fixed extents of arguments.
    pub fixed: &'a [Fixed],
    /// Values near which the points of the functions that they fit lie.
    pub near: Option<&'a Arguments>,
}

impl Points<'_, '_> {
    /// Where the arguments of a function lie.
    ///
    /// # Errors
    /// If the function does not exist, or an argument is neither a scalar nor a tensor.
    pub fn domains(&self, function: &str) -> Result<Vec<Domain>> {
        let given = self.given(function)?;
        let made_by = self.added.iter().find(|added| added.name == function);
        if let (None, Some(added)) = (&given, made_by) {
            let mut domains = self.domains(&added.of)?;
            let more: Vec<Domain> = match added.derivative {
                Derivative::Grad => Vec::new(),
                // A tangent has the extents of its argument, and any value.
                Derivative::Jvp => added.wrt.iter().filter_map(|index| domains.get(*index).cloned()).collect(),
                Derivative::Vjp => {
                    let op = self.program.function("--check-gradients", function)?;
                    domain::of_function(op, self.fixed, None)?.split_off(domains.len())
                }
            };
            domains.extend(more.into_iter().map(Domain::anywhere));
            let names = self.arguments(function)?.into_iter().map(|argument| argument.name);
            return Ok(domains.into_iter().zip(names).map(|(domain, name)| domain.named(name)).collect());
        }
        let op = self.program.function("--check-gradients", function)?;
        domain::of_function(op, self.fixed, given)
    }

    /// The given values, if they fit a function, or a function that requests have added for it.
    fn given(&self, function: &str) -> Result<Option<Vec<Array>>> {
        let Some(near) = self.near else { return Ok(None) };
        let count = self.arguments(function)?.len();
        let derivatives = self.added.iter().filter(|added| added.of == function).map(|added| &*added.name);
        for name in [function].into_iter().chain(derivatives) {
            if let Ok(mut values) = call::values(name, near, &self.arguments(name)?) {
                // A derivative takes the arguments of its function first.
                values.truncate(count);
                return Ok(Some(values));
            }
        }
        Ok(None)
    }

    /// Checks that the given values fit one of the functions that are differentiated.
    ///
    /// # Errors
    /// If they do not.
    pub fn check_given(&self) -> Result<()> {
        let Some(near) = self.near else { return Ok(()) };
        for added in self.added {
            if self.given(&added.of)?.is_some() {
                return Ok(());
            }
        }
        match self.added.first() {
            Some(Added { of, .. }) => call::values(of, near, &self.arguments(of)?).map(|_| ()),
            None => Ok(()),
        }
    }

    fn arguments(&self, function: &str) -> Result<Vec<Argument>> {
        let found = functions(self.program.module()).get(function).copied();
        found.map_or_else(|| Ok(Vec::new()), program::arguments)
    }
}
