"""Programs with QR factors, eigenvalues and singular values. Vectors are compared by what their signs do not change."""

import jax
import jax.numpy as jnp
import jax.scipy.linalg as jsl
from jax import lax

from matrices import complexes, real


def apart(n, dtype="float64", batch=()):
    """Symmetric matrices whose eigenvalues are apart from one another."""
    x = real(*batch, n, n, dtype=dtype)
    return (x + jnp.swapaxes(x, -1, -2)) / max(n, 1) + jnp.diag(jnp.arange(n, dtype=dtype))


def unsigned(decomposition):
    """Vectors without their signs."""
    return jax.tree.map(jnp.abs, decomposition)


def qr():
    for rows, columns in [(0, 0), (3, 0), (1, 1), (2, 2), (5, 5), (5, 3), (40, 40), (70, 60)]:
        yield f"qr_{rows}_{columns}", jnp.linalg.qr, [real(rows, columns)], True
    for rows, columns in [(0, 3), (3, 5), (60, 70)]:
        yield f"qr_{rows}_{columns}", jnp.linalg.qr, [real(rows, columns)], False
    for rows, columns in [(5, 3), (3, 5), (4, 4), (40, 2)]:
        yield f"qr_complete_{rows}_{columns}", lambda a: jnp.linalg.qr(a, mode="complete"), [real(rows, columns)], False
        yield f"qr_r_{rows}_{columns}", lambda a: jnp.linalg.qr(a, mode="r"), [real(rows, columns)], rows >= columns
    yield "qr_batch", jnp.linalg.qr, [real(2, 3, 4, 2)], True
    yield "qr_batch_of_none", jnp.linalg.qr, [real(0, 4, 2)], True
    yield "qr_float32", jnp.linalg.qr, [real(5, 3, dtype="float32")], True
    for dtype in ["complex64", "complex128"]:
        yield f"qr_{dtype}", jnp.linalg.qr, [complexes(4, 3, dtype=dtype)], False
    yield "qr_complex_square", jnp.linalg.qr, [complexes(2, 3, 3)], False
    for rows in [3, 5]:
        yield (f"qr_complex_gradient_{rows}", lambda a, b: unsigned(jnp.linalg.qr(a + 1j * b)),
               [real(rows, 3), real(rows, 3)], True)
    yield "qr_of_zeros", jnp.linalg.qr, [jnp.zeros((4, 3))], False
    yield "qr_of_a_zero_column", jnp.linalg.qr, [real(4, 3).at[:, 1].set(0.0)], False
    yield "qr_reduced_before", jnp.linalg.qr, [jnp.triu(real(4, 4))], False
    yield ("qr_gradient", jax.grad(lambda a: sum(jnp.sum(x**3) for x in jnp.linalg.qr(a))), [real(4, 3)], True)

    def least_squares(a, b):
        q, r = jnp.linalg.qr(a)
        return jsl.solve_triangular(r, q.T @ b)

    yield "qr_least_squares", least_squares, [real(12, 4), real(12)], True
    yield "qr_log_determinant", lambda a: jnp.sum(jnp.log(jnp.abs(jnp.diagonal(jnp.linalg.qr(a)[1])))), [real(5, 5)], True


def eigenvalues():
    for n in [0, 1, 2, 5, 40]:
        for dtype in ["float32", "float64"]:
            yield f"eigvalsh_{n}_{dtype}", jnp.linalg.eigvalsh, [apart(n, dtype)], True
        yield f"eigh_{n}", lambda a: unsigned(jnp.linalg.eigh(a)), [apart(n)], True
    yield "eigh_float32", lambda a: unsigned(jnp.linalg.eigh(a)), [apart(4, "float32")], True
    yield "eigh_batch", lambda a: unsigned(jnp.linalg.eigh(a)), [apart(3, batch=(2, 2))], True
    yield "eigh_vmap", jax.vmap(lambda a: jnp.abs(jnp.linalg.eigh(a)[1])), [apart(3, batch=(3,))], True
    yield "eigh_batch_of_none", jnp.linalg.eigh, [apart(3, batch=(0,))], True
    for uplo in "LU":
        yield (f"eigh_{uplo}", lambda a, uplo=uplo: unsigned(jnp.linalg.eigh(a, UPLO=uplo, symmetrize_input=False)),
               [apart(4) + jnp.triu(real(4, 4))], False)
    for dtype in ["complex64", "complex128"]:
        yield f"eigvalsh_{dtype}", jnp.linalg.eigvalsh, [complexes(5, 5, dtype=dtype)], False
        yield f"eigh_{dtype}", lambda a: unsigned(jnp.linalg.eigh(a)), [complexes(5, 5, dtype=dtype)], False
    yield ("eigh_complex_gradient", lambda a, b: unsigned(jnp.linalg.eigh(a + 1j * (b - b.T))), [apart(4), real(4, 4)], True)
    yield "eigvalsh_repeated", jnp.linalg.eigvalsh, [jnp.eye(4).at[0, 0].set(3.0)], False
    yield "eigvalsh_of_zeros", jnp.linalg.eigvalsh, [jnp.zeros((3, 3))], False
    yield "eigvalsh_nan", jnp.linalg.eigvalsh, [jnp.stack([apart(3).at[1, 1].set(jnp.nan), apart(3)])], False
    yield "eigvalsh_great", jnp.linalg.eigvalsh, [apart(4) * 1e200], False
    yield "eigvalsh_small", lambda a: jnp.linalg.eigvalsh(a) * 1e200, [apart(4) * 1e-200], False
    yield "eigvalsh_diagonal", jnp.linalg.eigvalsh, [jnp.diag(jnp.asarray([3.0, -1.0, 2.0]))], True
    yield "eigh_gradient", jax.grad(lambda a: jnp.sum(jnp.linalg.eigvalsh(a) ** 3)), [apart(4)], True

    def spectral(a):
        """The exponential of a symmetric matrix."""
        w, v = jnp.linalg.eigh(a)
        return (v * jnp.exp(w)) @ v.T

    yield "eigh_exponential", spectral, [apart(4)], True
    yield "eigh_exponential_gradient", jax.grad(lambda a: jnp.sum(spectral(a) ** 2)), [apart(3)], True

    def components(x, count=2):
        """The projection of data on their principal components."""
        x = x - jnp.mean(x, axis=0)
        _, v = jnp.linalg.eigh(x.T @ x)
        return x @ v[:, -count:] @ v[:, -count:].T

    yield "principal_components", components, [real(12, 4) * jnp.arange(1.0, 5.0)], True


