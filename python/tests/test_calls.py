"""Calls: types, shapes, memory, threads."""

import gc
import sys
import threading
import timeit
import tracemalloc
import unittest

import diffprog as dp
import numpy as np
from programs import SINE, WAVE, copies

TYPES = {
    "i1": ("bool", [True, False], True),
    "i8": ("int8", [-3, 4], -5),
    "i16": ("int16", [-300, 4], 999),
    "i32": ("int32", [-70000, 4], 1 << 30),
    "i64": ("int64", [-(1 << 40), 4], 1 << 50),
    "index": ("int64", [7, 8], 9),
    "f16": ("float16", [0.5, -2], 1.5),
    "f32": ("float32", [0.5, -2], 1.5),
    "f64": ("float64", [0.1, -2], 1.1),
    "complex<f32>": ("complex64", [1 + 2j, -1j], 0.5 - 2j),
    "complex<f64>": ("complex128", [1 + 2j, -1j], 0.1 - 2j),
}


class Types(unittest.TestCase):
    def test_each_type(self):
        for type, (dtype, elements, number) in TYPES.items():
            with self.subTest(type):
                x = np.array(elements, dtype)
                for target in ("cpu", "interp"):
                    y, m = dp.from_mlir(copies(type)).compile(target)(x, number)
                    self.assertEqual(y.dtype, x.dtype)
                    np.testing.assert_array_equal(y, x)
                    self.assertEqual(m, number)
                    self.assertIs(builtin(m), builtin(number))

    def test_bfloat16(self):
        try:
            import ml_dtypes
        except ImportError:
            with self.assertRaisesRegex(ImportError, "ml_dtypes"):
                dp.from_mlir(copies("bf16")).compile()
            return
        x = np.array([0.5, -2], ml_dtypes.bfloat16)
        y, m = dp.from_mlir(copies("bf16")).compile()(x, 1.5)
        self.assertEqual((y.dtype, y.tolist(), m), (x.dtype, x.tolist(), 1.5))
        with self.assertRaisesRegex(TypeError, "not bfloat16"):
            dp.from_mlir(copies("bf16")).compile()(x.astype("float16"), 1.5)

    def test_unsigned_integers_have_the_same_bits(self):
        x = np.array([1, 255], "uint8")
        np.testing.assert_array_equal(dp.from_mlir(copies("i8")).compile()(x, 1)[0].view("uint8"), x)

    def test_numbers_must_fit(self):
        function = dp.from_mlir(copies("i8")).compile()
        x = np.zeros(1, "int8")
        with self.assertRaisesRegex(ValueError, "argument 'n' of copies"):
            function(x, 128)
        with self.assertRaisesRegex(TypeError, "argument 'n' of copies.* takes a number of int8, not float"):
            function(x, 1.5)
        self.assertEqual(dp.from_mlir(SINE).compile()(np.float32(0)), 0)


def builtin(value):
    return type(value)


