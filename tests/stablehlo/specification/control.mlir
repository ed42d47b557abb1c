// Control flow, tuples and tokens.

func.func @if_true(%a: tensor<i1> {example.value = dense<true> : tensor<i1>},
    %b: tensor<i64> {example.value = dense<3> : tensor<i64>})
  -> (tensor<i64> {example.value = dense<3> : tensor<i64>}) {
  %r = "stablehlo.if"(%a) ({
    stablehlo.return %b : tensor<i64>
  }, {
    %n = stablehlo.negate %b : tensor<i64>
    stablehlo.return %n : tensor<i64>
  }) : (tensor<i1>) -> tensor<i64>
  return %r : tensor<i64>
}

func.func @if_false(%a: tensor<i1> {example.value = dense<false> : tensor<i1>},
    %b: tensor<i64> {example.value = dense<3> : tensor<i64>})
  -> (tensor<i64> {example.value = dense<-3> : tensor<i64>}) {
  %r = "stablehlo.if"(%a) ({
    stablehlo.return %b : tensor<i64>
  }, {
    %n = stablehlo.negate %b : tensor<i64>
    stablehlo.return %n : tensor<i64>
  }) : (tensor<i1>) -> tensor<i64>
  return %r : tensor<i64>
}

func.func @case_first(%a: tensor<i32> {example.value = dense<0> : tensor<i32>},
    %b: tensor<2xi64> {example.value = dense<[1, 2]> : tensor<2xi64>})
  -> (tensor<2xi64> {example.value = dense<[1, 2]> : tensor<2xi64>},
     tensor<2xi64> {example.value = dense<[1, 2]> : tensor<2xi64>}) {
  %r, %s = "stablehlo.case"(%a) ({
    stablehlo.return %b, %b : tensor<2xi64>, tensor<2xi64>
  }, {
    %n = stablehlo.negate %b : tensor<2xi64>
    stablehlo.return %n, %b : tensor<2xi64>, tensor<2xi64>
  }) : (tensor<i32>) -> (tensor<2xi64>, tensor<2xi64>)
  return %r, %s : tensor<2xi64>, tensor<2xi64>
}

func.func @case_last(%a: tensor<i32> {example.value = dense<1> : tensor<i32>},
    %b: tensor<2xi64> {example.value = dense<[1, 2]> : tensor<2xi64>})
  -> (tensor<2xi64> {example.value = dense<[-1, -2]> : tensor<2xi64>},
     tensor<2xi64> {example.value = dense<[1, 2]> : tensor<2xi64>}) {
  %r, %s = "stablehlo.case"(%a) ({
    stablehlo.return %b, %b : tensor<2xi64>, tensor<2xi64>
  }, {
    %n = stablehlo.negate %b : tensor<2xi64>
    stablehlo.return %n, %b : tensor<2xi64>, tensor<2xi64>
  }) : (tensor<i32>) -> (tensor<2xi64>, tensor<2xi64>)
  return %r, %s : tensor<2xi64>, tensor<2xi64>
}

func.func @case_below(%a: tensor<i32> {example.value = dense<-1> : tensor<i32>},
    %b: tensor<2xi64> {example.value = dense<[1, 2]> : tensor<2xi64>})
  -> (tensor<2xi64> {example.value = dense<[-1, -2]> : tensor<2xi64>},
     tensor<2xi64> {example.value = dense<[1, 2]> : tensor<2xi64>}) {
  %r, %s = "stablehlo.case"(%a) ({
    stablehlo.return %b, %b : tensor<2xi64>, tensor<2xi64>
  }, {
    %n = stablehlo.negate %b : tensor<2xi64>
    stablehlo.return %n, %b : tensor<2xi64>, tensor<2xi64>
  }) : (tensor<i32>) -> (tensor<2xi64>, tensor<2xi64>)
  return %r, %s : tensor<2xi64>, tensor<2xi64>
}

func.func @case_above(%a: tensor<i32> {example.value = dense<7> : tensor<i32>},
    %b: tensor<2xi64> {example.value = dense<[1, 2]> : tensor<2xi64>})
  -> (tensor<2xi64> {example.value = dense<[-1, -2]> : tensor<2xi64>},
     tensor<2xi64> {example.value = dense<[1, 2]> : tensor<2xi64>}) {
  %r, %s = "stablehlo.case"(%a) ({
    stablehlo.return %b, %b : tensor<2xi64>, tensor<2xi64>
  }, {
    %n = stablehlo.negate %b : tensor<2xi64>
    stablehlo.return %n, %b : tensor<2xi64>, tensor<2xi64>
  }) : (tensor<i32>) -> (tensor<2xi64>, tensor<2xi64>)
  return %r, %s : tensor<2xi64>, tensor<2xi64>
}

