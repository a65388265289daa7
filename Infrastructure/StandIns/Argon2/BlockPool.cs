using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Isopoh.Cryptography.Argon2;

/// <summary>
/// Native memory kept for the next hash: fresh pages of 19 MB cost the system milliseconds, and as an array they would be
/// 19 MB of garbage. Up to 64 MiB are kept for each processor. What is given back is wiped: a password can be tested on it.
/// </summary>
sealed unsafe class BlockPool
{
    const nuint MaxKept = 64 << 20;

    internal static readonly BlockPool Shared = new();
    readonly ConcurrentBag<Blocks> _kept = [];

    /// <summary>Memory for so many blocks, their content undefined. Disposing gives it back.</summary>
    internal Blocks Rent(int count)
    {
        var bytes = (nuint)count * Filling.BlockBytes;
        if (_kept.TryTake(out var kept))
        {
            if (kept.Bytes >= bytes)
                return kept with { Used = bytes };
            NativeMemory.AlignedFree(kept.Start);
        }
        return new Blocks(this, (nint)NativeMemory.AlignedAlloc(bytes, 64), bytes, bytes);
    }

    /// <summary>Rented memory, of which the used bytes are wiped in the end.</summary>
    internal readonly record struct Blocks(BlockPool Pool, nint Address, nuint Bytes, nuint Used) : IDisposable
    {
        internal ulong* Start => (ulong*)Address;

        internal Span<byte> Block(int index) => new((byte*)Address + (long)index * Filling.BlockBytes, Filling.BlockBytes);

        public void Dispose()
        {
            NativeMemory.Clear(Start, Used);
            if (Bytes <= MaxKept && Pool._kept.Count < Environment.ProcessorCount)
                Pool._kept.Add(this);
            else
                NativeMemory.AlignedFree(Start);
        }
    }
}
