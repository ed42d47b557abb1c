//! [`OpKind`]: the only place where operation names are mapped to an enum.

use crate::ir::Op;
use melior::ir::operation::OperationLike;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Defines [`OpKind`] from the operations of ODS (the caller's rows) and the
/// upstream operations that our passes know (the rows here).
macro_rules! kinds {
    (@all $($variant:ident => $name:literal,)*) => {
        /// Which operation: one of ours, or an upstream one that our passes know.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum OpKind {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl OpKind {
            /// All of them, in the order of ODS, upstream ones last.
            pub const ALL: &[OpKind] = &[$(OpKind::$variant,)*];

            /// The operation's full name, `dialect.mnemonic`.
            pub const fn name(self) -> &'static str {
                match self { $(OpKind::$variant => $name,)* }
            }
        }
    };
    ($($variant:ident => $name:literal,)*) => {
        kinds! { @all
            $($variant => $name,)*
            BuiltinModule => "builtin.module",
            FuncFunc => "func.func",
            FuncCall => "func.call",
            FuncReturn => "func.return",
            ScfIf => "scf.if",
            ScfFor => "scf.for",
            ScfWhile => "scf.while",
            ScfIndexSwitch => "scf.index_switch",
            ScfYield => "scf.yield",
            ScfCondition => "scf.condition",
            TensorDim => "tensor.dim",
            TensorExtract => "tensor.extract",
            TensorFromElements => "tensor.from_elements",
            TensorCast => "tensor.cast",
            ArithConstant => "arith.constant",
            ArithIndexCast => "arith.index_cast",
            ArithAddI => "arith.addi",
            ArithSubI => "arith.subi",
            ArithMulI => "arith.muli",
            ArithDivSI => "arith.divsi",
            ArithRemSI => "arith.remsi",
            ArithMaxSI => "arith.maxsi",
            ArithMinSI => "arith.minsi",
            ArithCmpI => "arith.cmpi",
            ArithSelect => "arith.select",
            CfAssert => "cf.assert",
        }
    };
}

include!(concat!(env!("OUT_DIR"), "/kinds.rs"));

impl OpKind {
    /// The kind of an operation; `None` for one that our passes do not know.
    pub fn of(op: Op) -> Option<OpKind> {
        op.name().as_string_ref().as_str().ok().and_then(OpKind::from_name)
    }

    /// The kind by full name.
    pub fn from_name(name: &str) -> Option<OpKind> {
        static KINDS: LazyLock<HashMap<&str, OpKind>> =
            LazyLock::new(|| OpKind::ALL.iter().map(|kind| (kind.name(), *kind)).collect());
        KINDS.get(name).copied()
    }

    /// The dialect: what stands before the dot.
    pub fn dialect(self) -> &'static str {
        self.name().split_once('.').map_or("", |(dialect, _)| dialect)
    }

    /// The name within the dialect: what stands after the dot.
    pub fn mnemonic(self) -> &'static str {
        self.name().split_once('.').map_or("", |(_, mnemonic)| mnemonic)
    }

    /// Whether the operation is one of ours, rather than upstream's.
    pub fn is_ours(self) -> bool {
        matches!(self.dialect(), "scalar" | "array" | "ad")
    }
}