func.func @while_counts(%a: tensor<i64> {example.value = dense<0> : tensor<i64>},
    %b: tensor<i64> {example.value = dense<1> : tensor<i64>},
    %c: tensor<i64> {example.value = dense<10> : tensor<i64>})
  -> (tensor<i64> {example.value = dense<10> : tensor<i64>},
     tensor<i64> {example.value = dense<45> : tensor<i64>}) {
  %r, %s = stablehlo.while(%i = %a, %t = %a) : tensor<i64>, tensor<i64>
   cond {
    %g = stablehlo.compare LT, %i, %c, SIGNED : (tensor<i64>, tensor<i64>) -> tensor<i1>
    stablehlo.return %g : tensor<i1>
   } do {
    %n = stablehlo.add %t, %i : tensor<i64>
    %m = stablehlo.add %i, %b : tensor<i64>
    stablehlo.return %m, %n : tensor<i64>, tensor<i64>
   }
  return %r, %s : tensor<i64>, tensor<i64>
}

func.func @optimization_barrier(%a: tensor<f32> {example.value = dense<1.5> : tensor<f32>},
    %b: tensor<f32> {example.value = dense<2.5> : tensor<f32>})
  -> (tensor<f32> {example.value = dense<1.500000e+00> : tensor<f32>},
     tensor<f32> {example.value = dense<2.500000e+00> : tensor<f32>}) {
  %r:2 = stablehlo.optimization_barrier %a, %b : tensor<f32>, tensor<f32>
  return %r#0, %r#1 : tensor<f32>, tensor<f32>
}

func.func @tuple_elements(%a: tensor<2xf64> {example.value = dense<[1.0, 2.0]> : tensor<2xf64>},
    %b: tensor<i32> {example.value = dense<7> : tensor<i32>})
  -> (tensor<2xf64> {example.value = dense<[1.0, 2.0]> : tensor<2xf64>},
     tensor<i32> {example.value = dense<7> : tensor<i32>}) {
  %t = stablehlo.tuple %a, %b : tuple<tensor<2xf64>, tensor<i32>>
  %u = stablehlo.tuple %t, %b : tuple<tuple<tensor<2xf64>, tensor<i32>>, tensor<i32>>
  %v = stablehlo.get_tuple_element %u[0] : (tuple<tuple<tensor<2xf64>, tensor<i32>>, tensor<i32>>) -> tuple<tensor<2xf64>, tensor<i32>>
  %r = stablehlo.get_tuple_element %v[0] : (tuple<tensor<2xf64>, tensor<i32>>) -> tensor<2xf64>
  %s = stablehlo.get_tuple_element %v[1] : (tuple<tensor<2xf64>, tensor<i32>>) -> tensor<i32>
  return %r, %s : tensor<2xf64>, tensor<i32>
}

func.func @tokens(%a: tensor<f64> {example.value = dense<2.0> : tensor<f64>})
  -> (tensor<f64> {example.value = dense<-2.0> : tensor<f64>}) {
  %t = stablehlo.create_token : !stablehlo.token
  %u = stablehlo.after_all %t, %t : !stablehlo.token
  %r = stablehlo.negate %a : tensor<f64>
  return %r : tensor<f64>
}

func.func @composite(%a: tensor<2xf64> {example.value = dense<[3.0, -4.0]> : tensor<2xf64>})
  -> (tensor<2xf64> {example.value = dense<[6.0, -8.0]> : tensor<2xf64>}) {
  %r = stablehlo.composite "my.twice" %a {decomposition = @twice, composite_attributes = {factor = 2 : i64}, version = 1 : i32} : (tensor<2xf64>) -> tensor<2xf64>
  return %r : tensor<2xf64>
}

func.func @custom_call(%a: tensor<2xf64> {example.value = dense<[3.0, -4.0]> : tensor<2xf64>})
  -> (tensor<2xf64> {example.value = dense<[3.0, -4.0]> : tensor<2xf64>}) {
  %r = stablehlo.custom_call @Sharding(%a) {mhlo.sharding = "{replicated}"} : (tensor<2xf64>) -> tensor<2xf64>
  return %r : tensor<2xf64>
}

