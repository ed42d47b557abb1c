// Class definitions of our dialects, trampolines into Rust, and C functions that MLIR's C API lacks.

#include "Dialects.h"

#include "mlir-c/Diagnostics.h"
#include "mlir/CAPI/IR.h"
#include "mlir/CAPI/Registration.h"
#include "mlir/CAPI/Support.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

// Implemented in Rust, in dialects/src/hooks.rs.
extern "C" {
bool dpVerify(MlirOperation op);
bool dpVerifyRequest(MlirOperation op, MlirOperation callee);
// The subject is 0 for the operation itself, 1 for an argument of it as a function, 2 for a result.
bool dpVerifyMark(MlirOperation op, int subject, MlirStringRef name, MlirAttribute attribute);
// Returns 0 if the operation does not fold, 1 if `*value` is the result, 2 if `*attribute` is.
int dpFold(MlirOperation op, intptr_t count, const MlirAttribute *operands, MlirValue *value, MlirAttribute *attribute);
// Returns the result type, or null after a diagnostic.
MlirType dpInfer(MlirStringRef name, MlirLocation location, intptr_t count, const MlirValue *operands,
                 MlirAttribute attributes);
}

namespace dp {

LogicalResult verifyInRust(Operation *op) { return success(dpVerify(wrap(op))); }

LogicalResult verifyRequestInRust(Operation *op, Operation *callee) {
  return success(dpVerifyRequest(wrap(op), wrap(callee)));
}

OpFoldResult foldInRust(Operation *op, ArrayRef<Attribute> operands) {
  SmallVector<MlirAttribute> known;
  for (Attribute operand : operands)
    known.push_back(wrap(operand));
  MlirValue value{nullptr};
  MlirAttribute attribute{nullptr};
  switch (dpFold(wrap(op), known.size(), known.data(), &value, &attribute)) {
  case 1:
    return unwrap(value);
  case 2:
    return unwrap(attribute);
  default:
    return {};
  }
}

LogicalResult inferInRust(StringRef name, MLIRContext *context, std::optional<Location> location, ValueRange operands,
                          DictionaryAttr attributes, SmallVectorImpl<Type> &types) {
  SmallVector<MlirValue> values;
  for (Value operand : operands)
    values.push_back(wrap(operand));
  Location at = location.value_or(UnknownLoc::get(context));
  MlirType type = dpInfer(wrap(name), wrap(at), values.size(), values.data(), wrap(Attribute(attributes)));
  if (!type.ptr)
    return failure();
  types.push_back(unwrap(type));
  return success();
}

// `ad.pull` has only the pullback type, which determines the types of the cotangents and the outputs.
static ParseResult parsePullSignature(OpAsmParser &parser, Type &pullback, SmallVectorImpl<Type> &cotangents,
                                      SmallVectorImpl<Type> &outputs) {
  ad::PullbackType type;
  if (parser.parseType(type))
    return failure();
  pullback = type;
  llvm::append_range(cotangents, type.getSignature().getInputs());
  llvm::append_range(outputs, type.getSignature().getResults());
  return success();
}

static void printPullSignature(OpAsmPrinter &printer, Operation *, Type pullback, TypeRange, TypeRange) {
  printer << pullback;
}

} // namespace dp

#include "ScalarEnums.cpp.inc"
#include "ArrayEnums.cpp.inc"

#include "ScalarDialect.cpp.inc"
#include "ArrayDialect.cpp.inc"
#include "AdDialect.cpp.inc"
#include "DpDialect.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "AdTypes.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "AdAttrs.cpp.inc"

namespace dp::ad {
using ::dp::parsePullSignature;
using ::dp::printPullSignature;
} // namespace dp::ad

#define GET_OP_CLASSES
#include "ScalarOps.cpp.inc"
#define GET_OP_CLASSES
#include "ArrayOps.cpp.inc"
#define GET_OP_CLASSES
#include "AdOps.cpp.inc"

namespace dp::scalar {
void ScalarDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "ScalarOps.cpp.inc"
      >();
}

Operation *ScalarDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type, Location loc) {
  if (isa<RankedTensorType>(type))
    if (auto elements = dyn_cast<ElementsAttr>(value))
      return array::ConstantOp::create(builder, loc, elements);
  if (auto typed = dyn_cast<TypedAttr>(value))
    return ConstantOp::create(builder, loc, type, typed);
  return nullptr;
}
} // namespace dp::scalar

namespace dp::array {
void ArrayDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "ArrayOps.cpp.inc"
      >();
}

Operation *ArrayDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type, Location loc) {
  if (auto elements = dyn_cast<ElementsAttr>(value))
    return ConstantOp::create(builder, loc, elements);
  return nullptr;
}
} // namespace dp::array

