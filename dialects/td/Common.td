//===- Common.td - definitions shared by the dialects ----------------------===//
#ifndef DP_COMMON_TD
#define DP_COMMON_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

// Element types of scalars and tensors.
def DP_Float : AnyTypeOf<[F16, BF16, F32, F64], "float">;
def DP_Complex : AnyTypeOf<[Complex<F32>, Complex<F64>], "complex number">;
def DP_Int : AnyTypeOf<[I1, I8, I16, I32, I64], "signless integer">;
def DP_Number : AnyTypeOf<[DP_Float, DP_Complex, DP_Int], "number">;
def DP_Tensor : RankedTensorOf<[DP_Number], [], "tensor of numbers">;
def DP_Value : AnyTypeOf<[DP_Number, DP_Tensor], "number or tensor of numbers">;

// The bodies of verifiers, folders and type inference are Rust; C++ holds
// these trampolines only.
class DP_Op<Dialect dialect, string mnemonic, list<Trait> traits = []>
    : Op<dialect, mnemonic, traits> {
  let hasVerifier = 1;
  code verifyTrampoline = [{
    ::llvm::LogicalResult $cppClass::verify() { return ::dp::verifyInRust(getOperation()); }
  }];
  code foldTrampoline = [{
    ::mlir::OpFoldResult $cppClass::fold(FoldAdaptor adaptor) {
      return ::dp::foldInRust(getOperation(), adaptor.getOperands());
    }
  }];
  code inferTrampoline = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *context, ::std::optional<::mlir::Location> location,
        ::mlir::ValueRange operands, ::mlir::DictionaryAttr attributes,
        ::mlir::OpaqueProperties properties, ::mlir::RegionRange regions,
        ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return ::dp::inferInRust($cppClass::getOperationName(), context, location, operands,
                               ::dp::allAttributes<$cppClass>(context, attributes, properties), types);
    }
  }];
  let extraClassDefinition = verifyTrampoline;
}

// The result type is inferred from operands and attributes, in Rust.
def DP_Infer : DeclareOpInterfaceMethods<InferTypeOpInterface>;

#endif
