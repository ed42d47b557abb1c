"""Programs of dense linear algebra: factorizations, and what is solved with them."""

import jax
import jax.numpy as jnp
import jax.scipy.linalg as jsl
import numpy as np
from jax import lax

RANDOM = np.random.default_rng(3)


def real(*shape, dtype="float64", low=-1.0, high=1.0):
    return jnp.asarray(RANDOM.uniform(low, high, shape), dtype)


def complexes(*shape, dtype="complex128"):
    return jnp.asarray(RANDOM.uniform(-1, 1, shape) + 1j * RANDOM.uniform(-1, 1, shape), dtype)


def symmetric(*shape, dtype="float64"):
    """A positive definite matrix, or a batch of them."""
    n = shape[-1]
    x = RANDOM.uniform(-1, 1, shape)
    if "complex" in dtype:
        x = x + 1j * RANDOM.uniform(-1, 1, shape)
    return jnp.asarray(x @ np.conj(np.swapaxes(x, -1, -2)) / max(n, 1) + np.eye(n), dtype)


def symmetrized(x):
    """JAX's derivative of a factor that is not of a symmetrized matrix is by both triangles, of which one is read."""
    return (x + x.T) / 2


def triangle(*shape, dtype="float64"):
    """A matrix whose triangles are far from singular."""
    x = RANDOM.uniform(-1, 1, shape) / max(shape[-1], 1)
    if "complex" in dtype:
        x = x + 1j * RANDOM.uniform(-1, 1, shape) / max(shape[-1], 1)
    return jnp.asarray(x + np.eye(shape[-1]) * 1.5, dtype)


def factors():
    for n in [0, 1, 2, 5, 32, 70]:
        for dtype in ["float32", "float64"]:
            yield f"cholesky_{n}_{dtype}", jnp.linalg.cholesky, [symmetric(n, n, dtype=dtype)], True
    yield "cholesky_batch", jnp.linalg.cholesky, [symmetric(3, 2, 5, 5)], True
    yield "cholesky_batch_of_none", jnp.linalg.cholesky, [symmetric(0, 5, 5)], True
    yield "cholesky_upper", lambda a: jnp.linalg.cholesky(a, upper=True), [symmetric(4, 4)], True
    yield "cholesky_as_read", lambda a: lax.linalg.cholesky(a, symmetrize_input=False), [symmetric(4, 4)], False
    yield "cholesky_vmap", jax.vmap(jnp.linalg.cholesky), [symmetric(3, 4, 4)], True
    for dtype in ["complex64", "complex128"]:
        yield f"cholesky_{dtype}", jnp.linalg.cholesky, [symmetric(5, 5, dtype=dtype)], False
    yield ("cholesky_complex_gradient", lambda a, b: jnp.abs(jnp.linalg.cholesky(a + 1j * (b - b.T))),
           [symmetric(4, 4) * 2, real(4, 4)], True)
    indefinite = symmetric(4, 4).at[2, 2].set(-1.0)
    yield "cholesky_indefinite", jnp.linalg.cholesky, [indefinite], False
    yield "cholesky_of_one_indefinite", jnp.linalg.cholesky, [jnp.stack([symmetric(4, 4), indefinite])], False
    yield "cholesky_of_zeros", jnp.linalg.cholesky, [jnp.zeros((3, 3))], False
    yield "cholesky_gradient", jax.grad(lambda a: jnp.sum(jnp.linalg.cholesky(a) ** 3)), [symmetric(5, 5)], True


def solutions():
    for side, lower, trans, unit in [(0, 1, 0, 0), (0, 0, 0, 0), (0, 1, 1, 0), (0, 0, 1, 1), (1, 1, 0, 0), (1, 0, 1, 0),
                                     (1, 1, 1, 1), (1, 0, 0, 1)]:
        def solve(a, b, side=side, lower=lower, trans=trans, unit=unit):
            return lax.linalg.triangular_solve(a, b, left_side=not side, lower=bool(lower), transpose_a=bool(trans),
                                               unit_diagonal=bool(unit))

        name = f"solve_{'right' if side else 'left'}_{'lower' if lower else 'upper'}{'_t' * trans}{'_unit' * unit}"
        yield name, solve, [triangle(5, 5), real(3, 5) if side else real(5, 3)], True
        yield name + "_batch", solve, [triangle(2, 3, 3), real(2, 4, 3) if side else real(2, 3, 4)], True
    for n in [0, 1, 32, 70]:
        yield f"solve_{n}", lambda a, b: jsl.solve_triangular(a, b, lower=True), [triangle(n, n), real(n, 3)], True
    yield "solve_no_sides", lambda a, b: jsl.solve_triangular(a, b), [triangle(3, 3), real(3, 0)], True
    yield "solve_vector", lambda a, b: jsl.solve_triangular(a, b, trans=1), [triangle(70, 70), real(70)], True
    yield ("solve_float32", lambda a, b: jsl.solve_triangular(a, b, lower=True),
           [triangle(5, 5, dtype="float32"), real(5, 2, dtype="float32")], True)
    for trans in "NTC":
        yield (f"solve_complex_{trans}", lambda a, b, trans=trans: jsl.solve_triangular(a, b, trans=trans),
               [triangle(5, 5, dtype="complex128"), complexes(5, 2)], False)
    yield ("solve_complex_gradient", lambda a, b, c: jnp.abs(jsl.solve_triangular(a + 1j * b, c, trans="C")),
           [triangle(4, 4), real(4, 4), real(4, 2)], True)
    yield "cho_solve", lambda a, b: jsl.cho_solve(jsl.cho_factor(symmetrized(a), lower=True), b), [symmetric(5, 5), real(5)], True
    yield "cho_solve_upper", lambda a, b: jsl.cho_solve(jsl.cho_factor(symmetrized(a)), b), [symmetric(5, 5), real(5, 2)], True
    yield ("solve_positive", lambda a, b: jsl.solve(symmetrized(a), b, assume_a="pos"), [symmetric(5, 5), real(5, 2)], True)


