//! The dialect `stablehlo`.

use melior::ir::Attribute;

/// The fields of an attribute of the dialect, as a dictionary; `None` for other attributes.
pub(crate) fn fields(_: Attribute<'_>) -> Option<Attribute<'_>> {
    None
}
