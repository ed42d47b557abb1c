// y[i] = f(a[i], b[i]) for the functions of two arguments; NAME and TYPE are replaced.
func.func @loop_NAME(%a: !llvm.ptr {llvm.noalias}, %b: !llvm.ptr {llvm.noalias}, %y: !llvm.ptr {llvm.noalias}, %n: i64) {
  %start = arith.constant 0 : i64
  %step = arith.constant 1 : i64
  scf.for %i = %start to %n step %step : i64 {
    %from_a = llvm.getelementptr %a[%i] : (!llvm.ptr, i64) -> !llvm.ptr, TYPE
    %from_b = llvm.getelementptr %b[%i] : (!llvm.ptr, i64) -> !llvm.ptr, TYPE
    %to = llvm.getelementptr %y[%i] : (!llvm.ptr, i64) -> !llvm.ptr, TYPE
    %value_a = llvm.load %from_a : !llvm.ptr -> TYPE
    %value_b = llvm.load %from_b : !llvm.ptr -> TYPE
    %result = func.call @dp_NAME(%value_a, %value_b) : (TYPE, TYPE) -> TYPE
    llvm.store %result, %to : TYPE, !llvm.ptr
  }
  return
}