def eliminations():
    for n in [0, 1, 2, 5, 32, 70]:
        yield f"lu_{n}", lambda a: jsl.lu(a), [real(n, n)], True
        yield f"linear_solve_{n}", jnp.linalg.solve, [triangle(n, n), real(n, 2)], True
    for rows, columns in [(5, 3), (3, 5), (70, 60), (60, 70)]:
        yield f"lu_{rows}_{columns}", lambda a: jsl.lu(a), [real(rows, columns)], True
    yield "lu_batch", lambda a: lax.linalg.lu(a), [real(2, 3, 4, 4)], True
    yield "lu_float32", lambda a: jsl.lu(a), [real(5, 5, dtype="float32")], True
    yield "lu_complex", lambda a: jsl.lu(a), [complexes(5, 5)], False
    yield "lu_complex64", lambda a: lax.linalg.lu(a), [complexes(3, 4, 4, dtype="complex64")], False
    yield "lu_singular", lambda a: lax.linalg.lu(a), [real(4, 4).at[:, 2].set(0.0)], False
    yield "lu_of_zeros", lambda a: lax.linalg.lu(a), [jnp.zeros((3, 3))], False
    yield "lu_ties", lambda a: lax.linalg.lu(a), [jnp.asarray([[1.0, 2, 3], [-1, 5, 1], [1, 1, 1]])], False
    yield "linear_solve_vector", jnp.linalg.solve, [real(5, 5), real(5)], True
    yield "linear_solve_batch", jnp.linalg.solve, [real(3, 4, 4), real(3, 4, 2)], True
    yield "linear_solve_complex", jnp.linalg.solve, [complexes(4, 4), complexes(4, 2)], False
    yield "inverse", jnp.linalg.inv, [real(5, 5)], True
    yield "inverse_batch_float32", jnp.linalg.inv, [triangle(2, 3, 3, dtype="float32")], True
    for n in [1, 2, 3, 5]:
        yield f"determinant_{n}", jnp.linalg.det, [real(n, n)], True
    yield "determinant_batch", jnp.linalg.det, [real(3, 5, 5)], True
    yield "determinant_complex", jnp.linalg.det, [complexes(4, 4)], False
    yield "determinant_singular", jnp.linalg.det, [jnp.ones((4, 4))], False
    yield "log_determinant", jnp.linalg.slogdet, [real(5, 5)], True
    yield "log_determinant_complex", jnp.linalg.slogdet, [complexes(4, 4)], False
    yield "matrix_power", lambda a: jnp.linalg.matrix_power(a, -2), [triangle(3, 3)], True


def models():
    def likelihood(x, y, scale, noise):
        """The negative logarithm of the likelihood of a Gaussian process."""
        distance = (x[:, None] - x[None, :]) ** 2
        cover = jnp.exp(-0.5 * distance / scale**2) + noise**2 * jnp.eye(x.size)
        factor = jnp.linalg.cholesky(cover)
        z = jsl.solve_triangular(factor, y, lower=True)
        return 0.5 * z @ z + jnp.sum(jnp.log(jnp.diagonal(factor)))

    arguments = [real(12, low=-2, high=2), real(12), real(low=0.5, high=1), real(low=0.3, high=0.5)]
    yield "gaussian_process", likelihood, arguments, True
    yield "gaussian_process_gradient", jax.grad(likelihood, (0, 1, 2, 3)), arguments, True

    def kalman(a, q, h, r, ys):
        """The means of a Kalman filter, with the gain by Cholesky factors."""
        def step(state, y):
            mean, cover = state
            mean, cover = a @ mean, a @ cover @ a.T + q
            s = symmetrized(h @ cover @ h.T + r)
            gain = jsl.cho_solve(jsl.cho_factor(s, lower=True), h @ cover).T
            mean = mean + gain @ (y - h @ mean)
            cover = cover - gain @ h @ cover
            return (mean, cover), mean

        return lax.scan(step, (jnp.zeros(3), jnp.eye(3)), ys)[1]

    yield "kalman", kalman, [real(3, 3) * 0.5, symmetric(3, 3), real(2, 3), symmetric(2, 2), real(6, 2)], True

    def least_squares(x, y, penalty):
        """A fit by the normal equations."""
        gram = x.T @ x + penalty * jnp.eye(x.shape[1])
        return jsl.cho_solve(jsl.cho_factor(gram), x.T @ y)

    yield "least_squares", least_squares, [real(20, 4), real(20), real(low=0.1, high=0.2)], True
    def newton(x):
        """Newton's method for a system of equations."""
        f = lambda x: jnp.stack([x[0] ** 2 + x[1] ** 2 - 2, x[0] - x[1] + 0.5 * x[2], x[2] ** 3 - x[0]])
        return lax.fori_loop(0, 6, lambda _, x: x - jnp.linalg.solve(jax.jacfwd(f)(x), f(x)), x)

    yield "newton_system", newton, [real(3, low=0.8, high=1.2)], False
    yield ("multivariate_normal", jax.scipy.stats.multivariate_normal.logpdf, [real(5, 3), real(3), symmetric(3, 3)], True)


def linear_algebra():
    for section in [factors, solutions, eliminations, models]:
        yield from section()
