//! [`OpKind`]: the only place where operation names are mapped to an enum.

use crate::ir::Op;
use melior::ir::operation::OperationLike;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// Defines [`OpKind`] from the operations in ODS (the rows passed in) and the supported upstream operations (the rows
/// here).
macro_rules! kinds {
    (@all $($variant:ident => $name:literal,)*) => {
        /// An operation of our dialects, or a supported upstream operation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum OpKind {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl OpKind {
            /// All operations: ours in ODS order, then upstream ones.
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
    /// The kind of an operation; `None` if it is not supported.
    pub fn of(op: Op) -> Option<OpKind> {
        op.name().as_string_ref().as_str().ok().and_then(OpKind::from_name)
    }

    /// The kind by full name.
    pub fn from_name(name: &str) -> Option<OpKind> {
        static KINDS: LazyLock<FxHashMap<&str, OpKind>> =
            LazyLock::new(|| OpKind::ALL.iter().map(|kind| (kind.name(), *kind)).collect());
        KINDS.get(name).copied()
    }

    /// The dialect: the part before the first dot.
    pub fn dialect(self) -> &'static str {
        self.name().split_once('.').map_or("", |(dialect, _)| dialect)
    }

    /// The mnemonic: the part after the first dot.
    pub fn mnemonic(self) -> &'static str {
        self.name().split_once('.').map_or("", |(_, mnemonic)| mnemonic)
    }

    /// Whether the operation belongs to our dialects.
    pub fn is_ours(self) -> bool {
        matches!(self.dialect(), "scalar" | "array" | "ad")
    }
}
