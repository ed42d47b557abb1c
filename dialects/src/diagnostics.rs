//! Located errors: what is wrong, where, and what to do.

use crate::shim;
use melior::StringRef;
use melior::ir::Location;
use std::fmt;

/// A mistake in a program: what is wrong, and a hint at what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Complaint {
    /// What is wrong.
    pub what: String,
    /// What to do, where there is something to say.
    pub hint: Option<String>,
}

impl Complaint {
    /// A complaint with nothing to advise.
    pub fn new(what: impl Into<String>) -> Complaint {
        Complaint { what: what.into(), hint: None }
    }

    /// The same complaint with a hint.
    pub fn hint(self, hint: impl Into<String>) -> Complaint {
        Complaint { hint: Some(hint.into()), ..self }
    }

    /// Reports it as an error at a place, through MLIR's diagnostics.
    pub fn emit(&self, location: Location) {
        emit_error(location, &self.what, self.hint.as_deref());
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

/// A complaint and the place it is about.
#[derive(Clone, Debug)]
pub struct Located<'c> {
    /// What is wrong.
    pub complaint: Complaint,
    /// Where.
    pub location: Location<'c>,
}

impl<'c> Located<'c> {
    /// A complaint at a place.
    pub fn new(location: Location<'c>, complaint: Complaint) -> Self {
        Located { complaint, location }
    }

    /// Reports it as an error, through MLIR's diagnostics.
    pub fn emit(&self) {
        self.complaint.emit(self.location);
    }
}

/// Reports an error at a place, with a note below it.
pub fn emit_error(location: Location, what: &str, hint: Option<&str>) {
    let hint = StringRef::new(hint.unwrap_or_default());
    // SAFETY: the location is live and the strings outlive the call.
    unsafe { shim::dpEmitError(location.to_raw(), StringRef::new(what).to_raw(), hint.to_raw()) }
}