namespace dp::ad {
namespace {
/// The result of a barrier has the buffer of its operand.
struct BarrierBufferization
    : public bufferization::BufferizableOpInterface::ExternalModel<BarrierBufferization, BarrierOp> {
  bool bufferizesToMemoryRead(Operation *, OpOperand &, const bufferization::AnalysisState &) const { return false; }

  bool bufferizesToMemoryWrite(Operation *, OpOperand &, const bufferization::AnalysisState &) const { return false; }

  bufferization::AliasingValueList getAliasingValues(Operation *op, OpOperand &operand,
                                                     const bufferization::AnalysisState &) const {
    if (operand.getOperandNumber() != 0)
      return {};
    return {{op->getResult(0), bufferization::BufferRelation::Equivalent}};
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter, const bufferization::BufferizationOptions &options,
                          bufferization::BufferizationState &state) const {
    Value x = op->getOperand(0);
    if (!isa<TensorType>(x.getType())) {
      rewriter.replaceOp(op, x);
      return success();
    }
    FailureOr<Value> buffer = bufferization::getBuffer(rewriter, x, options, state);
    if (failed(buffer))
      return failure();
    bufferization::replaceOpWithBufferizedValues(rewriter, op, *buffer);
    return success();
  }
};
} // namespace

void AdDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "AdTypes.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "AdAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "AdOps.cpp.inc"
      >();
  BarrierOp::attachInterface<BarrierBufferization>(*getContext());
}
} // namespace dp::ad

namespace dp::marks {
void DpDialect::initialize() {}

static LogicalResult verifyMark(Operation *op, int subject, NamedAttribute mark) {
  return success(dpVerifyMark(wrap(op), subject, wrap(mark.getName().getValue()), wrap(mark.getValue())));
}

LogicalResult DpDialect::verifyOperationAttribute(Operation *op, NamedAttribute mark) {
  return verifyMark(op, 0, mark);
}

LogicalResult DpDialect::verifyRegionArgAttribute(Operation *op, unsigned, unsigned, NamedAttribute mark) {
  return verifyMark(op, 1, mark);
}

LogicalResult DpDialect::verifyRegionResultAttribute(Operation *op, unsigned, unsigned, NamedAttribute mark) {
  return verifyMark(op, 2, mark);
}
} // namespace dp::marks

extern "C" {
MLIR_DECLARE_CAPI_DIALECT_REGISTRATION(Scalar, scalar);
MLIR_DECLARE_CAPI_DIALECT_REGISTRATION(Array, array);
MLIR_DECLARE_CAPI_DIALECT_REGISTRATION(Ad, ad);
MLIR_DECLARE_CAPI_DIALECT_REGISTRATION(Dp, dp);
}

MLIR_DEFINE_CAPI_DIALECT_REGISTRATION(Scalar, scalar, dp::scalar::ScalarDialect)
MLIR_DEFINE_CAPI_DIALECT_REGISTRATION(Array, array, dp::array::ArrayDialect)
MLIR_DEFINE_CAPI_DIALECT_REGISTRATION(Ad, ad, dp::ad::AdDialect)
MLIR_DEFINE_CAPI_DIALECT_REGISTRATION(Dp, dp, dp::marks::DpDialect)

// Functions that MLIR's C API lacks.
extern "C" {

/// The signature of a pullback type, or null for another type.
MlirType dpPullbackSignature(MlirType type) {
  auto pullback = dyn_cast<dp::ad::PullbackType>(unwrap(type));
  return pullback ? wrap(Type(pullback.getSignature())) : MlirType{nullptr};
}

MlirType dpPullbackGet(MlirType signature) {
  auto type = cast<FunctionType>(unwrap(signature));
  return wrap(Type(dp::ad::PullbackType::get(type.getContext(), type)));
}

MlirAttribute dpOriginGet(MlirContext context, MlirStringRef rule, int64_t level) {
  return wrap(Attribute(dp::ad::OriginAttr::get(unwrap(context), unwrap(rule), level)));
}

/// The level of an `#ad.origin`, or -1 for another attribute.
int64_t dpOriginLevel(MlirAttribute attribute) {
  auto origin = dyn_cast_or_null<dp::ad::OriginAttr>(unwrap(attribute));
  return origin ? origin.getLevel() : -1;
}

/// The rule of an `#ad.origin`, or an empty string for another attribute.
MlirStringRef dpOriginRule(MlirAttribute attribute) {
  auto origin = dyn_cast_or_null<dp::ad::OriginAttr>(unwrap(attribute));
  return wrap(origin ? StringRef(origin.getRule()) : StringRef());
}

/// Emits a diagnostic with a note at one location. An empty note is omitted.
void dpEmit(MlirLocation location, MlirDiagnosticSeverity severity, MlirStringRef message, MlirStringRef note) {
  DiagnosticSeverity kind = DiagnosticSeverity::Error;
  switch (severity) {
  case MlirDiagnosticError:
    break;
  case MlirDiagnosticWarning:
    kind = DiagnosticSeverity::Warning;
    break;
  case MlirDiagnosticNote:
    kind = DiagnosticSeverity::Note;
    break;
  case MlirDiagnosticRemark:
    kind = DiagnosticSeverity::Remark;
    break;
  }
  Location at = unwrap(location);
  InFlightDiagnostic diagnostic = at->getContext()->getDiagEngine().emit(at, kind);
  diagnostic << unwrap(message);
  if (note.length)
    diagnostic.attachNote() << unwrap(note);
}

/// Clones an operation, with operand from[i] replaced by to[i].
MlirOperation dpCloneWithMapping(MlirOperation op, intptr_t count, const MlirValue *from, const MlirValue *to) {
  IRMapping mapping;
  for (intptr_t i = 0; i < count; ++i)
    mapping.map(unwrap(from[i]), unwrap(to[i]));
  return wrap(unwrap(op)->clone(mapping));
}

/// Whether an operation and its regions have no side effects.
bool dpIsPure(MlirOperation op) { return isPure(unwrap(op)); }

}
