//! The diagnostics page: codes, and fields of JSON records.

use super::markdown::{code, table};
use dp_dialects::DiagnosticCode;
use dp_driver::diagnostics::render::FIELDS;

pub(super) fn page() -> String {
    let codes = DiagnosticCode::ALL.iter().map(|of| vec![code(of.name()), of.meaning().into()]);
    let codes = table(&["Code", "Means"], codes);
    let fields = FIELDS.iter().map(|(name, holds)| vec![code(name), (*holds).into()]);
    let fields = table(&["Field", "Holds"], fields);
    format!(
        "# Diagnostics\n\nWith `--diagnostics=json` every line that `dpc` writes to standard error is a record: an object of \
        JSON.\n\n## Codes\n\nEvery error has a code, the class of the error. Messages change from version to version; codes do \
        not, so programs that call `dpc` should decide by the code. Errors of `dp-runtime` have the same codes, by \
        `Help::code`.\n\n{codes}\n## Fields\n\n{fields}"
    )
}