class Arguments(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.wave = dp.from_mlir(WAVE).compile()
        cls.grad = dp.from_mlir(WAVE).grad().compile()

    def test_by_name(self):
        x = np.arange(3.0)
        self.assertEqual(self.wave(x=x, a=2.0), self.wave(2.0, x))
        for args, names, message in [
            ((2.0, x), {"x": x}, "multiple values for argument 'x'"),
            ((2.0,), {"y": x}, "unexpected keyword argument 'y'"),
            ((2.0,), {}, "takes 2 arguments \\(a, x\\), but got 1"),
            ((), {"x": x}, "takes 2 arguments"),
        ]:
            with self.subTest(message), self.assertRaisesRegex(TypeError, message):
                self.wave(*args, **names)

    def test_what_does_not_fit(self):
        for x, error, message in [
            ([1.0], TypeError, "argument 'x' of wave\\(\\) takes an array of float64\\[\\?\\], not list"),
            (np.zeros(3, "float32"), TypeError, "float32, not float64"),
            (np.zeros(3, ">f8"), TypeError, "not float64"),
            (np.zeros((3, 1)), ValueError, "shape \\(3, 1\\), not \\(\\?,\\)"),
        ]:
            with self.subTest(message), self.assertRaisesRegex(error, message):
                self.wave(2.0, x)

    def test_arrays_that_are_not_in_order_are_copied(self):
        x = np.arange(8.0)
        self.assertEqual(self.wave(2.0, x[::2]), self.wave(2.0, x[::2].copy()))
        bytes = np.zeros(8 * 3 + 1, "uint8")
        odd = bytes[1:].view("float64")
        odd[:] = [1, 2, 3]
        self.assertEqual(self.wave(2.0, odd), self.wave(2.0, np.array([1.0, 2, 3])))

    def test_empty(self):
        self.assertEqual(self.wave(2.0, np.zeros(0)), 0)
        self.assertEqual(self.grad(2.0, np.zeros(0)).d_x.shape, (0,))

    def test_out(self):
        x, d_x = np.arange(3.0), np.zeros(3)
        results = self.grad(2.0, x, out=(None, None, d_x))
        self.assertIs(results.d_x, d_x)
        np.testing.assert_array_equal(d_x, self.grad(2.0, x).d_x)
        d_a = np.zeros(())
        self.assertIs(self.grad(2.0, x, out=[None, d_a, None]).d_a, d_a)
        self.assertEqual(d_a, self.grad(2.0, x).d_a)
        number = np.zeros(())
        self.assertIs(self.wave(2.0, x, out=number), number)
        fixed = np.zeros(3)
        fixed.flags.writeable = False
        for out, error, message in [
            (d_x, ValueError, "takes 3 arrays"),
            ((None, None, np.zeros(4)), ValueError, "result 'd_x' of wave_grad\\(\\) has shape \\(4,\\), not \\(3,\\)"),
            ((None, None, np.zeros(3, "f4")), TypeError, "float32"),
            ((None, None, np.zeros(6)[::2]), ValueError, "order"),
            ((None, None, fixed), ValueError, "read-only"),
            ((None, None, [0.0]), TypeError, "not an array"),
            ((None, None, x), ValueError, "overlaps argument 'x'"),
            ((number, number, None), ValueError, "overlaps that for 'sum'"),
        ]:
            with self.subTest(message), self.assertRaisesRegex(error, message):
                self.grad(2.0, x, out=out)

    def test_computed_extents(self):
        """Results whose extents only the call computes, which the library allocates."""
        function = dp.from_mlir("""
func.func @steps(%n: index {dp.name = "n"}) -> (tensor<?xf64> {dp.name = "y"}) {
  %c1 = arith.constant 1 : index
  %m = arith.addi %n, %c1 : index
  %one = arith.constant 1.0 : f64
  %y = array.broadcast %one dims [] extents(%m) : f64 to tensor<?xf64>
  return %y : tensor<?xf64>
}
""").compile()
        np.testing.assert_array_equal(function(2), np.ones(3))
        out = np.zeros(3)
        self.assertIs(function(2, out=out), out)
        np.testing.assert_array_equal(out, np.ones(3))
        with self.assertRaisesRegex(ValueError, "shape"):
            function(5, out=out)

    def test_dlpack(self):
        class Tensor:
            """An array that only speaks DLPack."""

            def __init__(self, array):
                self.array = array

            def __dlpack__(self, **keywords):
                return self.array.__dlpack__(**keywords)

            def __dlpack_device__(self):
                return self.array.__dlpack_device__()

        x = np.arange(6.0)
        self.assertEqual(self.wave(2.0, Tensor(x)), self.wave(2.0, x))
        self.assertEqual(self.wave(2.0, Tensor(x[1:4])), self.wave(2.0, x[1:4]))
        with self.assertRaisesRegex(TypeError, "float32, not float64"):
            self.wave(2.0, Tensor(x.astype("f4")))
        with self.assertRaisesRegex(ValueError, "shape"):
            self.wave(2.0, Tensor(x.reshape(2, 3)))

        class Device(Tensor):
            def __dlpack_device__(self):
                return (2, 0)

        with self.assertRaisesRegex(ValueError, "another device"):
            self.wave(2.0, Device(x))
        if np.lib.NumpyVersion(np.__version__) >= "2.1.0":
            self.assertEqual(self.wave(2.0, Tensor(x[::2])), self.wave(2.0, x[::2]))
            d_x = np.zeros(6)
            self.grad(2.0, x, out=(None, None, Tensor(d_x)))
            np.testing.assert_array_equal(d_x, self.grad(2.0, x).d_x)
        self.assertIs(np.from_dlpack(self.grad(2.0, x).d_x).dtype, x.dtype)


class Memory(unittest.TestCase):
    def test_arguments_are_not_copied(self):
        function = dp.from_mlir(WAVE).compile()
        x = np.zeros(1 << 20)
        function(1.0, x)
        tracemalloc.start()
        function(1.0, x)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        self.assertLess(peak, 1 << 16)

    def test_nothing_leaks(self):
        x, out = np.arange(1000.0), np.zeros(1000)
        grad, pair = dp.from_mlir(WAVE).grad().compile(), dp.from_mlir(WAVE).vjp().compile()

        def calls(count):
            for _ in range(count):
                grad(2.0, x)
                grad(2.0, x, out=(None, None, out))
                pair(2.0, x)[1](1.0)
                try:
                    grad(2.0, x, out=(None, None, x))
                except ValueError:
                    pass

        calls(10)
        gc.collect()
        references = [sys.getrefcount(object) for object in (x, out, x.dtype)]
        tracemalloc.start()
        before, resident = tracemalloc.get_traced_memory()[0], pages()
        calls(2000)
        gc.collect()
        after = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        self.assertEqual([sys.getrefcount(object) for object in (x, out, x.dtype)], references)
        self.assertLess(after - before, 50_000)
        # 2,000 arrays or handles of 8 KB would be 16 MB.
        self.assertLess(pages() - resident, 1000)


def pages():
    """The pages of memory that the process has."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1])


class Speed(unittest.TestCase):
    def test_threads(self):
        grad = dp.from_mlir(WAVE).grad().compile()
        inputs = [np.linspace(0, index, 2000) for index in range(8)]
        expected = [grad(2.0, x).d_x for x in inputs]
        failures = []

        def work(index):
            for _ in range(200):
                if not np.array_equal(grad(2.0, inputs[index]).d_x, expected[index]):
                    failures.append(index)

        threads = [threading.Thread(target=work, args=(index,)) for index in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_threads_compile(self):
        values = {}

        def work(index):
            values[index] = dp.from_mlir(SINE).grad().compile()(float(index)).d_x

        threads = [threading.Thread(target=work, args=(index,)) for index in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(values, {index: values[index] for index in range(3)})
        for index, value in values.items():
            self.assertAlmostEqual(value, np.cos(index))

    def test_scalar_call(self):
        """A bound for debug builds on busy machines."""
        sine = dp.from_mlir(SINE).compile()
        self.assertEqual(sine(0.5), np.sin(0.5))
        best = min(timeit.repeat(lambda: sine(0.5), number=1000, repeat=20)) / 1000
        self.assertLess(best, 20e-6)


if __name__ == "__main__":
    unittest.main()
