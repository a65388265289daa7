using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Pairs = System.Numerics.Vector<ulong>;

namespace Isopoh.Cryptography.Argon2;

/// <summary>The compression function G (RFC 9106, section 3.5), on as many pairs of words as a vector holds.</summary>
static unsafe class Mixing
{
    // Two pairs by AVX2, or one by SSE2 or Neon. Without those, or with longer vectors, words are mixed one by one.
    static bool HasVectors => Pairs.Count == (Avx2.IsSupported ? 4 : Sse2.IsSupported || AdvSimd.IsSupported ? 2 : 0);

    /// <summary>Mixes x and y into the result, which may be either, or XORs onto it to keep it.</summary>
    // Fully optimized from the first call: with tiers, the first logins after a start would take ten times as long.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Mix(ulong* x, ulong* y, ulong* result, ulong* scratch, bool keep)
    {
        for (var i = 0; i < Filling.BlockWords; i += Pairs.Count)
            (Vector.Load(x + i) ^ Vector.Load(y + i)).Store(scratch + i);
        // Rows of eight pairs, then columns.
        var words = HasVectors ? Pairs.Count : 2;
        for (var row = 0; row < Filling.BlockWords; row += 8 * words)
            Permute(scratch + row, next: 2, apart: 16);
        for (var column = 0; column < 16; column += words)
            Permute(scratch + column, next: 16, apart: 2);
        for (var i = 0; i < Filling.BlockWords; i += Pairs.Count)
        {
            var mixed = Vector.Load(scratch + i) ^ Vector.Load(x + i) ^ Vector.Load(y + i);
            (keep ? mixed ^ Vector.Load(result + i) : mixed).Store(result + i);
        }
    }

    // P, a round of BLAKE2b on eight pairs: the columns of 4 by 4 words, then the diagonals as columns.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Permute(ulong* at, int next, int apart)
    {
        if (!HasVectors)
        {
            PermuteWords(at, next);
            return;
        }
        Pairs v0 = Load(at, apart), v1 = Load(at + next, apart);
        Pairs v2 = Load(at + 2 * next, apart), v3 = Load(at + 3 * next, apart);
        Pairs v4 = Load(at + 4 * next, apart), v5 = Load(at + 5 * next, apart);
        Pairs v6 = Load(at + 6 * next, apart), v7 = Load(at + 7 * next, apart);
        MixColumns(ref v0, ref v2, ref v4, ref v6);
        MixColumns(ref v1, ref v3, ref v5, ref v7);
        (v2, v3) = (Cross(v2, v3), Cross(v3, v2));
        (v6, v7) = (Cross(v7, v6), Cross(v6, v7));
        MixColumns(ref v0, ref v2, ref v5, ref v6);
        MixColumns(ref v1, ref v3, ref v4, ref v7);
        Store(at, v0, apart);
        Store(at + next, v1, apart);
        Store(at + 2 * next, Cross(v3, v2), apart);
        Store(at + 3 * next, Cross(v2, v3), apart);
        Store(at + 4 * next, v4, apart);
        Store(at + 5 * next, v5, apart);
        Store(at + 6 * next, Cross(v6, v7), apart);
        Store(at + 7 * next, Cross(v7, v6), apart);
    }

    static void PermuteWords(ulong* at, int next)
    {
        Span<ulong> words = stackalloc ulong[16];
        for (var i = 0; i < 16; i++)
            words[i] = at[i / 2 * next + i % 2];
        Blake2b.MixByProduct(words);
        for (var i = 0; i < 16; i++)
            at[i / 2 * next + i % 2] = words[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void MixColumns(ref Pairs a, ref Pairs b, ref Pairs c, ref Pairs d)
    {
        a = a + b + (Product(a, b) << 1);
        d = RotateRight(d ^ a, 32);
        c = c + d + (Product(c, d) << 1);
        b = RotateRight(b ^ c, 24);
        a = a + b + (Product(a, b) << 1);
        d = RotateRight(d ^ a, 16);
        c = c + d + (Product(c, d) << 1);
        b = RotateRight(b ^ c, 63);
    }

    // Pairs that are so many words apart.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Pairs Load(ulong* from, int apart) => Avx2.IsSupported
        ? Vector256.Create(Vector128.Load(from), Vector128.Load(from + apart)).AsVector()
        : Vector.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store(ulong* to, Pairs value, int apart)
    {
        value.AsVector128().Store(to);
        if (Avx2.IsSupported)
            value.AsVector256().GetUpper().Store(to + apart);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Pairs RotateRight(Pairs a, int bits) => a >>> bits | a << (64 - bits);

    // The product of the words' lower halves.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Pairs Product(Pairs a, Pairs b)
    {
        if (Avx2.IsSupported)
            return Avx2.Multiply(a.AsVector256().AsUInt32(), b.AsVector256().AsUInt32()).AsVector();
        Vector128<ulong> x = a.AsVector128(), y = b.AsVector128();
        if (Sse2.IsSupported)
            return Sse2.Multiply(x.AsUInt32(), y.AsUInt32()).AsVector();
        var (lowerX, lowerY) = (AdvSimd.ExtractNarrowingLower(x), AdvSimd.ExtractNarrowingLower(y));
        return AdvSimd.MultiplyWideningLower(lowerX, lowerY).AsVector();
    }

    // The second word of each of a's pairs with the first of b's.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Pairs Cross(Pairs a, Pairs b)
    {
        if (Avx2.IsSupported)
            return Avx.Shuffle(a.AsVector256().AsDouble(), b.AsVector256().AsDouble(), 0b0101).AsUInt64().AsVector();
        Vector128<ulong> x = a.AsVector128(), y = b.AsVector128();
        return Sse2.IsSupported
            ? Sse2.Shuffle(x.AsDouble(), y.AsDouble(), 0b01).AsUInt64().AsVector()
            : AdvSimd.ExtractVector128(x, y, 1).AsVector();
    }
}
