"""Counted noise: spread evenly, streams and seeds strangers to each other, the same compiled and plain."""

import math
import os
import subprocess
import sys

import numpy as np
import pytest

from counterpulse.kernel import kernel
from counterpulse.noise import draw, normal, uniform

N = 20_000


@kernel
def uniforms(seed, stream, first, n):
    out = np.empty(n)
    for i in range(n):
        out[i] = uniform(seed, stream, first + i)
    return out


@kernel
def normals(seed, stream, first, n):
    out = np.empty(n)
    for i in range(n):
        out[i] = normal(seed, stream, first + i)
    return out


def chi_square(counts, expected):
    """In units of its own SD above its mean: normal, roughly, for many cells."""
    statistic = ((counts - expected) ** 2 / expected).sum()
    freedom = counts.size - 1
    return (statistic - freedom) / math.sqrt(2 * freedom)


@pytest.mark.parametrize(("seed", "stream"), [(0, 0), (1, 0), (0, 1), (2**32 - 1, 7), (123456, 2**31)])
def test_uniform_is_spread_evenly(seed, stream):
    x = uniforms(seed, stream, 0, N)
    assert x.min() > 0
    assert x.max() < 1
    assert abs(chi_square(np.histogram(x, 100, (0, 1))[0], N / 100)) < 4.5


@pytest.mark.parametrize("lag", [1, 2, 3, 64, 1000])
def test_a_number_tells_nothing_of_a_later_one(lag):
    x = uniforms(5, 3, 0, N + lag)
    pairs = np.histogram2d(x[:-lag], x[lag:], 10, [(0, 1), (0, 1)])[0]
    assert abs(chi_square(pairs, N / 100)) < 4.5
    assert abs(np.corrcoef(x[:-lag], x[lag:])[0, 1]) < 4.5 / math.sqrt(N)


@pytest.mark.parametrize(
    "other",
    [(6, 3, 0), (5, 4, 0), (5, 3, 2**32), (3, 5, 0), (5 ^ 1, 3, 0), (5 + 2**16, 3, 0), (5, 3 + 2**16, 0)],
    ids=["next seed", "next stream", "after 2^32", "seed and stream swapped", "one bit of the seed", "high bit of the seed", "high bit of the stream"],
)
def test_seeds_streams_and_far_counts_are_strangers(other):
    x, y = uniforms(5, 3, 0, N), uniforms(*other, N)
    assert abs(np.corrcoef(x, y)[0, 1]) < 4.5 / math.sqrt(N)
    assert abs(chi_square(np.histogram2d(x, y, 10, [(0, 1), (0, 1)])[0], N / 100)) < 4.5
    assert np.intersect1d(x, y).size < 5  # 0.1 expected of two draws of 20,000 from 2^32


def test_every_bit_is_a_fair_coin():
    words = np.array([draw(9, 1, i) for i in range(4000)], dtype=np.uint64)
    for bit in range(32):
        ones = int(((words >> np.uint64(bit)) & np.uint64(1)).sum())
        assert abs(ones - 2000) < 4.5 * math.sqrt(1000), bit


@pytest.mark.parametrize("count", [0, 1, 2**32, 2**33 + 2])
def test_the_same_count_of_neighbouring_seeds_is_spread_evenly(count):
    x = np.array([uniforms(seed, 0, count, 1)[0] for seed in range(5000)])
    assert abs(chi_square(np.histogram(x, 50, (0, 1))[0], 100)) < 4.5


def test_normal_has_mean_0_and_sd_1():
    x = normals(11, 2, 0, N)
    assert abs(x.mean()) < 4.5 / math.sqrt(N)
    assert abs(x.std() - 1) < 4.5 / math.sqrt(2 * N)
    assert np.abs(x).max() <= 3.4642
    assert abs((np.abs(x) < 1).mean() - 0.674) < 0.015  # sum of four uniforms: 0.674 within one SD (Irwin-Hall), normal 0.683


def test_order_does_not_matter():
    assert [uniform(1, 2, i) for i in range(50)] == [uniform(1, 2, i) for i in reversed(range(50))][::-1]


def test_compiled_and_plain_give_the_same_bits():
    cases = [(seed, stream, count) for seed in (0, 1, 2**32 - 1) for stream in (0, 3, 2**20) for count in (0, 1, 2**31, 2**32 + 5, 2**40)]
    program = f"from counterpulse.noise import uniform, normal\nfor c in {cases}: print(uniform(*c).hex(), float(normal(*c)).hex())"
    plain = subprocess.run([sys.executable, "-c", program], env={**os.environ, "NUMBA_DISABLE_JIT": "1"}, capture_output=True, text=True, check=True).stdout
    compiled = "".join(f"{uniforms(*c, 1)[0].hex()} {normals(*c, 1)[0].hex()}\n" for c in cases)
    assert plain == compiled
