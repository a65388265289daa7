using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using One = System.Runtime.Intrinsics.Vector128<ulong>;
using Two = System.Runtime.Intrinsics.Vector256<ulong>;

namespace Isopoh.Cryptography.Argon2;

/// <summary>What mixing does with pairs of 64-bit words. V holds one pair, or one from each of several groups.</summary>
unsafe interface IPairs<V>
    where V : unmanaged
{
    /// <summary>Loads pairs that follow each other or, apart, are a row of 16 words from each other.</summary>
    static virtual V Load(ulong* from, bool apart) => *(V*)from;

    static virtual void Store(ulong* to, V value, bool apart) => *(V*)to = value;

    static abstract V Xor(V a, V b);

    static abstract V RotateRight(V a, int bits);

    /// <summary>a + b + twice the product of their lower halves (RFC 9106, section 3.6).</summary>
    static abstract V AddWithProduct(V a, V b);

    /// <summary>The second word of each of a's pairs with the first of b's.</summary>
    static abstract V Cross(V a, V b);
}

readonly record struct Pair(ulong First, ulong Second);

/// <summary>One pair without vectors, for any processor.</summary>
readonly struct ScalarPair : IPairs<Pair>
{
    public static Pair Xor(Pair a, Pair b) => new(a.First ^ b.First, a.Second ^ b.Second);

    public static Pair RotateRight(Pair a, int bits) =>
        new(BitOperations.RotateRight(a.First, bits), BitOperations.RotateRight(a.Second, bits));

    public static Pair AddWithProduct(Pair a, Pair b) => new(
        a.First + b.First + 2 * Math.BigMul((uint)a.First, (uint)b.First),
        a.Second + b.Second + 2 * Math.BigMul((uint)a.Second, (uint)b.Second));

    public static Pair Cross(Pair a, Pair b) => new(a.Second, b.First);
}

/// <summary>One pair by SSE2 or Neon.</summary>
readonly struct OnePair : IPairs<One>
{
    public static One Xor(One a, One b) => a ^ b;

    public static One RotateRight(One a, int bits) => a >>> bits | a << (64 - bits);

    public static One AddWithProduct(One a, One b) => a + b + ((Sse2.IsSupported
        ? Sse2.Multiply(a.AsUInt32(), b.AsUInt32())
        : AdvSimd.MultiplyWideningLower(AdvSimd.ExtractNarrowingLower(a), AdvSimd.ExtractNarrowingLower(b))) << 1);

    public static One Cross(One a, One b) => Sse2.IsSupported
        ? Sse2.Shuffle(a.AsDouble(), b.AsDouble(), 0b01).AsUInt64()
        : AdvSimd.ExtractVector128(a, b, 1);
}

/// <summary>Two pairs by AVX2.</summary>
readonly unsafe struct TwoPairs : IPairs<Two>
{
    public static Two Load(ulong* from, bool apart) =>
        Vector256.Create(Vector128.Load(from), Vector128.Load(from + (apart ? 16 : 2)));

    public static void Store(ulong* to, Two value, bool apart)
    {
        value.GetLower().Store(to);
        value.GetUpper().Store(to + (apart ? 16 : 2));
    }

    public static Two Xor(Two a, Two b) => a ^ b;

    public static Two RotateRight(Two a, int bits) => a >>> bits | a << (64 - bits);

    public static Two AddWithProduct(Two a, Two b) => a + b + (Avx2.Multiply(a.AsUInt32(), b.AsUInt32()) << 1);

    public static Two Cross(Two a, Two b) => Avx.Shuffle(a.AsDouble(), b.AsDouble(), 0b0101).AsUInt64();
}
