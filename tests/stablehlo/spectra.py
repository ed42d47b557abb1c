"""Programs of discrete Fourier transforms: as programs.py."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from programs import FLOATS, complexes, real

COMPLEX = {"float32": "complex64", "float64": "complex128"}


def parts(y):
    """Real numbers that determine complex ones, so that gradients are those of real functions."""
    return jnp.stack([y.real, y.imag])


def transforms():
    for n in [1, 2, 3, 4, 5, 8, 12, 13, 17, 30, 64]:
        yield f"fft_{n}", lambda a, b: parts(jnp.fft.fft(a + 1j * b)), [real(n), real(n)], True
        yield f"ifft_{n}", lambda a, b: parts(jnp.fft.ifft(a + 1j * b)), [real(n), real(n)], True
        yield f"rfft_{n}", lambda x: parts(jnp.fft.rfft(x)), [real(n)], True
        yield (f"irfft_{n}", lambda a, b, n=n: jnp.fft.irfft(a + 1j * b, n), [real(n // 2 + 1), real(n // 2 + 1)], True)
    for dtype in FLOATS:
        for n in [6, 7, 17]:
            yield f"fft_{n}_{COMPLEX[dtype]}", jnp.fft.fft, [complexes(3, n, dtype=COMPLEX[dtype])], False
            yield f"ifft_{n}_{COMPLEX[dtype]}", jnp.fft.ifft, [complexes(3, n, dtype=COMPLEX[dtype])], False
            yield f"rfft_{n}_{dtype}", jnp.fft.rfft, [real(3, n, dtype=dtype)], False
            yield f"irfft_{n}_{dtype}", lambda x, n=n: jnp.fft.irfft(x, n), [complexes(3, n // 2 + 1, dtype=COMPLEX[dtype])], False
    yield "fft_of_real", jnp.fft.fft, [real(6)], False
    yield "fft_truncated", lambda x: parts(jnp.fft.fft(x, 5)), [real(3, 8)], True
    yield "fft_padded", lambda x: parts(jnp.fft.fft(x, 11)), [real(3, 8)], True
    yield "rfft_truncated", lambda x: parts(jnp.fft.rfft(x, 4)), [real(3, 7)], True
    yield "rfft_padded", lambda x: parts(jnp.fft.rfft(x, 16)), [real(7)], True
    yield "irfft_truncated", lambda x: jnp.fft.irfft(x, 4), [complexes(6)], False
    yield "irfft_padded", lambda a, b: jnp.fft.irfft(a + 1j * b, 9), [real(3), real(3)], True
    yield "hfft", jnp.fft.hfft, [complexes(5)], False
    yield "ihfft", lambda x: parts(jnp.fft.ihfft(x)), [real(6)], True
    for axis in [0, 1, 2]:
        yield f"fft_axis_{axis}", lambda x, a=axis: parts(jnp.fft.fft(x, axis=a)), [real(3, 4, 5)], True
        yield f"rfft_axis_{axis}", lambda x, a=axis: parts(jnp.fft.rfft(x, axis=a)), [real(3, 4, 5)], True
    for norm in ["ortho", "forward"]:
        yield f"fft_{norm}", lambda x, norm=norm: parts(jnp.fft.fft(x, norm=norm)), [real(6)], True
    yield "fft_of_no_lines", jnp.fft.fft, [complexes(0, 4)], False
    yield "fft_vmap", jax.vmap(lambda x: parts(jnp.fft.fft(x * x))), [real(3, 10)], True


def several_dimensions():
    yield "fft2", lambda x: parts(jnp.fft.fft2(x)), [real(4, 6)], True
    yield "fft2_batch", jnp.fft.fft2, [complexes(2, 3, 8)], False
    yield "ifft2", jnp.fft.ifft2, [complexes(5, 4)], False
    yield "rfft2", lambda x: parts(jnp.fft.rfft2(x)), [real(2, 4, 5)], True
    yield "irfft2", lambda a, b: jnp.fft.irfft2(a + 1j * b), [real(4, 3), real(4, 3)], True
    yield "fftn", jnp.fft.fftn, [complexes(3, 4, 5)], False
    yield "fftn_gradient", lambda x: parts(jnp.fft.fftn(x)), [real(2, 3, 4)], True
    yield "ifftn", jnp.fft.ifftn, [complexes(3, 4, 5)], False
    yield "rfftn", lambda x: parts(jnp.fft.rfftn(x)), [real(3, 4, 6)], True
    yield "irfftn", lambda a, b: jnp.fft.irfftn(a + 1j * b), [real(2, 3, 4), real(2, 3, 4)], True
    yield "irfftn_shape", lambda x: jnp.fft.irfftn(x, (4, 5)), [complexes(4, 3)], False
    yield "rfftn_four", lambda x: parts(jnp.fft.rfftn(x, axes=(0, 1, 2, 3))), [real(2, 3, 2, 4)], True
    yield "fftshift", lambda x: parts(jnp.fft.fftshift(jnp.fft.fft2(x))), [real(4, 5)], True


def uses():
    def convolve(x, k):
        n = x.shape[-1] + k.shape[-1] - 1
        return jnp.fft.irfft(jnp.fft.rfft(x, n) * jnp.fft.rfft(k, n), n)

    yield "fft_convolution", convolve, [real(20), real(5)], True
    yield "fft_convolution_loss", jax.value_and_grad(lambda k, x: jnp.sum(convolve(x, k) ** 2)), [real(4), real(3, 13)], False
    yield "fftconvolve", lambda x, k: jax.scipy.signal.fftconvolve(x, k, mode="same"), [real(8, 9), real(3, 4)], True
    yield "autocorrelation", lambda x: jnp.fft.irfft(jnp.abs(jnp.fft.rfft(x, 32)) ** 2, 32)[:9], [real(16)], True

    def poisson(f):
        """The periodic solution of Δu = f, whose mean is 0."""
        k = [2j * np.pi * jnp.fft.fftfreq(n, 1 / n) for n in f.shape]
        laplacian = k[0][:, None] ** 2 + k[1][None, :] ** 2
        spectrum = jnp.fft.fft2(f) / jnp.where(laplacian == 0, 1, laplacian)
        return jnp.fft.ifft2(spectrum.at[0, 0].set(0)).real

    yield "poisson", poisson, [real(8, 12)], True
    yield "poisson_energy", jax.grad(lambda f: jnp.sum(f * poisson(f))), [real(6, 5)], True

    def derivative(u):
        k = jnp.arange(u.shape[-1] // 2 + 1) * 2j * np.pi
        return jnp.fft.irfft(k * jnp.fft.rfft(u), u.shape[-1])

    yield "spectral_derivative", derivative, [real(16)], True
    yield "burgers", lambda u: lax.scan(lambda u, _: (u - 1e-3 * u * derivative(u), u), u, None, 5)[0], [real(15)], True
    yield "spectral_density", lambda x: jnp.mean(jnp.log(jnp.abs(jnp.fft.rfft(x * jnp.hanning(16))) ** 2 + 1)), [real(4, 16)], True
    yield "stft", lambda x: jnp.abs(jax.scipy.signal.stft(x, nperseg=8)[2]) ** 2, [real(40)], True


def all_programs():
    for section in [transforms, several_dimensions, uses]:
        yield from section()