func.func @all_gather_alone(%a: tensor<2xf64> {example.value = dense<[3.0, -4.0]> : tensor<2xf64>})
  -> (tensor<2xf64> {example.value = dense<[3.0, -4.0]> : tensor<2xf64>}) {
  %r = "stablehlo.all_gather"(%a) {all_gather_dim = 0 : i64, replica_groups = dense<0> : tensor<1x1xi64>} : (tensor<2xf64>) -> tensor<2xf64>
  return %r : tensor<2xf64>
}

func.func @collective_broadcast_alone(%a: tensor<2xf64> {example.value = dense<[3.0, -4.0]> : tensor<2xf64>})
  -> (tensor<2xf64> {example.value = dense<[3.0, -4.0]> : tensor<2xf64>}) {
  %r = "stablehlo.collective_broadcast"(%a) {replica_groups = dense<0> : tensor<1x1xi64>} : (tensor<2xf64>) -> tensor<2xf64>
  return %r : tensor<2xf64>
}

func.func @cross_replica_sum_alone(%a: tensor<2xf64> {example.value = dense<[3.0, -4.0]> : tensor<2xf64>})
  -> (tensor<2xf64> {example.value = dense<[3.0, -4.0]> : tensor<2xf64>}) {
  %r = "stablehlo.cross-replica-sum"(%a) {replica_groups = dense<0> : tensor<1x1xi64>} : (tensor<2xf64>) -> tensor<2xf64>
  return %r : tensor<2xf64>
}

func.func @all_to_all_alone(%a: tensor<2xf64> {example.value = dense<[3.0, -4.0]> : tensor<2xf64>})
  -> (tensor<2xf64> {example.value = dense<[3.0, -4.0]> : tensor<2xf64>}) {
  %r = "stablehlo.all_to_all"(%a) {split_dimension = 0 : i64, concat_dimension = 0 : i64, split_count = 1 : i64, replica_groups = dense<0> : tensor<1x1xi64>} : (tensor<2xf64>) -> tensor<2xf64>
  return %r : tensor<2xf64>
}

func.func @collective_permute_alone(%a: tensor<2xf64> {example.value = dense<[3.0, -4.0]> : tensor<2xf64>})
  -> (tensor<2xf64> {example.value = dense<[3.0, -4.0]> : tensor<2xf64>}) {
  %r = "stablehlo.collective_permute"(%a) {source_target_pairs = dense<[[0, 0]]> : tensor<1x2xi64>} : (tensor<2xf64>) -> tensor<2xf64>
  return %r : tensor<2xf64>
}

func.func @all_reduce_alone(%a: tensor<2xf64> {example.value = dense<[3.0, -4.0]> : tensor<2xf64>})
  -> (tensor<2xf64> {example.value = dense<[3.0, -4.0]> : tensor<2xf64>}) {
  %r = "stablehlo.all_reduce"(%a) ({
  ^bb0(%x: tensor<f64>, %y: tensor<f64>):
    %z = stablehlo.add %x, %y : tensor<f64>
    stablehlo.return %z : tensor<f64>
  }) {replica_groups = dense<0> : tensor<1x1xi64>} : (tensor<2xf64>) -> tensor<2xf64>
  return %r : tensor<2xf64>
}

func.func @reduce_scatter_alone(%a: tensor<2xf64> {example.value = dense<[3.0, -4.0]> : tensor<2xf64>})
  -> (tensor<2xf64> {example.value = dense<[3.0, -4.0]> : tensor<2xf64>}) {
  %r = "stablehlo.reduce_scatter"(%a) ({
  ^bb0(%x: tensor<f64>, %y: tensor<f64>):
    %z = stablehlo.add %x, %y : tensor<f64>
    stablehlo.return %z : tensor<f64>
  }) {scatter_dimension = 0 : i64, replica_groups = dense<0> : tensor<1x1xi64>} : (tensor<2xf64>) -> tensor<2xf64>
  return %r : tensor<2xf64>
}

func.func @partition_id_alone()
  -> (tensor<ui32> {example.value = dense<0> : tensor<i32>}) {
  %r = stablehlo.partition_id : tensor<ui32>
  return %r : tensor<ui32>
}

func.func @replica_id_alone()
  -> (tensor<ui32> {example.value = dense<0> : tensor<i32>}) {
  %r = stablehlo.replica_id : tensor<ui32>
  return %r : tensor<ui32>
}

func.func private @twice(%a: tensor<2xf64>) -> tensor<2xf64> {
  %r = stablehlo.add %a, %a : tensor<2xf64>
  return %r : tensor<2xf64>
}
