// How results are printed, and values read.
// RUN: dpc %s --target=interp --run f --args [[1,2],[3,4]],7,true,1-2i | FileCheck %s --check-prefix=TEXT
// RUN: dpc %s --target=cpu --run f --args [[1,2],[3,4]],7,true,1-2i | FileCheck %s --check-prefix=TEXT
// RUN: dpc %s --target=xla --run f --args [[1,2],[3,4]],7,true,1-2i | FileCheck %s --check-prefix=TEXT
// RUN: dpc %s --target=interp --run f --args [[1,2],[3,4]],7,true,1-2i --format=json | FileCheck %s --check-prefix=JSON
// RUN: dpc %s --target=cpu --run f --args [[1,2],[3,4]],7,true,1-2i --format=json | FileCheck %s --check-prefix=JSON
// RUN: dpc %s --target=xla --run f --args [[1,2],[3,4]],7,true,1-2i --format=json | FileCheck %s --check-prefix=JSON
// RUN: dpc %s --target=interp --run f --args [[1,2],[3,4]],7,true,1-2i --format=json | %python -c "import json, sys; json.load(sys.stdin)"
// RUN: dpc - --target=interp --run f --args "[[1, 2], [3, 4]], 7, 1, 1-2i" < %s | FileCheck %s --check-prefix=TEXT
// RUN: dpc - --target=cpu --run f --args "[[1, 2], [3, 4]], 7, 1, 1-2i" < %s | FileCheck %s --check-prefix=TEXT
// RUN: dpc - --target=xla --run f --args "[[1, 2], [3, 4]], 7, 1, 1-2i" < %s | FileCheck %s --check-prefix=TEXT

// TEXT: {{^}}r0 = {{\[\[}}1, 2], [3, 4]]{{$}}
// TEXT-NEXT: {{^}}r1 = 7{{$}}
// TEXT-NEXT: {{^}}r2 = true{{$}}
// TEXT-NEXT: {{^}}r3 = 1-2i{{$}}
// TEXT-NEXT: {{^}}r4 = 0.1{{$}}
// TEXT-NOT: {{.}}

// JSON: {"results": [
// JSON-NEXT: {"name": "r0", "type": "f32", "shape": [2, 2], "data": {{\[\[}}1, 2], [3, 4]]},
// JSON-NEXT: {"name": "r1", "type": "i32", "shape": [], "data": 7},
// JSON-NEXT: {"name": "r2", "type": "i1", "shape": [], "data": true},
// JSON-NEXT: {"name": "r3", "type": "complex<f64>", "shape": [], "data": [1, -2]},
// JSON-NEXT: {"name": "r4", "type": "f64", "shape": [], "data": 0.1}
// JSON-NEXT: ]}
func.func @f(%x: tensor<?x?xf32>, %n: i32, %p: i1, %z: complex<f64>)
    -> (tensor<?x?xf32>, i32, i1, complex<f64>, f64) {
  %c = scalar.constant 0.1 : f64
  return %x, %n, %p, %z, %c : tensor<?x?xf32>, i32, i1, complex<f64>, f64
}
