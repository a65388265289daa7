using System.Numerics;
using System.Runtime.InteropServices;

namespace Isopoh.Cryptography.Argon2;

/// <summary>BLAKE2b without a key (RFC 7693).</summary>
static class Blake2b
{
    internal const int MaxLength = 64;
    const int BlockLength = 128;

    // The fractions of the square roots of the first eight primes (section 2.6).
    static ReadOnlySpan<ulong> InitialState =>
    [
        0x6A09E667F3BCC908, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B, 0xA54FF53A5F1D36F1,
        0x510E527FADE682D1, 0x9B05688C2B3E6C1F, 0x1F83D9ABFB41BD6B, 0x5BE0CD19137E2179,
    ];

    // Which words of the message go into which round (section 2.7), two rounds a line; the last two rounds start over.
    static ReadOnlySpan<byte> Schedule =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
        11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4, 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8,
        9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13, 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9,
        12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11, 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10,
        6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5, 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0,
    ];

    /// <summary>Writes a hash of 1 to 64 bytes, as long as the output, which may overlap the input.</summary>
    internal static void Hash(ReadOnlySpan<byte> input, Span<byte> output)
    {
        Span<ulong> words = stackalloc ulong[8 + 16 + 16];
        Span<ulong> state = words[..8], message = words[8..24], v = words[24..];
        InitialState.CopyTo(state);
        state[0] ^= 0x01010000u ^ (uint)output.Length;
        var done = 0;
        // The last block, full or not, is the one that is marked; an empty input has one of zeros.
        do
        {
            var block = input.Slice(done, Math.Min(BlockLength, input.Length - done));
            done += block.Length;
            message.Clear();
            block.CopyTo(MemoryMarshal.AsBytes(message));
            state.CopyTo(v);
            InitialState.CopyTo(v[8..]);
            v[12] ^= (ulong)done;
            v[14] ^= done == input.Length ? ulong.MaxValue : 0;
            for (var round = 0; round < 12; round++)
                Mix(v, message, Schedule.Slice(round % 10 * 16, 16), product: 0);
            for (var i = 0; i < 8; i++)
                state[i] ^= v[i] ^ v[i + 8];
        }
        while (done < input.Length);
        MemoryMarshal.AsBytes(state)[..output.Length].CopyTo(output);
        // What is left on the stack would do to test a password.
        words.Clear();
    }

    /// <summary>A round of Argon2, which adds products in place of a message (RFC 9106, section 3.6).</summary>
    internal static void MixByProduct(Span<ulong> v) => Mix(v, stackalloc ulong[16], Schedule, product: 2);

    static void Mix(Span<ulong> v, ReadOnlySpan<ulong> message, ReadOnlySpan<byte> schedule, ulong product)
    {
        for (var i = 0; i < 8; i++)
        {
            // The four columns, then the four diagonals.
            var turn = i / 4;
            ref ulong a = ref v[i % 4], b = ref v[4 + (i + turn) % 4];
            ref ulong c = ref v[8 + (i + 2 * turn) % 4], d = ref v[12 + (i + 3 * turn) % 4];
            a += b + message[schedule[2 * i]] + product * (uint)a * (uint)b;
            d = BitOperations.RotateRight(d ^ a, 32);
            c += d + product * (uint)c * (uint)d;
            b = BitOperations.RotateRight(b ^ c, 24);
            a += b + message[schedule[2 * i + 1]] + product * (uint)a * (uint)b;
            d = BitOperations.RotateRight(d ^ a, 16);
            c += d + product * (uint)c * (uint)d;
            b = BitOperations.RotateRight(b ^ c, 63);
        }
    }
}
