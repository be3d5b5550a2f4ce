"""Random numbers by counting: the same (seed, stream, count) gives the same number on any thread, in any order, compiled or not.

A 32-bit integer hash (two multiply and xor-shift rounds) in plain integers; only the low 32 bits of each product are kept, which are the
same whether the product wraps at 64 bits (compiled) or grows (plain Python).
"""

from counterpulse.kernel import inline


@inline
def scramble(x: int) -> int:
    """Hash a number of 32 bits to another."""
    x = (x ^ (x >> 16)) & 0xFFFFFFFF
    x = (x * 0x7FEB352D) & 0xFFFFFFFF
    x = x ^ (x >> 15)
    x = (x * 0x846CA68B) & 0xFFFFFFFF
    return x ^ (x >> 16)


@inline
def draw(seed: int, stream: int, count: int) -> int:
    """32 random bits for the `count`-th number of a stream of a seed."""
    key = scramble(seed & 0xFFFFFFFF) ^ scramble((stream * 0x9E3779B1 + 0x7F4A7C15) & 0xFFFFFFFF)
    epoch = ((count >> 32) + 0x6C62272E + key) & 0xFFFFFFFF  # the constant keeps count 0 from cancelling itself
    return scramble(scramble((count & 0xFFFFFFFF) ^ key) ^ scramble(epoch))


@inline
def uniform(seed: int, stream: int, count: int) -> float:
    """A number in (0, 1)."""
    return (draw(seed, stream, count) + 0.5) * 2.3283064365386963e-10


@inline
def normal(seed: int, stream: int, count: int) -> float:
    """Mean 0, SD 1, from the sum of four 16-bit uniforms: bell-shaped, never beyond 3.47; no transcendental, so cheap in a loop."""
    a = draw(seed, stream, 2 * count)
    b = draw(seed, stream, 2 * count + 1)
    total = (a & 0xFFFF) + (a >> 16) + (b & 0xFFFF) + (b >> 16)
    return (total - 131070.0) * 2.6428997921303014e-05
