using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Isopoh.Cryptography.Argon2;

/// <summary>Argon2 itself (RFC 9106, section 3.2): memory is filled block by block, and its last column is hashed.</summary>
static unsafe class Filling
{
    internal const int BlockBytes = 1024;
    internal const int BlockWords = BlockBytes / sizeof(ulong);
    const int NumberBytes = sizeof(int);

    /// <summary>Computes a hash as long as the span for it. Costs must be in range and V and W supported.</summary>
    internal static void Compute<V, W>(
        Span<byte> hash,
        ReadOnlySpan<byte> password,
        ReadOnlySpan<byte> salt,
        ReadOnlySpan<byte> secret,
        ReadOnlySpan<byte> data,
        Costs costs)
        where V : unmanaged
        where W : IPairs<V>
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Blocks are read and written as little-endian words.");
        var message = 10 * NumberBytes + password.Length + salt.Length + secret.Length + data.Length;
        using var memory = BlockPool.Shared.Rent(Math.Max(costs.Blocks + Segment.ScratchBlocks, message / BlockBytes + 1));

        // Step 1: all inputs become 64 bytes. They are gathered where the blocks will be, and are gone with those.
        Span<byte> seed = stackalloc byte[Blake2b.MaxLength + 3 * NumberBytes];
        var rest = new Span<byte>(memory.Start, message);
        int[] numbers = [costs.Lanes, hash.Length, costs.Memory, costs.Passes, Costs.Version, (int)costs.Type];
        foreach (var number in numbers)
            Append(ref rest, number);
        AppendWithLength(ref rest, password);
        AppendWithLength(ref rest, salt);
        AppendWithLength(ref rest, secret);
        AppendWithLength(ref rest, data);
        Blake2b.Hash(new ReadOnlySpan<byte>(memory.Start, message), seed.Slice(NumberBytes, Blake2b.MaxLength));

        // Steps 3 and 4: the first two blocks of each lane.
        for (var i = 0; i < 2 * costs.Lanes; i++)
        {
            var place = seed[(NumberBytes + Blake2b.MaxLength)..];
            Append(ref place, i % 2);
            Append(ref place, i / 2);
            LongHash(seed, memory.Block(i / 2 * costs.LaneLength + i % 2));
        }
        CryptographicOperations.ZeroMemory(seed);

        // Steps 5 and 6.
        for (var i = 0; i < costs.Passes * Costs.Slices * costs.Lanes; i++)
        {
            var (pass, slice) = Math.DivRem(i / costs.Lanes, Costs.Slices);
            new Segment(costs, pass, slice, i % costs.Lanes).Fill<V, W>(memory.Start);
        }

        // Steps 7 and 8: the lanes' last blocks, combined, are hashed.
        var last = new Span<byte>(memory.Start, NumberBytes + BlockBytes);
        last.Clear();
        for (var lane = 1; lane <= costs.Lanes; lane++)
        {
            for (var i = 0; i < BlockBytes; i++)
                last[NumberBytes + i] ^= memory.Block(lane * costs.LaneLength - 1)[i];
        }
        LongHash(last, hash);
    }

    // H': a hash of any length, 32 bytes at a time from a chain of hashes of 64 (section 3.3). The message has room for
    // that length in front.
    static void LongHash(Span<byte> message, Span<byte> output)
    {
        BinaryPrimitives.WriteInt32LittleEndian(message, output.Length);
        Span<byte> buffer = stackalloc byte[Blake2b.MaxLength];
        var link = buffer[..Math.Min(output.Length, Blake2b.MaxLength)];
        Blake2b.Hash(message, link);
        while (output.Length > Blake2b.MaxLength)
        {
            buffer[..32].CopyTo(output);
            output = output[32..];
            // The last link is as long as what is still missing.
            link = buffer[..Math.Min(output.Length, Blake2b.MaxLength)];
            Blake2b.Hash(buffer, link);
        }
        link.CopyTo(output);
        CryptographicOperations.ZeroMemory(buffer);
    }

    static void Append(ref Span<byte> rest, int number)
    {
        BinaryPrimitives.WriteInt32LittleEndian(rest, number);
        rest = rest[NumberBytes..];
    }

    static void AppendWithLength(ref Span<byte> rest, ReadOnlySpan<byte> bytes)
    {
        Append(ref rest, bytes.Length);
        bytes.CopyTo(rest);
        rest = rest[bytes.Length..];
    }
}
