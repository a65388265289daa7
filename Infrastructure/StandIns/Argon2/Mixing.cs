using System.Runtime.CompilerServices;

namespace Isopoh.Cryptography.Argon2;

/// <summary>The compression function G (RFC 9106, section 3.5).</summary>
static unsafe class Mixing<V, W>
    where V : unmanaged
    where W : IPairs<V>
{
    /// <summary>Mixes two blocks into a third, which may be one of the two.</summary>
    /// <param name="x">The previous block.</param>
    /// <param name="y">The chosen block.</param>
    /// <param name="result">Where the new block goes.</param>
    /// <param name="state">A block of scratch memory.</param>
    /// <param name="keep">Whether the result is XORed onto what is there, as it is from the second pass on.</param>
    // Fully optimized from the first call: with tiers, the first logins after a start would take ten times as long.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Mix(ulong* x, ulong* y, ulong* result, ulong* state, bool keep)
    {
        V* a = (V*)x, b = (V*)y, r = (V*)result, s = (V*)state;
        for (var i = 0; i < Filling.BlockBytes / sizeof(V); i++)
            s[i] = W.Xor(a[i], b[i]);
        // As many rows, then columns of pairs, at a time as V holds pairs.
        var words = sizeof(V) / sizeof(ulong);
        for (var row = 0; row < Filling.BlockWords; row += 8 * words)
            Permute(state + row, next: 2, apart: true);
        for (var column = 0; column < 16; column += words)
            Permute(state + column, next: 16, apart: false);
        for (var i = 0; i < Filling.BlockBytes / sizeof(V); i++)
        {
            var mixed = W.Xor(s[i], W.Xor(a[i], b[i]));
            r[i] = keep ? W.Xor(mixed, r[i]) : mixed;
        }
    }

    // P, a round of BLAKE2b on eight pairs: the columns of 4 by 4 words, then the diagonals, turned into columns and back.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Permute(ulong* at, int next, bool apart)
    {
        V v0 = W.Load(at, apart), v1 = W.Load(at + next, apart);
        V v2 = W.Load(at + 2 * next, apart), v3 = W.Load(at + 3 * next, apart);
        V v4 = W.Load(at + 4 * next, apart), v5 = W.Load(at + 5 * next, apart);
        V v6 = W.Load(at + 6 * next, apart), v7 = W.Load(at + 7 * next, apart);
        MixColumns(ref v0, ref v2, ref v4, ref v6);
        MixColumns(ref v1, ref v3, ref v5, ref v7);
        (v2, v3) = (W.Cross(v2, v3), W.Cross(v3, v2));
        (v6, v7) = (W.Cross(v7, v6), W.Cross(v6, v7));
        MixColumns(ref v0, ref v2, ref v5, ref v6);
        MixColumns(ref v1, ref v3, ref v4, ref v7);
        W.Store(at, v0, apart);
        W.Store(at + next, v1, apart);
        W.Store(at + 2 * next, W.Cross(v3, v2), apart);
        W.Store(at + 3 * next, W.Cross(v2, v3), apart);
        W.Store(at + 4 * next, v4, apart);
        W.Store(at + 5 * next, v5, apart);
        W.Store(at + 6 * next, W.Cross(v6, v7), apart);
        W.Store(at + 7 * next, W.Cross(v7, v6), apart);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void MixColumns(ref V a, ref V b, ref V c, ref V d)
    {
        a = W.AddWithProduct(a, b);
        d = W.RotateRight(W.Xor(d, a), 32);
        c = W.AddWithProduct(c, d);
        b = W.RotateRight(W.Xor(b, c), 24);
        a = W.AddWithProduct(a, b);
        d = W.RotateRight(W.Xor(d, a), 16);
        c = W.AddWithProduct(c, d);
        b = W.RotateRight(W.Xor(b, c), 63);
    }
}