def singular_values():
    values = lambda a: jnp.linalg.svd(a, compute_uv=False)
    reduced = lambda a: unsigned(jnp.linalg.svd(a, full_matrices=False))
    for rows, columns in [(0, 0), (3, 0), (1, 1), (2, 2), (5, 5), (5, 3), (3, 5), (40, 40), (60, 40)]:
        yield f"svd_values_{rows}_{columns}", values, [real(rows, columns)], True
        yield f"svd_{rows}_{columns}", reduced, [real(rows, columns)], True
    yield "svd_batch", reduced, [real(2, 2, 3, 2)], True
    yield "svd_batch_of_none", reduced, [real(0, 3, 2)], True
    yield "svd_float32", reduced, [apart(4, "float32") + 2 * jnp.eye(4, dtype="float32")], True
    for dtype in ["complex64", "complex128"]:
        yield f"svd_{dtype}", reduced, [complexes(4, 3, dtype=dtype)], False
    yield "svd_complex_wide", reduced, [complexes(2, 2, 4)], False
    for rows, columns in [(4, 3), (3, 3), (3, 4)]:
        yield (f"svd_complex_gradient_{rows}_{columns}", lambda a, b: reduced(a + 1j * b),
               [real(rows, columns), real(rows, columns)], True)

    def full(a):
        """All that is determined: the values, and the projections on what the vectors of no value span."""
        u, s, v = jnp.linalg.svd(a)
        rest = u[:, s.size:], v[s.size:]
        return s, rest[0] @ rest[0].T, rest[1].T @ rest[1], u.T @ u, v @ v.T, u[:, :s.size] * s @ v[:s.size]

    for rows, columns in [(5, 3), (3, 5), (4, 4)]:
        yield f"svd_full_{rows}_{columns}", full, [real(rows, columns)], False
    yield "svd_values_of_rank_1", values, [jnp.outer(real(5), real(4))], False
    yield "svd_full_of_rank_2", lambda a, b: full(a @ b)[3:], [real(5, 2), real(2, 4)], False
    yield "svd_of_zeros", lambda a: full(a)[3:], [jnp.zeros((4, 3))], False
    yield "svd_values_nan", values, [real(3, 3).at[0, 1].set(jnp.nan)], False
    yield "svd_values_great", values, [real(4, 3) * 1e200], False
    yield "svd_gradient", jax.grad(lambda a: jnp.sum(values(a) ** 3)), [real(4, 3)], True
    for order in [2, -2, "nuc"]:
        yield f"norm_{order}", lambda a, order=order: jnp.linalg.norm(a, ord=order), [real(4, 3)], True
    yield "condition", jnp.linalg.cond, [real(4, 4)], True
    yield "rank", jnp.linalg.matrix_rank, [real(5, 2) @ real(2, 5)], False
    yield "pseudoinverse", jnp.linalg.pinv, [real(5, 3)], True
    yield "pseudoinverse_wide", jnp.linalg.pinv, [real(3, 5)], True
    yield "least_squares_by_values", lambda a, b: jnp.linalg.lstsq(a, b)[0], [real(6, 3), real(6)], True

    def polar(a):
        u, _, v = jnp.linalg.svd(a, full_matrices=False)
        return u @ v

    yield "svd_polar", polar, [real(4, 3)], True
    for rows, columns in [(3, 3), (3, 2), (2, 3)]:
        yield (f"svd_polar_complex_{rows}_{columns}", lambda a, b: [f(polar(a + 1j * b)) for f in (jnp.real, jnp.imag)],
               [real(rows, columns), real(rows, columns)], True)


def orthogonal():
    for section in [qr, eigenvalues, singular_values]:
        yield from section()
