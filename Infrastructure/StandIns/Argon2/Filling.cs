using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Isopoh.Cryptography.Argon2;

/// <summary>Argon2 itself (RFC 9106, section 3.2): memory is filled with blocks; the last are hashed.</summary>
readonly unsafe struct Filling(Costs costs, ulong* memory)
{
    internal const int BlockBytes = 1024;
    internal const int BlockWords = BlockBytes / sizeof(ulong);
    const int NumberBytes = sizeof(int);
    // Behind the memory's own blocks: scratch for mixing, zeros, a counter and positions.
    const int ScratchBlocks = 4;

    /// <summary>Hashes a password, a salt, a secret and data, in this order. Costs must be in range.</summary>
    internal static void Compute(Span<byte> hash, Costs costs, params ReadOnlySpan<byte[]> inputs)
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Blocks are read and written as little-endian words.");
        ReadOnlySpan<int> numbers =
            [costs.Lanes, hash.Length, costs.Memory, costs.Passes, Costs.Version, (int)costs.Type];
        var length = (numbers.Length + inputs.Length) * NumberBytes;
        foreach (var input in inputs)
            length += input.Length;
        using var blocks = BlockPool.Shared.Rent(Math.Max(costs.Blocks + ScratchBlocks, length / BlockBytes + 1));
        var filling = new Filling(costs, blocks.Start);

        // Step 1: all inputs become 64 bytes. They are gathered where the blocks will be, and are gone with those.
        Span<byte> seed = stackalloc byte[NumberBytes + Blake2b.MaxLength + 2 * NumberBytes];
        var message = new Span<byte>(blocks.Start, length);
        MemoryMarshal.AsBytes(numbers).CopyTo(message);
        var rest = message[(numbers.Length * NumberBytes)..];
        foreach (var input in inputs)
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, input.Length);
            input.CopyTo(rest[NumberBytes..]);
            rest = rest[(NumberBytes + input.Length)..];
        }
        Blake2b.Hash(message, seed.Slice(NumberBytes, Blake2b.MaxLength));

        // Steps 3 and 4: the first two blocks of each lane.
        for (var i = 0; i < 2 * costs.Lanes; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(seed[^(2 * NumberBytes)..], i % 2);
            BinaryPrimitives.WriteInt32LittleEndian(seed[^NumberBytes..], i / 2);
            LongHash(seed, new Span<byte>(filling.Block(i / 2 * costs.LaneLength + i % 2), BlockBytes));
        }
        CryptographicOperations.ZeroMemory(seed);

        // Steps 5 and 6.
        for (var i = 0; i < costs.Passes * Costs.Slices * costs.Lanes; i++)
            filling.FillSegment(i / costs.Lanes / Costs.Slices, i / costs.Lanes % Costs.Slices, i % costs.Lanes);

        // Steps 7 and 8: the lanes' last blocks, combined in the very last, are hashed with the length in front.
        var last = filling.Block(costs.Blocks - 1);
        for (var i = 0; i < (costs.Lanes - 1) * BlockWords; i++)
            last[i % BlockWords] ^= filling.Block((i / BlockWords + 1) * costs.LaneLength - 1)[i % BlockWords];
        LongHash(new Span<byte>((byte*)last - NumberBytes, NumberBytes + BlockBytes), hash);
    }

    // H': a hash of any length, 32 bytes at a time from a chain of hashes of 64 (section 3.3), each written over the
    // second half of the one before it. The message has room for the length in front.
    static void LongHash(Span<byte> message, Span<byte> output)
    {
        BinaryPrimitives.WriteInt32LittleEndian(message, output.Length);
        var link = output[..Math.Min(output.Length, Blake2b.MaxLength)];
        Blake2b.Hash(message, link);
        while (output.Length > Blake2b.MaxLength)
        {
            output = output[(Blake2b.MaxLength / 2)..];
            var next = output[..Math.Min(output.Length, Blake2b.MaxLength)];
            Blake2b.Hash(link, next);
            link = next;
        }
    }

    ulong* Block(int index) => memory + (long)index * BlockWords;

    // A quarter of a lane in one pass: each block from the one before it and one chosen from those that are finished.
    void FillSegment(int pass, int slice, int lane)
    {
        var byPosition = costs.Type == Argon2Type.DataIndependentAddressing
            || (costs.Type == Argon2Type.HybridAddressing && pass == 0 && slice < 2);
        ulong* scratch = Block(costs.Blocks), zeros = scratch + BlockWords;
        ulong* counter = zeros + BlockWords, positions = counter + BlockWords;
        new Span<ulong>(zeros, 2 * BlockWords).Clear();
        ReadOnlySpan<int> place = [pass, lane, slice, costs.Blocks, costs.Passes, (int)costs.Type];
        for (var i = 0; i < place.Length; i++)
            counter[i] = (ulong)place[i];

        var start = pass == 0 && slice == 0 ? 2 : 0;
        for (var index = start; index < costs.SegmentLength; index++)
        {
            var column = slice * costs.SegmentLength + index;
            var current = Block(lane * costs.LaneLength + column);
            var previous = column > 0 ? current - BlockWords : Block((lane + 1) * costs.LaneLength - 1);
            var random = previous[0];
            if (byPosition)
            {
                if (index % BlockWords == 0 || index == start)
                {
                    counter[6]++;
                    Mixing.Mix(zeros, counter, positions, scratch, keep: false);
                    Mixing.Mix(zeros, positions, positions, scratch, keep: false);
                }
                random = positions[index % BlockWords];
            }
            Mixing.Mix(previous, Choose(random, pass, slice, lane, index), current, scratch, keep: pass > 0);
        }
    }

    // Which block goes into the one at index, by 64 random bits (section 3.4.2).
    ulong* Choose(ulong random, int pass, int slice, int lane, int index)
    {
        var chosenLane = pass == 0 && slice == 0 ? lane : (int)((random >> 32) % (uint)costs.Lanes);
        // Finished are this pass's slices before this one and, from the second pass on, the last pass's after it. In
        // this lane so are this slice's blocks, but the previous one goes in anyway. In another lane, a segment's first
        // block leaves out the last finished one.
        var finished = (pass == 0 ? slice : 3) * costs.SegmentLength;
        var area = chosenLane == lane ? finished + index - 1 : finished - (index == 0 ? 1 : 0);
        var x = (random & uint.MaxValue) * (random & uint.MaxValue) >> 32;
        var y = (int)((ulong)area * x >> 32);
        var oldest = pass == 0 ? 0 : (slice + 1) * costs.SegmentLength;
        return Block(chosenLane * costs.LaneLength + (oldest + area - 1 - y) % costs.LaneLength);
    }
}

/// <summary>What a hash costs: memory in KiB, passes over it, and lanes. All of it is part of the result.</summary>
readonly record struct Costs(Argon2Type Type, int Memory, int Passes, int Lanes)
{
    internal const int Version = 19;
    internal const int Slices = 4;

    // The upper bounds of RFC 9106 (section 3.1), up to 2^32-1, are of no use on a server.
    internal bool AreInRange => Enum.IsDefined(Type)
        && Passes is >= 1 and <= 1024 && Memory <= 1 << 20 && Lanes >= 1 && Lanes <= Memory / 8;

    // Blocks of 1 KiB in a lane and a slice, in a lane, and in use: the memory rounded down to whole segments.
    internal int SegmentLength => Memory / (Slices * Lanes);
    internal int LaneLength => Slices * SegmentLength;
    internal int Blocks => Lanes * LaneLength;
}
